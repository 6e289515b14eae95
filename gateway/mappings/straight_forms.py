"""Straight code for forms: orders of which it is known what is filled (`syntax.record.Form`)."""

from __future__ import annotations

from gateway.mappings.node import Node, Unread
from gateway.mappings.sharing import Sharing
from gateway.mappings.straight_source import StraightSource
from gateway.syntax.record import Form, Layout


class FormedSource(StraightSource):
    """The same where it is known which values may be there: all others are not looked at."""

    _arguments = "s, t"

    def __init__(
        self,
        table: tuple[Node, Layout, dict[str, Unread]],
        form: Form,
        key: tuple[str, ...],
        sharing: Sharing,
    ) -> None:
        super().__init__(*table, (form.labels, key), sharing)
        self._form = form

    def _begin_lines(self) -> list[str]:
        return []

    def _may_fill(self, index: int | None) -> bool:
        return index in self._form.slots[self._number]

    def _value(self, index: int) -> str:
        place = self._form.place(self._number, index)
        return "''" if place is None else f"s[{place}]"

    def _words(self) -> str:
        return f"t[{self._number}]"

    def _record_text(self) -> str:
        name = self._name("f", self._form)
        label = self._order[self._number]
        return f"Record({label!r}, {name}.record(s, {self._number}), 0, 0, 0)"

    def _look(self, low: int, high: int) -> str:
        places = [self._form.place(self._number, index) for index in range(low, high)]
        known = [place for place in places if place is not None]
        begin, end = known[0], known[-1] + 1
        return f"if s[{begin}:{end}] != {self._name('e', ('',) * (end - begin))}:"
