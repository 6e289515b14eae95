"""FACTS OF A BILL: what rating takes of a bill of lading, and what a declaration must say.

A bill comes as the canonical JSON of a manifest's part, or as a goods declaration over the API;
both become the same plain facts, kept with the declaration:

    {"containers": [{"number", "size_type", "length_ft", "laden", "reefer", "dangerous": {…}}],
     "cargo": [{"name", "jt", "tonnes"}], "transshipment": {…}}

The length of a box is that of its ISO size type (H-28); a type that says none has no length, which
rating refuses.  Source: S3-07, S3-11 … S3-15, rules.md A.5, A.6.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from gateway.findings import Finding
from gateway.rules.dangerous import Dangerous
from gateway.rules.rating_case import Bill, Box, Cargo, Transshipment
from gateway.rules.verdict import kind

# ISO 6346, first character of the size: nominal feet; letters are the longer and shorter boxes.
_FEET = {
    "1": 10, "2": 20, "3": 30, "4": 40, "A": 23, "B": 24, "C": 24, "D": 24, "E": 25, "F": 26,
    "G": 41, "H": 43, "K": 44, "L": 45, "M": 48, "N": 49, "P": 53,
}  # fmt: skip
# What people write instead: feet and a type word (20GP, 45HQ).
_SPOKEN = re.compile(r"(10|20|24|25|30|35|40|43|45|48|49|53)[A-Z]{2}", re.ASCII)
_ISO = re.compile(r"[0-9A-Z][0-9A-Z][A-Z][0-9A-Z]", re.ASCII)
# ISO 6346 of 1984 (4310), and the size alone.
_OLD = re.compile(r"[1-4][0-9]([0-9]{2})?", re.ASCII)
_EMPTY = frozenset({"E", "4", "EMPTY"})
_KILOGRAMS_PER_TONNE = Decimal(1000)

MISSING = kind(
    "DECLARATION_FIELD",
    "缺少必填项：{zh}",
    "a field that must be filled is empty: {en}",
)
# S3-07: fields with a red star, and where the declaration keeps them.
MANIFEST_FIELDS = {
    "vessel": ("船名或 IMO", "vessel"),
    "voyage": ("航次", "voyage"),
    "ship_time": ("离港（进港）时间", "time of departure (arrival)"),
}
# S3-11.
GOODS_FIELDS = {
    "bill_of_lading": ("提单号", "bill of lading number"),
    "load_port": ("装货港", "port of loading"),
    "discharge_port": ("目的港", "destination"),
}


def length_ft(size_type: str | None) -> Decimal | None:
    """Nominal feet of an ISO 6346 size type or of what is spoken for it; None: not known."""
    code = (size_type or "").strip().upper()
    spoken = _SPOKEN.fullmatch(code)
    if spoken and not (_ISO.fullmatch(code) and code[3].isdigit()):
        return Decimal(spoken[1])
    feet = _FEET.get(code[:1]) if _ISO.fullmatch(code) or _OLD.fullmatch(code) else None
    return None if feet is None else Decimal(feet)


def facts_of(part: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a manifest's bill (canonical JSON of a part)."""
    boxes = part.get("containers") or []
    goods = part.get("goods") or []
    facts: dict[str, Any] = {"transshipment": {"flag": False}}
    if boxes:
        facts["containers"] = [_box(box, goods) for box in boxes]
    else:
        facts["cargo"] = [_cargo(item, part) for item in goods]
    return facts


def _box(box: Mapping[str, Any], goods: list[Mapping[str, Any]]) -> dict[str, Any]:
    size = str(box.get("size_type") or "")
    feet = length_ft(size)
    own = box.get("goods_sequence")
    inside = [item for item in goods if own is None or item.get("sequence") in (None, own)]
    dangerous = [*box.get("dangerous", ()), *(d for i in inside for d in i.get("dangerous", ()))]
    return {
        "number": box.get("number"),
        "size_type": size or None,
        "length_ft": None if feet is None else str(feet),
        "laden": str(box.get("status") or "F").upper() not in _EMPTY,
        "reefer": size[2:3].upper() == "R" or bool(box.get("temperature")),
        "dangerous": _dangerous(dangerous[0]) if dangerous else None,
    }


def _dangerous(goods: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "class": str(goods.get("hazard_class") or "?"),
        "packing_group": goods.get("packing_group"),
    }


def _cargo(item: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    code = str(item.get("cargo_code") or "").upper()
    weight = item.get("gross_weight_kg") or part.get("total_gross_weight_kg")
    tonnes = None if weight is None else str(Decimal(str(weight)) / _KILOGRAMS_PER_TONNE)
    names = item.get("description") or ["?"]
    return {
        "name": str(names[0])[:400],
        "jt": code if code.startswith("JT") else None,
        "tonnes": tonnes,
    }


def bill_of(number: str, facts: Mapping[str, Any]) -> Bill:
    """The facts as rating takes them."""
    moved = facts.get("transshipment") or {}
    return Bill(
        number,
        [_rated_box(each) for each in facts.get("containers") or ()],
        [_rated_cargo(each) for each in facts.get("cargo") or ()],
        Transshipment(
            bool(moved.get("flag")), bool(moved.get("left_yard")), moved.get("prior_receipt")
        ),
    )


def _rated_box(box: Mapping[str, Any]) -> Box:
    goods = box.get("dangerous")
    feet = box.get("length_ft")
    return Box(
        length_ft=None if feet is None else Decimal(feet),
        laden=bool(box.get("laden", True)),
        merchandise=bool(box.get("merchandise", False)),
        reefer=bool(box.get("reefer", False)),
        dangerous=Dangerous(goods["class"], goods.get("packing_group")) if goods else None,
    )


def _rated_cargo(goods: Mapping[str, Any]) -> Cargo:
    tonnes, count = goods.get("tonnes"), goods.get("count")
    return Cargo(
        goods["name"],
        goods.get("jt"),
        None if tonnes is None else Decimal(tonnes),
        None if count is None else Decimal(count),
        goods.get("unit"),
    )


def missing(
    values: Mapping[str, object], fields: Mapping[str, tuple[str, str]]
) -> tuple[Finding, ...]:
    """S3-08: a finding for each field that must be filled and is not."""
    return tuple(
        MISSING.at(value=name, zh=zh, en=en)
        for name, (zh, en) in fields.items()
        if not values.get(name)
    )
