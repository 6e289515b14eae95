"""Canonical JSON as a format of every document type: the models themselves are the mapping."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from gateway.canonical.document import DocumentType
from gateway.canonical.model import Model
from gateway.canonical.registry import DOCUMENT_TYPES
from gateway.findings import Finding, FindingKind, Place, Severity
from gateway.mappings.contract import Format
from gateway.mappings.convert import BadValue
from gateway.mappings.node import Node
from gateway.mappings.table import CompiledTable, Interpretation, Path, Table
from gateway.syntax.record import Layout, Record

NOT_THE_MODEL = FindingKind(
    "JSON-VALUE",
    Severity.ERROR,
    "{path} 的值“{value}”不符合标准模型（{what}）",
    "{path}: “{value}” does not fit the canonical model ({what})",
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
        try:
            values = _draft(self._model, record.values[0])
        except ValidationError as error:
            faults = error.errors(include_url=False, include_context=False)
            bad = {str(each["loc"][0]) for each in faults if each["loc"]}
            place = self._json_layout.place(record, 0)
            findings = [_finding(each, place) for each in faults[:_FAULTS_MAX]]
            values = _remaining(self._model, {k: v for k, v in raw.items() if k not in bad})
        places: dict[Path, Place] = {(n,): self._json_layout.place(record, 0) for n in values}
        return Interpretation(values, findings, places, {})


def _draft(model: type[Model], text: str) -> dict[str, Any]:
    """What the text says and no more: defaults are the model's business."""
    return model.model_validate_json(text).model_dump(exclude_unset=True)


def _remaining(model: type[Model], raw: dict[str, Any]) -> dict[str, Any]:
    """Nothing where a member that must be there was the faulty one."""
    try:
        return _draft(model, json.dumps(raw))
    except ValidationError:
        return {}


def _finding(error: Any, place: Place) -> Finding:  # noqa: ANN401 - pydantic's ErrorDetails
    value = error.get("input")
    shown = value if isinstance(value, str | int) else type(value).__name__
    path = ".".join(str(step) for step in error["loc"])
    return NOT_THE_MODEL.at(place, str(shown), path=path, what=error["type"])


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
    )


CANONICAL_JSON: tuple[Format, ...] = tuple(map(_format, DOCUMENT_TYPES.values()))
