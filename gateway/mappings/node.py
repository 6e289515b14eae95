"""The parts that a mapping table is made of: rows, nodes, conditions; and what no row reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from gateway.canonical.model import Model
from gateway.mappings.convert import text
from gateway.syntax.record import FieldRef, Record

Path = tuple[str | int, ...]
Convert = Callable[[str], Any]
# Fields and what each must hold; all of them must.
Condition = tuple[tuple[FieldRef, frozenset[str]], ...]


def dotted(path: Path) -> str:
    """("goods", 0, "packages", "count") → "goods[1].packages.count", counted as people do."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step + 1}]"
        else:
            text += f".{step}" if text else str(step)
    return text


@dataclass(frozen=True)
class Row:
    """One field of one record → one path below the node.

    path: dotted ("vessel.name"); a last step ending in "[]" appends to a list, every other path is
    set once: the first filled value wins unless `last` is set; with an empty path the field counts
    as read (for `extras`) and is not kept.  when: only records whose named
    fields hold one of these values (the qualifiers).  convert: text → value, raises BadValue; a
    result of None leaves the path unset.  with_: constants set beside it (path → value), for lists
    of objects: "parties[]" with {"role": "shipper"} starts a new object when the row is a `start`.
    shared: the model that the path's first step leads to, as in Node; rows of one step that stand
    side by side and alone fill it.
    """

    label: str
    field: FieldRef
    path: str
    convert: Convert = text
    when: tuple[tuple[FieldRef, frozenset[str]], ...] = ()
    last: bool = False
    shared: type[Model] | None = None


@dataclass(frozen=True)
class Node:
    """A dict to fill: the part itself, or one element of a list below its parent.

    path: the list below the parent ("goods", "containers"), "" for the root.  opens: labels that
    start a new element; any other label of the node's rows goes to the current element, which is
    made when there is none yet (real files leave the opening record out).  when: as in Row, which
    records open it.  constants: values of every element (`role`).  extras: path of the list that
    collects filled fields that no row reads ("" drops them).  shared: the model of its elements,
    where nobody looks into them before they are models: an element that one record fills may come
    as one (`sharing`).  finish: last touch on a shared element before it becomes its model; whoever
    finishes the part does the same to those that came as drafts, so twice must be as good as once.
    """

    rows: tuple[Row, ...]
    path: str = ""
    opens: frozenset[str] = frozenset()
    children: tuple[Node, ...] = ()
    when: tuple[tuple[FieldRef, frozenset[str]], ...] = ()
    constants: tuple[tuple[str, str], ...] = ()
    extras: str = ""
    shared: type[Model] | None = None
    finish: Callable[[dict[str, Any]], None] | None = None


class OneOf(frozenset[str]):
    """The values that a condition admits; `first`, as the table names them, is what we write."""

    first: str

    def __new__(cls, values: str) -> Self:
        """Values parted by bars: "132|178"."""
        names = values.split("|")
        self = super().__new__(cls, names)
        self.first = names[0]
        return self


def when(**fields: str) -> tuple[tuple[FieldRef, frozenset[str]], ...]:
    """A condition on fields by name: `when(qualifier="BN")`; several values as "A|B"."""
    return tuple((name, OneOf(values)) for name, values in fields.items())


def at(*conditions: tuple[FieldRef, str]) -> tuple[tuple[FieldRef, frozenset[str]], ...]:
    """A condition on fields by position: `at((1, "20"), ((2, 1), "BN|ABT"))`."""
    return tuple((ref, OneOf(values)) for ref, values in conditions)


@dataclass(frozen=True, slots=True)
class Unread:
    """What no row reads of a record: (index, name) pairs, and all from `width` on (surplus)."""

    fields: tuple[tuple[int, str], ...]
    width: int


NOTHING_UNREAD = Unread((), 1_000_000)


def labels_of(node: Node) -> frozenset[str]:
    """The labels that a node itself reads or is opened by."""
    return node.opens | {row.label for row in node.rows}


def tag_of(label: str) -> str:
    """The record id or segment tag of a label."""
    return label.rsplit("/", 1)[-1]


def unread_values(record: Record, unread: Unread) -> list[tuple[str, str]]:
    """Filled fields that nothing reads, and surplus ones beyond the layout (as position)."""
    values = record.values
    found = [(name, kept) for index, name in unread.fields if (kept := values[index].strip())]
    surplus = enumerate(values[unread.width :], unread.width + 1)
    return found + [(str(position), kept) for position, v in surplus if (kept := v.strip())]


def unknown_values(record: Record) -> list[dict[str, str]]:
    """A record that no node reads, field by field under its position."""
    tag = tag_of(record.label)
    return [
        {"record": tag, "field": str(position), "value": value.strip()}
        for position, value in enumerate(record.values, 1)
        if value.strip()
    ]
