"""What a writer of one EDIFACT message is made of, and its tables bound to a directory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from gateway.canonical.model import Model
from gateway.mappings.contract import Format
from gateway.mappings.edifact_writing_drawing import Drawing
from gateway.mappings.edifact_writing_rows import Writing
from gateway.mappings.edifact_writing_tree import Item, Places, Segment
from gateway.syntax.edifact import layout_for
from gateway.syntax.record import MessageKind

if TYPE_CHECKING:
    from gateway.mappings.edifact_writing_work import Work

Draft = dict[str, Any]


def same(values: Draft, _other: Draft) -> Draft:
    """A draft that is as the table has it already."""
    return values


@dataclass(frozen=True, eq=False)
class Message:
    """How one format is written.

    kind: message type.  header, part: model values → the draft that the read table makes of a file
    (the inverse of `finish_header` and `finish_part`; part sees the header's values, too).
    groups: the labels of a part's groups, outermost first; () where a message is one part.
    totals: (CNT qualifier, group label) of a mandatory CNT.  directories: the first is used unless
    the envelope's message_type names another ("COSTCO D.00B").  leaves_out: as in `Writer`.
    beginning: BGM 1001 where the document has no code for what it is.
    supplied: segments that the directory wants and no document may have, by label.  draw: builds
    a part by hand, where its table cannot be turned round.  tell: a message whose parts are not
    written one behind the other.  sort: parts that share a message, by what they have in common;
    they are held, under LOAD_PLAN_RECORDS_MAX.  move: tells facts of a part at another place of the
    document, where the message has none for them where they are.
    """

    format: Format
    kind: str
    directories: tuple[str, ...] = ("D.95B", "D.00B")
    association: str = ""
    header: Callable[[Draft, Draft], Draft] = same
    part: Callable[[Draft, Draft], Draft] = same
    groups: tuple[str, ...] = ()
    totals: tuple[str, str] | None = None
    leaves_out: frozenset[str] = frozenset()
    supplied: tuple[str, ...] = ()
    beginning: str = ""
    openings: tuple[str, ...] = ("BGM",)
    sort: Callable[[Model], tuple[str, ...]] | None = None
    move: Callable[[Draft], Draft] | None = None
    draw: Callable[[Drawing, Draft], None] | None = None
    tell: Callable[[Work, Iterable[Model]], Iterator[Segment | str]] | None = None


class Plan:
    """A message bound to one directory: its places, and its tables in both directions."""

    def __init__(self, message: Message, directory: str) -> None:
        layout = layout_for(MessageKind("edifact", message.kind, directory))
        if layout is None or layout.version != directory:
            raise ValueError(f"{message.kind} is not in {directory}")
        self.message = message
        self.places = Places(layout)
        self.header = Writing(message.format.header.root, self.places, "header")
        self.part = Writing(message.format.part.root, self.places, "part")
        self.header_table = message.format.header.compile(layout)
        self.part_table = message.format.part.compile(layout)
        self.kind = MessageKind("edifact", message.kind, directory)
        at = _position(self.places.top.items, message.groups[0]) if message.groups else 0
        items = self.places.top.items
        self.before, self.each, self.after = items[1:at], items[at : at + 1], items[at + 1 : -1]
        self.whole = Item("", True, 1, items[1:-1])


@lru_cache(maxsize=64)
def plan_of(message: Message, directory: str) -> Plan:
    """The plan of a message, once per process."""
    return Plan(message, directory)


def _position(items: Sequence[Item], label: str) -> int:
    return next(n for n, item in enumerate(items) if item.items and item.label == label)
