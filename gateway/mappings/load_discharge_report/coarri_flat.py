"""Load or discharge report as flat platform file COARRI (formats.md 8.2).  One part is one box."""

from __future__ import annotations

from typing import Any

from gateway.canonical.load_discharge_report import LOAD_DISCHARGE_REPORT, ReportKind
from gateway.mappings.contract import Format
from gateway.mappings.convert import bill_number, compact_time, container_number, upper
from gateway.mappings.flat_convert import (
    count,
    imo,
    number,
    seal,
)
from gateway.mappings.flat_rows import HEAD
from gateway.mappings.table import Node, Row, Table
from gateway.syntax.profile import Profile
from gateway.syntax.record import MessageKind

_HEADER = Node(
    extras="extras",
    rows=(
        *HEAD,
        Row("10", "vessel_code", "vessel.code", upper),
        Row("10", "vessel_code", "vessel.imo", imo),
        Row("10", "vessel_name", "vessel.name"),
        Row("10", "voyage", "voyage", upper),
        Row("10", "nationality", "vessel.nationality", upper),
        Row("10", "arrival", "arrival", compact_time),
        Row("10", "sailing", "sailing", compact_time),
        Row("10", "discharge_start", "discharge_start", compact_time),
        Row("10", "discharge_end", "discharge_end", compact_time),
        Row("10", "load_start", "load_start", compact_time),
        Row("10", "load_end", "load_end", compact_time),
        Row("10", "container_count", "container_count", count),
    ),
)

_BOX = Node(
    extras="extras",
    children=(Node(path="seals", rows=(Row("50", "seal_number", "number", seal),)),),
    rows=(
        Row("50", "container_number", "number", container_number),
        Row("50", "size_type", "size_type", upper),
        Row("50", "operator_code", "operator.code"),
        Row("50", "operator_name", "operator.name"),
        Row("50", "status", "status", upper),
        Row("50", "bill_number", "bill_of_lading", bill_number),
        Row("50", "stowage", "stowage"),
        Row("52", "discharge_port_code", "discharge_port.code", upper),
        Row("52", "load_port_code", "load_port.code", upper),
        Row("52", "gross_weight", "gross_weight_kg", number),
    ),
)


def _finish_header(values: dict[str, Any], kind: MessageKind, _profile: Profile) -> None:
    """The description says which of the two it is."""
    words = kind.association
    values["kind"] = (
        ReportKind.DISCHARGE
        if "DISCH" in words or "卸" in words
        else ReportKind.LOAD
        if "LOAD" in words or "装" in words
        else ReportKind.UNSTATED
    )


COARRI_FLAT = Format(
    name="load_discharge_report/coarri-flat",
    version="1",
    syntax="flat",
    kinds=frozenset({"COARRI"}),
    document=LOAD_DISCHARGE_REPORT,
    layout="coarri",
    header=Table(_HEADER),
    part=Table(_BOX),
    group_labels=frozenset({"50"}),
    finish_header=_finish_header,
    samples="load_discharge_report/coarri-flat",
)
