"""LOAD/DISCHARGE REPORT as EDIFACT COARRI (SMDG): what was loaded or discharged; a part is one EQD.

When a box was moved (DTM 203, 404) is `positioned_at`; LOC 147 is `stowage`.
Sources: UN directories (schemas/edifact), formats.md 9, docs/formats/edifact.md.
"""

from __future__ import annotations

from typing import Any

from gateway.canonical.load_discharge_report import LOAD_DISCHARGE_REPORT, ReportKind
from gateway.mappings.contract import Format
from gateway.mappings.edifact_call import HEADER, box, call_port, settle_part
from gateway.mappings.edifact_remarks import told_twice
from gateway.mappings.table import Table
from gateway.syntax.profile import Profile
from gateway.syntax.record import MessageKind


def _finish_header(values: dict[str, Any], _kind: MessageKind, _profile: Profile) -> None:
    values["kind"] = ReportKind(call_port(values))


def _finish_part(values: dict[str, Any], _header: dict[str, Any], _profile: Profile) -> None:
    settle_part(values)


COARRI = Format(
    name="load_discharge_report/coarri",
    version="1",
    syntax="edifact",
    kinds=frozenset({"COARRI"}),
    document=LOAD_DISCHARGE_REPORT,
    layout="COARRI",
    header=Table(HEADER),
    part=Table(box(positioned="203|404|181")),
    group_labels=frozenset({"EQD"}),
    finish_header=_finish_header,
    finish_part=_finish_part,
    remark=told_twice,
    samples="load_discharge_report/coarri",
)
