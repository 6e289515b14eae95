"""One consignment of an EDIFACT manifest as a bill; IFCSUM and CUSCAR differ only in the labels.

Boxes are told once for the whole message (EQD before the first CNI) or inside the consignment, and
named by goods (SGP); a bill gets the boxes that its goods name, with what the others say of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.canonical.manifest import ManifestKind
from gateway.mappings.convert import (
    bill_number,
    container_number,
    count,
    number,
    upper,
)
from gateway.mappings.edifact_box import boxes, prune, settle_box
from gateway.mappings.edifact_convert import OtherThan, time_text, volume, weight
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
    read_time,
    shared_party,
    sizes,
    temperature,
    texts,
    times,
    vessel_rows,
)
from gateway.mappings.node import Node, Row, at
from gateway.syntax.profile import Profile
from gateway.syntax.record import MessageKind

_CALL_PLACES = {
    "load_port": "9",
    "discharge_port": "11|60",
    "departure_port": "5",
    "next_port": "61",
}
_CALL_TIMES = {"arrival": "132|178", "sailing": "133|136|186"}
_PLACES = {
    "load_port": "9",
    "discharge_port": "11",
    "delivery_place": "7",
    "receipt_place": "88",
    "transfer_port": "13",
    "issue_place": "91",
}
_GROSS = "G|AAB|AAD|WT|AAE"
_NET = "N|AAA|AAC|AAL"
_VOLUMES = "AAW|ABJ"
# Where a box found in several places says the same thing, the first one holds.
_OF_ALL_BOXES = "_boxes"
_SEVERAL = 2

HEADER = Node(
    extras="extras",
    rows=(
        *SERVICE,
        *BEGINNING,
        *(Row("TDT", ref, "") for ref in (1, (8, 1), (3, 1), (4, 1))),
        *vessel_rows("vessel", "20"),
        Row("TDT", 2, "voyage", upper, at((1, "20"))),
        Row("TDT", (5, 1), "line.code", upper, at((1, "20"))),
        Row("TDT", (5, 4), "line.name", when=at((1, "20"))),
        *(Row(label, 1, "") for label in ("TDT/LOC", "LOC")),
        *ports("TDT/LOC", **_CALL_PLACES),
        *ports("LOC", **_CALL_PLACES),
        *read_time("TDT/DTM", "TDT/LOC/DTM"),
        *times("DTM", **_CALL_TIMES),
        *times("TDT/DTM", **_CALL_TIMES),
        *times("TDT/LOC/DTM", **_CALL_TIMES),
    ),
    children=(
        kept("BGM", 4),
        kept_others("DTM", "C507", time_text, "137|132|178|133|136|186"),
        kept_others("TDT/DTM", "C507", time_text, "132|178|133|136|186"),
        kept_others("TDT/LOC/DTM", "C507", time_text, "132|178|133|136|186"),
        kept_others("TDT/LOC", (2, 1), upper, "9|11|60|5|61"),
        kept_others("LOC", (2, 1), upper, "9|11|60|5|61"),
        kept_others("RFF", (1, 2)),
        kept_others("TDT/RFF", (1, 2)),
        party("NAD"),
        party("TDT/NAD"),
        boxes(),
    ),
)


def _goods(gid: str) -> Node:
    return Node(
        path="goods",
        opens=frozenset({gid}),
        rows=(
            Row(gid, 1, "sequence"),
            Row(gid, (2, 1), "packages.count", count),
            Row(gid, (2, 2), "packages.kind_code", upper),
            Row(gid, (2, 5), "packages.kind"),
            Row(gid, (3, 1), "inner_packages.count", count),
            Row(gid, (3, 2), "inner_packages.kind_code", upper),
            Row(gid, (3, 5), "inner_packages.kind"),
            Row(f"{gid}/PAC", 1, "packages.count", count),
            Row(f"{gid}/PAC", (3, 1), "packages.kind_code", upper),
            *texts(f"{gid}/FTX", "description[]"),
            Row(f"{gid}/PIA", (2, 1), "hs_code", when=at(((2, 2), "HS"))),
            Row(f"{gid}/CST", (2, 1), "hs_code"),
            Row(f"{gid}/MEA", "C174", "gross_weight_kg", weight, at(((2, 1), _GROSS))),
            Row(f"{gid}/MEA", "C174", "net_weight_kg", weight, at(((2, 1), _NET))),
            Row(f"{gid}/MEA", "C174", "volume_m3", volume, at(((2, 1), _VOLUMES))),
            *(Row(f"{gid}/PCI", (2, line), "marks[]") for line in range(1, 11)),
            *sizes(f"{gid}/DIM"),
            *temperature(f"{gid}/TMP", f"{gid}/RNG", f"{gid}/TMP/RNG"),
        ),
        children=(
            dangerous(f"{gid}/DGS"),
            kept_others(f"{gid}/LOC", (2, 1), upper),
            kept_others(f"{gid}/RFF", (1, 2)),
            Node(
                path="extras",
                opens=frozenset({f"{gid}/MEA"}),
                constants=(("record", "MEA"),),
                when=(((2, 1), OtherThan(f"{_GROSS}|{_NET}|{_VOLUMES}")),),
                rows=(Row(f"{gid}/MEA", (2, 1), "field"), Row(f"{gid}/MEA", "C174", "value")),
            ),
            Node(
                path="boxes",
                opens=frozenset({f"{gid}/SGP", f"{gid}/DGS/SGP"}),
                rows=(*_inside(f"{gid}/SGP"), *_inside(f"{gid}/DGS/SGP")),
            ),
        ),
    )


def _inside(sgp: str) -> tuple[Row, ...]:
    """What of an item lies in one box; dangerous goods name their boxes once more."""
    mea = f"{sgp}/MEA"
    return (
        Row(sgp, (1, 1), "number", container_number),
        Row(sgp, 2, "packages", count),
        Row(mea, "C174", "cargo_weight_kg", weight, at(((2, 1), f"{_GROSS}|{_NET}"))),
        Row(mea, "C174", "volume_m3", volume, at(((2, 1), _VOLUMES))),
    )


def _totals(cnt: str) -> tuple[Row, ...]:
    """CNT of a consignment: 7 gross weight, 8 and 11 packages, 15 volume."""
    return (
        *(Row(cnt, (1, component), "") for component in (1, 2, 3)),
        Row(cnt, (1, 2), "total_gross_weight_kg", number, at(((1, 1), "7"))),
        Row(cnt, (1, 2), "total_packages.count", count, at(((1, 1), "8|11"))),
        Row(cnt, (1, 2), "total_volume_m3", number, at(((1, 1), "15"))),
    )


def bill(consignment: str, own: tuple[Row, ...], lists: tuple[Node, ...] = ()) -> Node:
    """A bill; `consignment` is the label of the group that holds its ports, parties and goods."""
    loc, tdt, nad = f"{consignment}/LOC", f"{consignment}/TDT", f"{consignment}/NAD"
    return Node(
        extras="extras",
        rows=(
            Row("CNI", 1, ""),
            Row("CNI", (2, 1), "consignment", bill_number),
            *own,
            Row(loc, 1, ""),
            *ports(loc, **_PLACES),
            *(Row(tdt, ref, "") for ref in (1, (8, 1), (3, 1), (4, 1))),
            *carriage("pre_carriage", "10", tdt),
            *read_time(f"{consignment}/DTM", f"{loc}/DTM"),
            *times(f"{consignment}/DTM", issue_date="95|182", load_date="111|11"),
            *(Row(f"{consignment}/FTX", ref, "") for ref in (1, 2)),
            *texts(f"{consignment}/FTX", "remarks[]"),
            Row(f"{consignment}/TSR", (1, 1), "delivery_term", upper),
            Row(f"{consignment}/CPI", (2, 1), "payment", upper),
            Row(f"{consignment}/CUX", (1, 2), "currency", upper),
            *_totals(f"{consignment}/CNT"),
        ),
        children=(
            *lists,
            kept_others(loc, (2, 1), upper, f"9|11|7|88|13|91|{OPTIONAL_PORTS}"),
            optional_ports(loc),
            kept_others(f"{consignment}/DTM", "C507", time_text, "95|182|111|11"),
            kept_others(f"{loc}/DTM", "C507", time_text),
            kept_others(tdt, (8, 1), known="10"),
            kept_others(f"{tdt}/LOC", (2, 1), upper),
            kept_others(f"{nad}/RFF", (1, 2)),
            shared_party(nad),
            _goods(f"{consignment}/GID"),
            boxes(f"{consignment}/EQD"),
        ),
    )


def finish_header(values: dict[str, Any], _kind: MessageKind, profile: Profile) -> None:
    """Which kind of manifest it is tells the partner's profile, as for the flat file."""
    try:
        values["kind"] = ManifestKind(profile.manifest_kind)
    except ValueError:
        values["kind"] = ManifestKind.UNSTATED
    prune(values)
    for box in values.get("containers", ()):
        _settle(box)


