"""Canonical documents → flat files: the read tables, turned round (flat_writing_plan.py).

A format adds what its table cannot say (`FlatForm`): its name in record 00, which fields of a
tolerantly read layout its variant has, and the inverse of the reader's last touch on a draft.
Every value that is written is taken out of the draft, so what is left afterwards has no place in
this format: either it must not be lost, and the document is refused, or it is left out as the page
of the format in docs/formats says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from gateway.canonical.document import Header
from gateway.canonical.model import Model
from gateway.findings import Finding, Place, Severity
from gateway.limits import FINDINGS_PER_FILE_MAX
from gateway.mappings import facts
from gateway.mappings.contract import Format, Outgoing, Unwritable, Writer
from gateway.mappings.flat_writing_element import ElementWriter, Written
from gateway.mappings.flat_writing_plan import Choices, plan_of
from gateway.mappings.node import Node
from gateway.syntax.flat.layout import FlatLayout, load
from gateway.syntax.flat.writer import RELEASED, FlatPen

Draft = dict[str, Any]
# The drafts of all parts → the records between head and trailer, for layouts that do not write
# part behind part.
Arrange = Callable[["FlatWriting", Iterator[Draft]], Iterator[list[list[str]]]]

CONTENT_TYPE = "text/plain"
SUFFIX = ".txt"
ENCODING = "gb18030"
ENCODINGS = frozenset({"gb18030", "gbk", "gb2312", "utf-8", "utf-8-sig", "ascii"})


@dataclass(frozen=True)
class FlatForm:
    """How one format is written.

    message_type, description, version: record 00.  always: records that are written even where
    nothing fills them.  undo_header, undo_part: the inverse of the format's `finish_…` on a draft
    (the part's gets the header's draft, too).  lift: what the header takes from the first part,
    where other syntaxes tell it part by part.  arrange: see `Arrange`.  name, layout, header: where
    others than the reader's are written.  released: as in `FlatPen`.  kept: canonical paths below a
    part that must not be left out here, beside `facts.NEVER_LOST`; spared: those of them that may,
    as the page of the format says.  leaves_out: as in `Writer`.
    """

    format: Format
    message_type: str
    description: str
    version: str | None = None
    choices: Choices = field(default_factory=Choices)
    always: frozenset[str] = frozenset({"00", "10"})
    undo_header: Callable[[Draft], None] | None = None
    undo_part: Callable[[Draft, Draft], None] | None = None
    lift: Callable[[Draft, Draft], None] | None = None
    arrange: Arrange | None = None
    name: str | None = None
    layout: str | None = None
    header: Node | None = None
    released: str = RELEASED
    kept: frozenset[str] = frozenset()
    spared: frozenset[str] = frozenset()
    leaves_out: frozenset[str] = frozenset()


def flat_writer(form: FlatForm) -> Writer:
    """The writer of a form."""

    def write(envelope: Outgoing, header: Header, parts: Iterable[Model]) -> Iterator[bytes]:
        return FlatWriting(form, envelope, header).run(parts)

    return Writer(
        name=form.name or form.format.name,
        document=form.format.document,
        suffix=SUFFIX,
        content_type=CONTENT_TYPE,
        write=write,
        encoding=ENCODING,
        encodings=ENCODINGS,
        leaves_out=form.leaves_out,
    )


class FlatWriting:
    """One file in the making."""

    def __init__(self, form: FlatForm, envelope: Outgoing, header: Header) -> None:
        self.form = form
        self.name = form.name or form.format.name
        self.layout: FlatLayout = load(form.layout or form.format.layout)
        self.findings: list[Finding] = []
        self._encoding = envelope.encoding or ENCODING
        self._head = draft_of(header)
        self._envelope = envelope
        # Values that only a file of this very kind keeps under its own names.
        self._family = (
            self._head.get("message_type") == form.message_type
            and self._head.get("message_version") == form.version
        )
        root = plan_of(form.header or form.format.header.root, self.layout, form.choices)
        self._header = ElementWriter(root, self.layout, self._family, form.always)
        part = plan_of(form.format.part.root, self.layout, form.choices)
        opening = form.format.group_labels
        self.parts = ElementWriter(part, self.layout, self._family, form.always | opening)

    def run(self, parts: Iterable[Model]) -> Iterator[bytes]:
        """The file, a part at a time; raises Unwritable at its end."""
        pen = FlatPen(self._encoding, self.form.released)
        if self.form.lift is not None:
            parts = iter(parts)
            first = next(parts, None)
            parts = chain(() if first is None else (first,), parts)
            self.form.lift(self._head, {} if first is None else draft_of(first))
        yield pen.records(self._head_records())
        drafts = self._drafts(parts)
        arranged = (
            self.form.arrange(self, drafts) if self.form.arrange else map(self.part_records, drafts)
        )
        some = False
        for records in arranged:
            some = True
            yield pen.records(records)
        yield pen.trailer()
        if not some:
            self._missing("part", "MESSAGE")
        for text in pen.unencodable:
            kind = facts.NOT_ENCODABLE
            self.add(kind.at(Place(), text, encoding=self._encoding))
        if self.findings:
            raise Unwritable(self.findings)

    def add(self, finding: Finding) -> None:
        """Keep a finding; what is beyond the usual number is not told."""
        if len(self.findings) < FINDINGS_PER_FILE_MAX:
            self.findings.append(finding)

    def part_records(self, draft: Draft) -> list[list[str]]:
        """The records of one part."""
        key = _key(draft)
        written = self.parts.write(draft)
        self._judge(written, draft, key)
        self._require(self.layout.required_part, {r[0] for r in written.records}, key)
        return written.records

    def element_records(self, writer: ElementWriter, draft: Draft) -> list[list[str]]:
        """The records of an element by itself (an arranged layout)."""
        key = _key(draft)
        written = writer.write(draft)
        self._judge(written, draft, key)
        return written.records

    def _drafts(self, parts: Iterable[Model]) -> Iterator[Draft]:
        for part in parts:
            draft = draft_of(part)
            if self.form.undo_part is not None:
                self.form.undo_part(draft, self._kept_head)
            yield draft

    def _head_records(self) -> list[list[str]]:
        draft, form, envelope = self._head, self.form, self._envelope
        self._kept_head: Draft = deepcopy(draft)
        # Boxes that the header tells of stand below each bill, too (canonical/manifest.py).
        for name in ("reference", "document_number", "message_version", "containers"):
            draft.pop(name, None)
        if not self._family:
            draft.pop("file_description", None)
        draft.setdefault("file_description", form.description)
        draft |= {
            "message_type": form.message_type,
            "sender": envelope.sender,
            "receiver": envelope.receiver,
            "created_at": {"wall": envelope.created.strftime("%Y-%m-%dT%H:%M")},
            "function": envelope.function or draft.get("function") or "9",
        }
        if form.version is not None:
            draft["message_version"] = form.version
        if form.undo_header is not None:
            form.undo_header(draft)
        written = self._header.write(draft)
        self._judge(written, draft, "header")
        self._require(self.layout.required_message, {r[0] for r in written.records}, "header")
        return written.records

    def _judge(self, written: Written, draft: Draft, key: str) -> None:
        """What was refused on the way, what is left, and what a record of this layout must have."""
        for kind, path, value, more in written.refused:
            self.add(kind.at(Place(key=key), value, path=path, format=self.name, **more))
        for path, told in facts.leaves(draft):
            lost = facts.is_never_lost(path) and path not in self.form.spared
            if lost or (draft is not self._head and self._is_kept(path)):
                self.add(facts.NO_PLACE.at(Place(key=key), path=told, format=self.name))
        for need, severity in self.layout.needed:
            if severity is not Severity.ERROR:
                continue
            for record in written.records:
                if record[0] == need.label and not record[need.index].strip():
                    self._missing(key, f"{need.label}.{need.name}")

    def _is_kept(self, path: str) -> bool:
        return any(f"{path}.".startswith(f"{kept}.") for kept in self.form.kept)

    def _require(self, required: Iterable[Any], labels: set[str], key: str) -> None:
        for each in required:
            if each.severity is Severity.ERROR and not labels.intersection(each.labels):
                self._missing(key, "|".join(each.labels))

    def _missing(self, key: str, path: str) -> None:
        self.add(facts.MISSING.at(Place(key=key), path=path, format=self.name))


def draft_of(model: Model) -> Draft:
    """A model as a draft: what is filled, in dicts of its own."""
    return model.model_dump(exclude_none=True, exclude_defaults=True)


def _key(draft: Draft) -> str:
    """What a person knows a part by."""
    names = ("number", "booking_number", "bill_of_lading", "outbound_voyage")
    return str(next((draft[name] for name in names if name in draft), ""))
