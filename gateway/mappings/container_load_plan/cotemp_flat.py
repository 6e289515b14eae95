"""E-CLP as flat platform files of the COTEMP family (formats.md 3.2, 3.3, 3.7).

One document part is one box with the bills that name it (`boxes.by_link`).  COTEMP and WLCOST put
the same facts at other places: the layouts name their fields alike, so both share these tables.
The official layout of COSTCO, COSTRP and COSCLN is not known: `costco` takes either, record by
record, and keeps what it does not know.
"""

from __future__ import annotations

from typing import Any

from gateway.canonical.container_load_plan import CONTAINER_LOAD_PLAN
from gateway.mappings.container_load_plan.boxes import by_link
from gateway.mappings.contract import Format
from gateway.mappings.convert import bill_number, compact_time, container_number, upper
from gateway.mappings.flat_convert import (
    count,
    imo,
    kept,
    lines,
    number,
    seal,
    sequence,
    temperature,
)
from gateway.mappings.flat_rows import HEAD
from gateway.mappings.table import Node, Row, Table
from gateway.syntax.profile import Profile

_HEADER = Node(
    extras="extras",
    rows=(
        *HEAD,
        Row("10", "vessel_code", "vessel.code", upper),
        Row("10", "vessel_code", "vessel.imo", imo),
        Row("10", "vessel_name", "vessel.name"),
        Row("10", "voyage", "voyage", upper),
        Row("10", "line_code", "line.code"),
    ),
)

_DANGEROUS = Node(
    path="dangerous",
    opens=frozenset({"55"}),
    rows=(
        Row("55", "hazard_class", "hazard_class"),
        Row("55", "page", "page"),
        Row("55", "un_number", "un_number"),
        Row("55", "label", "label"),
        Row("55", "flash_point", "flash_point"),
        Row("55", "ems", "ems"),
        Row("55", "mfag", "mfag"),
        Row("55", "emergency_contact", "emergency_contact"),
    ),
)

_GOODS = Node(
    path="goods",
    opens=frozenset({"52"}),
    extras="extras",
    children=(_DANGEROUS,),
    rows=(
        Row("52", "sequence", "sequence", sequence),
        Row("52", "packages", "packages.count", count),
        Row("52", "package_kind_code", "packages.kind_code", upper),
        Row("52", "package_kind", "packages.kind"),
        Row("52", "gross_weight", "gross_weight_kg", number),
        Row("52", "volume", "volume_m3", number),
        Row("52", "temperature_unit", "temperature.unit", upper),
        Row("52", "temperature_setting", "temperature.setting", temperature),
        Row("52", "temperature_minimum", "temperature.minimum", temperature),
        Row("52", "temperature_maximum", "temperature.maximum", temperature),
        Row("53", "text", "description[]", lines),
        Row("54", "text", "marks[]", lines),
    ),
)


def _places(label: str) -> tuple[Row, ...]:
    return tuple(
        row
        for name in ("discharge_port", "load_port", "delivery_place")
        for row in (
            Row(label, f"{name}_code", f"{name}.code", upper),
            Row(label, f"{name}_name", f"{name}.name"),
        )
    )


_BILLS = Node(
    path="bills",
    opens=frozenset({"51"}),
    extras="extras",
    children=(_GOODS,),
    rows=(
        Row("51", "bill_number", "number", bill_number),
        *_places("51"),
        *_places("11"),
        Row("56", "container_number", "", kept),
        Row("56", "tare", "", kept),
        Row("56", "packages", "packages_in_box", count),
        Row("56", "cargo_weight", "cargo_weight_in_box_kg", number),
        Row("56", "volume", "volume_in_box_m3", number),
    ),
)

_BOX = Node(
    extras="extras",
    children=(
        _BILLS,
        Node(
            path="seals",
            opens=frozenset({"50"}),
            rows=(Row("50", "seal_number", "number", seal),),
        ),
    ),
    rows=(
        Row("50", "container_number", "number", container_number),
        Row("50", "size_type", "size_type", upper),
        Row("50", "status", "status", upper),
        Row("50", "damage_flag", "damage_flag"),
        Row("50", "yard_code", "yard.code"),
        Row("50", "yard_name", "yard.name"),
        Row("50", "packed_at", "packed_at", compact_time),
        Row("50", "operator_code", "operator.code"),
        Row("56", "container_number", "number", container_number),
        Row("56", "tare", "tare_kg", number),
    ),
)


def _lift_places(values: dict[str, Any], _header: dict[str, Any], _profile: Profile) -> None:
    """A place of all bills is one of the box, too."""
    bills = values.get("bills")
    if not bills:
        return
    for name in ("load_port", "discharge_port", "delivery_place"):
        place = bills[0].get(name)
        if place and all(bill.get(name) == place for bill in bills):
            values.setdefault(name, place)


def _format(name: str, *kinds: str) -> Format:
    return Format(
        name=f"container_load_plan/{name}-flat",
        version="1",
        syntax="flat",
        kinds=frozenset(kinds),
        document=CONTAINER_LOAD_PLAN,
        layout=name,
        header=Table(_HEADER),
        part=Table(_BOX),
        group_labels=frozenset({"50", "51"}),
        finish_part=_lift_places,
        samples=f"container_load_plan/{name}-flat",
        split=by_link,
    )


COTEMP_FLAT = _format("cotemp", "COTEMP")
WLCOST_FLAT = _format("wlcost", "WLCOST")
COSTCO_FLAT = _format("costco", "COSTCO", "COSTRP", "COSCLN")
