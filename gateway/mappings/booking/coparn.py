"""BOOKING as EDIFACT COPARN (SMDG): announcement, release or booking of containers.

One message is one booking.  Written for D.95B and D.00B together: labels are the same in both,
D.00B only nests deeper ("TDT/LOC/DTM" beside "TDT/DTM"), so both places are read.  Sources:
UN directories (schemas/edifact), formats.md 9, docs/formats/edifact.md.
"""

from __future__ import annotations

from typing import Any

from gateway.canonical.booking import BOOKING
from gateway.mappings.contract import Format
from gateway.mappings.convert import bill_number, count, upper
from gateway.mappings.edifact_box import asked_for, boxes, prune, settle_box
from gateway.mappings.edifact_convert import OtherThan, time_text, volume, weight
from gateway.mappings.edifact_remarks import of_goods
from gateway.mappings.edifact_rows import (
    BEGINNING,
    OPTIONAL_PORTS,
    SERVICE,
    carriage,
    dangerous,
    kept,
    kept_others,
    optional_ports,
    party,
    ports,
    references,
    shared_party,
    sizes,
    temperature,
    texts,
    times,
    vessel_rows,
)
from gateway.mappings.node import Node, Row, at
from gateway.mappings.table import Table
from gateway.syntax.profile import Profile

HEADER = Node(
    rows=(*BEGINNING,),
    children=(
        Node(
            path="extras",
            opens=frozenset({"BGM"}),
            constants=(("record", "BGM"), ("field", "4")),
            rows=(Row("BGM", 4, "value"),),
        ),
    ),
)


_MEASURED = "G|AAB|AAD|WT|N|AAA|AAC|AAL|AAW|ABJ"
_GOODS = Node(
    path="goods",
    opens=frozenset({"GID"}),
    rows=(
        Row("GID", 1, "sequence"),
        Row("GID", (2, 1), "packages.count", count),
        Row("GID", (2, 2), "packages.kind_code", upper),
        Row("GID", (2, 5), "packages.kind"),
        Row("GID", (3, 1), "inner_packages.count", count),
        Row("GID", (3, 2), "inner_packages.kind_code", upper),
        Row("GID", (3, 5), "inner_packages.kind"),
        *texts("GID/FTX", "description[]"),
        Row("GID/PIA", (2, 1), "hs_code", when=at(((2, 2), "HS"))),
        Row("GID/MEA", "C174", "gross_weight_kg", weight, at(((2, 1), "G|AAB|AAD|WT"))),
        Row("GID/MEA", "C174", "net_weight_kg", weight, at(((2, 1), "N|AAA|AAC|AAL"))),
        Row("GID/MEA", "C174", "volume_m3", volume, at(((2, 1), "AAW|ABJ"))),
        *(Row("GID/PCI", (2, line), "marks[]") for line in range(1, 11)),
        *sizes("GID/DIM"),
        *temperature("GID/TMP", "GID/RNG", "GID/TMP/RNG"),
    ),
    children=(
        dangerous("GID/DGS"),
        kept("GID/SGP", (1, 1)),
        kept("GID/SGP", 2),
        kept_others("GID/RFF", (1, 2)),
        kept_others("GID/LOC", (2, 1), upper),
        Node(
            path="extras",
            opens=frozenset({"GID/MEA"}),
            constants=(("record", "MEA"),),
            when=(((2, 1), OtherThan(_MEASURED)),),
            rows=(Row("GID/MEA", (2, 1), "field"), Row("GID/MEA", "C174", "value")),
        ),
    ),
)
_STAGES = "20|10|30"
_PLACES = {
    "load_port": "9",
    "discharge_port": "11",
    "delivery_place": "7",
    "receipt_place": "88",
    "transfer_port": "13",
    "destination": "8",
}


