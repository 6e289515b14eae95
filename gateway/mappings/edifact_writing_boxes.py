"""Boxes of a document → the drafts that the tables of edifact_box make: the inverse of settling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Draft = dict[str, Any]
# What lies in the box of one item: told where goods name the box.
OF_THE_GOODS = ("packages", "cargo_weight_kg", "volume_m3")


def box(values: Draft) -> Draft:
    """One box: its goods text is lines of free text."""
    draft = dict(values)
    if "goods" in draft:
        draft["lines"] = (draft.pop("goods"),)
    return draft


def boxed(values: Draft, _head: Draft) -> Draft:
    """A part that is one box."""
    return box(values)


def with_boxes(values: Draft, _head: Draft) -> Draft:
    """Known boxes and those asked for, in one list."""
    draft = dict(values)
    containers = [box(each) for each in draft.pop("containers", ())]
    containers += [asked(each) for each in draft.pop("equipment", ())]
    draft["containers"] = containers
    return draft


def asked(request: Draft) -> Draft:
    """A kind of box that is asked for: EQD without a number, EQN."""
    draft = {n: v for n, v in request.items() if n not in ("count", "extras")}
    if "count" in request:
        draft["asked"] = request["count"]
    return draft


def named_by_goods(draft: Draft, takes: Callable[[Draft, list[Draft]], Draft | None]) -> None:
    """Hand each box to the item that holds it; what the item cannot tell stays with the box.

    `takes(box, goods)` gives the item, None where no item names the box.
    """
    goods = [dict(item) for item in draft.get("goods", ())]
    own: dict[str, Draft] = {}
    rest: list[Draft] = []
    for each in draft.pop("containers", ()):
        item = takes(each, goods)
        number = each.get("number")
        if item is None or number is None:
            rest.append(box(each))
            continue
        held = {"number": number} | {n: each[n] for n in OF_THE_GOODS if n in each}
        item.setdefault("boxes", []).append(held)
        told = (*OF_THE_GOODS, "goods_sequence")
        kept = box({n: v for n, v in each.items() if n not in told})
        own[number] = kept | own.get(number, {})
    draft["goods"] = goods
    draft["containers"] = [*(each for each in own.values() if len(each) > 1), *rest]


def by_sequence(each: Draft, goods: list[Draft]) -> Draft | None:
    """The item that a box names; the only one for a box that tells of goods and names none."""
    wanted = each.get("goods_sequence")
    if wanted is None:
        tells = any(name in each for name in OF_THE_GOODS)
        alone = len(goods) == 1 and "sequence" not in goods[0]
        return goods[0] if tells and alone else None
    return next((item for item in goods if item.get("sequence") == wanted), None)


def cooled_boxes(values: Draft) -> Draft:
    """Tell the temperature of goods at the boxes that hold them, where those say no other."""
    for item, boxes in _held(values):
        told = item.get("temperature")
        if told and boxes and all(_agree(each.get("temperature", {}), told) for each in boxes):
            del item["temperature"]
            for each in boxes:
                each["temperature"] = told | each.get("temperature", {})
    return values


def cooled_goods(values: Draft) -> Draft:
    """Tell a range of temperatures of boxes at the goods in them, where those say no other."""
    for item, boxes in _held(values):
        told = boxes[0].get("temperature", {}) if boxes else {}
        ranged = "minimum" in told or "maximum" in told
        agreed = ranged and all(each.get("temperature") == told for each in boxes)
        if agreed and _agree(item.get("temperature", {}), told):
            item["temperature"] = told | item.get("temperature", {})
            for each in boxes:
                del each["temperature"]
    return values


def _agree(one: Draft, other: Draft) -> bool:
    """Whether two temperatures say nothing different."""
    return all(one[name] == value for name, value in other.items() if name in one)


def _held(values: Draft) -> list[tuple[Draft, list[Draft]]]:
    """Each item with the boxes that hold it."""
    goods = list(values.get("goods", ()))
    held: list[tuple[Draft, list[Draft]]] = [(item, []) for item in goods]
    for each in values.get("containers", ()):
        named = by_sequence(each, goods)
        for item, boxes in held:
            if item is named or (named is None and len(goods) == 1):
                boxes.append(each)
    return held
