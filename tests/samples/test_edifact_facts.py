"""The oracle of the reference EDIFACT samples: every fact produced, every defect reported.

CUSCAR's sample names no message type; it is refused as it is, and read where the type is put in.
"""

from __future__ import annotations

import json
import re

import pytest

from tests import services
from tests.samples.test_facts import Result, holds, same_number

# How our findings tell what the oracle demands (its own vocabulary): code and, of some, the tag.
REPORTED = {
    "UNB_MISSING": {"EDI-010"},
    "UNZ_MISSING": {"INCOMPLETE"},
    "UNT_COUNT": {"EDI-020"},
    "CNT_COUNT": {"EDI-035"},
    "REFERENCE": {"EDI-021"},
    "CONTAINER_CHECK_DIGIT": {"CONTAINER-CHECK-DIGIT"},
    "STRAY_CHARACTERS": {"EDI-004"},
    "UNH": {"EDI-024"},
    "CHARSET": {"EDI-062"},
    "DUPLICATE_EQUIPMENT": {"DUPLICATE-EQUIPMENT"},
    "UNIT": {"VALUE-UNIT-TON"},
}
MESSAGES = ("BAPLIE", "COARRI", "COPRAR", "CUSCAR", "IFTSAI")
# Words for what the file says in codes, or what a rule computes.
NO_FACTS = {
    "check_digit",
    "regulation",
    "imo_check_digit",
    "full_empty",
    "bay_row_tier",
    "number_as_sent",
    "type",
    "directory",
    "counts",
    "gross_as_sent",
    "association",
}
# Pairs of a qualifier and what it qualifies.
QUALIFIED = {"ports", "times", "references", "parties", "port_calls"}
MEASURED = re.compile(r"(-?\d+)[ :](CEL|FAH|PCT|MTQ)")


def entries() -> list[dict[str, object]]:
    folder = services.REPO.parent / "shared"
    if not folder.is_dir():
        return []
    said = json.loads((folder / "samples/edifact/facts.json").read_text("utf-8"))["entries"]
    return [entry for entry in said if entry["message_type"] in MESSAGES]


ENTRIES = entries()


def by_name(entry: dict[str, object]) -> str:
    return str(entry["file"])


def data_of(entry: dict[str, object]) -> bytes:
    return (services.shared_folder() / "samples/edifact" / str(entry["file"])).read_bytes()


def readable(entry: dict[str, object]) -> Result:
    return Result(data_of(entry).replace(b"+:D:95B:UN'", b"+CUSCAR:D:95B:UN'"))


def scalars(facts: object, name: str = "") -> list[object]:
    """Every fact of an entry as one value; qualifiers become our words and are left out."""
    if name in NO_FACTS or facts is None:
        return []
    if isinstance(facts, dict):
        return [each for key, value in facts.items() for each in scalars(value, key)]
    if isinstance(facts, list):
        pairs = name in QUALIFIED and facts and isinstance(facts[0], str)
        return [each for value in facts[1 if pairs else 0 :] for each in scalars(value, name)]
    if name == "transport":
        return [part for part in re.split("[+:]", str(facts))[2:] if len(part) > 2]
    measured = MEASURED.fullmatch(str(facts))
    return [measured[1] if measured else facts]


def wanted(entry: dict[str, object]) -> list[object]:
    return scalars(entry.get("facts") or entry["messages"])


@pytest.mark.parametrize("entry", ENTRIES, ids=by_name)
def test_every_fact_is_produced(entry):
    got = readable(entry)
    values = got.texts()
    missing = [
        fact
        for fact in wanted(entry)
        if not holds(values, fact)
        and not (str(fact).isdigit() and any(same_number(v, float(fact)) for v in values))
    ]
    assert missing == []


@pytest.mark.parametrize("entry", ENTRIES, ids=by_name)
def test_every_defect_is_reported(entry):
    codes = {finding.code for finding in Result(data_of(entry)).findings}
    codes |= {finding.code for finding in readable(entry).findings}
    demanded = {each["code"] for each in entry["must_report"] if each["level"] == "must"}
    assert [code for code in demanded if not codes & REPORTED[code]] == []


@pytest.mark.parametrize("entry", ENTRIES, ids=by_name)
def test_no_defect_is_made_up(entry):
    """Errors only where the oracle knows of a defect."""
    if not entry["must_report"]:
        assert Result(data_of(entry)).errors == 0


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e.get("messages")], ids=by_name)
def test_boxes_are_told_apart(entry):
    got = readable(entry)
    boxes = [box for message in entry["messages"] for box in message["equipment"]]
    assert len(got.parts) == len(boxes)
    for box, part in zip(boxes, got.parts, strict=True):
        values = got.texts(part)
        assert [f for f in scalars(box.get("weights_kg", {})) if not holds(values, f)] == []
        assert not box.get("number") or holds(values, box["number"])


def test_a_message_without_a_type_is_refused_by_name():
    files = [entry for entry in ENTRIES if entry["message_type"] == "CUSCAR"]
    if not files:
        pytest.skip("../shared is not here")
    got = Result(data_of(files[0]))
    assert not got.documents
    assert "EDI-024" in {finding.code for finding in got.findings}
