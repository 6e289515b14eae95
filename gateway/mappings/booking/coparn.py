"""BOOKING as EDIFACT COPARN (SMDG): announcement, release or booking of containers.

One message is one booking.  Written for D.95B and D.00B together: labels are the same in both,
D.00B only nests deeper ("TDT/LOC/DTM" beside "TDT/DTM"), so both places are read.  Sources:
UN directories (schemas/edifact), formats.md 9, docs/formats/edifact.md.
"""

from __future__ import annotations

from typing import Any

from gateway.canonical.booking import BOOKING
from gateway.mappings.contract import Format
from gateway.mappings.convert import (
    bill_number,
    container_number,
    count,
    number,
    text,
    upper,
)
from gateway.mappings.edifact_convert import (
    OtherThan,
    degrees,
    function,
    joined,
    overhang,
    role,
    time,
    time_text,
    volume,
    weight,
)
from gateway.mappings.flat_convert import imo
from gateway.mappings.node import Convert, Node, Row, at, tag_of
from gateway.mappings.table import Table
from gateway.syntax.profile import Profile
from gateway.syntax.record import FieldRef

# Columns of the composites that most rows name.
_CODE, _NAME = (2, 1), (2, 4)

_HEADER = Node(
    rows=(
        Row("BGM", (1, 1), "file_description"),
        Row("BGM", (2, 1), "document_number"),
        Row("BGM", 3, "function", function),
        Row("DTM", "C507", "created_at", time, at((1, "137"))),
    ),
    children=(
        Node(
            path="extras",
            opens=frozenset({"BGM"}),
            constants=(("record", "BGM"), ("field", "4")),
            rows=(Row("BGM", 4, "value"),),
        ),
    ),
)


def _ports(label: str, **codes: str) -> tuple[Row, ...]:
    """UN 3227 qualifiers of LOC → places."""
    return tuple(
        row
        for path, qualifiers in codes.items()
        for row in (
            Row(label, _CODE, f"{path}.code", upper, at((1, qualifiers))),
            Row(label, _NAME, f"{path}.name", when=at((1, qualifiers))),
        )
    )


def _times(label: str, **codes: str) -> tuple[Row, ...]:
    """UN 2005 qualifiers of DTM → times."""
    return tuple(
        Row(label, "C507", path, time, at((1, qualifiers))) for path, qualifiers in codes.items()
    )


def _vessel(path: str, qualifier: str) -> tuple[Row, ...]:
    """TDT 8213 and 8212: a call sign (1131 = 103), a Lloyd's number (146) or a plain code."""
    stage = (1, qualifier)
    return (
        Row("TDT", (8, 1), f"{path}.code", upper, at(stage)),
        Row("TDT", (8, 1), f"{path}.call_sign", upper, at(stage, ((8, 2), "103"))),
        Row("TDT", (8, 1), f"{path}.imo", imo, at(stage, ((8, 2), "146|ZZZ|"))),
        Row("TDT", (8, 4), f"{path}.name", when=at(stage)),
        Row("TDT", (8, 5), f"{path}.nationality", upper, at(stage)),
    )


def _carriage(path: str, qualifier: str) -> tuple[Row, ...]:
    return (
        *_vessel(f"{path}.vessel", qualifier),
        Row("TDT", 2, f"{path}.voyage", upper, at((1, qualifier))),
        Row("TDT", (5, 1), f"{path}.line.code", upper, at((1, qualifier))),
        Row("TDT", (5, 4), f"{path}.line.name", when=at((1, qualifier))),
    )


def _references(*labels: str) -> Node:
    return Node(
        path="references",
        opens=frozenset(labels),
        rows=tuple(
            row
            for label in labels
            for row in (
                Row(label, (1, 1), "qualifier", upper),
                Row(label, (1, 2), "number"),
            )
        ),
    )


def _kept(label: str, field: FieldRef) -> Node:
    """A field without a word of ours, kept under its tag and position."""
    return Node(
        path="extras",
        opens=frozenset({label}),
        constants=(("record", tag_of(label)), ("field", _position(field))),
        rows=(Row(label, field, "value"),),
    )


def _position(field: FieldRef) -> str:
    """As in findings: "5", "3.1"."""
    return ".".join(map(str, field)) if isinstance(field, tuple) else str(field)


