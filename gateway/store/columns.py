"""COLUMNS of the kinds that the tables are made of; conventions as in gateway/store/schema.py."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, Text

# SQLite numbers rows by itself only under exactly this type.
Sequence = BigInteger().with_variant(Integer, "sqlite")


def sequence() -> Column[int]:
    """The order of recording."""
    return Column("seq", Sequence, primary_key=True, autoincrement=True)


def text(name: str, *, null: bool = False) -> Column[str]:
    """A text."""
    return Column(name, Text, nullable=null)


def number(name: str, *, null: bool = False) -> Column[int]:
    """An instant, a number of rows or bytes, whole fen."""
    return Column(name, BigInteger, nullable=null)


def count(name: str) -> Column[int]:
    """A small number."""
    return Column(name, Integer, nullable=False)


def states(*names: str) -> CheckConstraint:
    """What `state` may be."""
    return CheckConstraint(f"state IN ({', '.join(map(repr, names))})", name="state")
