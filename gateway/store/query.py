"""QUERY: a SQLAlchemy Core statement, compiled once per database and run on the driver itself.

Compiling and the result objects of SQLAlchemy cost more than SQLite's own work on a small
statement; a compiled text on the driver's cursor costs neither.  What partial indexes depend on
stands in the text as a literal (`word`, `number`), never as a parameter: SQLite chooses an index
before it sees parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, BindParameter, Integer, Text, bindparam, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import psycopg as psycopg_dialect
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import Table
from sqlalchemy.sql.elements import ClauseElement, ColumnClause

SQLITE: Final[Dialect] = sqlite.dialect(paramstyle="named")
POSTGRES: Final[Dialect] = psycopg_dialect.dialect()  # type: ignore[no-untyped-call]  # not ours

# Its ON CONFLICT reads the same in both databases, and each one's compiler renders it.
insert = postgresql.insert


def word(value: str) -> ColumnClause[str]:
    """A constant of ours, written into the statement."""
    assert value.replace("_", "").replace("-", "").isalnum(), value
    return literal_column(f"'{value}'", Text)


def number(value: int) -> ColumnClause[int]:
    """A constant number, written into the statement."""
    return literal_column(str(int(value)), Integer)


def text_in(name: str) -> BindParameter[str]:
    """A text parameter; names end in `_` so that they are never a column's."""
    return bindparam(name, value=None, type_=Text)


def number_in(name: str) -> BindParameter[int]:
    """A number parameter; names end in `_` so that they are never a column's."""
    return bindparam(name, value=None, type_=BigInteger)


def columns_of(table: Table, *without: str) -> tuple[str, ...]:
    """The names of a table's columns, for an insert of whole rows."""
    return tuple(column.name for column in table.columns if column.name not in without)


class Query:
    """A statement; `columns` are those that the parameters of an insert or update set."""

    __slots__ = ("_columns", "_compiled", "_statement")

    def __init__(self, statement: ClauseElement, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = list(columns) if columns is not None else None
        self._compiled: dict[str, tuple[str, dict[str, Any]]] = {}

    def text(self, dialect: Dialect) -> tuple[str, dict[str, Any]]:
        """The SQL of this database, and the parameters that the statement brings itself."""
        found = self._compiled.get(dialect.name)
        if found is None:
            compiled = self._statement.compile(
                dialect=dialect,
                column_keys=self._columns,
                compile_kwargs={"render_postcompile": True},
            )
            own = {
                name: value
                for name, value in compiled.params.items()
                if not name.endswith("_") and name not in (self._columns or ())
            }
            found = self._compiled[dialect.name] = (str(compiled), own)
        return found
