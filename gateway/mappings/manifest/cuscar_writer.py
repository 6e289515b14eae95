"""MANIFEST → CUSCAR: every box of the manifest first, then the bills, whose goods name them.

The boxes are known when the last bill has come, so the text of the bills is held meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gateway.canonical.manifest import MANIFEST
from gateway.canonical.model import Model
from gateway.mappings import facts
from gateway.mappings.edifact_left_out import left_out
from gateway.mappings.edifact_writing import Message, writer
from gateway.mappings.edifact_writing_boxes import box, by_sequence, cooled_boxes, named_by_goods
from gateway.mappings.edifact_writing_held import Held
from gateway.mappings.edifact_writing_tree import Group, Segment
from gateway.mappings.edifact_writing_work import Work
from gateway.mappings.manifest.cuscar import CUSCAR

Draft = dict[str, Any]


def _header(values: Draft, _head: Draft) -> Draft:
    values["containers"] = [box(each) for each in values.get("containers", ())]
    return values


def _part(values: Draft, _head: Draft) -> Draft:
    """The line of a consignment names the bill above; its goods name every box."""
    if "master_number" in values:
        values["consignment"] = values.pop("master_number")
    values["goods"] = values.get("goods") or [{}]
    named_by_goods(values, lambda each, goods: by_sequence(each, goods) or goods[0])
    return values


def _tell(work: Work, parts: Iterable[Model]) -> Iterator[Segment | str]:
    boxes = {each["number"]: each for each in work.head.get("containers", ()) if "number" in each}
    held = Held(CUSCAR.name)
    count = 0
    for count, part in enumerate(parts, 1):
        values = work.values_of(part)
        draft = _part(dict(values), work.head)
        named = [_named(work, boxes, each) for each in draft.pop("containers")]
        work.header_again = {"containers": named}
        segments = work.built(Group(""), draft, CUSCAR_MESSAGE.groups, count)
        work.check_part(values, segments)
        held.add(segments)
    work.head["containers"] = list(boxes.values())
    tree = work.header_tree(dict(work.head))
    yield from work.told_header(tree)
    yield from held
    yield from work.tail(tree, count)


def _named(work: Work, boxes: dict[str, Draft], draft: Draft) -> Draft:
    """A box of a bill joins those of the message; two bills must not say different things of it."""
    told = {name: value for name, value in draft.items() if name != "lines"}
    known = boxes.setdefault(draft.get("number", ""), told)
    for name, value in told.items():
        if known.setdefault(name, value) != value:
            work.refuse(facts.NOT_A_VALUE, f"part.containers.{name}", str(value))
    return known


CUSCAR_MESSAGE = Message(
    format=CUSCAR,
    kind="CUSCAR",
    beginning="85",
    header=_header,
    part=_part,
    groups=("CNI", "CNI/RFF"),
    tell=_tell,
    move=cooled_boxes,
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
        "header.parties.contact",
        "header.parties.telephone",
        "header.parties.fax",
        "header.parties.email",
        "containers.goods",
        "containers.movement",
        "containers.texts",
        "part.containers.cargo_weight_kg",
        "part.containers.volume_m3",
        "delivery_term",
        "load_date",
        "issue_date",
        "part.remarks",
    ),
)
CUSCAR_WRITER = writer(CUSCAR_MESSAGE)
CUSCAR_D00B_WRITER = writer(CUSCAR_MESSAGE, "D.00B")
