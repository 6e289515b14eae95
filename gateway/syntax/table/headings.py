"""Which column a heading means: Chinese, English, or both in one cell, a unit behind it.

Where a heading has both languages the Chinese one decides: what is short in English ("B/L") stands
in many a heading that means something else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

from gateway.findings import Findings, Place
from gateway.limits import TABLE_HEADINGS_MIN
from gateway.syntax.table import faults
from gateway.syntax.table.layout import WRITTEN_FOLDER, TableLayout, all_layouts, letter

_BRACKET = re.compile(r"[(\[【]([^()\[\]【】]{0,60})[)\]】]")
_NOISE = re.compile(r"[\W_]+")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_UNITS = {
    "kg": frozenset({"kg", "kgs", "kilogram", "kilograms", "kilo", "公斤", "千克"}),
    "m3": frozenset({"m3", "cbm", "m³", "立方", "立方米", "方"}),
    "cm": frozenset({"cm", "厘米"}),
}
# A column that counts rows says nothing.
_COUNTERS = frozenset({"序号", "行号", "编号", "no", "item", "itemno", "sn", ""})
_OTHER_UNITS = frozenset(
    {"t", "mt", "ton", "tons", "tonne", "tonnes", "吨", "lb", "lbs", "磅", "cft", "ft3", "ft", "in",
     "inch", "m", "米", "mm", "毫米", "g", "克"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Headings:
    """The heading row of one file under one layout.

    columns: number in the file, from 1, of each column of the layout; 0 where there is none.
    unknown: (number, text) of headings that the layout does not know.  width: how many there are.
    """

    layout: TableLayout
    columns: tuple[int, ...]
    unknown: tuple[tuple[int, str], ...]
    width: int


def recognise(cells: Sequence[str]) -> TableLayout | None:
    """The layout that knows most of these headings, None where none knows enough.

    A column that a layout requires and does not find weighs against it.  One that is only written
    (`unread`) is meant where it knows far more of them than any that is read: most headings of a
    manifest are known to a load plan, too.
    """
    best, most = _best(cells, all_layouts())
    other, known = _best(cells, all_layouts(WRITTEN_FOLDER))
    return other if best is None or known - most >= TABLE_HEADINGS_MIN else best


def unread(layout: TableLayout) -> bool:
    """Whether tables of this layout are written, and never read."""
    return layout in all_layouts(WRITTEN_FOLDER)


def _best(cells: Sequence[str], layouts: Sequence[TableLayout]) -> tuple[TableLayout | None, int]:
    best: TableLayout | None = None
    most = -len(cells)
    for layout in layouts:
        known = {index for cell in cells if (index := column_of(layout, cell)) is not None}
        missing = sum(c.need == "R" and n not in known for n, c in enumerate(layout.columns))
        if len(known) >= TABLE_HEADINGS_MIN and len(known) - missing > most:
            best, most = layout, len(known) - missing
    return best, most


def settle(layout: TableLayout, cells: Sequence[str], number: int, findings: Findings) -> Headings:
    """Every heading to its column; what is odd is told at the row of the headings."""
    columns = [0] * len(layout.columns)
    unknown: list[tuple[int, str]] = []
    refused: set[int] = set()
    for at, cell in enumerate(cells, 1):
        text = cell.strip()
        place = Place(number, letter(at), at, None, number)
        index = column_of(layout, text)
        if index is None and _bare(text) in _COUNTERS:
            continue
        if index is None:
            findings.add(faults.UNKNOWN_COLUMN.at(place, text))
            unknown.append((at, text))
        elif columns[index]:
            findings.add(faults.COLUMN_TWICE.at(place, text))
        elif _is_other_unit(text, layout.columns[index].unit):
            unit = layout.columns[index].unit
            findings.add(faults.OTHER_UNIT.at(place, text, unit=unit))
            refused.add(index)
        else:
            columns[index] = at
    for index, column in enumerate(layout.columns):
        if not columns[index] and column.need == "R" and index not in refused:
            place = Place(number, None, None, None, number)
            findings.add(faults.NO_COLUMN.at(place, zh=column.zh[0], en=column.en[0]))
    return Headings(layout, tuple(columns), tuple(unknown), len(cells))


def column_of(layout: TableLayout, heading: str) -> int | None:
    """The index of the column that a heading means."""
    known = _known(layout)
    for text in _readings(heading):
        if text in known:
            return known[text]
    return None


@cache
def _known(layout: TableLayout) -> dict[str, int]:
    known: dict[str, int] = {}
    for index, column in enumerate(layout.columns):
        pairs = list(product(column.zh, column.en))
        both = (*(zh + en for zh, en in pairs), *(en + zh for zh, en in pairs))
        for text in (*column.zh, *column.en, *both):
            known.setdefault(_bare(text), index)
    return known


def _readings(heading: str) -> list[str]:
    """The texts that a heading may be known by, best first."""
    text = unicodedata.normalize("NFKC", heading).strip()[:200]
    brackets = "".join(_BRACKET.findall(text))
    outside = _BRACKET.sub("", text)
    readings = [_bare(text), _bare(outside)]
    chinese = "".join(_CHINESE.findall(outside))
    if chinese:
        readings.append(chinese)
    elif inner := "".join(_CHINESE.findall(brackets)):
        readings.append(inner)
    return [each for each in readings if each]


def _bare(text: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", text).casefold())


def _is_other_unit(heading: str, unit: str) -> bool:
    if not unit:
        return False
    text = unicodedata.normalize("NFKC", heading).casefold()
    named = {_bare(each) for each in [*_BRACKET.findall(text), *text.split("/")[1:]]}
    named |= {_bare(word) for word in text.split()[-1:]}
    return bool(named & (_OTHER_UNITS - _UNITS.get(unit, frozenset())))
