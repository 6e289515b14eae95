"""D/O → COREOR: one message an order."""

from __future__ import annotations

from typing import Any

from gateway.canonical.delivery_order import DELIVERY_ORDER
from gateway.mappings.delivery_order.coreor import COREOR
from gateway.mappings.edifact_left_out import ASKED_FOR, left_out
from gateway.mappings.edifact_writing import Message, writer
from gateway.mappings.edifact_writing_boxes import with_boxes

_NAMES = (("BM", "bill_of_lading"), ("BN", "booking_number"), ("REO", "release_number"))


def _part(values: dict[str, Any], head: dict[str, Any]) -> dict[str, Any]:
    """Goods name the boxes whose packages are told; every box names the order's bill."""
    draft = with_boxes(values, head)
    goods = [dict(item) for item in draft.get("goods", ())]
    for box in draft["containers"]:
        if goods and "number" in box and "packages" in box:
            held = {"number": box["number"], "packages": box["packages"]}
            goods[0].setdefault("boxes", []).append(held)
        box.setdefault("references", _reference(values))
    return draft | {"goods": goods}


def _reference(values: dict[str, Any]) -> list[dict[str, Any]]:
    """What a box must name: the bill, else the booking, else the order."""
    for qualifier, name in _NAMES:
        if name in values:
            return [{"qualifier": qualifier, "number": values[name]}]
    return []


COREOR_MESSAGE = Message(
    format=COREOR,
    kind="COREOR",
    beginning="129",
    part=_part,
    totals=("16", "EQD"),
    supplied=("TDT", "NAD"),
    leaves_out=left_out(
        DELIVERY_ORDER,
        *ASKED_FOR,
        "header.created_at",
        "arrival",
        "valid_until",
        "parties.telephone",
        "parties.fax",
        "parties.email",
        "hs_code",
        "inner_packages",
        "containers.goods_sequence",
        "containers.packages",
        "containers.stowage",
        "containers.movement",
        "containers.positioned_at",
        "containers.load_port",
        "containers.discharge_port",
        "containers.delivery_place",
    ),
)
COREOR_WRITER = writer(COREOR_MESSAGE)
COREOR_D00B_WRITER = writer(COREOR_MESSAGE, "D.00B")
