"""Where the values of a JSON text stand: the line of each, by its path.

Only findings ask for it, so that the good path never looks; the text is known to be well-formed
but for what `value.parse` refuses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]
# By the identity of an object or list, its member's name or number.
Lines = dict[int, dict[str | int, int]]

_TOKEN = re.compile(r'[{}\[\],:]|"(?:[^"\\]|\\.)*"|[^\s,:\]}]+', re.DOTALL)
# Values that are looked for; behind them the nearest one above has to do.
_VALUES_MAX = 20_000


@dataclass(slots=True)
class _Open:
    """An object or list that has begun: its path, the place of the next item, the member's name."""

    path: Path
    item: int | None = None
    name: str | None = None

    def path_below(self) -> Path:
        """The path of the value that begins now."""
        step = self.item if self.item is not None else self.name
        return self.path if step is None else (*self.path, step)


def values(text: str) -> Iterator[tuple[Path, str, int]]:
    """Path, text (of objects and lists the bracket) and line of each value, outer ones first.

    Of a text that was refused before its end, which may be anything behind that, as far as it goes.
    """
    opened = [_Open(())]
    line, seen = 1, 0
    for found in _TOKEN.finditer(text):
        line += text.count("\n", seen, found.start())
        seen = found.start()
        written, top = found[0], opened[-1]
        if written in "}]":
            # The first one stays: there may be more brackets than were opened.
            del opened[max(1, len(opened) - 1) :]
        elif written == ",":
            top.name, top.item = None, None if top.item is None else top.item + 1
        elif written != ":":
            if len(opened) > 1 and top.item is None and top.name is None:
                top.name = _text(written)
                if top.name is None:
                    return
                continue
            path = top.path_below()
            yield path, written, line
            if written in "{[":
                opened.append(_Open(path, 0 if written == "[" else None))


def _text(token: str) -> str | None:
    """What a token says that is a text."""
    try:
        found = json.loads(token)
    except ValueError:
        return None
    return found if isinstance(found, str) else None


def lines_of(text: str, first: int) -> dict[Path, int]:
    """The line of each value, where the text begins in the line `first`."""
    found: dict[Path, int] = {}
    for path, _written, line in values(text):
        found.setdefault(path, first + line - 1)
        if len(found) >= _VALUES_MAX:
            break
    return found


def by_container(value: object, text: str, first: int) -> Lines:
    """The lines of the members of each object and list, for who takes them apart.

    Nothing of a text without line breaks: all of it has the line of what stands above.
    """
    found: Lines = {}
    if "\n" not in text:
        return found
    opened: dict[Path, Any] = {(): value}
    for path, _written, line in values(text):
        if path:
            above = opened[path[:-1]]
            found.setdefault(id(above), {})[path[-1]] = first + line - 1
            if isinstance(below := above[path[-1]], dict | list):
                opened[path] = below
    return found


def pointer(*steps: str | int) -> str:
    """A path as JSON pointer (RFC 6901)."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)
