"""E-CLP → COTEMP and WLCOST (formats.md 3.2, 3.3): boxes first, then each bill and its boxes.

A part is a box with its bills; the file has every box (50) and then every bill (51 to 55, 11) with
a 56 for each box that holds some of it.  So the parts of one plan are held, under a limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gateway.findings import FindingKind, Place, Severity
from gateway.limits import LOAD_PLAN_RECORDS_MAX
from gateway.mappings.container_load_plan.cotemp_flat import COTEMP_FLAT, WLCOST_FLAT
from gateway.mappings.flat_places import name_vessel, status_letters
from gateway.mappings.flat_writing import FlatForm, FlatWriting, flat_writer
from gateway.mappings.flat_writing_plan import Choices
from gateway.mappings.flat_writing_values import as_count, as_number

Draft = dict[str, Any]

TOO_LARGE = FindingKind(
    "WRITE-SIZE",
    Severity.ERROR,
    "装箱单超过 {limit} 条箱与提单的对应关系",
    "the load plan has more than {limit} links of boxes and bills",
)
_BILL_PLACES = ("load_port", "discharge_port", "delivery_place")
# Fields of 56 are written here, box by box, not by the bill.
_OF_56 = frozenset(
    {("56", name) for name in ("container_number", "tare", "packages", "cargo_weight", "volume")}
)
_LEFT_OUT = frozenset(
    {
        "header.reference", "header.document_number", "header.message_version", "header.sailing",
        "header.inlet_terminal", "header.line.name", "header.vessel.imo", "header.extras",
        "header.vessel.call_sign", "header.vessel.name_zh", "header.vessel.nationality",
        "part.goods_sequence", "part.operator.name", "part.operator.office", "part.seals.kind",
        "part.seals.party", "part.packages", "part.package_kind_code", "part.package_kind",
        "part.cargo_weight_kg", "part.gross_weight_kg", "part.volume_m3", "part.stowage",
        "part.shipper_owned", "part.supplier", "part.goods", "part.movement",
        "part.positioned_at", "part.references", "part.texts", "part.packer",
        "part.truck_licence", "part.equipment_order", "part.stuffing_place",
        "part.customs_code", "part.transport_mode", "part.trade_direction", "part.liner_flag",
        "part.loading_condition", "part.discharge_condition", "part.remarks", "part.extras",
        "part.bills.delivery_term", "part.bills.parties", "part.bills.extras",
        "part.bills.goods.cargo_code", "part.bills.goods.hs_code",
        "part.bills.goods.cargo_flag", "part.bills.goods.inner_packages",
        "part.bills.goods.net_weight_kg", "part.bills.goods.packages.tare_kg",
        "part.bills.goods.packages.volume_m3", "part.bills.goods.extras",
        "part.bills.goods.dangerous.packing_group",
        "part.bills.goods.dangerous.marine_pollutant",
        "part.bills.goods.dangerous.telephone", "part.bills.goods.dangerous.email",
        "part.bills.goods.dangerous.fax",
    }
)  # fmt: skip


@dataclass(slots=True)
class _Bill:
    """A bill as its own records tell it, and what of it is in which box."""

    said: Draft
    links: list[list[str]] = field(default_factory=list)


def arrange(writing: FlatWriting, drafts: Iterator[Draft]) -> Iterator[list[list[str]]]:
    """All records 50, then bill after bill."""
    bills: list[_Bill] = []
    links = 0
    for draft in drafts:
        own = draft.pop("bills", [])
        links += len(own) or 1
        if links > LOAD_PLAN_RECORDS_MAX:
            writing.add(TOO_LARGE.at(Place(), limit=LOAD_PLAN_RECORDS_MAX))
            return
        box, tare = draft.get("number", ""), draft.pop("tare_kg", None)
        at = 0
        for bill in own:
            link = _link(box, tare, bill)
            at = _place_of(bills, bill, at) + 1
            bills[at - 1].links.append(link)
        yield writing.part_records(draft)
    yield from _written(writing, bills)


def _written(writing: FlatWriting, bills: list[_Bill]) -> Iterator[list[list[str]]]:
    below = writing.parts.below("bills")
    for bill in bills:
        yield [*writing.element_records(below, bill.said), *bill.links]


def _link(box: str, tare: Any, bill: Draft) -> list[str]:  # noqa: ANN401 - Decimal or nothing
    """Record 56; what it says is taken out of the bill."""
    packages = bill.pop("packages_in_box", None)
    weight = bill.pop("cargo_weight_in_box_kg", None)
    volume = bill.pop("volume_in_box_m3", None)
    texts = [
        say(value) or "" if value is not None else ""
        for say, value in (
            (as_count, packages), (as_number, tare), (as_number, weight), (as_number, volume),
        )
    ]  # fmt: skip
    return ["56", box, *texts]


def _place_of(bills: list[_Bill], said: Draft, after: int) -> int:
    """Where this bill stands: one told already, behind the box's last one, or a new one.

    The reader gives a box its bills in file order, so none may stand before the one before it.
    """
    for number in range(after, len(bills)):
        if bills[number].said == said:
            return number
    bills.append(_Bill(said))
    return len(bills) - 1


def _undo_header(draft: Draft) -> None:
    name_vessel(draft)


def _undo_part(draft: Draft, _header: Draft) -> None:
    """Places of the box are those of its bills; here only bills have them."""
    status_letters((draft,))
    for name in _BILL_PLACES:
        place = draft.pop(name, None)
        for bill in draft.get("bills", ()):
            if place and name not in bill:
                bill[name] = dict(place)


def _form(name: str, format_: Any) -> FlatForm:  # noqa: ANN401 - Format
    return FlatForm(
        format_,
        message_type=name,
        description="CONTAINER LOADING LIST",
        choices=Choices(unused=_OF_56),
        always=frozenset({"00", "10"}),
        undo_header=_undo_header,
        undo_part=_undo_part,
        arrange=arrange,
        leaves_out=_LEFT_OUT,
    )


COTEMP_FLAT_WRITER = flat_writer(_form("COTEMP", COTEMP_FLAT))
WLCOST_FLAT_WRITER = flat_writer(_form("WLCOST", WLCOST_FLAT))
