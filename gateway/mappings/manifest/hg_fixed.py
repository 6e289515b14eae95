"""MANIFEST in fixed columns, of customs and carriers (formats.md 2.8).  One part is one bill.

Weights have two implied decimals.  The direction (column 7 of the first line) says what the port
is; the rest of the first line has no known layout and is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from gateway.canonical.manifest import MANIFEST, ManifestKind
from gateway.findings import Findings
from gateway.mappings.contract import Format
from gateway.mappings.convert import bill_number, container_number, count, number, upper
from gateway.mappings.flat_convert import kept, seal
from gateway.mappings.table import Node, Row, Table
from gateway.syntax.profile import Profile
from gateway.syntax.record import MessageKind, Record

# Index of the bill number in lines BL and CTN.
_BILL = 1
# A box that weighs no more than this with all that is in it is empty.
_EMPTY_KG = {"S": Decimal(2300), "L": Decimal(4600)}
_LOCODE_CHARACTERS = 5


def implied(value: str) -> Decimal | None:
    """`00001624000` is 16240.00; a written decimal point is believed."""
    found = number(value)
    return found if found is None or "." in value else found.scaleb(-2)


_HEADER = Node(extras="extras", rows=(Row("HEAD", "direction", "direction", upper),))

_CONTAINERS = Node(
    path="containers",
    opens=frozenset({"CTN"}),
    extras="extras",
    children=(
        Node(
            path="seals",
            opens=frozenset({"CTN"}),
            rows=(Row("CTN", "seal_number", "number", seal),),
        ),
    ),
    rows=(
        Row("CTN", "prefix", "", kept),
        Row("CTN", "bill_number", "", kept),
        Row("CTN", "container_number", "number", container_number),
        Row("CTN", "size", "size", upper),
        Row("CTN", "size_type", "size_type", upper),
        Row("CTN", "weight", "gross_weight_kg", implied),
    ),
)

_GOODS = Node(
    path="goods",
    opens=frozenset({"BL"}),
    rows=(
        Row("BL", "packages", "packages.count", count),
        Row("BL", "package_kind", "packages.kind_code", upper),
        Row("BL", "gross_weight", "gross_weight_kg", implied),
        Row("BL", "volume", "volume_m3", number),
        Row("BL", "goods", "description[]"),
    ),
)

_PART = Node(
    extras="extras",
    children=(
        _GOODS,
        Node(
            path="parties",
            constants=(("role", "other:owner"),),
            rows=(Row("BL", "owner", "lines[]"),),
        ),
        _CONTAINERS,
    ),
    rows=(
        Row("BL", "prefix", "", kept),
        Row("BL", "bill_number", "number", bill_number),
        Row("BL", "port", "port.code", upper),
        Row("BL", "place", "place", upper),
        Row("BL", "place_name", "delivery_place.name"),
        # What the other nodes read of the same line.
        *(
            Row("BL", name, "", kept)
            for name in ("packages", "package_kind", "gross_weight", "volume", "goods", "owner")
        ),
        Row("CTN", "bill_number", "number", bill_number),
    ),
)


def by_bill(records: Sequence[Record], _findings: Findings) -> Iterator[list[Record]]:
    """Each bill with the containers that name it, wherever they stand; other lines with the last.

    Containers of a bill that has no line of its own make a part without it.
    """
    parts: dict[str, list[Record]] = {}
    current: list[Record] = []
    for record in records:
        if record.label in ("BL", "CTN"):
            name = bill_number(record.values[_BILL]) or f"#{record.ordinal}"
            if record.label == "BL" and any(r.label == "BL" for r in parts.get(name, ())[:1]):
                name = f"{name}#{record.ordinal}"  # the same number again is another bill line
            current = parts.setdefault(name, [])
            current.insert(0 if record.label == "BL" else len(current), record)
        else:
            (current if parts else parts.setdefault("", current)).append(record)
    yield from parts.values()


def _finish_header(values: dict[str, Any], _kind: MessageKind, profile: Profile) -> None:
    values["message_type"] = "HG"
    direction = values.pop("direction", "")
    try:
        kind = ManifestKind(profile.manifest_kind)
    except ValueError:
        kind = ManifestKind.UNSTATED
    if direction == "I":
        kind = ManifestKind.IMPORT
    elif kind is ManifestKind.IMPORT:
        kind = ManifestKind.UNSTATED
    values["kind"] = kind


def _finish_part(values: dict[str, Any], header: dict[str, Any], _profile: Profile) -> None:
    """Columns 25 to 35 are load port and destination of an import, else discharge and origin."""
    imported = header.get("kind") == ManifestKind.IMPORT
    port, place = values.pop("port", None), values.pop("place", None)
    if port:
        values["load_port" if imported else "discharge_port"] = port
    if place:
        target = values.setdefault("delivery_place" if imported else "receipt_place", {})
        target.setdefault("code" if len(place) == _LOCODE_CHARACTERS else "name", place)
    for box in values.get("containers", ()):
        _finish_box(box)


def _finish_box(box: dict[str, Any]) -> None:
    size, weight = box.pop("size", ""), box.get("gross_weight_kg")
    if "size_type" not in box and size in _EMPTY_KG:
        box["size_type"] = "20" if size == "S" else "40"
    if weight is not None and size in _EMPTY_KG:
        box["status"] = "E" if weight <= _EMPTY_KG[size] else "F"


HG_FIXED = Format(
    name="manifest/hg-fixed",
    version="1",
    syntax="fixed",
    kinds=frozenset({"HG"}),
    document=MANIFEST,
    layout="hg",
    header=Table(_HEADER),
    part=Table(_PART),
    group_labels=frozenset({"BL"}),
    finish_header=_finish_header,
    finish_part=_finish_part,
    samples="manifest/hg-fixed",
    split=by_bill,
)
