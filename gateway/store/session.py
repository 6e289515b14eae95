"""SESSION: one transaction as the nouns of the store see it, on either database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy.engine import Dialect

from gateway.pipeline.ports import Clock
from gateway.store.instant import to_micros
from gateway.store.query import POSTGRES, Query

Row = Sequence[Any]


class Cursor(Protocol):
    """What both drivers' cursors do."""

    @property
    def rowcount(self) -> int: ...

    def execute(self, statement: str, parameters: dict[str, Any], /) -> object: ...

    def executemany(self, statement: str, parameters: Sequence[Any], /) -> object: ...

    def fetchall(self) -> list[Any]: ...


class Session:
    """Runs queries on the transaction's cursor; `woke` says that there is news for a runner."""

    __slots__ = ("_clock", "_cursor", "_dialect", "owner", "woke")

    def __init__(self, cursor: Cursor, dialect: Dialect, clock: Clock, owner: str) -> None:
        self._cursor = cursor
        self._dialect = dialect
        self._clock = clock
        self.owner = owner
        self.woke = False

    def now(self) -> int:
        """The injected clock's instant in microseconds."""
        return to_micros(self._clock.now())

    def fetch(self, query: Query, **parameters: object) -> list[Row]:
        """All rows.  Always to the end: a half-read result would keep its snapshot open."""
        text, own = query.text(self._dialect)
        self._cursor.execute(text, {**own, **parameters} if own else parameters)
        return self._cursor.fetchall()

    def first(self, query: Query, **parameters: object) -> Row | None:
        """The first row, or None."""
        rows = self.fetch(query, **parameters)
        return rows[0] if rows else None

    def scalar(self, query: Query, **parameters: object) -> Any:  # noqa: ANN401  # a column's value
        """The first column of the first row, or None."""
        row = self.first(query, **parameters)
        return row[0] if row else None

    def run(self, query: Query, **parameters: object) -> int:
        """Run a change; returns how many rows it touched."""
        text, own = query.text(self._dialect)
        self._cursor.execute(text, {**own, **parameters} if own else parameters)
        return self._cursor.rowcount

    def many(self, query: Query, rows: list[dict[str, Any]]) -> int:
        """Run a change once per row of parameters; the statement brings none of its own.

        Returns how many rows were touched.
        """
        if not rows:
            return 0
        self._cursor.executemany(query.text(self._dialect)[0], rows)
        return self._cursor.rowcount

    def insert(self, query: Query, rows: Sequence[tuple[Any, ...]]) -> int:
        """Insert many rows, each the values of the query's columns in their order.

        Quicker than `many`, which looks up each value by its name; returns how many were touched.
        """
        if not rows:
            return 0
        self._cursor.executemany(query.row_text(self._dialect), rows)
        return self._cursor.rowcount

    def lock(self, name: str) -> None:
        """Wait until no other transaction holds `name`; it is given back at the end of this one.

        SQLite has one writer at a time, so every writing transaction holds everything.
        """
        if self._dialect is POSTGRES:
            self._cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%(name)s, 0))", {"name": name}
            )
            self._cursor.fetchall()
