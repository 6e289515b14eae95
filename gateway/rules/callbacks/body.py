"""BODY of a callback: a form or JSON, read so that two readers cannot read two things."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

from gateway.limits import CALLBACK_FIELDS_MAX
from gateway.rules.callbacks.contract import Refused

_CHARSETS = {"utf-8": "utf-8", "utf8": "utf-8", "gbk": "gbk", "gb2312": "gbk", "gb18030": "gb18030"}


class DuplicateKey(ValueError):
    """A JSON object or a form names one key twice."""


def charset_of(name: str | None) -> str:
    """The codec of a charset that a provider may name."""
    found = _CHARSETS.get((name or "utf-8").strip().lower())
    if found is None:
        raise Refused("MALFORMED", "the charset is none that a provider uses")
    return found


def raw_form(body: bytes) -> dict[str, bytes]:
    """The fields of a form, decoded from `%` and `+` but not yet from their charset."""
    parts = body.split(b"&")
    if len(parts) > CALLBACK_FIELDS_MAX:
        raise Refused("MALFORMED", "the form has too many fields")
    fields: dict[str, bytes] = {}
    for part in parts:
        name, equals, value = part.partition(b"=")
        key = unquote_to_bytes(name.replace(b"+", b" ")).decode("ascii", "replace")
        if not equals or not key or "�" in key:
            raise Refused("MALFORMED", "the body is no form")
        if key in fields:
            raise Refused("DUPLICATE_KEYS", "a field stands twice in the form")
        fields[key] = unquote_to_bytes(value.replace(b"+", b" "))
    return fields


def form(body: bytes, charset: str | None = None) -> dict[str, str]:
    """The fields of a form as text; `charset` is what the form's own `charset` field overrides."""
    fields = raw_form(body)
    named = fields.get("charset", b"").decode("ascii", "replace") or charset
    codec = charset_of(named)
    try:
        return {name: value.decode(codec) for name, value in fields.items()}
    except UnicodeDecodeError:
        raise Refused("MALFORMED", "a field is not in the charset that it claims") from None


def json_object(body: bytes) -> dict[str, Any]:
    """A JSON object without duplicate keys, NaN or Infinity; fractions are Decimal.

    To be called after the signature was verified.
    """
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_float=Decimal,
        )
    except DuplicateKey:
        raise Refused("DUPLICATE_KEYS", "a key stands twice in the JSON") from None
    except (ValueError, RecursionError):
        raise Refused("MALFORMED", "the body is no JSON") from None
    if not isinstance(value, dict):
        raise Refused("MALFORMED", "the body is no JSON object")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise DuplicateKey
    return found


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def text_at(value: Mapping[str, Any], *path: str) -> str:
    """A text in nested objects that must be there."""
    found = optional_at(value, *path)
    if found is None:
        raise Refused("MISSING", f"{'.'.join(path)} is missing")
    return found


def optional_at(value: Mapping[str, Any], *path: str) -> str | None:
    """A text in nested objects; None where it is absent."""
    found: Any = value
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    if found is None:
        return None
    if not isinstance(found, str) or not 0 < len(found) <= 200:
        raise Refused("MALFORMED", f"{'.'.join(path)} is no short text")
    return found


def object_at(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A nested object that must be there."""
    found = value.get(name)
    if not isinstance(found, Mapping):
        raise Refused("MISSING", f"{name} is missing")
    return found
