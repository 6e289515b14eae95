"""Straight code for orders of records that come again and again.

A reader of runs (`RecordRun`) gives labels and values apart.  What a table does with one order of
labels and one choice of qualifiers is always the same, so it is written out once: no dispatch, no
conditions.  Orders that are seen rarely, and all beyond a bound, are read by the general code.
Both do the same; tests compare them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gateway.limits import (
    STRAIGHT_ORDERS_MAX,
    STRAIGHT_RECORDS_MAX,
    STRAIGHT_USES_MIN,
    STRAIGHT_VARIANTS_MAX,
)
from gateway.mappings.node import Node, Unread
from gateway.mappings.sharing import Sharing
from gateway.mappings.straight_forms import FormedSource
from gateway.mappings.straight_source import Straightened, StraightSource, qualified
from gateway.syntax.record import Form, Layout, RecordRun

# What a run has of values → its qualifiers.
Picker = Callable[[Sequence[Any]], tuple[str, ...]]


class Order:
    """One order of labels: its qualifiers, and the code of each choice of them."""

    __slots__ = ("pick", "uses", "variants")

    def __init__(self) -> None:
        self.uses = 0
        self.pick: Picker | None = None
        self.variants: dict[tuple[str, ...], int | Straightened] = {}


class Straight:
    """The straight code of one table under one layout."""

    def __init__(self, root: Node, layout: Layout, unread: dict[str, Unread]) -> None:
        self._table = (root, layout, unread)
        self._sharing = Sharing()
        self._orders: dict[tuple[str, ...] | Form, Order] = {}
        self._written = 0

    def _make_room(self) -> None:
        """What came seldom goes when there are too many; what is often wanted comes again."""
        if len(self._orders) >= STRAIGHT_ORDERS_MAX:
            self._orders = {labels: each for labels, each in self._orders.items() if each.pick}
        if len(self._orders) >= STRAIGHT_ORDERS_MAX:
            self._orders.clear()

    def reader(self, run: RecordRun) -> Straightened | None:
        """The code for a run, None where there is none (yet)."""
        form = run.form
        order = self._orders.get(form or run.labels)
        if order is None:
            if len(run.labels) > STRAIGHT_RECORDS_MAX:
                return None
            self._make_room()
            order = self._orders[form or run.labels] = Order()
        if order.pick is None:
            order.uses += 1
            if order.uses < STRAIGHT_USES_MIN:
                return None
            order.pick = _picker(qualified(*self._table[:2], run.labels), form)
        key = order.pick(run.values if form is None else run.filled)
        known = order.variants.get(key, 0)
        return self._counted(order, key, run, known) if isinstance(known, int) else known

    def _counted(
        self, order: Order, key: tuple[str, ...], run: RecordRun, uses: int
    ) -> Straightened | None:
        """Count a choice of qualifiers that has no code, and write it when it is worth while."""
        if uses == 0 and len(order.variants) >= STRAIGHT_VARIANTS_MAX:
            order.variants = {k: code for k, code in order.variants.items() if callable(code)}
        order.variants[key] = uses + 1
        if uses + 1 < STRAIGHT_USES_MIN:
            return None
        if self._written >= STRAIGHT_ORDERS_MAX:
            self._orders.clear()
            self._written = 0
        self._written += 1
        order.variants[key] = written = self._source(run, key).straightened()
        return written

    def _source(self, run: RecordRun, key: tuple[str, ...]) -> StraightSource:
        if run.form is not None:
            return FormedSource(self._table, run.form, key, self._sharing)
        return StraightSource(*self._table, (run.labels, key), self._sharing)


def _picker(places: list[tuple[int, int]], form: Form | None) -> Picker:
    """Values of a run, or the filled ones of its form → its qualifiers."""
    texts = [f"s[{number}][{index}]" for number, index in places]
    if form is not None:
        found = [form.place(*place) for place in places]
        texts = ["''" if place is None else f"s[{place}]" for place in found]
    picked = "".join(f"{text}, " for text in texts)
    scope: dict[str, Any] = {}
    exec(f"def pick(s): return ({picked})", scope)  # noqa: S102 - numbers only
    pick: Picker = scope["pick"]
    return pick
