"""Golden samples of the flat formats: good ones give exactly this, bad ones say exactly that.

`GATEWAY_GOLDEN=write pytest tests/samples/test_golden_flat.py` writes the expectations anew; read
the difference before you commit it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gateway.findings import Findings, Severity
from gateway.limits import FLAT_READ_BYTES
from gateway.mappings import registry
from gateway.pipeline.drafting import tables_for
from gateway.pipeline.translation import Document, End, Part, translate
from gateway.syntax.flat.reader import FlatReader
from gateway.syntax.profile import Profile
from gateway.syntax.record import Group, Message, MessageEnd
from tests.samples import golden

HERE = Path(__file__).parent
# Zones and identifiers are judged by rules that have tests of their own.
READING = ("INCOMPLETE", "FLAT-", "FIXED-", "VALUE-")
FORMATS = golden.formats_of("flat")
SAMPLES = golden.samples_of(FORMATS)


def translated(data: bytes) -> dict[str, object]:
    """What the file says and what is wrong with it, in a form that people can compare."""
    parts, headers, findings = [], [], []
    for item in translate([data]):
        if isinstance(item, Document):
            headers.append(without_zones(json.loads(item.header.json())))
        elif isinstance(item, Part):
            parts.append(
                {"key": item.key(), "canonical": without_zones(json.loads(item.draft.json()))}
            )
        if isinstance(item, Part | End):
            findings += [told(f) for f in item.findings if f.code.startswith(READING)]
        if isinstance(item, End):
            envelope = {**item.interchange.as_json(), "complete": item.interchange.complete}
    return {"interchange": envelope, "headers": headers, "parts": parts, "findings": findings}


def without_zones(value: object) -> object:
    """Zones are added by a rule that has tests of its own."""
    if isinstance(value, dict):
        return {name: without_zones(each) for name, each in value.items() if name != "zone"}
    return [without_zones(each) for each in value] if isinstance(value, list) else value


def told(finding) -> str:
    place = finding.place
    spot = f"{place.tag}.{place.field} line {place.line} byte {place.offset}"
    return f"{finding.severity} {finding.code} {spot}: {finding.value}"


@pytest.mark.parametrize("path", SAMPLES, ids=golden.sample_id)
def test_golden(path):
    golden.demand_expected(path, translated(path.read_bytes()))


@pytest.mark.parametrize("path", SAMPLES, ids=golden.sample_id)
def test_good_is_clean_and_bad_is_not(path):
    items = list(translate([path.read_bytes()]))
    findings = [f for item in items if isinstance(item, Part | End) for f in item.findings]
    levels = {finding.severity for finding in findings}
    if path.name.startswith("good-"):
        assert Severity.ERROR not in levels, [f.en for f in findings]
        assert items[-1].interchange.complete
    else:
        assert levels & {Severity.ERROR, Severity.WARNING}


def events(chunks: list[bytes], profile: Profile | None = None):
    """Events and findings of the reader alone, in a comparable form."""
    findings = Findings(keep_max=10_000)

    def grammar(kind):
        format_ = registry.find(kind)
        if format_ is None:
            return None
        return format_.grammar(tables_for(format_, kind, Profile()).layout)

    reader = FlatReader(iter(chunks), grammar, profile or Profile(), findings)
    seen = []
    for event in reader:
        assert isinstance(event, Message | Group | MessageEnd)
        seen.append((type(event).__name__, [tuple(record) for record in event.records]))
    return seen, [finding.as_json() for finding in findings], reader.interchange


TRAILER = re.compile(rb"(?<=[\n'])99:\w+'")
HEAD = re.compile(rb"(?:^|(?<=[\n']))00:")


def may_be_complete(data: bytes) -> bool:
    """Whether the last message of these bytes has its record 99."""
    trailers = [found.end() for found in TRAILER.finditer(data)]
    heads = [found.start() for found in HEAD.finditer(data)]
    return bool(trailers) and trailers[-1] > max(heads, default=0)


@pytest.mark.parametrize("path", SAMPLES, ids=golden.sample_id)
def test_cut_at_every_byte(path):
    """R-22: a file that was cut anywhere is never complete, and never an exception."""
    data = path.read_bytes()
    for length in range(len(data)):
        _seen, findings, interchange = events([data[:length]])
        if not may_be_complete(data[:length]):
            assert not interchange.complete, length
        if not interchange.complete and interchange.sender is not None:
            assert any(finding["code"] == "INCOMPLETE" for finding in findings), length


@pytest.mark.parametrize("path", SAMPLES, ids=golden.sample_id)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_chunks_make_no_difference(path, size, monkeypatch):
    data = path.read_bytes()
    whole = events([data])
    # Otherwise small chunks would be joined before anybody looks at them.
    monkeypatch.setattr("gateway.syntax.flat.cutter.FLAT_READ_BYTES", 1)
    assert FLAT_READ_BYTES > 1
    chunks = [data[i : i + size] for i in range(0, len(data), size)]
    assert events(chunks) == whole


@pytest.mark.parametrize(
    "path", [p for p in SAMPLES if p.name.startswith("good-")], ids=golden.sample_id
)
def test_unterminated_is_incomplete_also_where_the_trailer_is_excused(path):
    data = path.read_bytes()
    end = data.rfind(b"'", 0, data.rindex(b"99:"))
    excused = Profile(trailer="absent")
    assert events([data[: end + 1]], excused)[2].complete
    assert not events([data[:end]], excused)[2].complete
