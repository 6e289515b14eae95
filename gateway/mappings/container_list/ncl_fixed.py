"""NCL, the container list of Tianjin in fixed columns (formats.md 5).  One part is one line 51.

Columns 14 to 28 are a guess (seal, size and type, status): where they do not look like it, they are
kept as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from gateway.canonical.container_list import CONTAINER_LIST
from gateway.findings import Findings
from gateway.mappings.contract import Format
from gateway.mappings.convert import bill_number, container_number, upper
from gateway.mappings.flat_convert import kept, seal
from gateway.mappings.table import Node, Row, Table
from gateway.syntax.profile import Profile
from gateway.syntax.record import MessageKind, Record

# Index of the container number in lines 51 and 53.
_BOX = 0
_SIZE_TYPE = re.compile(r"[1-9A-Z][0-9A-Z][A-Z0-9]{2}|[24]0[A-Z]{2}", re.ASCII)
_STATUS = frozenset("EFLS45678")

_HEADER = Node(
    extras="extras",
    rows=(
        Row("00", "message_type", "message_type", upper),
        Row("00", "file_description", "file_description"),
    ),
)

_CONTAINER = Node(
    extras="extras",
    children=(Node(path="seals", rows=(Row("51", "seal_number", "number", seal),)),),
    rows=(
        Row("51", "container_number", "number", container_number),
        Row("51", "size_type", "size_type", upper),
        Row("51", "status", "status", upper),
        Row("51", "bill_number", "bill_of_lading", bill_number),
        Row("53", "container_number", "-", kept),
        Row("53", "goods", "goods_lines[]"),
    ),
)


def by_goods(records: Sequence[Record], _findings: Findings) -> Iterator[list[Record]]:
    """Each 51 with the 53 that follow it; several 51 in a row share the next 53.

    Where several 53 follow a run of 51, each goes to the box that it names.  Other lines go with
    the box before them; a 53 that no 51 precedes stands alone.
    """
    boxes: list[Record] = []
    goods: list[Record] = []
    loose: list[Record] = []
    for record in records:
        if record.label == "51":
            if goods or (loose and boxes):
                yield from _joined(boxes, goods, loose)
                boxes, goods, loose = [], [], []
            boxes.append(record)
        elif record.label == "53":
            goods.append(record)
        else:
            loose.append(record)
    yield from _joined(boxes, goods, loose)


def _joined(
    boxes: list[Record], goods: list[Record], loose: list[Record]
) -> Iterator[list[Record]]:
    named: dict[str | None, list[Record]] = {}
    for line in goods:
        named.setdefault(container_number(line.values[_BOX]), []).append(line)
    shared = goods[:1] if len(boxes) > 1 else goods
    for box in boxes:
        own = named.get(container_number(box.values[_BOX])) if len(boxes) > 1 else None
        yield [box, *(own or shared), *(loose if box is boxes[-1] else ())]
    if not boxes:
        if goods:
            yield [*goods, *loose]
        elif loose:
            yield loose


def _finish_header(values: dict[str, Any], _kind: MessageKind, _profile: Profile) -> None:
    values["message_type"] = "NCL"


def looks_right(size_type: str | None, status: str | None) -> bool:
    """Whether columns 24 to 28 hold what they are guessed to hold."""
    known = size_type is None or _SIZE_TYPE.fullmatch(size_type) is not None
    return known and (status is None or status in _STATUS)


def _finish_part(values: dict[str, Any], _header: dict[str, Any], _profile: Profile) -> None:
    """Goods lines are one text; undo the guess where the columns do not bear it out."""
    if goods := values.pop("goods_lines", None):
        values["goods"] = "\n".join(goods)
    if looks_right(values.get("size_type"), values.get("status")):
        return
    seals = values.pop("seals", [{}])
    for name, value in (
        ("14-23", seals[0].get("number")),
        ("24-27", values.pop("size_type", None)),
        ("28", values.pop("status", None)),
    ):
        if value:
            values.setdefault("extras", []).append({"record": "51", "field": name, "value": value})


NCL_FIXED = Format(
    name="container_list/ncl-fixed",
    version="1",
    syntax="fixed",
    kinds=frozenset({"NCL"}),
    document=CONTAINER_LIST,
    layout="ncl",
    header=Table(_HEADER),
    part=Table(_CONTAINER),
    group_labels=frozenset({"51"}),
    finish_header=_finish_header,
    finish_part=_finish_part,
    samples="container_list/ncl-fixed",
    split=by_goods,
)
