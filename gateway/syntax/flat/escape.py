"""Fields of one record: split at `:`, release character `?` (formats.md 1.1).

`?` releases `?`, `:`, `'` and `+`; before anything else it is itself.
"""

from __future__ import annotations

import re

_RELEASED = re.compile(r"\?([?:'+])")
_SPECIAL = re.compile(r"[?:'+]")
# Stands for a released colon while splitting; no decoder ever yields a lone surrogate.
_COLON = "\udc3a"


def split(record: str) -> list[str]:
    """The fields of a record without its terminator, unescaped."""
    if "?" not in record:
        return record.split(":")
    fields = _RELEASED.sub(_kept, record).split(":")
    return [field.replace(_COLON, ":") if _COLON in field else field for field in fields]


def _kept(found: re.Match[str]) -> str:
    return _COLON if found[1] == ":" else found[1]


def escape(value: str) -> str:
    """A value as it must be written; the inverse of `split` for one field."""
    # Most values hold none, and filling in the pattern takes five times as long as looking.
    return _SPECIAL.sub(r"?\g<0>", value) if _SPECIAL.search(value) else value


def join(values: list[str]) -> str:
    """One record with its terminator; trailing empty fields are left out."""
    last = len(values)
    while last > 1 and not values[last - 1]:
        last -= 1
    return ":".join([escape(value) for value in values[:last]]) + "'"
