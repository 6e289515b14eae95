"""SHELF: one table whose rows are one dataclass: insert once, find, change, page.

Names decide how a field is kept: `…_at` are instants (microseconds), dicts and lists are JSON text;
texts are made fit for both databases.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.schema import Table

from gateway.pipeline.ports import Stale
from gateway.pipeline.rows import Page
from gateway.store.instant import maybe_instant, to_micros
from gateway.store.query import Query, columns_of, insert, number, number_in, text_in
from gateway.store.row_mapping import json_text, reader, selected, storable
from gateway.store.schema import one_of
from gateway.store.session import Session

T = TypeVar("T")
_END = 2**62


def kept(value: object) -> object:
    """A field as its column keeps it."""
    if isinstance(value, datetime):
        return to_micros(value)
    if isinstance(value, dict | list):
        return storable(json_text(value))
    if isinstance(value, bool):
        return int(value)
    return storable(value) if isinstance(value, str) else value


def reading(kind: Callable[..., T]) -> Callable[[Any], T]:
    """A function that makes `kind` from a row of `selected`."""
    convert: dict[str, Callable[[Any], Any]] = {}
    for each in fields(kind):  # type: ignore[arg-type]  # a dataclass
        if each.name.endswith("_at"):
            convert[each.name] = maybe_instant
        elif str(each.type).startswith(("dict", "list")):
            convert[each.name] = json.loads
        elif each.type == "bool":
            convert[each.name] = bool
    return reader(kind, **convert)


class Shelf(Generic[T]):
    """The queries of one table, made once.

    key: the column that names a row.  states: those that a page may be asked for.
    """

    def __init__(
        self, table: Table, kind: type[T], key: str = "id", states: Iterable[str] = ()
    ) -> None:
        self.table = table
        self.read = reading(kind)
        self.columns = selected(table, kind)
        self._key = key
        self._names = [each.name for each in fields(kind)]  # type: ignore[arg-type]  # a dataclass
        self._states = tuple(states)
        self._by_key = table.c[key] == text_in("key_")
        self._insert = Query(
            insert(table).inline().on_conflict_do_nothing(), columns_of(table, "seq")
        )
        self._find = Query(select(*self.columns).where(self._by_key))
        self._pages: dict[tuple[str | None, bool], Query] = {}

    def values(self, row: T) -> dict[str, object]:
        """The row as parameters."""
        return {name: kept(getattr(row, name)) for name in self._names if name != "seq"}

    def add(self, session: Session, row: T, **more: object) -> bool:
        """Insert; false where a unique key of it is taken."""
        return bool(session.run(self._insert, **self.values(row), **more))

    def find(self, session: Session, key: str) -> T | None:
        """The row of this key."""
        found = session.first(self._find, key_=key)
        return None if found is None else self.read(found)

    def where(self, *conditions: ColumnElement[bool]) -> Query:
        """All rows that fulfil them, in order of recording."""
        return Query(select(*self.columns).where(*conditions).order_by(self.table.c.seq))

    def changing(self, *names: str, revised: bool = False) -> Query:
        """An update of these columns of the row of a key; revised: of the revision before."""
        conditions = [self._by_key]
        if revised:
            before = number_in("revision_") - number(1)
            conditions.append(self.table.c.revision == before)
        return Query(update(self.table).where(*conditions), names)

    def change(self, session: Session, query: Query, row: T, *names: str) -> None:
        """Run an update made by `changing`; raises Stale where no row fits."""
        values = self.values(row)
        given: dict[str, object] = {name: values[name] for name in names}
        given["key_"] = values[self._key]
        if "revision" in values:
            given["revision_"] = values["revision"]
        if not session.run(query, **given):
            raise Stale(f"{self.table.name} {values[self._key]} was changed meanwhile")

    def page(
        self,
        session: Session,
        partner: str | None,
        cursor: str | None,
        limit: int,
        state: str | None = None,
    ) -> Page:
        """Newest first; partner None only for operators."""
        if state is not None and state not in self._states:
            return Page()
        query = self._pages.setdefault(
            (state, partner is None), self._page(state, operator=partner is None)
        )
        before = _END if cursor is None else int(cursor)
        given: dict[str, object] = {"before_": before, "limit_": limit}
        if partner is not None:
            given["partner_"] = partner
        rows = session.fetch(query, **given)
        last = str(rows[-1][-1]) if len(rows) == limit else None
        return Page([self.read(row[:-1]) for row in rows], last)

    def _page(self, state: str | None, *, operator: bool) -> Query:
        table = self.table
        query = select(*self.columns, table.c.seq.label("place"))
        query = query.where(table.c.seq < number_in("before_"))
        if state is not None:
            query = query.where(one_of(table.c.state, state))
        if not operator:
            query = query.where(table.c.partner == text_in("partner_"))
        return Query(query.order_by(table.c.seq.desc()).limit(number_in("limit_")))
