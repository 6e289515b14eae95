"""ROW MAPPING: database rows ↔ the values of `pipeline.rows`, texts made fit for both databases."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar

from pydantic_core import PydanticSerializationError, to_json
from sqlalchemy import ColumnElement
from sqlalchemy.schema import Table

from gateway.store.session import Row

T = TypeVar("T")
Convert = Callable[[Any], Any]
# Made once: `json.dumps` makes an encoder for each call that asks for more than the defaults.
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def selected(table: Table, kind: type, **instead: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    """The columns of a select in the order of the fields of `kind`."""
    names = [field.name for field in fields(kind)]
    return [instead[name] if name in instead else table.c[name] for name in names]


def reader(kind: Callable[..., T], **convert: Convert) -> Callable[[Row], T]:
    """A function that makes `kind` from a row of `selected`."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]  # a dataclass
    places = [(names.index(name), function) for name, function in convert.items()]

    def read(row: Row) -> T:
        values = list(row)
        for place, function in places:
            values[place] = function(values[place])
        return kind(*values)

    return read


def json_text(value: object) -> str:
    """Compact JSON with sorted keys: equal values have equal texts, so it serves as a key."""
    return _encode(value)


def stored_json(value: object) -> str:
    """JSON that is kept to be read, in the order of its making, without what `storable` removes."""
    try:
        return storable(to_json(value).decode())
    except PydanticSerializationError:
        # A lone surrogate: slower, and rare.
        return storable(json_text(value))


def maybe_bool(value: object) -> bool | None:
    """SQLite answers 0 and 1."""
    return None if value is None else bool(value)


def storable(text: str) -> str:
    """The text without what PostgreSQL (NUL) or UTF-8 (lone surrogates) cannot take."""
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8")


def maybe_storable(text: str | None) -> str | None:
    """As `storable`, None for None."""
    return None if text is None else storable(text)
