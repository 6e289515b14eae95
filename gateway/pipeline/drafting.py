"""Records → draft → model for one header or part: a fast path, and a slow one that explains."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from gateway.canonical.compact import compact_json
from gateway.findings import NOWHERE, FindingKind, Findings, Place
from gateway.mappings.contract import Format
from gateway.mappings.convert import BadValue
from gateway.mappings.node import tag_of
from gateway.mappings.sharing import plainly
from gateway.mappings.table import CompiledTable, Interpretation, Path
from gateway.pipeline.modelling import model_findings, nearest
from gateway.rules.flaw import Flaw
from gateway.rules.identifiers import identifier_findings
from gateway.rules.zones import zone_header, zone_part
from gateway.syntax.profile import Profile
from gateway.syntax.readers import layout_for
from gateway.syntax.record import Interchange, Layout, Message, MessageKind, Record


@dataclass(slots=True)
class Drafted:
    """Values as they were read and, where they fit, the model made of them."""

    values: dict[str, Any]
    model: Any | None
    zone: str | None = None

    def json(self, whole: bool = False) -> str:
        """The model (defaults left out unless `whole`), or the draft where there is no model."""
        model = self.model
        if model is None:
            return json.dumps(self.values, ensure_ascii=False, default=plainly)
        return str(model.model_dump_json(exclude_none=True)) if whole else compact_json(model)


class Tables:
    """The compiled tables of one format under one layout."""

    def __init__(self, format_: Format, layout: Layout) -> None:
        self.layout = layout
        self._format = format_
        self._header = format_.header.compile(layout)
        self._part = format_.part.compile(layout)
        self._build_header = format_.document.header.__pydantic_validator__.validate_python
        self._build_part = format_.document.part.__pydantic_validator__.validate_python

    def header(
        self,
        records: Sequence[Record],
        message: Message,
        interchange: Interchange,
        profile: Profile,
        findings: Findings,
    ) -> Drafted:
        """The header of a document, completed from its envelope."""
        reading = _Reading(self._header, records, findings)
        try:
            values = self._header.read(records)
        except BadValue:
            values = reading.refused()
        for name, value in (
            ("message_type", message.kind.name),
            ("message_version", message.kind.version),
            ("reference", message.reference),
            ("sender", interchange.sender),
            ("receiver", interchange.receiver),
        ):
            if value:
                values.setdefault(name, value)
        if self._format.finish_header is not None:
            self._format.finish_header(values, message.kind, profile)
        zone, flaws = zone_header(self._format.document.name, values, profile.zone)
        try:
            drafted = Drafted(values, self._build_header(values), zone)
        except ValidationError as error:
            reading.tell(error)
            drafted = Drafted(values, None, zone)
        if drafted.model is not None:
            flaws = (*flaws, *identifier_findings(self._format.document.name, drafted.model, None))
        if flaws:
            reading.report(flaws, "header")
        return drafted

    def read(self, records: Sequence[Record]) -> dict[str, Any] | None:
        """The draft of a part as its table reads it; None where a value was refused."""
        try:
            return self._part.read(records)
        except BadValue:
            return None

    def part(
        self,
        read: tuple[Sequence[Record], dict[str, Any] | None],
        header: Drafted,
        profile: Profile,
        findings: Findings,
    ) -> Drafted:
        """One part (its records and what `read` made of them), judged by the identifier rules."""
        records, values = read
        reading = _Reading(self._part, records, findings)
        if values is None:
            values = reading.refused()
        if self._format.finish_part is not None:
            self._format.finish_part(values, header.values, profile)
        flaws = zone_part(
            self._format.document.name, header.values, values, header.zone, profile.zone
        )
        try:
            drafted = Drafted(values, self._build_part(values))
        except ValidationError as error:
            reading.tell(error)
            drafted = Drafted(values, None)
        if drafted.model is not None:
            flaws = (*flaws, *identifier_findings(self._format.document.name, None, drafted.model))
        if flaws:
            reading.report(flaws, "part")
        if self._format.remark is not None:
            for kind, path in self._format.remark(values, header.values):
                reading.note(kind, path)
        return drafted


class _Reading:
    """What is wrong with a header or part, and where; the slow path runs at most once."""

    __slots__ = ("_findings", "_records", "_slow", "_table")

    def __init__(self, table: CompiledTable, records: Sequence[Record], findings: Findings) -> None:
        self._table = table
        self._records = records
        self._findings = findings
        self._slow: Interpretation | None = None

    def refused(self) -> dict[str, Any]:
        """The values without those that converters refuse, which become findings."""
        slow = self._explain()
        self._findings.extend(slow.findings)
        return slow.values

    def tell(self, error: ValidationError) -> None:
        """Every fault that the model finds becomes a finding; what was refused is told already."""
        if self._findings.full:
            self._findings.extend(model_findings(error, {}, NOWHERE))
            return
        slow = self._explain()
        self._findings.extend(model_findings(error, slow.places, self._begin, slow.refused))

    def report(self, flaws: Sequence[Flaw], root: str) -> None:
        """Flaws become findings at the places their values came from, with the text written there.

        `root` tells which draft was read here: a flaw in the other one has no place in it.
        """
        for flaw in flaws:
            if flaw.path[0] != root or self._findings.full:
                self._findings.add(flaw.finding(NOWHERE))
                continue
            path = flaw.path[1:]
            written = self._explain().written.get(path)
            place = nearest(path, self.places)
            self._findings.add(flaw.finding(self._begin if place is NOWHERE else place, written))

    def note(self, kind: FindingKind, path: Path) -> None:
        """A finding about one value of the draft, where it stands and as it is written there."""
        written = self._explain().written.get(path)
        self._findings.add(kind.at(nearest(path, self.places), written))

    @property
    def _begin(self) -> Place:
        """Where the part begins: the place of what is not there."""
        if not self._records:
            return NOWHERE
        if (root := self.places.get(())) is not None:
            return root
        first = self._records[0]
        offset = first.offset if first.offset >= 0 else None  # XML knows lines only
        return Place(first.ordinal, tag_of(first.label), line=first.line, offset=offset)

    @property
    def places(self) -> dict[Path, Place]:
        """Where each value came from (lineage)."""
        return self._explain().places

    def _explain(self) -> Interpretation:
        if self._slow is None:
            self._slow = self._table.interpret(self._records)
        return self._slow


_cache: dict[tuple[str, str, str], Tables] = {}


def tables_for(format_: Format, kind: MessageKind, profile: Profile) -> Tables | None:
    """The tables of a format for the layout that this message and partner call for.

    None where no layout is known for the message (an EDIFACT type of no directory at hand, an
    agreement that names a layout of another syntax).
    """
    try:
        layout = layout_for(format_.syntax, profile.layouts.get(format_.name, format_.layout), kind)
    except FileNotFoundError:
        return None
    if layout is None:
        return None
    key = (format_.name, layout.name, layout.version)
    found = _cache.get(key)
    if found is None:
        found = _cache[key] = Tables(format_, layout)
    return found
