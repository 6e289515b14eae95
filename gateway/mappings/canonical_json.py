"""Canonical JSON as a format of every document type: the models themselves are the mapping."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Any

from pydantic import ValidationError, create_model
from pydantic_core import ErrorDetails

from gateway.canonical.document import DocumentType
from gateway.canonical.model import Model
from gateway.canonical.registry import DOCUMENT_TYPES
from gateway.findings import Finding, FindingKind, Place, Severity, shortened
from gateway.mappings.contract import Format
from gateway.mappings.convert import BadValue
from gateway.mappings.model_faults import shown, words
from gateway.mappings.node import Node, dotted
from gateway.mappings.table import CompiledTable, Interpretation, Path, Table
from gateway.syntax.json.layout import HEADER, PART
from gateway.syntax.json.positions import lines_of, pointer
from gateway.syntax.record import Layout, Record

NOT_THE_MODEL = FindingKind(
    "JSON-VALUE",
    Severity.ERROR,
    "{path}{said_zh}：{what_zh}",
    "{path}{said}: {what}",
)
_FAULTS_MAX = 50


class ModelTable(Table):
    """A table of one model: JSON text → draft, as the model reads it."""

    def __init__(self, model: type[Model]) -> None:
        super().__init__(Node(rows=()))
        self._model = model

    def compile(self, layout: Layout) -> CompiledTable:
        """The same for every layout."""
        return _CompiledModel(self._model, layout)


class _CompiledModel(CompiledTable):
    def __init__(self, model: type[Model], layout: Layout) -> None:
        super().__init__(Node(rows=()), layout)
        self._model = model
        self._json_layout = layout

    @cached_property
    def _partial(self) -> type[Model]:
        return _partial(self._model)

    def read(self, records: Sequence[Record]) -> dict[str, Any]:
        """The draft; BadValue where the model refuses anything."""
        try:
            return _draft(self._model, records[0].values[0])
        except ValidationError:
            raise BadValue(NOT_THE_MODEL) from None

    def interpret(self, records: Sequence[Record]) -> Interpretation:
        """The members that the model takes, and what is wrong with the others."""
        record = records[0]
        raw = json.loads(record.values[0])
        findings: list[Finding] = []
        bad: set[str] = set()
        places = _places(record)
        try:
            values = _draft(self._model, record.values[0])
        except ValidationError as error:
            faults = error.errors(include_url=False)
            bad = {str(each["loc"][0]) for each in faults if each["loc"]}
            findings = [_finding(each, places) for each in faults[:_FAULTS_MAX]]
            values = _remaining(self._partial, {k: v for k, v in raw.items() if k not in bad})
        return Interpretation(values, findings, places, {}, {(name,) for name in bad})


def _draft(model: type[Model], text: str) -> dict[str, Any]:
    """What the text says and no more: defaults are the model's business."""
    return model.model_validate_json(text).model_dump(exclude_unset=True)


def _partial(model: type[Model]) -> type[Model]:
    """The same model, of which nothing must be there: what is left when something was refused."""
    optional: dict[str, Any] = {
        name: (Annotated[field.annotation, field], None)
        for name, field in model.model_fields.items()
        if field.is_required()
    }
    return create_model(f"Partial{model.__name__}", __base__=model, **optional)


def _remaining(model: type[Model], raw: dict[str, Any]) -> dict[str, Any]:
    try:
        return _draft(model, json.dumps(raw))
    except ValidationError:
        return {}


def _places(record: Record) -> dict[Path, Place]:
    """Of each value its line, and its JSON pointer as the tag."""
    # The header is the first record, the parts follow it.
    root = (HEADER,) if record.label == HEADER else (f"{PART}s", record.ordinal - 2)
    return {
        path: Place(record.ordinal, pointer(*root, *path), line=line)
        for path, line in lines_of(record.values[0], record.line or 1).items()
    }


def _finding(error: ErrorDetails, places: dict[Path, Place]) -> Finding:
    path = tuple(error["loc"])
    above = next(path[:n] for n in range(len(path), -1, -1) if path[:n] in places)
    place = places[above]
    if above != path:
        # What is missing has the line of the object that lacks it, and a pointer of its own.
        rest = pointer(*(str(step) for step in path[len(above) :]))
        place = place._replace(tag=f"{place.tag}{rest}")
    place = place._replace(tag=shortened(place.tag or ""))
    value = shown(error)
    said_zh = f"“{shortened(value)}”" if value is not None else ""
    what_zh, what = words(error)
    return NOT_THE_MODEL.at(
        place,
        value,
        path=shortened(dotted(path)),
        said_zh=said_zh,
        said=f" {said_zh}".rstrip(),
        what_zh=what_zh,
        what=what,
    )


def _format(document: DocumentType) -> Format:
    return Format(
        name=f"{document.name}/canonical-json",
        version="1",
        syntax="json",
        kinds=frozenset({document.name}),
        document=document,
        layout="canonical",
        header=ModelTable(document.header),
        part=ModelTable(document.part),
        group_labels=frozenset({"part"}),
        samples=f"{document.name}/canonical-json",
    )


CANONICAL_JSON: tuple[Format, ...] = tuple(map(_format, DOCUMENT_TYPES.values()))