def _kept_others(label: str, value: FieldRef, convert: Convert = text, known: str = "") -> Node:
    """Values whose qualifier (the first element) is none of the known ones, kept under it."""
    return Node(
        path="extras",
        opens=frozenset({label}),
        constants=(("record", tag_of(label)),),
        when=((1, OtherThan(known)),),
        rows=(Row(label, 1, "field"), Row(label, value, "value", convert)),
    )


def _texts(label: str, path: str) -> tuple[Row, ...]:
    return tuple(Row(label, (4, line), path) for line in range(1, 6))


def _dangerous(label: str) -> Node:
    return Node(
        path="dangerous",
        opens=frozenset({label}),
        rows=(
            Row(label, (2, 1), "hazard_class"),
            Row(label, (2, 2), "page"),
            Row(label, (3, 1), "un_number"),
            Row(label, (4, 1), "flash_point"),
            Row(label, 5, "packing_group"),
            Row(label, 6, "ems"),
            Row(label, 7, "mfag"),
            Row(f"{label}/CTA", (2, 2), "emergency_contact"),
            Row(f"{label}/CTA/COM", (1, 1), "telephone", when=at(((1, 2), "TE"))),
            Row(f"{label}/CTA/COM", (1, 1), "email", when=at(((1, 2), "EM"))),
            Row(f"{label}/CTA/COM", (1, 1), "fax", when=at(((1, 2), "FX"))),
        ),
    )


def _temperature(tmp: str, *ranges: str) -> tuple[Row, ...]:
    return (
        Row(tmp, (2, 1), "temperature.setting", number),
        Row(tmp, (2, 2), "temperature.unit", degrees),
        *(
            row
            for rng in ranges
            for row in (
                Row(rng, (2, 2), "temperature.minimum", number),
                Row(rng, (2, 3), "temperature.maximum", number),
            )
        ),
    )


def _party(label: str) -> Node:
    """NAD with its contact; lines are what was written of name and address, in order."""
    contact, numbers = f"{label}/CTA", (f"{label}/CTA/COM", f"{label}/COM")
    return Node(
        path="parties",
        opens=frozenset({label}),
        rows=(
            Row(label, 1, "role", role),
            Row(label, (2, 1), "code"),
            *(Row(label, (3, line), "lines[]") for line in range(1, 6)),
            *(Row(label, (4, line), "lines[]") for line in range(1, 6)),
            *(Row(label, (5, line), "lines[]") for line in range(1, 5)),
            Row(label, 6, "city.name"),
            Row(label, "3251", "postcode"),
            Row(label, "3207", "country", upper),
            Row(contact, (2, 2), "contact"),
            *(
                Row(where, (1, 1), path, when=at(((1, 2), channel)))
                for where in numbers
                for path, channel in (("telephone", "TE"), ("fax", "FX"), ("email", "EM"))
            ),
        ),
    )


def _sizes(label: str) -> tuple[Row, ...]:
    """DIM 6145: 5 front, 6 back, 7 right, 8 left, 9 and 13 height (SMDG)."""
    sides = {"front": "5", "back": "6", "right": "7", "left": "8", "height": "9|13"}
    return tuple(
        Row(label, "C211", f"over_dimension.{side}_cm", overhang, at((1, code)))
        for side, code in sides.items()
    )


