"""Habits of single writers that shift the fields of a record, each undone by name.

A layout names the quirks of a record; each is a function over the split and padded values.  It
answers None where the record is regular (nearly always, so the test comes first and is cheap) and
otherwise the values as they should stand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Undo = Callable[[list[str]], list[str] | None]


@dataclass(frozen=True, slots=True)
class Quirk:
    """A shift and what it is read as, in words for the finding."""

    undo: Undo
    zh: str
    en: str


def _place_name_without_code(values: list[str]) -> list[str] | None:
    """12.6 longer than a code is the name: the code is missing, what follows moved up by one."""
    bare = values[5].strip()
    if len(bare) <= 5 or "/" in bare:
        return None
    # A regular record with an odd code has its load port where it belongs.
    return [*values[:5], "", *values[5:-1]] if not values[-1] else [*values[:5], "", *values[5:]]


def _short_date(values: list[str]) -> list[str] | None:
    """A date at 12.11 and Y, N or nothing at 12.12: the writer left one field out before it."""
    date = values[10]
    if len(date) != 8 or not date.isdigit() or values[11] not in ("", "Y", "N"):
        return None
    return (
        [*values[:10], "", *values[10:-1]] if not values[-1] else [*values[:10], "", *values[10:]]
    )


def _four_transfer_ports(values: list[str]) -> list[str] | None:
    """13.10 is a port: transfer ports stand there to 13.13, and at 13.6 the destination."""
    if not _is_port(values[9]) or any(values[13:18]):
        return None
    return [*values[:5], values[9], "", *values[7:9], *[""] * 4, *values[5:7], *values[10:13]]


def _routing(values: list[str]) -> list[str] | None:
    """14.3 or 14.5 is a date: the record tells a leg of the journey, not optional ports."""
    if not (_is_date(values[2]) or _is_date(values[4])) or any(values[9:]):
        return None
    return [values[0], *[""] * 10, *values[1:9]]


def _short_temperature(values: list[str]) -> list[str] | None:
    """`43:C:-18`: unit and set temperature at the places of class and page."""
    if values[1] not in ("C", "F") or not _is_number(values[2]) or any(values[3:]):
        return None
    return [values[0], *[""] * 8, values[1], values[2], *values[11:]]


def _commodity_inserted(values: list[str]) -> list[str] | None:
    """41.4 is a text and 41.5 a number: a goods name stands before the packages."""
    if not values[3] or _is_number(values[3]) or not _is_number(values[4]):
        return None
    return [*values[:3], *values[4:13], values[3], *values[13:]]


def _reefer_block(values: list[str]) -> list[str] | None:
    """51.11 is C or F: temperature, ownership and date stand where the over-dimensions do."""
    if values[10] not in ("C", "F") or any(values[25:32]):
        return None
    return [*values[:10], *[""] * 7, *values[10:25], *values[32:]]


def _gross_mass_block(values: list[str]) -> list[str] | None:
    """51.13 is a weight and 51.14 a time: the verified gross mass of the older 3.1."""
    time = values[13]
    if len(time) < 8 or not time.isdigit() or not _is_number(values[12]) or any(values[18:21]):
        return None
    return [*values[:12], "", "", "", *values[15:18], *values[12:15], *values[21:]]


def _carrier_places(values: list[str]) -> list[str] | None:
    """Classic 12 by the carrier's specification: transhipment at 10 to 13, times behind."""
    times = (values[13], values[14])
    if not any(len(time) >= 12 and time.isdigit() for time in times) or any(values[16:19]):
        return None
    return [*values[:9], "", "", "", values[12], *values[13:16], *values[9:12], *values[19:]]


def _yard_before_time(values: list[str]) -> list[str] | None:
    """Load plan 50.8 is a time and 50.6 none: yard code and name stand before it (WLCOST)."""
    if _is_minute(values[5]) or not _is_minute(values[7]) or any(values[17:]):
        return None
    return [*values[:5], *values[7:17], values[5], values[6]]


def _package_code_left_out(values: list[str]) -> list[str] | None:
    """Load plan 52.5 is a number: there is no package code before the kind (WLCOST)."""
    if not _is_number(values[4]) or any(values[10:]):
        return None
    return [*values[:3], "", *values[3:10]]


def _is_port(value: str) -> bool:
    bare = value.strip()
    return len(bare) == 5 and bare.isascii() and bare.isalnum() and bare[:2].isalpha()


def _is_date(value: str) -> bool:
    bare = value.strip()
    return len(bare) in (8, 12) and bare.isascii() and bare.isdigit()


def _is_minute(value: str) -> bool:
    bare = value.strip()
    return len(bare) == 12 and bare.isascii() and bare.isdigit()


def _is_number(value: str) -> bool:
    bare = value.strip().lstrip("+-")
    return bare.replace(".", "", 1).isdigit()


QUIRKS: dict[str, Quirk] = {
    "place-name-without-code": Quirk(
        _place_name_without_code, "收货地缺代码", "the code of the place of receipt is missing"
    ),
    "short-date": Quirk(
        _short_date, "装船日期之前少一项", "one field is missing before the load date"
    ),
    "four-transfer-ports": Quirk(
        _four_transfer_ports,
        "中转港四项，之前为目的地",
        "four transfer ports, and the destination before them",
    ),
    "routing": Quirk(_routing, "航段，不是可选卸货港", "a leg of the journey, no optional ports"),
    "short-temperature": Quirk(
        _short_temperature, "温度单位和设置温度", "temperature unit and setting"
    ),
    "commodity-inserted": Quirk(
        _commodity_inserted, "件数之前有品名", "a goods name stands before the packages"
    ),
    "reefer-block": Quirk(
        _reefer_block, "超限各项为冷藏信息", "reefer data at the places of the over-dimensions"
    ),
    "gross-mass-block": Quirk(
        _gross_mass_block, "品名各项为核实重量", "verified gross mass at the places of the goods"
    ),
    "yard-before-time": Quirk(
        _yard_before_time, "装箱时间之前有堆场（WLCOST）", "the yard before the time (WLCOST)"
    ),
    "package-code-left-out": Quirk(
        _package_code_left_out, "没有包装代码（WLCOST）", "no package code (WLCOST)"
    ),
    "carrier-places": Quirk(
        _carrier_places,
        "船公司规范的地点顺序",
        "places in the order of the carrier's specification",
    ),
}
