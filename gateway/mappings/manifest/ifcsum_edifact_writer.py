"""MANIFEST → EDIFACT IFCSUM: a consignment after the other, each with its own boxes."""

from __future__ import annotations

from typing import Any

from gateway.canonical.manifest import MANIFEST
from gateway.mappings.edifact_left_out import left_out
from gateway.mappings.edifact_writing import Message, writer
from gateway.mappings.edifact_writing_boxes import box, by_sequence, cooled_goods, named_by_goods
from gateway.mappings.manifest.ifcsum_edifact import IFCSUM_EDIFACT


def _header(values: dict[str, Any], _head: dict[str, Any]) -> dict[str, Any]:
    values["containers"] = [box(each) for each in values.get("containers", ())]
    return values


def _part(values: dict[str, Any], _head: dict[str, Any]) -> dict[str, Any]:
    if "number" in values:
        values["consignment"] = values["number"]
    named_by_goods(values, by_sequence)
    return values


IFCSUM_MESSAGE = Message(
    format=IFCSUM_EDIFACT,
    kind="IFCSUM",
    beginning="785",
    header=_header,
    part=_part,
    move=cooled_goods,
    groups=("CNI",),
    leaves_out=left_out(
        MANIFEST,
        "header.kind",
        "sender_port",
        "receiver_port",
        "other_receivers",
        "transport_mode",
        "filing_type",
        "discharge_date",
        "goods_value",
        "goods_value_currency",
        "quarantine",
        "exchange_rate",
        "total_packages.kind_code",
        "total_packages.kind",
        "containers.stowage",
        "containers.positioned_at",
        "containers.load_port",
        "containers.discharge_port",
        "containers.delivery_place",
        "containers.references",
        "containers.goods_sequence",
        "total_packages.tare_kg",
        "total_packages.volume_m3",
        "header.containers.packages",
        "part.containers.packages",
    ),
)
IFCSUM_EDIFACT_WRITER = writer(IFCSUM_MESSAGE)
IFCSUM_EDIFACT_D00B_WRITER = writer(IFCSUM_MESSAGE, "D.00B")
