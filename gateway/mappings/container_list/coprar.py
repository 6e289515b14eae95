"""NCL as EDIFACT COPRAR (SMDG): the boxes to load or discharge; a part is one EQD.

Sources: UN directories (schemas/edifact), formats.md 9, docs/formats/edifact.md.
"""

from __future__ import annotations

from typing import Any

from gateway.canonical.container_list import CONTAINER_LIST, ListKind
from gateway.mappings.contract import Format
from gateway.mappings.edifact_call import HEADER, box, call_port, settle_part
from gateway.mappings.edifact_remarks import told_twice
from gateway.mappings.table import Table
from gateway.syntax.profile import Profile
from gateway.syntax.record import MessageKind


def _finish_header(values: dict[str, Any], _kind: MessageKind, _profile: Profile) -> None:
    values["kind"] = ListKind(call_port(values))


def _finish_part(values: dict[str, Any], _header: dict[str, Any], _profile: Profile) -> None:
    settle_part(values)


COPRAR = Format(
    name="container_list/coprar",
    version="1",
    syntax="edifact",
    kinds=frozenset({"COPRAR"}),
    document=CONTAINER_LIST,
    layout="COPRAR",
    header=Table(HEADER),
    part=Table(box()),
    group_labels=frozenset({"EQD"}),
    finish_header=_finish_header,
    finish_part=_finish_part,
    remark=told_twice,
    samples="container_list/coprar",
)
