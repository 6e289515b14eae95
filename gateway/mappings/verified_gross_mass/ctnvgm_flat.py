"""VGM as flat platform file CTNVGM (formats.md 3.5, Zhoushan).  One part is one box."""

from __future__ import annotations

from typing import Any

from gateway.canonical.verified_gross_mass import VERIFIED_GROSS_MASS
from gateway.mappings.contract import Format
from gateway.mappings.convert import compact_time, container_number, upper
from gateway.mappings.flat_convert import (
    imo,
    lines,
    number,
)
from gateway.mappings.flat_rows import HEAD
from gateway.mappings.table import Node, Row, Table
from gateway.syntax.profile import Profile
from gateway.syntax.record import MessageKind

_HEADER = Node(
    extras="extras",
    rows=(
        *HEAD,
        Row("00", "sender_port", "sender_port", upper),
        Row("00", "receiver_port", "receiver_port", upper),
        Row("00", "remark", "remarks[]", lines),
        Row("10", "vessel_code", "vessel.code", upper),
        Row("10", "vessel_code", "vessel.imo", imo),
        Row("10", "vessel_name", "vessel.name"),
        Row("10", "voyage", "voyage", upper),
        Row("10", "direction", "direction", upper),
        Row("10", "department_code", "booking_department.code"),
        Row("10", "department_name", "booking_department.name"),
        Row("10", "remark", "remarks[]", lines),
    ),
)

_BOX = Node(
    extras="extras",
    rows=(
        Row("50", "container_number", "number", container_number),
        Row("50", "size_type", "size_type", upper),
        Row("50", "status", "status", upper),
        Row("50", "operator_code", "operator.code"),
        Row("50", "operator_name", "operator.name"),
        Row("50", "kind", "kind", upper),
        Row("50", "vgm", "vgm_kg", number),
        Row("50", "weighed_at", "weighed_at", compact_time),
        Row("50", "method", "method"),
        Row("50", "weighing_place", "weighing_place"),
        Row("50", "shipper", "shipper"),
        Row("50", "signature", "signature"),
        Row("50", "telephone", "telephone"),
        Row("50", "email", "email"),
        Row("50", "address", "address", lines),
        Row("50", "other_1", "others[]"),
        Row("50", "other_2", "others[]"),
        Row("50", "remark", "remarks[]", lines),
    ),
)


def _finish_header(values: dict[str, Any], _kind: MessageKind, _profile: Profile) -> None:
    """`046` and `E` are voyage 046E (the reader of Zhoushan joins them, too)."""
    direction = values.pop("direction", "")
    voyage = values.get("voyage")
    if voyage and direction and not voyage.endswith(direction):
        values["voyage"] = voyage + direction


CTNVGM_FLAT = Format(
    name="verified_gross_mass/ctnvgm-flat",
    version="1",
    syntax="flat",
    kinds=frozenset({"CTNVGM"}),
    document=VERIFIED_GROSS_MASS,
    layout="ctnvgm",
    header=Table(_HEADER),
    part=Table(_BOX),
    group_labels=frozenset({"50"}),
    finish_header=_finish_header,
    samples="verified_gross_mass/ctnvgm-flat",
)
