"""Cursors: opaque to clients, who give back what they were given."""

from __future__ import annotations

import base64
import binascii
import re

from gateway import limits
from gateway.adapters.http import problem
from gateway.adapters.http.problem import Problem

# What stores put into cursors: positions, below 2 ** 62.
_OURS = re.compile(r"[0-9]{1,18}|(?=.*[A-Za-z])[0-9A-Za-z.:-]{1,64}")


def sealed(cursor: str | None) -> str | None:
    """A store's cursor as clients see it."""
    if cursor is None:
        return None
    return base64.urlsafe_b64encode(cursor.encode()).decode().rstrip("=")


def opened(cursor: str | None) -> str | None:
    """Back again; raises Problem 422 for what was never given out."""
    if cursor is None:
        return None
    if len(cursor) > limits.HTTP_CURSOR_CHARACTERS_MAX:
        raise bad_cursor()
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise bad_cursor() from None
    if not _OURS.fullmatch(text):
        raise bad_cursor()
    return text


def bad_cursor() -> Problem:
    """422."""
    return problem.invalid("cursor", "游标无效", "the cursor is not one of ours")
