"""Elements that are the same wherever their one record is the same: made and judged once.

A forwarder names its consignee on every bill.  Models are frozen, so all bills may hold the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from gateway.canonical.model import Model
from gateway.limits import SHARED_ELEMENTS_MAX

Finish = Callable[[dict[str, Any]], None]


class Shared(dict[tuple[str, ...] | str, Model]):
    """Values of a record, or its text → the element that they make; so many are kept."""

    def __init__(self, model: type[Model], finish: Finish | None = None) -> None:
        super().__init__()
        self._build = model.__pydantic_validator__.validate_python
        self._finish = finish

    def keep(self, words: tuple[str, ...] | str, element: dict[str, Any]) -> Model | dict[str, Any]:
        """The element as a model; as it is, where it makes none: its part tells what is wrong."""
        if self._finish is not None:
            self._finish(element)
        try:
            made: Model = self._build(element)
        except ValidationError:
            return element
        if len(self) >= SHARED_ELEMENTS_MAX:
            self.clear()
        self[words] = made
        return made


class Sharing:
    """What the orders of one table share, by the model and the label of its record."""

    def __init__(self) -> None:
        self._known: dict[tuple[type[Model], str], Shared] = {}

    def of(self, model: type[Model], label: str, finish: Finish | None = None) -> Shared:
        """The elements of a label."""
        found = self._known.get((model, label))
        if found is None:
            found = self._known[model, label] = Shared(model, finish)
        return found


def plainly(value: object) -> object:
    """What JSON has no word for: a shared element as it was read, all else as text."""
    return value.model_dump(exclude_unset=True) if isinstance(value, Model) else str(value)
