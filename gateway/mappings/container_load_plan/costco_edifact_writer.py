"""E-CLP → COSTCO (stuffing report): boxes as they come, then bills, which say what lies where.

Bills are held until the last box has come; a bill of several boxes is told once.  COSTCO names
places for the whole call alone: boxes for other ports go in a message of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gateway.canonical.container_load_plan import CONTAINER_LOAD_PLAN
from gateway.canonical.model import Model
from gateway.mappings import facts
from gateway.mappings.container_load_plan.costco_edifact import COSTCO_EDIFACT, PLACES
from gateway.mappings.edifact_left_out import left_out
from gateway.mappings.edifact_writing import Message, writer
from gateway.mappings.edifact_writing_boxes import box
from gateway.mappings.edifact_writing_held import Held
from gateway.mappings.edifact_writing_tree import Group, Segment
from gateway.mappings.edifact_writing_work import Work

Draft = dict[str, Any]
_IN_BOX = {
    "packages_in_box": "packages",
    "cargo_weight_in_box_kg": "weight",
    "volume_in_box_m3": "volume",
}


def _tell(work: Work, parts: Iterable[Model]) -> Iterator[Segment | str]:
    """Header (with the places of the first box), boxes, bills, total."""
    bills: dict[str, Draft] = {}
    tree: Group | None = None
    count = 0
    for count, part in enumerate(parts, 1):
        values = part.model_dump(exclude_defaults=True)
        if tree is None:
            tree = work.header_tree(_with_places(work.head, values))
            yield from work.told_header(tree)
        told = {name: value for name, value in values.items() if name != "bills"}
        if "packed_at" in told:
            told["positioned_at"] = told.pop("packed_at")
        segments = work.built(Group(""), box(told), ("EQD",), count)
        named = [_named(work, bills, bill, values, count) for bill in values.get("bills", ())]
        own = [work.built(Group(""), {"bills": [bill]}, (), 1) for bill in named]
        work.check_part(values, [*segments, *(each for bill in own for each in bill)])
        yield from segments
    if tree is None:
        tree = work.header_tree(dict(work.head))
        yield from work.told_header(tree)
    yield from _told_bills(work, bills)
    yield from work.tail(tree, count)


def _places(part: Model) -> tuple[str, ...]:
    """The places that a box and its first bill name: a message has room for one of each."""
    values = part.model_dump(include={*PLACES.values(), "bills"}, exclude_defaults=True)
    return tuple(_place(values, name).get("code", "") for name in PLACES.values())


def _place(values: Draft, name: str) -> Draft:
    found: Draft = next((b[name] for b in (values, *values.get("bills", ())) if name in b), {})
    return found


def _with_places(head: Draft, values: Draft) -> Draft:
    """The places of the call, as the header keeps them, are those of the first box."""
    extras = [
        each
        for each in head.get("extras", ())
        if not (each["record"] == "LOC" and each["field"] in PLACES)
    ]
    for qualifier, name in PLACES.items():
        first = _place(values, name)
        if "code" in first:
            extras.append({"record": "LOC", "field": qualifier, "value": first["code"]})
    return head | {"extras": extras}


def _named(work: Work, bills: dict[str, Draft], bill: Draft, values: Draft, count: int) -> Draft:
    """A bill joins those of the message; gives it as far as it concerns this box."""
    own = dict(bill)
    held = {path: own.pop(name) for name, path in _IN_BOX.items() if name in own}
    held["number"] = values.get("number")
    number = own.get("number")
    whole = bills.setdefault(number or f"#{count}", own | {"boxes": []})
    for name, value in own.items():
        if whole.setdefault(name, value) != value:
            work.refuse(facts.NOT_A_VALUE, f"part.bills.{name}", str(number))
    whole["boxes"].append(held)
    return _draft(own, [held], 1)


def _draft(bill: Draft, boxes: list[Draft], number: int) -> Draft:
    """A bill as its table has it; every item names every box, the first says how much."""
    goods = [dict(item) for item in bill.get("goods", ())] or [{}]
    for index, item in enumerate(goods):
        item["boxes"] = boxes if index == 0 else [{"number": each["number"]} for each in boxes]
    draft = {name: value for name, value in bill.items() if name not in ("boxes", "goods")}
    return draft | {"goods": goods, "position": str(number), "consignment": bill.get("number")}


def _told_bills(work: Work, bills: dict[str, Draft]) -> Iterator[str]:
    held = Held(COSTCO_EDIFACT.name)
    for number, bill in enumerate(bills.values(), 1):
        draft = _draft(bill, bill["boxes"], number)
        held.add(work.built(Group(""), {"bills": [draft]}, (), number))
    yield from held


COSTCO_MESSAGE = Message(
    format=COSTCO_EDIFACT,
    kind="COSTCO",
    groups=("EQD",),
    totals=("16", "EQD"),
    supplied=("RFF", "TDT", "NAD"),
    tell=_tell,
    sort=_places,
    leaves_out=left_out(
        CONTAINER_LOAD_PLAN,
        "header.created_at",
        "inlet_terminal",
        "part.goods_sequence",
        "part.packages",
        "part.positioned_at",
        "part.cargo_weight_kg",
        "part.gross_weight_kg",
        "part.tare_kg",
        "part.volume_m3",
        "part.stowage",
        "part.goods",
        "part.movement",
        "part.texts",
        "load_port.name",
        "discharge_port.name",
        "delivery_place.name",
        "delivery_term",
        "bills.parties",
        "hs_code",
        "packer",
        "truck_licence",
        "equipment_order",
        "stuffing_place",
        "yard",
        "damage_flag",
        "customs_code",
        "transport_mode",
        "trade_direction",
        "liner_flag",
        "loading_condition",
        "discharge_condition",
        "remarks",
    ),
)
COSTCO_WRITER = writer(COSTCO_MESSAGE)
COSTCO_D00B_WRITER = writer(COSTCO_MESSAGE, "D.00B")
