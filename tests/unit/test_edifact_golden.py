"""Golden samples of the EDIFACT formats; every prefix of them is incomplete, every cut the same.

`GATEWAY_GOLDEN=write pytest tests/unit/test_edifact_golden.py` writes the expectations anew; read
the difference before you commit it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from gateway.findings import Finding, Findings
from gateway.mappings.acknowledgement.aperak import APERAK
from gateway.mappings.acknowledgement.contrl import CONTRL
from gateway.mappings.booking.coparn import COPARN
from gateway.mappings.convert import BadValue
from gateway.syntax.edifact import EdifactReader, layout_for
from gateway.syntax.profile import Profile
from gateway.syntax.record import Event, Grammar, Group, MessageKind

FORMATS = {"COPARN": COPARN, "CONTRL": CONTRL, "APERAK": APERAK}
FOLDER = Path(__file__).resolve().parents[1] / "samples"
SAMPLES = [path for f in FORMATS.values() for path in sorted((FOLDER / f.samples).glob("*.edi"))]


def sample_id(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


def grammar(kind: MessageKind) -> Grammar | None:
    layout = layout_for(kind) if kind.name in FORMATS else None
    return Grammar(layout, FORMATS[kind.name].group_labels) if layout else None


def read(
    data: bytes, block_bytes: int = 1 << 18
) -> tuple[EdifactReader, list[Event], list[Finding]]:
    findings = Findings()
    reader = EdifactReader([data], grammar, Profile(), findings, block_bytes=block_bytes)
    return reader, list(reader), list(findings)


def told(data: bytes) -> dict[str, object]:
    """What the file says and what is wrong with it, in a form that people can compare."""
    reader, events, findings = read(data)
    groups = [event for event in events if isinstance(event, Group)]
    parts = [drafted(group, reader, findings) for group in groups]
    return {
        "interchange": reader.interchange.as_json(),
        "complete": reader.interchange.complete,
        "parts": parts,
        "findings": [
            f"{f.severity} {f.code} {f.place.record} {f.place.tag} {f.place.field} "
            f"{f.place.component} line {f.place.line} byte {f.place.offset}: {f.value}"
            for f in findings
        ],
    }


def drafted(group: Group, reader: EdifactReader, findings: list[Finding]) -> dict[str, object]:
    version = ".".join((list(group.records[0].values) + [""] * 4)[2:4])
    kind = MessageKind("edifact", group.records[0].values[1], version)
    format_, layout = FORMATS[kind.name], layout_for(kind)
    header = _values(format_.header.compile(layout), group, findings)
    part = _values(format_.part.compile(layout), group, findings)
    if format_.finish_part:
        format_.finish_part(part, header, Profile())
    header.setdefault("message_type", kind.name)
    model = format_.document.part.__pydantic_validator__.validate_python(part)
    head = format_.document.header.__pydantic_validator__.validate_python(header)
    return {
        "header": json.loads(head.model_dump_json(exclude_defaults=True)),
        "part": json.loads(model.model_dump_json(exclude_defaults=True)),
    }


def _values(table, group: Group, findings: list[Finding]) -> dict[str, object]:
    """The fast path and the slow one say the same, or the slow one says why not."""
    slow = table.interpret(group.records)
    findings.extend(slow.findings)
    try:
        fast = table.read(group.records)
    except BadValue:
        assert slow.findings
        return slow.values
    assert not slow.findings
    assert fast == slow.values
    return fast


@pytest.mark.parametrize("format_", FORMATS.values(), ids=lambda f: f.name)
def test_every_format_has_its_samples(format_):
    names = [path.name for path in (FOLDER / format_.samples).glob("*.edi")]
    assert sum(name.startswith("good-") for name in names) >= 3
    assert sum(name.startswith("bad-") for name in names) >= 3


@pytest.mark.parametrize("path", SAMPLES, ids=sample_id)
def test_golden(path):
    got = told(path.read_bytes())
    expected = path.with_suffix(".json")
    if os.environ.get("GATEWAY_GOLDEN") == "write":
        expected.write_text(json.dumps(got, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert got == json.loads(expected.read_text("utf-8"))
    errors = [each for each in got["findings"] if each.startswith("error")]
    assert bool(errors) == path.name.startswith("bad-"), errors


@pytest.mark.parametrize("path", SAMPLES, ids=sample_id)
def test_no_prefix_is_complete(path):
    """R-22: only line breaks behind UNZ may be cut off."""
    data = path.read_bytes()
    whole = len(data.rstrip(b"\r\n"))
    for end in range(whole):
        reader, _events, findings = read(data[:end])
        assert not reader.interchange.complete, end
        assert any(f.severity == "error" for f in findings), end


@pytest.mark.parametrize("path", SAMPLES, ids=sample_id)
def test_cuts_of_chunks_do_not_matter(path):
    data = path.read_bytes()
    _reader, events, findings = read(data)
    for size in [*range(1, 64), *range(64, len(data), 37)]:
        _reader, others, found = read(data, size)
        assert others == events, size
        assert found == findings, size
