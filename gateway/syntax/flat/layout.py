"""Record layouts as data: `schemas/flat/<name>.toml`.

A layout file names the records of one variant and their fields, and what a reader is to check:

    name, version, title_zh, title_en
    parts      records that open a part (a bill); empty where the whole message is one part
    required   [[required]] record, scope ("message" or "part"), severity, optional group of ids of
               which one must be there
    needed     fields that must be filled: "12.bill_number" = "error"
    either     pairs of which one must be filled: [["10.vessel_code", "10.vessel_name"]]
    size_types fields that hold container sizes and types
    sums       a field and the fields whose sum it should be
    links      a field that points to the number of another record
    records    per record id: zh, en, text ("numbered" or "plain" for free text records), quirks,
               and the fields, one a line: position, name, type and length, flag, confidence, zh

Confidence (docs/formats/flat-syntax.md): E exact, P from programs, S from samples, G guess.
Lengths are checked only where they are exact and the type says a length without `~`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from gateway.findings import Place, Severity
from gateway.resources import read_bytes
from gateway.syntax.record import FieldRef, Record

TextMode = Literal["", "numbered", "plain"]
FOLDER = "schemas/flat"

_LENGTH = re.compile(r"(~?)(X|9)\((\d+)\)(\.9+)?|(~?)decimal|time")
_CONFIDENCES = frozenset("EPSG")
_FLAGS = frozenset({"M", "C", "O", "M/C", "C/M", "-"})


class BadLayout(ValueError):
    """A layout file of ours is wrong; the layout check names the place."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field; `position` from 1 (1 is the record id), `length` only where it is exact."""

    position: int
    name: str
    type: str
    flag: str
    confidence: str
    zh: str

    @property
    def length(self) -> int | None:
        """Longest text that the specification admits, None where nobody published it."""
        found = _LENGTH.fullmatch(self.type)
        if self.confidence != "E" or not found or found[1] or not found[3]:
            return None
        return int(found[3]) + (len(found[4]) if found[4] else 0)


@dataclass(frozen=True, slots=True)
class RecordLayout:
    """One record id with its fields in order, the record id itself left out."""

    label: str
    zh: str
    en: str
    text: TextMode
    quirks: tuple[str, ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Required:
    """A record that must be there, in the message or in each part; any of `labels` will do."""

    labels: tuple[str, ...]
    severity: Severity


@dataclass(frozen=True, slots=True)
class FieldKey:
    """A field of a record: label and index into `Record.values`."""

    label: str
    index: int
    name: str
    zh: str

    @property
    def en(self) -> str:
        """The name in words."""
        return self.name.replace("_", " ")


@dataclass(frozen=True, eq=False)
class FlatLayout:
    """A loaded layout; satisfies `gateway.syntax.record.Layout`.  Equal only to itself."""

    name: str
    version: str
    title_zh: str
    title_en: str
    parts: frozenset[str]
    records: dict[str, RecordLayout]
    required_message: tuple[Required, ...] = ()
    required_part: tuple[Required, ...] = ()
    needed: tuple[tuple[FieldKey, Severity], ...] = ()
    either: tuple[tuple[FieldKey, FieldKey], ...] = ()
    size_types: tuple[FieldKey, ...] = ()
    sums: tuple[tuple[FieldKey, FieldKey], ...] = ()
    links: tuple[tuple[FieldKey, FieldKey], ...] = ()
    _index: dict[tuple[str, str], int] = field(default_factory=dict)

    def index(self, label: str, field: FieldRef) -> int | None:
        """Index into `Record.values` by name or by position from 1; None where there is none."""
        if isinstance(field, str):
            return self._index.get((label, field))
        if isinstance(field, int) and 1 <= field <= self.width(label):
            return field - 1
        return None

    def fields(self, label: str) -> Sequence[tuple[int, str]]:
        """(index, name) of every field but the record id."""
        record = self.records.get(label)
        return [(f.position - 1, f.name) for f in record.fields] if record else []

    def width(self, label: str) -> int:
        """Number of values of a record, the record id included; 0 for an unknown one."""
        record = self.records.get(label)
        return 0 if record is None else max((f.position for f in record.fields), default=1)

    def place(self, record: Record, index: int) -> Place:
        """The place of a value: field numbers count from 1, the record id is field 1."""
        return Place(record.ordinal, record.label, index + 1, None, record.line, record.offset)


@cache
def load(name: str) -> FlatLayout:
    """The layout `schemas/flat/<name>.toml`; FileNotFoundError or BadLayout if it is not right."""
    return parse(tomllib.loads(read_bytes(f"{FOLDER}/{name}.toml").decode("utf-8")))


def parse(data: dict[str, Any]) -> FlatLayout:
    """A layout from the content of its file; BadLayout says what is wrong."""
    records = {label: _record(label, raw) for label, raw in data["records"].items()}
    index = {(r.label, f.name): f.position - 1 for r in records.values() for f in r.fields}

    def key(text: str) -> FieldKey:
        label, _, name = text.partition(".")
        at = index.get((label, name))
        if at is None:
            raise BadLayout(f"{data['name']}: no field {text}")
        zh = next(f.zh for f in records[label].fields if f.name == name)
        return FieldKey(label, at, name, zh)

    def pairs(name: str) -> tuple[tuple[FieldKey, FieldKey], ...]:
        return tuple((key(a), key(b)) for a, b in data.get(name, ()))

    return FlatLayout(
        data["name"], data["version"], data["title_zh"], data["title_en"],
        frozenset(data.get("parts", ())), records,
        _required(data, records, "message"), _required(data, records, "part"),
        tuple((key(k), Severity(v)) for k, v in data.get("needed", {}).items()),
        pairs("either"),
        tuple(key(k) for k in data.get("size_types", ())),
        pairs("sums"), pairs("links"), index,
    )  # fmt: skip


def _required(
    data: dict[str, Any], records: dict[str, RecordLayout], scope: str
) -> tuple[Required, ...]:
    found = []
    for row in data.get("required", ()):
        labels = tuple(row["record"].split("|"))
        if unknown := [label for label in labels if label not in records]:
            raise BadLayout(f"{data['name']}: required record {unknown[0]} has no layout")
        if row["scope"] == scope:
            found.append(Required(labels, Severity(row["severity"])))
    return tuple(found)


def _record(label: str, raw: dict[str, Any]) -> RecordLayout:
    fields = tuple(_field(label, line) for line in raw["fields"].strip().splitlines())
    names = [f.name for f in fields]
    positions = [f.position for f in fields]
    if len(set(names)) != len(names) or positions != list(range(2, len(fields) + 2)):
        raise BadLayout(f"{label}: names must differ and positions run from 2 without a gap")
    text = raw.get("text", "")
    if text not in ("", "numbered", "plain"):
        raise BadLayout(f"{label}: unknown text mode {text}")
    return RecordLayout(label, raw["zh"], raw["en"], text, tuple(raw.get("quirks", ())), fields)


def _field(label: str, line: str) -> Field:
    columns = line.split(None, 5)
    if len(columns) != 6:
        raise BadLayout(f"{label}: six columns expected in {line!r}")
    position, name, type_, flag, confidence, zh = columns
    if not _LENGTH.fullmatch(type_) or flag not in _FLAGS or confidence not in _CONFIDENCES:
        raise BadLayout(f"{label}: type, flag or confidence is wrong in {line!r}")
    return Field(int(position), name, type_, flag, confidence, zh.strip())
