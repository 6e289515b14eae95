"""What every reader yields: records with named fields, messages and top-level groups of them.

A reader is a generator of events over a stream of bytes; it never holds a whole message:

    Message   once per message, before its first group: the records that stand before any group
    Group     one top-level group (a bill, a box; the whole body where a document has one part)
    MessageEnd   after the last group

Faults go into the `Findings` handed to the reader, in file order, so that whoever drains them
after an event has the findings of that event.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple, Protocol, overload

from gateway.findings import Findings, Place


class Record(NamedTuple):
    """One record or segment.

    label: the record id of a flat file ("12"), or the place of an EDIFACT segment in its message:
    the triggers of its groups and its tag ("BGM", "TDT/RFF", "EQD/DGS/FTX"), the same in every
    directory version.  values: texts by index as the layout numbers them, unescaped, never None
    ("" is empty), padded to the width of the layout; what stands beyond it is surplus.
    ordinal counts records of the file from 1; offset is the byte where the record begins.
    """

    label: str
    values: Sequence[str]
    ordinal: int
    offset: int
    line: int


@dataclass(frozen=True, eq=False)
class Form:
    """An order of records of which always the same values are filled, or some of them.

    slots[n]: the indexes of these in the record with labels[n]; widths[n]: how many values it has.
    """

    labels: tuple[str, ...]
    slots: tuple[tuple[int, ...], ...]
    widths: tuple[int, ...]

    @cached_property
    def begins(self) -> tuple[int, ...]:
        """Where the values of each record begin among those of all."""
        return tuple(accumulate(map(len, self.slots), initial=0))

    def place(self, number: int, index: int) -> int | None:
        """Where a value of a record stands among the filled ones; None where it is always empty."""
        slots = self.slots[number]
        return self.begins[number] + slots.index(index) if index in slots else None

    def record(self, filled: Sequence[str], number: int) -> tuple[str, ...]:
        """The values of one record; filled: those in the slots, of all records."""
        values = [""] * self.widths[number]
        begin, end = self.begins[number : number + 2]
        for index, value in zip(self.slots[number], filled[begin:end], strict=True):
            values[index] = value
        return tuple(values)


class RecordRun(Sequence[Record]):
    """Records of an order that is well known: made only when somebody asks for them.

    values[n] are those of the record with labels[n]; equal orders have equal labels.  layout: where
    the values lie, if that is not the layout of the message (its records always have that one).
    Where a form is known, too, `filled` are the values in its slots, and equal `texts` under one
    label have equal values.
    """

    __slots__ = ("labels", "values")
    layout: Layout | None = None
    labels: tuple[str, ...]
    values: Sequence[tuple[str, ...]]
    form: Form | None = None
    filled: Sequence[str] = ()

    @property
    def texts(self) -> Sequence[str]:
        """The records as they were written, where a form is known."""
        return ()

    @abstractmethod
    def records(self) -> list[Record]:
        """All of them, made once; the caller must not change the list."""

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records())

    @overload
    def __getitem__(self, index: int) -> Record: ...

    @overload
    def __getitem__(self, index: slice) -> list[Record]: ...

    def __getitem__(self, index: int | slice) -> Record | list[Record]:
        return self.records()[index]


class Layout(Protocol):
    """Where a field of a record lies; flat layouts know names, EDIFACT ones element numbers."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    def index(self, label: str, field: FieldRef) -> int | None:
        """Index into `Record.values`, or None where this layout has no such field."""

    def fields(self, label: str) -> Sequence[tuple[int, str]]:
        """(index, name) of every field of a record, record id left out; () for an unknown one."""

    def width(self, label: str) -> int:
        """How many values a record has; what stands beyond is surplus.  0 for an unknown one."""

    def place(self, record: Record, index: int) -> Place:
        """The place of one value, for a finding."""


# A name ("bill_number"), a position (5), or an element and component ((2, 1)), from 1.
FieldRef = str | int | tuple[int, int]


@dataclass(slots=True)
class Interchange:
    """The envelope as far as it is known; complete only when the trailer was seen (or excused)."""

    syntax: str
    sender: str | None = None
    receiver: str | None = None
    reference: str | None = None
    encoding: str | None = None
    complete: bool = False
    test: bool = False
    created: str | None = None
    acknowledgement_requested: bool = False
    # EDIFACT: per message (UNH 0062, type), for CONTRL; bounded by MESSAGES_PER_INTERCHANGE_MAX.
    messages: int = 0
    separators: str | None = None

    def as_json(self) -> dict[str, object]:
        """The `interchange` object of interfaces.md."""
        return {
            "syntax": self.syntax,
            "sender": self.sender,
            "receiver": self.receiver,
            "reference": self.reference,
            "encoding": self.encoding,
        }


@dataclass(frozen=True, slots=True)
class MessageKind:
    """What a message says it is: `COPARN` in directory `D.95B`, `IFCSUM` in variant `1.0`."""

    syntax: str
    name: str
    version: str = ""
    association: str = ""


@dataclass(slots=True)
class Message:
    """The start of a message; `records` stand before its first group."""

    kind: MessageKind
    reference: str | None
    records: list[Record] = field(default_factory=list)


@dataclass(slots=True)
class Group:
    """One top-level group."""

    records: Sequence[Record]


@dataclass(slots=True)
class MessageEnd:
    """The end of a message; `records` are what follows the last group (counts, trailer)."""

    records: list[Record] = field(default_factory=list)
    complete: bool = True


Event = Message | Group | MessageEnd


Split = Callable[[Sequence[Record], Findings], Iterator[list[Record]]]


@dataclass(frozen=True, slots=True)
class Grammar:
    """What a reader must know of a message kind to cut it into groups.

    group_labels: labels that open a top-level group; empty: the whole message is one group.
    split: for messages whose parts are not written one behind the other (boxes first, then bills
    that name them): all records from the first opening one on, in one list → the records of each
    part.  A record may stand in several parts.
    """

    layout: Layout
    group_labels: frozenset[str]
    split: Split | None = None


class Reader(Protocol):
    """A reader in use: iterate for events, look at `interchange` afterwards."""

    @property
    def interchange(self) -> Interchange: ...

    def __iter__(self) -> Iterator[Event]: ...