def finish_part(values: dict[str, Any], header: dict[str, Any], _profile: Profile) -> None:
    """The bill's number, and its boxes: those its goods name and those it tells of itself."""
    prune(values)
    _set_numbers(values)
    named = [box for item in values.get("goods", ()) for box in _named_by(item)]
    own, everywhere = values.pop("containers", ()), _of_all_bills(header)
    if own or everywhere:
        named = _completed(named, own, everywhere)
    if named:
        values["containers"] = named


def _completed(
    named: list[dict[str, Any]],
    boxes_: Sequence[dict[str, Any]],
    everywhere: dict[str, dict[str, Any]],
) -> list[dict[str, Any]]:
    """The boxes that goods name, with what is told of them elsewhere, then the bill's others."""
    own = {box["number"]: box for box in boxes_ if "number" in box}
    for box in own.values():
        _settle(box)
    for box in named:
        number_ = box.get("number", "")
        known = own.get(number_) or everywhere.get(number_, {})
        for name, value in known.items():
            box.setdefault(name, value)
    told = {box.get("number") for box in named}
    return [*named, *(box for number_, box in own.items() if number_ not in told)]


def _named_by(item: dict[str, Any]) -> Sequence[dict[str, Any]]:
    """The boxes of one item, each once."""
    prune(item)
    boxes_: list[dict[str, Any]] = item.pop("boxes", [])
    if "sequence" in item:
        for box in boxes_:
            box["goods_sequence"] = item["sequence"]
    return boxes_ if len(boxes_) < _SEVERAL else _each_once(boxes_)


def _each_once(boxes_: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Where a box is named again, what the first one left open is taken from it."""
    found: dict[str, dict[str, Any]] = {}
    for box in boxes_:
        same = found.setdefault(box.get("number", ""), box)
        if same is not box:
            for name, value in box.items():
                same.setdefault(name, value)
    return list(found.values())


def _set_numbers(values: dict[str, Any]) -> None:
    """CNI names the bill, or, where a reference does, the bill above it."""
    consignment = values.pop("consignment", None)
    if consignment is None:
        return
    if "number" not in values:
        values["number"] = consignment
    elif consignment != values["number"]:
        values.setdefault("master_number", consignment)


def _of_all_bills(header: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The boxes of the message by number; worked out once, beside the header's own values."""
    found: dict[str, dict[str, Any]] | None = header.get(_OF_ALL_BOXES)
    if found is None:
        boxes_ = header.get("containers", ())
        found = header[_OF_ALL_BOXES] = {box["number"]: box for box in boxes_ if "number" in box}
    return found


def _settle(box: dict[str, Any]) -> None:
    asked = settle_box(box)
    if asked is not None:
        kept = {"record": "EQN", "field": "1.1", "value": str(asked)}
        box.setdefault("extras", []).append(kept)
