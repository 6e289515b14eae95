"""Golden samples of JSON standards: good ones give exactly this, bad ones say exactly that.

`GATEWAY_GOLDEN=write pytest tests/samples/test_golden_json.py` writes the expectations anew; read
the difference before you commit it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from gateway.findings import Findings, Severity
from gateway.mappings import registry
from gateway.mappings.convert import BadValue
from gateway.pipeline.drafting import tables_for
from gateway.pipeline.translation import Document, End, Part, translate
from gateway.syntax.json.reader import JsonReader
from gateway.syntax.profile import Profile
from gateway.syntax.record import Group, Message

HERE = Path(__file__).parent
TOLD = ".told.json"
FORMATS = [format_ for format_ in registry.FORMATS if format_.syntax == "json" and format_.samples]
SAMPLES = [
    path
    for format_ in FORMATS
    for path in sorted((HERE / format_.samples).glob("*.json"))
    if not path.name.endswith(TOLD)
]


def sample_id(path: Path) -> str:
    return path.relative_to(HERE).as_posix()


def translated(data: bytes) -> dict[str, object]:
    """What the file says and what is wrong with it, in a form that people can compare."""
    parts, headers, findings = [], [], []
    for item in translate([data]):
        if isinstance(item, Document):
            headers.append(json.loads(item.header.json()))
        elif isinstance(item, Part):
            parts.append({"key": item.key(), "canonical": json.loads(item.draft.json())})
        if isinstance(item, Part | End):
            findings += [told(f) for f in item.findings]
        if isinstance(item, End):
            envelope = {**item.interchange.as_json(), "complete": item.interchange.complete}
    return {"interchange": envelope, "headers": headers, "parts": parts, "findings": findings}


def told(finding) -> str:
    place = finding.place
    return f"{finding.severity} {finding.code} {place.tag} line {place.line}: {finding.value}"


@pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f.name)
def test_every_format_has_its_samples(format_):
    names = [path.name for path in (HERE / format_.samples).glob("*.json")]
    assert len([name for name in names if name.startswith("good-")]) >= 3
    assert len([name for name in names if name.startswith("bad-")]) >= 3


@pytest.mark.parametrize("path", SAMPLES, ids=sample_id)
def test_golden(path):
    got = translated(path.read_bytes())
    expected = path.with_suffix(TOLD)
    if os.environ.get("GATEWAY_GOLDEN") == "write":
        expected.write_text(json.dumps(got, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert got == json.loads(expected.read_text("utf-8"))


@pytest.mark.parametrize("path", SAMPLES, ids=sample_id)
def test_good_is_clean_and_bad_is_not(path):
    items = list(translate([path.read_bytes()]))
    findings = [f for item in items if isinstance(item, Part | End) for f in item.findings]
    errors = [finding.en for finding in findings if finding.severity is Severity.ERROR]
    assert bool(errors) == path.name.startswith("bad-"), errors
    if not errors:
        assert items[-1].interchange.complete


def grammar(kind):
    format_ = registry.find(kind)
    return format_.grammar(tables_for(format_, kind, Profile()).layout) if format_ else None


def events(chunks: list[bytes]):
    """Events and findings of the reader alone, in a comparable form."""
    findings = Findings(keep_max=10_000)
    reader = JsonReader(iter(chunks), grammar, Profile(), findings)
    seen = [(type(event).__name__, event.records) for event in reader]
    return seen, [finding.as_json() for finding in findings], reader.interchange


@pytest.mark.parametrize("path", SAMPLES, ids=sample_id)
def test_no_prefix_is_complete(path):
    """R-22: only what stands behind the end of the root may be cut off."""
    data = path.read_bytes()
    whole = len(data.rstrip())
    for length in range(0, whole, 7 if len(data) > 3000 else 3):
        _seen, findings, interchange = events([data[:length]])
        assert not interchange.complete, length
        assert any(finding["severity"] == "error" for finding in findings), length
        if path.name.startswith("good-"):
            assert [f["code"] for f in findings if f["severity"] == "error"] == ["INCOMPLETE"]


@pytest.mark.parametrize("path", SAMPLES, ids=sample_id)
@pytest.mark.parametrize("size", [1, 3, 64, 500])
def test_chunks_make_no_difference(path, size):
    data = path.read_bytes()
    chunks = [data[i : i + size] for i in range(0, len(data), size)]
    assert events(chunks) == events([data])


@pytest.mark.parametrize("path", SAMPLES, ids=sample_id)
def test_fast_path_equals_slow_path(path):
    reader = JsonReader(iter([path.read_bytes()]), grammar, Profile(), Findings())
    compiled = None
    for event in reader:
        if isinstance(event, Message):
            format_ = registry.find(event.kind)
            compiled = format_.part.compile(tables_for(format_, event.kind, Profile()).layout)
        elif isinstance(event, Group):
            slow = compiled.interpret(event.records)
            if slow.findings:
                with pytest.raises(BadValue):
                    compiled.read(event.records)
            else:
                assert compiled.read(event.records) == slow.values
