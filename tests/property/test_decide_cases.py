"""Whatever stands in a case: an answer of the promised shape, or CaseUnfit; never anything else."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.pipeline.decide_cases.registry import KINDS, CaseUnfit, decide_case

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "decide"
ADDS = {
    "permission": set(),
    "customs-appointment": {"end", "deadline", "calendar_day"},
    "gate-appointment": {"state"},
}
CASES = {
    kind: [json.loads(path.read_bytes()) for path in sorted(EXAMPLES.glob(f"{kind}-*.json"))]
    for kind in ADDS
}
WORDS = [
    "",
    "9999",
    "strict-109",
    "cancel",
    "feedback",
    "explain",
    "attendance",
    "预约成功",
    "失信",
    "普通车队",
    "2026-11-28T10:00:00+08:00",
    "1990-01-01T00:00:00+14:00",
    "2199-12-31T23:59:59-12:00",
    "2026-11-28",
    "CSQU3054383",
    "\x00",
    "９",
]
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(WORDS)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)


def places(value, path=()):
    """Every place in a case, the case itself first."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        if isinstance(inner, dict | list):
            yield from places(inner, (*path, key))
        else:
            yield (*path, key)


@st.composite
def changed(draw, kind):
    """An example with one to three values replaced, taken away, or added under a known name."""
    case = copy.deepcopy(draw(st.sampled_from(CASES[kind])))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from([place for place in places(case) if place]))
        inner = case
        for step in path[:-1]:
            inner = inner[step]
        if draw(st.booleans()):
            inner[path[-1]] = draw(values)
        else:
            del inner[path[-1]]
    return case


def answer_of(kind, raw):
    """The answer, None where the case does not fit."""
    try:
        return decide_case(kind, raw)
    except CaseUnfit:
        return None


@pytest.mark.parametrize("kind", ADDS)
@given(data=st.data())
def test_an_answer_or_a_refusal(kind, data):
    case = data.draw(changed(kind))
    said = answer_of(kind, json.dumps(case).encode())
    if said is None:
        return
    assert said["outcome"] in ("accept", "reject", "hold", "review")
    assert ADDS[kind] <= set(said)
    assert said["explanation"]["zh"]
    assert said["explanation"]["en"]
    errors = [finding for finding in said["findings"] if finding["severity"] == "error"]
    assert bool(errors) == (said["outcome"] == "reject")
    assert {finding["code"] for finding in errors} <= set(said["codes"])
    json.dumps(said, ensure_ascii=False).encode()


@pytest.mark.parametrize("kind", ADDS)
@given(raw=st.binary(max_size=200) | values.map(lambda value: json.dumps(value).encode()))
def test_any_bytes(kind, raw):
    assert kind in KINDS
    assert answer_of(kind, raw) is None
