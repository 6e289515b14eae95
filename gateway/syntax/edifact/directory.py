"""The UN directories at hand, and which of them a message is read with."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from types import MappingProxyType
from typing import TypedDict

from gateway.resources import names, read_text
from gateway.syntax.edifact.layout import EdifactLayout
from gateway.syntax.record import MessageKind

_FOLDER = "schemas/edifact"
_SERVICE = "service"
_RELEASE = re.compile(r"D\.(\d\d)([A-Z])")
# UN directories began in 1988; two-digit years below that are of this century.
_CENTURY_PIVOT = 80


class _Directory(TypedDict):
    directory: str
    messages: dict[str, str]
    segments: dict[str, str]


@lru_cache(maxsize=16)
def _load(stem: str) -> _Directory:
    loaded: _Directory = json.loads(read_text(f"{_FOLDER}/{stem}.json"))
    return loaded


@lru_cache(maxsize=1)
def directories() -> tuple[str, ...]:
    """The releases at hand, oldest first: ("D.95B", …)."""
    stems = (name.removesuffix(".json") for name in names(_FOLDER, ".json"))
    found = [f"D.{stem[1:].upper()}" for stem in stems if stem != _SERVICE]
    return tuple(sorted(found, key=_age))


@lru_cache(maxsize=256)
def layout_for(kind: MessageKind) -> EdifactLayout | None:
    """The layout of a message in its own directory, else in the nearest one that carries it.

    The reader reports when the two differ.  None: no directory at hand knows the message.
    """
    if kind.name in _load(_SERVICE)["messages"]:
        return _layout(kind.name, _SERVICE)
    age = _age(kind.version)
    # The newer one of two equally near: its elements are wider.
    for release in sorted(directories(), key=lambda r: (abs(_age(r) - age), -_age(r))):
        found = _layout(kind.name, release)
        if found is not None:
            return found
    return None


def service_layout() -> EdifactLayout:
    """The service segments (UNB … UNZ) as a layout without a structure."""
    return EdifactLayout("", _SERVICE, "", _load(_SERVICE)["segments"])


@lru_cache(maxsize=256)
def _layout(message: str, release: str) -> EdifactLayout | None:
    data = _load(release if release == _SERVICE else release.replace(".", "").lower())
    structure = data["messages"].get(message)
    if structure is None:
        return None
    segments = MappingProxyType({**data["segments"], **_load(_SERVICE)["segments"]})
    return EdifactLayout(message, release, structure, segments)


def _age(release: str) -> float:
    """Years: D.95B is 1995.5; what is no D release is as old as the oldest there are."""
    found = _RELEASE.fullmatch(release)
    if found is None:
        return 1988.0
    year = int(found[1])
    return (1900 if year >= _CENTURY_PIVOT else 2000) + year + (ord(found[2]) - ord("A")) / 2
