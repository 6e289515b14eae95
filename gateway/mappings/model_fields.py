"""The fields of a canonical model, as a mapping that is made from the model needs them."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Union, get_args, get_origin

from gateway.canonical.model import Model, PortTime

_SINGULAR = {
    "seals": "Seal",
    "goods": "GoodsItem",
    "bills": "Bill",
    "parties": "Party",
    "containers": "Container",
    "references": "Reference",
    "remarks": "Remark",
    "dangerous": "DangerousGoods",
    "texts": "Text",
    "lines": "Line",
    "charges": "Charge",
    "extras": "Extra",
    "optional_discharge_ports": "OptionalDischargePort",
    "printed_places": "PrintedPlace",
}
# Said by the message itself.
_LEFT_OUT = frozenset({"message_type"})


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a model: its element, what it holds, whether there may be several."""

    name: str
    element: str
    kind: Any
    many: bool

    @property
    def is_model(self) -> bool:
        """Whether the element has elements below it."""
        return isinstance(self.kind, type) and issubclass(self.kind, Model) and not self.is_time

    @property
    def is_time(self) -> bool:
        """Whether it is a time, which is written in one piece."""
        return self.kind is PortTime

    @property
    def type_name(self) -> str:
        """What a schema admits (gateway/syntax/xml/schema.py)."""
        if self.is_time:
            return "time"
        if self.kind is Decimal:
            return "decimal"
        return "count" if self.kind is int else "text"


@cache
def fields_of(model: type[Model]) -> tuple[Field, ...]:
    """The fields of a model in their order."""
    found = []
    for name, info in model.model_fields.items():
        kind, many = _kind(info.annotation)
        if name not in _LEFT_OUT:
            single = _SINGULAR.get(name) if many else None
            found.append(Field(name, single or _camel(name), kind, many))
    return tuple(found)


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def _kind(annotation: Any) -> tuple[Any, bool]:  # noqa: ANN401 - a type, or what stands for one
    """The type behind Optional, Annotated and tuples, and whether there are many."""
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return _kind(next(each for each in get_args(annotation) if each is not type(None)))
    if hasattr(annotation, "__metadata__"):
        return _kind(annotation.__origin__)
    if origin is tuple:
        return _kind(get_args(annotation)[0])[0], True
    return annotation, False


def value_at(values: Mapping[str, Any], path: str) -> object:
    """What stands at a path of names, None where it leads nowhere; "[]" at its end says a list."""
    found: object = values
    for step in path.removesuffix("[]").split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found
