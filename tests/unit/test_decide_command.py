"""`gateway decide`: the command, its exit codes, the exported schemas and the examples."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from gateway.cli import decide as command
from gateway.cli.failure import Failure
from gateway.limits import DECIDE_CASE_BYTES_MAX, DECIDE_PROBLEMS_SHOWN_MAX
from gateway.pipeline.decide_cases.registry import KINDS, CaseUnfit, decide_case, schemas

REPO = Path(__file__).resolve().parents[2]
EXAMPLES = REPO / "examples" / "decide"
SCHEMAS = REPO / "schemas" / "decide"

ANSWERS = {
    "permission-agent-booking": ("accept", []),
    "permission-forwarder-gate-in": ("reject", ["FORBIDDEN"]),
    "customs-appointment-in-time": ("accept", []),
    "customs-appointment-too-late": ("reject", ["TOO_LATE"]),
    "customs-appointment-cancel": ("accept", []),
    "customs-appointment-feedback": ("accept", ["DECLARATION_FLAG"]),
    "customs-appointment-query": ("reject", ["QUERY_SPAN"]),
    "gate-appointment-gate-in": ("accept", []),
    "gate-appointment-pick-up-unpaid": ("reject", ["UNPAID"]),
    "gate-appointment-schedule-change": ("accept", []),
    "gate-appointment-no-show": ("reject", ["BREACHED", "SUSPENDED"]),
}
OURS = ("permission", "customs-appointment", "gate-appointment")


def kind_of(name):
    return next(kind for kind in KINDS if name.startswith(f"{kind}-"))


@pytest.fixture
def run():
    app = typer.Typer()
    app.callback()(lambda: None)
    command.register(app)

    def run(kind, raw):
        return CliRunner().invoke(app, ["decide", kind], input=raw)

    return run


@pytest.mark.parametrize("name", ANSWERS)
def test_the_examples(run, name):
    ran = run(kind_of(name), (EXAMPLES / f"{name}.json").read_bytes())
    assert ran.exit_code == 0
    said = json.loads(ran.stdout)
    assert (said["outcome"], said["codes"]) == ANSWERS[name]
    assert said["rules"]
    assert set(said["explanation"]) == {"zh", "en"}
    assert ran.stdout.count("\n") == 1
    assert "\\u" not in ran.stdout


def test_every_example_of_these_kinds_has_its_answer_here():
    names = {path.stem for path in EXAMPLES.glob("*.json") if path.stem.startswith(OURS)}
    assert names == set(ANSWERS)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"{}",
        b'"text"',
        b"\xff\xfe",
        b'{"function": "eclp_upload"}',
        b'{"function": "\\ud800"}',
        b"[" * 100_000,
        b" " * (DECIDE_CASE_BYTES_MAX + 2),
    ],
)
def test_a_case_that_does_not_fit_ends_with_words_not_with_a_traceback(run, raw):
    for kind in OURS:
        ran = run(kind, raw)
        assert isinstance(ran.exception, Failure)
        assert kind in str(ran.exception)
        assert ran.stdout == ""
        assert "gateway: " in ran.stderr
        assert "Traceback" not in ran.output


def test_an_unknown_kind_is_told_with_the_known_ones(run):
    ran = run("dance", b"{}")
    assert isinstance(ran.exception, Failure)
    assert "permission" in str(ran.exception)


def test_problems_name_their_place_and_are_bounded():
    case = {"function": "eclp_upload", "partner": {"types": ["?"] * 100, "state": "active"}}
    with pytest.raises(CaseUnfit) as unfit:
        decide_case("permission", json.dumps(case).encode())
    assert unfit.value.problems[0].startswith("partner.types.0: ")
    assert len(unfit.value.problems) == DECIDE_PROBLEMS_SHOWN_MAX + 1


def test_the_exported_schemas_have_not_drifted():
    texts = schemas()
    for name, text in texts.items():
        exported = SCHEMAS / name
        assert exported.is_file(), f"run: {UPDATE}"
        assert exported.read_text(encoding="utf-8") == text, f"run: {UPDATE}"
    assert {path.name for path in SCHEMAS.glob("*.json")} == set(texts)


UPDATE = (
    "python -c 'from pathlib import Path; from gateway.pipeline.decide_cases.registry import "
    'schemas; [Path("schemas/decide", name).write_text(text) for name, text in schemas().items()]\''
)
