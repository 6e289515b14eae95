"""JSON text → values, strictly: no member twice, no NaN, no number that is none of the trade."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from gateway.limits import JSON_NUMBER_CHARACTERS_MAX, JSON_NUMBER_EXPONENT_MAX


class BadJson(ValueError):
    """The text is not JSON as we take it; the message says what is wrong."""


def parse(text: str) -> Any:  # noqa: ANN401 - JSON is any of its types
    """The value of a text whose depth is known to be small; raises BadJson."""
    try:
        value = json.loads(
            text,
            object_pairs_hook=_members,
            parse_constant=_constant,
            parse_float=_number,
            parse_int=_whole,
        )
        if "\\" in text:
            _check_characters(value, text)
    except json.JSONDecodeError as error:
        raise BadJson(error.msg) from None
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJson("a member stands twice in one object")
    return found


def _constant(name: str) -> NoReturn:
    raise BadJson(f"{name} is no number")


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text[: JSON_NUMBER_CHARACTERS_MAX + 1])
    except InvalidOperation:
        raise BadJson("a number is too long") from None
    if len(text) > JSON_NUMBER_CHARACTERS_MAX or abs(value.adjusted()) > JSON_NUMBER_EXPONENT_MAX:
        raise BadJson("a number is too long or too big")
    return value


def _whole(text: str) -> int:
    if len(text) > JSON_NUMBER_CHARACTERS_MAX:
        raise BadJson("a number is too long")
    return int(text)


def _check_characters(value: object, text: str) -> None:
    """Escapes can write what is no text: half of a pair, or NUL."""
    if "\\u0000" in text:
        raise BadJson("a NUL character")
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeEncodeError:
        raise BadJson("half of a surrogate pair") from None