_MEASURES = {
    "vgm_kg": "VGM",
    "gross_weight_kg": "G|AET|AAD",
    "tare_kg": "T|AAH",
    "cargo_weight_kg": "N|AAL|AAF",
}
_CONTAINER = Node(
    path="containers",
    opens=frozenset({"EQD"}),
    rows=(
        Row("EQD", (2, 1), "number", container_number),
        Row("EQD", (3, 1), "size_type", upper),
        Row("EQD", 4, "supplier", upper),
        Row("EQD", 6, "status", upper),
        Row("EQD/EQN", (1, 1), "asked", count),
        Row("EQD/TMD", (1, 1), "movement", upper),
        Row("EQD/DTM", "C507", "positioned_at", time, at((1, "181"))),
        *_ports("EQD/LOC", load_port="9", discharge_port="11", delivery_place="7"),
        *(
            Row("EQD/MEA", "C174", path, weight, at(((2, 1), codes)))
            for path, codes in _MEASURES.items()
        ),
        Row("EQD/MEA", "C174", "volume_m3", volume, at(((2, 1), "AAW|ABJ"))),
        *_sizes("EQD/DIM"),
        *_temperature("EQD/TMP", "EQD/RNG", "EQD/TMP/RNG"),
        *(Row("EQD/FTX", (4, line), "lines[]", when=at((1, "AAA"))) for line in range(1, 6)),
        *(
            Row("EQD/FTX", (4, line), "texts[]", when=((1, OtherThan("AAA")),))
            for line in range(1, 6)
        ),
        *_texts("EQD/DGS/FTX", "texts[]"),
        Row("EQD/NAD", (2, 1), "operator.code", upper, at((1, "CF"))),
        Row("EQD/NAD", (4, 1), "operator.name", when=at((1, "CF"))),
    ),
    children=(
        _references("EQD/RFF"),
        Node(
            path="seals",
            opens=frozenset({"EQD/SEL"}),
            rows=(Row("EQD/SEL", 1, "number"), Row("EQD/SEL", (2, 1), "party")),
        ),
        _dangerous("EQD/DGS"),
        _kept("EQD", 5),
        _kept("EQD/DGS", 1),
        _kept("EQD/TDT", 2),
        _kept("EQD/TDT", (3, 1)),
        _kept("EQD/TDT", (8, 1)),
        _kept_others("EQD/DTM", "C507", time_text, "181"),
        _kept_others("EQD/LOC", (2, 1), upper, "9|11|7"),
        _kept_others("EQD/NAD", (2, 1), upper, "CF"),
        Node(
            path="extras",
            opens=frozenset({"EQD/MEA"}),
            constants=(("record", "MEA"),),
            when=(((2, 1), OtherThan("|".join((*_MEASURES.values(), "AAW|ABJ")))),),
            rows=(Row("EQD/MEA", (2, 1), "field"), Row("EQD/MEA", "C174", "value")),
        ),
        _kept_others("EQD/TDT/LOC", (2, 1), upper),
        _kept_others("EQD/TDT/DTM", "C507", time_text),
        _kept_others("EQD/TDT/LOC/DTM", "C507", time_text),
        _kept_others("EQD/EQA", (2, 1), upper),
    ),
)
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
        *_texts("GID/FTX", "description[]"),
        Row("GID/PIA", (2, 1), "hs_code", when=at(((2, 2), "HS"))),
        Row("GID/MEA", "C174", "gross_weight_kg", weight, at(((2, 1), "G|AAB|AAD|WT"))),
        Row("GID/MEA", "C174", "net_weight_kg", weight, at(((2, 1), "N|AAA|AAC|AAL"))),
        Row("GID/MEA", "C174", "volume_m3", volume, at(((2, 1), "AAW|ABJ"))),
        *_sizes("GID/DIM"),
        *_temperature("GID/TMP", "GID/RNG", "GID/TMP/RNG"),
    ),
    children=(
        _dangerous("GID/DGS"),
        _kept("GID/SGP", (1, 1)),
        _kept("GID/SGP", 2),
        _kept_others("GID/RFF", (1, 2)),
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
_PART = Node(
    extras="extras",
    rows=(
        # Read by header and reader: not kept as extras.
        *(Row("UNH", index, "") for index in (1, "0065", "0052", "0054", "0051")),
        *(Row("UNH", ref, "") for ref in ("0057", "0110", "0113", 3)),
        *(Row("BGM", ref, "") for ref in ((1, 1), (2, 1), 3, 4)),
        *(Row("CNT", (1, component), "") for component in (1, 2)),
        *(Row("DTM", (1, component), "") for component in (1, 2, 3)),
        *_times(
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
        *_vessel("vessel", "20"),
        Row("TDT", 2, "voyage", upper, at((1, "20"))),
        Row("TDT", (5, 1), "line.code", upper, at((1, "20"))),
        Row("TDT", (5, 4), "line.name", when=at((1, "20"))),
        *_carriage("pre_carriage", "10"),
        *_carriage("on_carriage", "30"),
        *(Row(label, 1, "") for label in ("TDT/LOC", "LOC")),
        *_ports("TDT/LOC", **_PLACES),
        *_ports("LOC", **_PLACES),
        *(
            row
            for label in ("TDT/DTM", "TDT/LOC/DTM")
            for row in (
                *(Row(label, (1, component), "") for component in (1, 2, 3)),
                *_times(label, arrival="132", departure="133", cut_off="180"),
            )
        ),
        *(Row("FTX", ref, "") for ref in (1, 2)),
        *_texts("FTX", "remarks[]"),
        Row("TSR", (1, 1), "delivery_term", upper),
        Row("TMD", (1, 1), "transhipment", upper),
    ),
    children=(
        _references("RFF", "TDT/RFF", "NAD/RFF"),
        _kept_others("DTM", "C507", time_text, "137|36|180|10|64|200|132|133"),
        _kept_others("TDT/DTM", "C507", time_text, "132|133|180"),
        _kept_others("TDT/LOC/DTM", "C507", time_text, "132|133|180"),
        _kept_others("TDT/LOC", (2, 1), upper, "|".join(_PLACES.values())),
        _kept_others("LOC", (2, 1), upper, "|".join(_PLACES.values())),
        Node(
            path="extras",
            opens=frozenset({"TDT"}),
            constants=(("record", "TDT"),),
            when=((1, OtherThan(_STAGES)),),
            rows=(Row("TDT", 1, "field"), Row("TDT", (8, 1), "value")),
        ),
        _party("NAD"),
        _party("GID/NAD"),
        _GOODS,
        _CONTAINER,
    ),
)


def _finish_part(values: dict[str, Any], _header: dict[str, Any], _profile: Profile) -> None:
    """Boxes without a number are asked for; half-filled entries of lists go; texts are joined."""
    _prune(values)
    boxes = values.pop("containers", [])
    number_of_box = values.pop("box_booking", None)
    if number_of_box is not None:
        values.setdefault("booking_number", number_of_box)
    equipment, containers = [], []
    for box in boxes:
        _prune(box)
        lines = box.pop("lines", None)
        if lines:
            box["goods"] = joined(lines)
        asked = box.pop("asked", None)
        if "number" in box:
            containers.append(box)
        else:
            equipment.append(_request(box, asked))
    if containers:
        values["containers"] = containers
    if equipment:
        values["equipment"] = equipment


def _prune(owner: dict[str, Any]) -> None:
    """Entries that a qualifier without a value opened (real senders write `RFF+BN`)."""
    for path, needed in (("references", "number"), ("extras", "value"), ("seals", "number")):
        if path in owner:
            owner[path] = [each for each in owner[path] if needed in each and _qualified(each)]


def _qualified(entry: dict[str, Any]) -> bool:
    return "qualifier" in entry or "field" in entry or "record" not in entry


def _request(box: dict[str, Any], asked: int | None) -> dict[str, Any]:
    """EQD without a number: what kind is asked for and how many; the rest is kept as extras."""
    request: dict[str, Any] = {
        name: box[name] for name in ("size_type", "status", "supplier") if name in box
    }
    if asked is not None:
        request["count"] = asked
    kept = list(box.get("extras", []))
    for reference in box.get("references", []):
        if "qualifier" in reference:
            field, number_ = reference["qualifier"], reference["number"]
            kept.append({"record": "RFF", "field": field, "value": number_})
    kept += [
        {"record": "EQD", "field": name, "value": str(box[name])}
        for name in ("goods", "movement", "cargo_weight_kg", "gross_weight_kg", "tare_kg")
        if name in box
    ]
    if "temperature" in box:
        shown = " ".join(str(value) for value in box["temperature"].values())
        kept.append({"record": "TMP", "field": "2", "value": shown})
    for name in ("load_port", "discharge_port", "delivery_place"):
        if "code" in box.get(name, {}):
            kept.append({"record": "LOC", "field": name, "value": box[name]["code"]})
    if kept:
        request["extras"] = kept
    return request


COPARN = Format(
    name="booking/coparn",
    version="1",
    syntax="edifact",
    kinds=frozenset({"COPARN"}),
    document=BOOKING,
    layout="COPARN",
    header=Table(_HEADER),
    part=Table(_PART),
    finish_part=_finish_part,
    samples="booking/coparn",
)
