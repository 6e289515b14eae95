"""Canonical JSON as it is stored and sent: what is not there is left out, and so are defaults.

`model_dump_json(exclude_none=True, exclude_defaults=True)` writes the same in nearly twice the
time: it compares every value that is there with a None that would have stood there otherwise.
"""

from __future__ import annotations

from functools import cache
from typing import cast

from pydantic import BaseModel
from pydantic_core import CoreSchema, SchemaSerializer

from gateway.canonical.model import Model


def compact_json(model: Model) -> str:
    """The model as JSON."""
    written = _serializer(type(model)).to_json(model, exclude_none=True, exclude_defaults=True)
    return written.decode()


@cache
def _serializer(model: type[Model]) -> SchemaSerializer:
    return SchemaSerializer(cast("CoreSchema", _without_none(model.__pydantic_core_schema__)))


def _without_none(schema: object) -> object:
    """The schema of a model without defaults that are None.

    Models count as BaseModel, of which there is no serializer ready to be taken instead of ours.
    """
    if isinstance(schema, list):
        return [_without_none(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kind = schema.get("type")
    if kind == "default" and "default" in schema and schema["default"] is None:
        return _without_none(schema["schema"])
    taken = {name: _without_none(each) for name, each in schema.items()}
    return {**taken, "cls": BaseModel} if kind == "model" else taken
