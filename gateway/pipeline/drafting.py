"""Records → draft → model, for one header or part: the fast path, and the slow one that explains."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from gateway.canonical.model import Model
from gateway.findings import Findings, Place
from gateway.mappings.contract import Format
from gateway.mappings.convert import BadValue
from gateway.mappings.table import CompiledTable, Interpretation, Path
from gateway.pipeline.modelling import model_findings, nearest
from gateway.rules.identifiers import identifier_findings
from gateway.rules.zones import zoned
from gateway.syntax.layouts import layout_for
from gateway.syntax.profile import Profile
from gateway.syntax.record import Interchange, Layout, Message, MessageKind, Record


@dataclass(slots=True)
class Drafted:
    """Values as they were read and, where they fit, the model made of them."""

    values: dict[str, Any]
    model: Any | None

    def json(self, whole: bool = False) -> str:
        """The model (defaults left out unless `whole`), or the draft where there is no model."""
        if self.model is not None:
            return str(self.model.model_dump_json(exclude_none=True, exclude_defaults=not whole))
        return json.dumps(self.values, ensure_ascii=False, default=str)


class Tables:
    """The compiled tables of one format under one layout."""

    def __init__(self, format_: Format, layout: Layout) -> None:
        self.layout = layout
        self._format = format_
        self._header = format_.header.compile(layout)
        self._part = format_.part.compile(layout)

    def header(
        self,
        records: Sequence[Record],
        message: Message,
        interchange: Interchange,
        findings: Findings,
    ) -> Drafted:
        """The header of a document, completed from its envelope."""
        reading = _Reading(self._header, records, findings)
        values = reading.values
        for name, value in (
            ("message_type", message.kind.name),
            ("message_version", message.kind.version),
            ("reference", message.reference),
            ("sender", interchange.sender),
            ("receiver", interchange.receiver),
        ):
            if value:
                values.setdefault(name, value)
        return reading.finish(self._format.document.header, values)

    def part(
        self, records: Sequence[Record], header: Drafted, profile: Profile, findings: Findings
    ) -> Drafted:
        """One part, judged by the identifier rules when it could be built."""
        reading = _Reading(self._part, records, findings)
        values = reading.values
        if self._format.finish_part is not None:
            self._format.finish_part(values, header.values, profile)
        zoned(self._format.document.name, header.values, values, profile.zone)
        drafted = reading.finish(self._format.document.part, values)
        if header.model is not None and drafted.model is not None:
            for path, kind, value in identifier_findings(
                self._format.document.name, header.model, drafted.model
            ):
                place = nearest(path[1:], reading.places) if path[0] == "part" else Place()
                findings.add(kind.at(place, value))
        return drafted


class _Reading:
    """One run of a table over records; the slow path runs at most once, when asked for."""

    def __init__(
        self, table: CompiledTable, records: Sequence[Record], findings: Findings
    ) -> None:
        self._table = table
        self._records = records
        self._findings = findings
        self._slow: Interpretation | None = None
        try:
            self.values = table.read(records)
        except BadValue:
            self.values = self._explain().values
            findings.extend(self._explain().findings)

    def finish(self, model: type[Model], values: dict[str, Any]) -> Drafted:
        """Validate once; every fault becomes a finding."""
        try:
            built = model.__pydantic_validator__.validate_python(values)
        except ValidationError as error:
            self._findings.extend(model_findings(error, self.places))
            return Drafted(values, None)
        return Drafted(values, built)

    @property
    def places(self) -> dict[Path, Place]:
        """Where each value came from (lineage)."""
        return self._explain().places

    def _explain(self) -> Interpretation:
        if self._slow is None:
            self._slow = self._table.interpret(self._records)
        return self._slow


_cache: dict[tuple[str, str, str], Tables] = {}


def tables_for(format_: Format, kind: MessageKind, profile: Profile) -> Tables:
    """The tables of a format for the layout that this message and partner call for."""
    layout = layout_for(format_.syntax, profile.layouts.get(format_.name, format_.layout), kind)
    key = (format_.name, layout.name, layout.version)
    found = _cache.get(key)
    if found is None:
        found = _cache[key] = Tables(format_, layout)
    return found
