"""QUERY: a SQLAlchemy Core statement, compiled once per database and run on the driver itself.

Compiling and the result objects of SQLAlchemy cost more than SQLite's own work on a small
statement; a compiled text on the driver's cursor costs neither.  What partial indexes depend on
stands in the text as a literal (`word`, `number`), never as a parameter: SQLite chooses an index
before it sees parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, BindParameter, Integer, Text, bindparam, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import psycopg as psycopg_dialect
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import Table
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement, ColumnClause

SQLITE: Final[Dialect] = sqlite.dialect(paramstyle="named")
# SQLAlchemy says nothing of what its dialects take.
_postgres: Callable[..., Dialect] = psycopg_dialect.dialect
POSTGRES: Final[Dialect] = _postgres()
# The same with parameters by position.
_BY_POSITION: Final[dict[str, Dialect]] = {
    SQLITE.name: sqlite.dialect(paramstyle="qmark"),
    POSTGRES.name: _postgres(paramstyle="format"),
}

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

    __slots__ = ("_by_position", "_columns", "_compiled", "_statement")

    def __init__(self, statement: ClauseElement, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = list(columns) if columns is not None else None
        self._compiled: dict[str, tuple[str, dict[str, Any]]] = {}
        self._by_position: dict[str, str] = {}

    def text(self, dialect: Dialect) -> tuple[str, dict[str, Any]]:
        """The SQL of this database, and the parameters that the statement brings itself."""
        found = self._compiled.get(dialect.name)
        if found is None:
            compiled = self._compile(dialect)
            own = {
                name: value
                for name, value in compiled.params.items()
                if not name.endswith("_") and name not in (self._columns or ())
            }
            found = self._compiled[dialect.name] = (str(compiled), own)
        return found

    def row_text(self, dialect: Dialect) -> str:
        """The SQL of an insert whose parameters are its columns, by position."""
        found = self._by_position.get(dialect.name)
        if found is None:
            compiled = self._compile(_BY_POSITION[dialect.name])
            assert compiled.positiontup == self._columns, compiled.positiontup
            found = self._by_position[dialect.name] = str(compiled)
        return found

    def _compile(self, dialect: Dialect) -> SQLCompiler:
        compiled = self._statement.compile(
            dialect=dialect,
            column_keys=self._columns,
            compile_kwargs={"render_postcompile": True},
        )
        assert isinstance(compiled, SQLCompiler)
        return compiled
