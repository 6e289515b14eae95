"""E-CLP as EDIFACT COSTCO (stuffing report, D.95B and D.00B): a part is one box with its bills.

COSTCO has no weights at a box (EQD) and no places but those of the call; what lies in a box is told
by the goods of each consignment (SGP).  Sources: UN directories (schemas/edifact), formats.md 9.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gateway.canonical.container_load_plan import CONTAINER_LOAD_PLAN
from gateway.mappings.container_load_plan.costco_boxes import by_goods
from gateway.mappings.contract import Format
from gateway.mappings.convert import bill_number, container_number, count, upper
from gateway.mappings.edifact_box import box_lists, box_rows, box_service, prune, settle_box
from gateway.mappings.edifact_convert import OtherThan, time_text, volume, weight
from gateway.mappings.edifact_rows import (
    BEGINNING,
    SERVICE,
    dangerous,
    kept,
    kept_others,
    read_time,
    sizes,
    temperature,
    texts,
    times,
    vessel_rows,
)
from gateway.mappings.node import Node, Row, at
from gateway.mappings.table import Table
from gateway.syntax.profile import Profile
from gateway.syntax.record import MessageKind

_SAILING = "133|136|186"
# UN 2005 of a box: when the work on it was done, or it is to be positioned.
PACKED = "203|404|7|181"
# UN 3227 of the call → the place of all its boxes.
PLACES = {"9": "load_port", "11": "discharge_port", "7": "delivery_place"}
_GROSS, _NET, _VOLUMES = "G|AAB|AAD|WT|AAE", "N|AAA|AAC|AAL", "AAW|ABJ"
_GID = "CNI/GID"

_HEADER = Node(
    extras="extras",
    rows=(
        *SERVICE,
        *BEGINNING,
        *(Row("TDT", ref, "") for ref in (1, (8, 1), (3, 1), (4, 1))),
        *vessel_rows("vessel", "20"),
        Row("TDT", 2, "voyage", upper, at((1, "20"))),
        Row("TDT", (5, 1), "line.code", upper, at((1, "20"))),
        Row("TDT", (5, 4), "line.name", when=at((1, "20"))),
        Row("TDT/LOC", 1, ""),
        Row("NAD", 1, ""),
        *read_time("TDT/DTM", "TDT/LOC/DTM"),
        *times("DTM", sailing=_SAILING),
        *times("TDT/DTM", sailing=_SAILING),
        *times("TDT/LOC/DTM", sailing=_SAILING),
        *(Row("FTX", ref, "") for ref in (1, 2)),
    ),
    children=(
        kept("BGM", 4),
        kept_others("DTM", "C507", time_text, f"137|{_SAILING}"),
        kept_others("TDT/DTM", "C507", time_text, _SAILING),
        kept_others("TDT/LOC/DTM", "C507", time_text, _SAILING),
        kept_others("TDT/LOC", (2, 1), upper),
        kept_others("RFF", (1, 2)),
        kept_others("TDT/RFF", (1, 2)),
        kept_others("FTX", (4, 1)),
        Node(
            path="extras",
            opens=frozenset({"NAD"}),
            constants=(("record", "NAD"),),
            rows=(
                Row("NAD", 1, "field"),
                *(Row("NAD", (element, 1), "value") for element in (2, 3, 4)),
            ),
        ),
    ),
)


def _inside(sgp: str, path: str) -> Node:
    """What of a consignment lies in the box."""
    return Node(
        path=path,
        opens=frozenset({sgp}),
        rows=(
            Row(sgp, (1, 1), "number", container_number),
            Row(sgp, 2, "packages", count),
            Row(f"{sgp}/MEA", "C174", "weight", weight, at(((2, 1), f"{_GROSS}|{_NET}"))),
            Row(f"{sgp}/MEA", "C174", "volume", volume, at(((2, 1), _VOLUMES))),
        ),
    )


_GOODS = Node(
    path="goods",
    opens=frozenset({_GID}),
    rows=(
        Row(_GID, 1, "sequence"),
        Row(_GID, (2, 1), "packages.count", count),
        Row(_GID, (2, 2), "packages.kind_code", upper),
        Row(_GID, (2, 5), "packages.kind"),
        Row(_GID, (3, 1), "inner_packages.count", count),
        Row(_GID, (3, 2), "inner_packages.kind_code", upper),
        Row(_GID, (3, 5), "inner_packages.kind"),
        *texts(f"{_GID}/FTX", "description[]"),
        Row(f"{_GID}/MEA", "C174", "gross_weight_kg", weight, at(((2, 1), _GROSS))),
        Row(f"{_GID}/MEA", "C174", "net_weight_kg", weight, at(((2, 1), _NET))),
        Row(f"{_GID}/MEA", "C174", "volume_m3", volume, at(((2, 1), _VOLUMES))),
        *(Row(f"{_GID}/PCI", (2, line), "marks[]") for line in range(1, 11)),
        *sizes(f"{_GID}/DIM"),
        *temperature(f"{_GID}/TMP", f"{_GID}/RNG", f"{_GID}/TMP/RNG"),
    ),
    children=(
        dangerous(f"{_GID}/DGS"),
        _inside(f"{_GID}/SGP", "boxes"),
        _inside(f"{_GID}/DGS/SGP", "dangerous_boxes"),
        kept_others(f"{_GID}/RFF", (1, 2)),
        Node(
            path="extras",
            opens=frozenset({f"{_GID}/MEA"}),
            constants=(("record", "MEA"),),
            when=(((2, 1), OtherThan(f"{_GROSS}|{_NET}|{_VOLUMES}")),),
            rows=(Row(f"{_GID}/MEA", (2, 1), "field"), Row(f"{_GID}/MEA", "C174", "value")),
        ),
    ),
)


_BILLS = Node(
    path="bills",
    opens=frozenset({"CNI"}),
    rows=(
        Row("CNI", (2, 1), "consignment", bill_number),
        Row("CNI/RFF", (1, 2), "number", bill_number, at(((1, 1), "BM"))),
    ),
    children=(
        _GOODS,
        kept_others("CNI/RFF", (1, 2), known="BM"),
    ),
)

_BOX = Node(
    extras="extras",
    rows=(
        *box_service(),
        Row("CNI", 1, ""),
        *(Row("CNI/RFF", (1, component), "") for component in (1, 2)),
        *box_rows(positioned=PACKED),
    ),
    children=(*box_lists(positioned=PACKED), _BILLS),
)


def _finish_header(values: dict[str, Any], _kind: MessageKind, _profile: Profile) -> None:
    prune(values)


def _finish_part(values: dict[str, Any], header: dict[str, Any], _profile: Profile) -> None:
    """What the bills say of this box; the places of the call are those of box and bills."""
    settle_box(values)
    if "positioned_at" in values:
        values["packed_at"] = values.pop("positioned_at")
    for bill in values.get("bills", ()):
        _settle_bill(bill)
    numbers = [held["number"] for bill in values.get("bills", ()) for held in bill.pop("held")]
    if numbers:
        values.setdefault("number", numbers[0])
    places = {
        PLACES[each["field"]]: {"code": each["value"]}
        for each in header.get("extras", ())
        if each.get("record") == "LOC" and each.get("field") in PLACES
    }
    for owner in (values, *values.get("bills", ())):
        for name, place in places.items():
            owner.setdefault(name, dict(place))


def _settle_bill(bill: dict[str, Any]) -> None:
    consignment = bill.pop("consignment", None)
    if consignment is not None:
        bill.setdefault("number", consignment)
    prune(bill)
    held = []
    for item in bill.get("goods", ()):
        prune(item)
        dangerous_ = item.pop("dangerous_boxes", [])
        held += item.pop("boxes", dangerous_)
    bill["goods"] = [item for item in bill.get("goods", ()) if item]
    for name, path in (
        ("packages", "packages_in_box"),
        ("weight", "cargo_weight_in_box_kg"),
        ("volume", "volume_in_box_m3"),
    ):
        told = [each[name] for each in held if name in each]
        if told:
            bill[path] = sum(told, Decimal(0)) if isinstance(told[0], Decimal) else sum(told)
    bill["held"] = [each for each in held if "number" in each]


COSTCO_EDIFACT = Format(
    name="container_load_plan/costco",
    version="1",
    syntax="edifact",
    kinds=frozenset({"COSTCO"}),
    document=CONTAINER_LOAD_PLAN,
    layout="COSTCO",
    header=Table(_HEADER),
    part=Table(_BOX),
    group_labels=frozenset({"EQD", "CNI"}),
    finish_header=_finish_header,
    finish_part=_finish_part,
    samples="container_load_plan/costco",
    split=by_goods,
)
