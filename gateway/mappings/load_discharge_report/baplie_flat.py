"""Bay plan as flat platform file BAPLIE (formats.md 8.1).  One part is one box.

As its EDIFACT counterpart it tells what is on board, not what was moved: its kind is not stated.
"""

from __future__ import annotations

from typing import Any

from gateway.canonical.load_discharge_report import LOAD_DISCHARGE_REPORT
from gateway.mappings.contract import Format
from gateway.mappings.convert import bill_number, compact_time, container_number, upper
from gateway.mappings.flat_convert import (
    imo,
    number,
    temperature,
)
from gateway.mappings.flat_rows import HEAD
from gateway.mappings.table import Node, Row, Table
from gateway.syntax.profile import Profile

_STOWAGE_DIGITS = 7

_HEADER = Node(
    extras="extras",
    rows=(
        *HEAD,
        Row("10", "vessel_code", "vessel.code", upper),
        Row("10", "vessel_code", "vessel.imo", imo),
        Row("10", "vessel_name", "vessel.name"),
        Row("10", "nationality", "vessel.nationality", upper),
        Row("10", "voyage", "voyage", upper),
        Row("10", "arrival", "arrival", compact_time),
        Row("10", "sailing", "sailing", compact_time),
        Row("10", "departure_port_code", "port.code", upper),
        Row("10", "departure_port_name", "port.name"),
        Row("11", "line_code", "line.code"),
        Row("11", "line_name", "line.name"),
    ),
)

_BOX = Node(
    extras="extras",
    rows=(
        Row("50", "container_number", "number", container_number),
        Row("50", "size_type", "size_type", upper),
        Row("50", "status", "status", upper),
        Row("50", "stowage", "stowage"),
        Row("50", "temperature_unit", "temperature.unit", upper),
        Row("50", "temperature_setting", "temperature.setting", temperature),
        Row("50", "temperature_minimum", "temperature.minimum", temperature),
        Row("50", "temperature_maximum", "temperature.maximum", temperature),
        Row("50", "over_front", "over_dimension.front_cm", number),
        Row("50", "over_back", "over_dimension.back_cm", number),
        Row("50", "over_left", "over_dimension.left_cm", number),
        Row("50", "over_right", "over_dimension.right_cm", number),
        Row("50", "over_height", "over_dimension.height_cm", number),
        Row("50", "gross_weight", "gross_weight_kg", number),
        Row("50", "tare", "tare_kg", number),
        Row("50", "operator_code", "operator.code"),
        Row("50", "operator_name", "operator.name"),
        Row("51", "bill_number", "bill_of_lading", bill_number),
        Row("52", "load_port_code", "load_port.code", upper),
        Row("52", "load_port_name", "load_port.name"),
        Row("52", "discharge_port_code", "discharge_port.code", upper),
        Row("52", "discharge_port_name", "discharge_port.name"),
        Row("52", "delivery_place_code", "delivery_place.code", upper),
    ),
)


def _pad_stowage(values: dict[str, Any], _header: dict[str, Any], _profile: Profile) -> None:
    """Six digits are a bay below 100: the leading zero is missing."""
    stowage = values.get("stowage")
    if stowage and stowage.isdigit():
        values["stowage"] = stowage.rjust(_STOWAGE_DIGITS, "0")


BAPLIE_FLAT = Format(
    name="load_discharge_report/baplie-flat",
    version="1",
    syntax="flat",
    kinds=frozenset({"BAPLIE"}),
    document=LOAD_DISCHARGE_REPORT,
    layout="baplie",
    header=Table(_HEADER),
    part=Table(_BOX),
    group_labels=frozenset({"50"}),
    finish_part=_pad_stowage,
    samples="load_discharge_report/baplie-flat",
)
