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
from gateway.mappings.booking.iftmbf_edifact import IFTMBC, IFTMBF
from gateway.mappings.container_list.coprar import COPRAR
from gateway.mappings.container_load_plan.costco_edifact import COSTCO_EDIFACT
from gateway.mappings.convert import BadValue
from gateway.mappings.delivery_order.coreor import COREOR
from gateway.mappings.gate_move.codeco import CODECO
from gateway.mappings.load_discharge_report.baplie import BAPLIE
from gateway.mappings.load_discharge_report.coarri import COARRI
from gateway.mappings.manifest.cuscar import CUSCAR
from gateway.mappings.manifest.ifcsum_edifact import IFCSUM_EDIFACT
from gateway.mappings.verified_gross_mass.vermas import VERMAS
from gateway.mappings.vessel_schedule.call_edifact import CALINF, IFTSAI, VESDEP
from gateway.syntax.edifact import EdifactReader, layout_for
from gateway.syntax.profile import Profile
from gateway.syntax.record import Event, Grammar, Group, Message, MessageKind, Record

FORMATS = {
    name: each
    for each in (
        COPARN,
        IFTMBF,
        IFTMBC,
        CONTRL,
        APERAK,
        IFCSUM_EDIFACT,
        CUSCAR,
        COPRAR,
        COARRI,
        CODECO,
        IFTSAI,
        CALINF,
        VESDEP,
        VERMAS,
        COREOR,
        COSTCO_EDIFACT,
        BAPLIE,
    )
    for name in each.kinds
}
FOLDER = Path(__file__).resolve().parents[1] / "samples"
SAMPLES = [path for f in FORMATS.values() for path in sorted((FOLDER / f.samples).glob("*.edi"))]

# Cuts are a matter of the reader: every sample of three formats, the first good one of the others.
_EVERY = {COPARN.samples, CONTRL.samples, APERAK.samples}
CUT = [
    path
    for folder in dict.fromkeys(f.samples for f in FORMATS.values())
    for path in (
        sorted((FOLDER / folder).glob("*.edi"))
        if folder in _EVERY
        else sorted((FOLDER / folder).glob("good-*.edi"))[:1]
    )
]


def sample_id(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


def grammar(kind: MessageKind) -> Grammar | None:
    layout = layout_for(kind) if kind.name in FORMATS else None
    return FORMATS[kind.name].grammar(layout) if layout else None


def read(
    data: bytes, block_bytes: int = 1 << 18
) -> tuple[EdifactReader, list[Event], list[Finding]]:
    findings = Findings()
    reader = EdifactReader([data], grammar, Profile(), findings, block_bytes=block_bytes)
    return reader, list(reader), list(findings)


def told(data: bytes) -> dict[str, object]:
    """What the file says and what is wrong with it, in a form that people can compare."""
    reader, events, findings = read(data)
    parts, before = [], []
    for event in events:
        if isinstance(event, Message):
            before = event.records
        elif isinstance(event, Group):
            parts.append(drafted(before, event, findings))
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


def drafted(before: list[Record], group: Group, findings: list[Finding]) -> dict[str, object]:
    """A part and the header of its message: what stands before the first part, else all of it."""
    records = before or group.records
    version = ".".join((list(records[0].values) + [""] * 4)[2:4])
    kind = MessageKind("edifact", records[0].values[1], version)
    format_, layout = FORMATS[kind.name], layout_for(kind)
    header = _values(format_.header.compile(layout), records, findings)
    header.setdefault("message_type", kind.name)
    if format_.finish_header:
        format_.finish_header(header, kind, Profile())
    head = format_.document.header.__pydantic_validator__.validate_python(header)
    part = _values(format_.part.compile(layout), group.records, findings)
    if format_.finish_part:
        format_.finish_part(part, header, Profile())
    model = format_.document.part.__pydantic_validator__.validate_python(part)
    return {
        "header": json.loads(head.model_dump_json(exclude_defaults=True)),
        "part": json.loads(model.model_dump_json(exclude_defaults=True)),
    }


def _values(table, records: list[Record], findings: list[Finding]) -> dict[str, object]:
    """The fast path and the slow one say the same, or the slow one says why not."""
    slow = table.interpret(records)
    findings.extend(slow.findings)
    try:
        fast = table.read(records)
    except BadValue:
        assert slow.findings
        return slow.values
    assert not slow.findings
    assert fast == slow.values
    return fast


@pytest.mark.parametrize("path", SAMPLES, ids=sample_id)
def test_golden(path):
    got = told(path.read_bytes())
    expected = path.with_suffix(".json")
    if os.environ.get("GATEWAY_GOLDEN") == "write":
        expected.write_text(json.dumps(got, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert got == json.loads(expected.read_text("utf-8"))
    errors = [each for each in got["findings"] if each.startswith("error")]
    assert bool(errors) == path.name.startswith("bad-"), errors


@pytest.mark.parametrize("path", CUT, ids=sample_id)
def test_no_prefix_is_complete(path):
    """R-22: only line breaks behind UNZ may be cut off."""
    data = path.read_bytes()
    whole = len(data.rstrip(b"\r\n"))
    for end in range(whole):
        reader, _events, findings = read(data[:end])
        assert not reader.interchange.complete, end
        assert any(f.severity == "error" for f in findings), end


@pytest.mark.parametrize("path", CUT, ids=sample_id)
def test_cuts_of_chunks_do_not_matter(path):
    data = path.read_bytes()
    _reader, events, findings = read(data)
    for size in [*range(1, 64), *range(64, len(data), 37)]:
        _reader, others, found = read(data, size)
        assert others == events, size
        assert found == findings, size
