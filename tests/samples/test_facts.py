"""The oracle of the reference samples: what each file says, and what must be reported about it.

Documents of this gateway are checked in full.  Every other sample must be refused by name or read
as what it is: no exception, and never as another document.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from functools import cache

import pytest

from gateway.pipeline.translation import Document, End, Part, translate
from tests import services

EDIFACT = (
    "COPARN",
    "IFCSUM_D94B",
    "CODECO",
    "COPRAR",
    "IFTSAI_D99B",
    "CALINF.edi",
    "VESDEP",
    "VERMAS",
    "IFTMBF_D97B",
)
XML = ("MT2101", "MT4101")
LEVELS = {"info": 0, "warning": 1, "error": 2}
# Facts that repeat the file, not its meaning, or that only a rule computes.
NO_VALUES = {
    "as_sent",
    "check_digit",
    "imo_check_digit",
    "bills",
    "containers",
    "cargo_items",
    "note",
    "cargo_sequence",
}


FLAT = (
    "IFCSUM_",
    "IFCTST",
    "IFTMBF_flat",
    "IFTMBF_classic",
    "BK_",
    "COTEMP",
    "WLCOST",
    "CTNJJD",
    "CTNVGM",
    "SCHEDULE_house",
    "COARRI_flat",
    "NCL_",
    "MANIFEST_fixed",
)


class Result:
    """One sample, translated."""

    def __init__(self, data: bytes) -> None:
        items = list(translate([data]))
        self.documents = [item for item in items if isinstance(item, Document)]
        self.parts = [item for item in items if isinstance(item, Part)]
        self.end = items[-1]
        assert isinstance(self.end, End)
        self.findings = [f for item in (*self.parts, self.end) for f in item.findings]
        self.errors = sum(part.errors for part in self.parts) + self.end.errors

    @property
    def types(self) -> set[str]:
        return {document.format.document.name for document in self.documents}

    def texts(self, part: Part | None = None) -> list[object]:
        """Every scalar of the JSON of parts and headers."""
        found: list[object] = []
        for each in [part] if part else self.parts:
            flatten(each.key(), found)
            flatten(json.loads(each.draft.json()), found)
            flatten(json.loads(each.document.header.json(whole=True)), found)
        return found


def flatten(value: object, found: list[object]) -> None:
    if isinstance(value, dict):
        for each in value.values():
            flatten(each, found)
    elif isinstance(value, list):
        for each in value:
            flatten(each, found)
    elif value is not None:
        found.append(value)


def entries() -> list[dict[str, object]]:
    folder = services.REPO.parent / "shared"
    if not folder.is_dir():
        return []
    return json.loads((folder / "samples/flat_facts.json").read_text("utf-8"))["entries"]


def is_ours(entry: dict[str, object]) -> bool:
    """Formats that are read in full: platform files, COPARN, IFCSUM, manifests of customs."""
    name = entry["file"].rsplit("/", 1)[-1]
    return (name.startswith(FLAT) and name.endswith(".txt")) or name.startswith(EDIFACT + XML)


ENTRIES = entries()
OURS = [entry for entry in ENTRIES if is_ours(entry)]
REST = [entry for entry in ENTRIES if not is_ours(entry)]


def by_name(entry: dict[str, object]) -> str:
    return str(entry["file"])


@cache
def result(file: str) -> Result:
    return Result((services.shared_folder() / "samples" / file).read_bytes())


def holds(values: list[object], fact: object) -> bool:
    """Whether a fact stands among the values: equal or part of a string, or the same number."""
    if isinstance(fact, int | float):
        return any(same_number(value, fact) for value in values)
    wanted = bare(str(fact))
    return any(wanted in bare(str(value)) for value in values)


def bare(text: str) -> str:
    return re.sub(r"\s+", " ", text).upper()


def same_number(value: object, fact: float) -> bool:
    try:
        return Decimal(str(value)) == Decimal(str(fact))
    except InvalidOperation:
        return False


def as_written(fact: object) -> object:
    """`11 (CY-CY)` and `5 (full)`: the code, then its meaning; `S (20 foot), 22G1`: the type."""
    if isinstance(fact, str) and " foot), " in fact:
        return fact.rpartition(", ")[2]
    return fact.split(" (")[0] if isinstance(fact, str) and fact.endswith(")") else fact


def bare_number(box: dict[str, object]) -> list[str]:
    """The number as we write it; none where the file asks for boxes without one."""
    number = box.get("number")
    return [re.sub(r"\W", "", str(number))] if number else []


def missing_facts(values: list[object], facts: dict[str, object] | str) -> list[object]:
    found = []
    if isinstance(facts, str):
        facts = {"number": facts}
    for name, fact in facts.items():
        if name in NO_VALUES:
            continue
        each = (
            fact
            if isinstance(fact, list)
            else list(fact.values())
            if isinstance(fact, dict)
            else [fact]
        )
        found += [
            (name, one)
            for one in each
            if not isinstance(one, dict) and not holds(values, as_written(one))
        ]
    return found


@pytest.mark.parametrize("entry", OURS, ids=by_name)
def test_envelope(entry):
    got = result(entry["file"])
    assert got.types == {entry["document"]}
    right = (entry.get("parts"), entry.get("parts_also"))
    assert right[0] is None or len(got.parts) in right
    complete = got.end.interchange.complete
    assert complete == entry["complete"] or complete == entry.get("complete_also")
    said = got.end.interchange.as_json()
    for name, value in entry["interchange"].items():
        if not (name == "encoding" and value == "ascii"):
            assert said[name] == value, name


@pytest.mark.parametrize("entry", OURS, ids=by_name)
def test_facts(entry):
    got = result(entry["file"])
    values = got.texts()
    assert [fact for fact in entry["contain"] if not holds(values, fact)] == []
    for several in entry.get("contain_one_of", []):
        assert any(holds(values, fact) for fact in several), several
    assert missing_facts(values, entry.get("vessel", {})) == []
    assert missing_facts(values, entry.get("booking", {})) == []
    for box in entry.get("containers", []):
        assert missing_facts(values, box | {"number": bare_number(box)}) == []
    for weights in entry["weights_kg"].values():
        assert missing_facts(values, weights) == []


@pytest.mark.parametrize("entry", [e for e in OURS if e.get("bills")], ids=by_name)
def test_each_bill_holds_its_own_facts(entry):
    got = result(entry["file"])
    assert len(entry["bills"]) == len(got.parts)
    for facts, part in zip(entry["bills"], got.parts, strict=True):
        values = got.texts(part)
        assert missing_facts(values, facts) == []
        assert [
            box
            for box in facts["containers"]
            if not holds(values, box.replace(" ", "").replace(".", ""))
        ] == []


@pytest.mark.parametrize("entry", OURS, ids=by_name)
def test_times(entry):
    """As precise as the file and no more: equal, or the start of what the oracle says."""
    walls = [str(v) for v in result(entry["file"]).texts() if re.match(r"\d{4}-\d\d-\d\d", str(v))]
    for name, time in entry.get("times", {}).items():
        if name == "interchange":
            continue  # the instant of the envelope, which no document repeats
        assert any(
            wall == time or wall == time + ":00" or wall + ":00" == time for wall in walls
        ), name


@pytest.mark.parametrize("entry", OURS, ids=by_name)
def test_findings(entry):
    got = result(entry["file"])
    assert [m["what"] for m in entry["must_report"] if not is_reported(got, m)] == []
    if entry.get("clean"):
        assert got.errors == 0, [f.en for f in got.findings]
    if codes := entry.get("exit_codes"):
        assert (1 if got.errors else 0) in codes


def is_reported(got: Result, wanted: dict[str, object]) -> bool:
    where = wanted.get("where", {})
    for finding in got.findings:
        level, least = LEVELS[finding.severity.value], LEVELS[wanted["severity"]]
        if level < least or (wanted.get("exact") and level != least):
            continue
        place = finding.place
        spots = (("tag", place.tag), ("field", place.field), ("line", place.line))
        if any(where.get(name) not in (None, value) for name, value in spots):
            continue
        if "value" not in where or alike(where["value"], finding.value):
            return True
    return False


def alike(wanted: str, value: str | None) -> bool:
    """A container number is shown normalised."""
    return re.sub(r"\W", "", wanted) in re.sub(r"\W", "", value or "")


@pytest.mark.parametrize("entry", REST, ids=by_name)
def test_other_documents_are_refused_or_read_as_what_they_are(entry):
    got = result(entry["file"])
    right = {entry["document"], entry.get("document_if_read")} - {None}
    assert got.types <= right
    if not got.types:
        assert got.errors > 0
        named = " ".join(finding.en for finding in got.end.findings)
        assert named


def other_samples() -> list[str]:
    folder = services.REPO.parent / "shared"
    if not folder.is_dir():
        return []
    listed = {entry["file"] for entry in ENTRIES}
    samples = folder / "samples"
    paths = (p.relative_to(samples).as_posix() for p in samples.rglob("*") if p.is_file())
    return sorted(path for path in paths if path not in listed)


@pytest.mark.parametrize("file", other_samples())
def test_every_sample_is_read_or_refused_without_an_exception(file):
    got = result(file)
    assert got.documents or got.errors > 0


@pytest.mark.skipif(bool(ENTRIES), reason="the reference samples are here")
def test_reference_samples_are_absent():
    pytest.skip("../shared is not here: the reference samples were not read")
