"""The layout of canonical JSON: a header or a part is one record with one value, its JSON text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.findings import Place
from gateway.syntax.record import FieldRef, Record

HEADER, PART = "header", "part"


@dataclass(frozen=True, slots=True)
class JsonLayout:
    """Satisfies `gateway.syntax.record.Layout`; the models are the layout."""

    name: str
    version: str = "1"

    def index(self, label: str, field: FieldRef) -> int | None:
        """The only value."""
        return 0

    def fields(self, label: str) -> Sequence[tuple[int, str]]:
        """The JSON text."""
        return ((0, "json"),)

    def width(self, label: str) -> int:
        """One value."""
        return 1

    def place(self, record: Record, index: int) -> Place:
        """Where the header or part begins."""
        return Place(record.ordinal, record.label, None, None, record.line)