def part(leg_times: str, leg_places: str) -> Node:
    """The booking; the qualifiers are those of legs that are not kept as extras, too."""
    return Node(
        extras="extras",
        rows=(
            *SERVICE,
            *times(
                "DTM",
                expiry_date="36",
                cut_off="180",
                requested_shipping="10|64|200",
                arrival="132",
                departure="133",
            ),
            *(Row("RFF", (1, component), "") for component in (1, 2)),
            Row("RFF", (1, 2), "booking_number", upper, at((1, "BN"))),
            Row("RFF", (1, 2), "bill_of_lading", bill_number, at((1, "BM"))),
            Row("RFF", (1, 2), "house_bill", bill_number, at((1, "BH|HWB"))),
            Row("EQD/RFF", (1, 1), ""),
            Row("EQD/RFF", (1, 2), "box_booking", upper, at((1, "BN"))),
            *(Row("TDT", ref, "") for ref in (1, (8, 1), (3, 1), (4, 1))),
            *vessel_rows("vessel", "20"),
            Row("TDT", 2, "voyage", upper, at((1, "20"))),
            Row("TDT", (5, 1), "line.code", upper, at((1, "20"))),
            Row("TDT", (5, 4), "line.name", when=at((1, "20"))),
            *carriage("pre_carriage", "10"),
            *carriage("on_carriage", "30"),
            *(Row(label, 1, "") for label in ("TDT/LOC", "LOC")),
            *ports("TDT/LOC", **_PLACES),
            *ports("LOC", **_PLACES),
            *(
                row
                for label in ("TDT/DTM", "TDT/LOC/DTM")
                for row in (
                    *(Row(label, (1, component), "") for component in (1, 2, 3)),
                    *times(label, arrival="132", departure="133", cut_off="180"),
                )
            ),
            *(Row("FTX", ref, "") for ref in (1, 2)),
            *texts("FTX", "remarks[]"),
            Row("TSR", (1, 1), "delivery_term", upper),
            Row("TMD", (1, 1), "transhipment", upper),
        ),
        children=(
            references("RFF", "TDT/RFF", "NAD/RFF"),
            kept_others("DTM", "C507", time_text, "137|36|180|10|64|200|132|133"),
            kept_others("TDT/DTM", "C507", time_text, leg_times),
            kept_others("TDT/LOC/DTM", "C507", time_text, leg_times),
            kept_others("TDT/LOC", (2, 1), upper, leg_places),
            kept_others("LOC", (2, 1), upper, "|".join((*_PLACES.values(), OPTIONAL_PORTS))),
            optional_ports("TDT/LOC", "LOC"),
            Node(
                path="extras",
                opens=frozenset({"TDT"}),
                constants=(("record", "TDT"),),
                when=((1, OtherThan(_STAGES)),),
                rows=(Row("TDT", 1, "field"), Row("TDT", (8, 1), "value")),
            ),
            shared_party("NAD"),
            party("GID/NAD"),
            _GOODS,
            boxes(),
        ),
    )


def finish_part(values: dict[str, Any], _header: dict[str, Any], _profile: Profile) -> None:
    """Boxes without a number are asked for; half-filled entries of lists go; texts are joined."""
    prune(values)
    for item in values.get("goods", ()):
        prune(item)
    named = values.pop("containers", [])
    number_of_box = values.pop("box_booking", None)
    if number_of_box is not None:
        values.setdefault("booking_number", number_of_box)
    equipment, containers = [], []
    for box in named:
        asked = settle_box(box)
        if "number" in box:
            containers.append(box)
        else:
            equipment.append(asked_for(box, asked))
    if containers:
        values["containers"] = containers
    if equipment:
        values["equipment"] = equipment


COPARN = Format(
    name="booking/coparn",
    version="1",
    syntax="edifact",
    kinds=frozenset({"COPARN"}),
    document=BOOKING,
    layout="COPARN",
    header=Table(HEADER),
    part=Table(part("132|133|180", "|".join((*_PLACES.values(), OPTIONAL_PORTS)))),
    finish_part=finish_part,
    remark=of_goods,
    samples="booking/coparn",
)
