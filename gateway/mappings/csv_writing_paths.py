"""Which canonical paths the columns of a layout say, and which a document type has beyond them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from gateway.canonical.document import DocumentType
from gateway.canonical.model import PortTime

_BRACKETS = re.compile(r"\[[^\]]*\]")


class Names:
    """Paths without brackets; a path covers all below it."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._names = {_BRACKETS.sub("", path) for path in paths}

    def covers(self, path: str) -> bool:
        """Whether a column says this path, or one above it."""
        steps = path.split(".")
        return any(".".join(steps[:end]) in self._names for end in range(1, len(steps) + 1))

    def touches(self, path: str) -> bool:
        """Whether a column says this path or something below it."""
        return self.covers(path) or any(name.startswith(f"{path}.") for name in self._names)


def left_out(document: DocumentType, paths: Iterable[str]) -> frozenset[str]:
    """The topmost paths of header and part that no column says anything of."""
    names = Names(paths)
    return frozenset(
        path
        for root, model in (("header", document.header), ("part", document.part))
        for path in _untold(model, root, names)
    )


def _untold(model: type[BaseModel], path: str, names: Names) -> Iterator[str]:
    for name, info in model.model_fields.items():
        below = f"{path}.{name}"
        if names.covers(below):
            continue
        if not names.touches(below):
            yield below
            continue
        inner = _model_of(info.annotation)
        if inner is not None and not issubclass(inner, PortTime):
            yield from _untold(inner, below, names)


def _model_of(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - a type expression
    """The model behind Optional, Annotated and tuples."""
    if get_origin(annotation) in (Union, UnionType, tuple):
        found = (_model_of(each) for each in get_args(annotation))
        return next((each for each in found if each is not None), None)
    if hasattr(annotation, "__metadata__"):
        return _model_of(annotation.__origin__)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return None
