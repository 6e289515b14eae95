"""What was written, read back by the tables of the format: nothing may be missing unnoticed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from gateway.mappings.convert import BadValue
from gateway.mappings.edifact_writing_values import sayable
from gateway.mappings.table import CompiledTable
from gateway.syntax.record import Record

# Lists of text whose lines may be broken anew: what counts is their text without its blanks.
_TEXTS = frozenset({"remarks", "description", "marks", "lines", "texts"})
_LINE_CHARACTERS = 35
# Elements that need a code of a code list.
_CODED = frozenset({"references", "parties"})
_OVERHANGS = frozenset({"front_cm", "back_cm", "left_cm", "right_cm", "height_cm"})
# The zone of a time is that of the port it concerns, found out by whoever reads.
_DERIVED = frozenset({"zone"})


class Lost(NamedTuple):
    """A fact of the document that its written form does not tell, or tells otherwise."""

    path: str
    value: str
    told: bool


def read_back(table: CompiledTable, records: Sequence[Record]) -> dict[str, Any]:
    """The draft that a reader makes of these records; refused values are left out."""
    try:
        return table.read(records)
    except BadValue:
        return table.interpret(records).values


def lost(said: dict[str, Any], again: dict[str, Any], above: str) -> Iterator[Lost]:
    """The facts of `said` that `again` lacks; paths below `above`, lists without index."""
    for name, value in said.items():
        if isinstance(value, list | tuple) and name in _CODED:
            value = [each for each in value if sayable(name, each)]  # noqa: PLW2901
        if name in _DERIVED or value is None or value in ((), [], {}):
            continue
        if name in _OVERHANGS and value == 0:
            continue  # as a reader takes it
        path = f"{above}.{name}"
        other = again.get(name)
        if other is None:
            yield from _all(value, path)
        elif name in _TEXTS:
            if _bare(value) != _bare(other):
                yield Lost(path, " ".join(value), True)
        else:
            yield from _differs(value, other, path)


def _differs(value: object, other: object, path: str) -> Iterator[Lost]:
    if isinstance(value, dict) and isinstance(other, dict):
        yield from lost(value, other, path)
    elif isinstance(value, tuple | list) and isinstance(other, tuple | list):
        for index, each in enumerate(value):
            yield from _element(each, other, index, path)
    elif not _equal(value, other, path.rsplit(".", 1)[-1]):
        yield Lost(path, _shown(value), True)


def _element(each: object, others: Sequence[Any], index: int, path: str) -> Iterator[Lost]:
    """An element against the one at its place, else against any that tells all of it."""
    if not isinstance(each, dict):
        if not any(_equal(each, other) for other in others):
            yield Lost(path, _shown(each), False)
        return
    least: list[Lost] | None = None
    for other in (*others[index : index + 1], *others):
        missing = list(lost(each, other, path))
        if not missing:
            return
        if least is None or len(missing) < len(least):
            least = missing
    yield from least if least is not None else _all(each, path)


def _all(value: object, path: str) -> Iterator[Lost]:
    """Every fact below a path that is not told at all."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name not in _DERIVED and each is not None:
                yield from _all(each, f"{path}.{name}")
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _all(each, path)
    else:
        yield Lost(path, _shown(value), False)


def _bare(texts: Sequence[str]) -> str:
    return "".join("".join(texts).split())


def _equal(value: object, other: object, name: str = "") -> bool:
    if isinstance(value, Decimal | int) and isinstance(other, Decimal | int):
        return value == other
    one, two = _shown(value).strip().upper(), _shown(other).strip().upper()
    if name == "wall":
        one = one.partition(".")[0]  # seconds are the finest that a message tells
    elif name == "ems":
        one = one.replace(",", "").replace(" ", "")
    if one.isdigit() and two.isdigit() and one.lstrip("0") == two.lstrip("0"):
        return True  # a number of fixed length is written with zeros before it
    return one == two or (len(one) > _LINE_CHARACTERS and _bare(one) == _bare(two))


def _shown(value: object) -> str:
    return str(value.value) if isinstance(value, Enum) else str(value)
