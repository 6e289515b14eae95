"""One raw record → a `Record` as its layout has it; what is odd about it becomes a finding."""

from __future__ import annotations

from gateway.findings import FindingKind, Findings, Place
from gateway.limits import FIELDS_PER_RECORD_MAX
from gateway.syntax.charset import Contradiction, StreamDecoder
from gateway.syntax.flat import faults
from gateway.syntax.flat.cutter import RawRecord
from gateway.syntax.flat.escape import split
from gateway.syntax.flat.shape import Shape
from gateway.syntax.record import Record

# What `Record(...)` does, without the detour over its keyword arguments: one call per record.
_new = tuple.__new__


class Assembler:
    """Decodes, splits, joins, pads; `ordinal` is set by the reader before each record."""

    def __init__(self, decoder: StreamDecoder, findings: Findings) -> None:
        self._decoder = decoder
        self._findings = findings
        self.ordinal = 0

    def assemble(self, raw: RawRecord, shape: Shape) -> Record:
        """The record of the layout; the many plain ones take the short way."""
        offset, line, data, _ = raw
        if shape.plain and data.isascii():
            text = data.decode("ascii")
            if "?" not in text and "'" not in text and "\x00" not in text:
                values = text.split(":")
                count = len(values)
                if count <= shape.width:
                    values += shape.pads[count]
                    if shape.quirks:
                        values = self._unshifted(raw, shape, values)
                    return _new(Record, (shape.label, values, self.ordinal, offset, line))
        return self.record(raw, shape, self.text(raw))

    def text(self, raw: RawRecord) -> str:
        """The characters of a record, still escaped."""
        text = self._decoder.decode(raw.raw)
        if self._decoder.troubles:
            self._report_troubles(raw)
        if "'" in text or "\x00" in text:
            text = self._plain(raw, text)
        return text

    def record(self, raw: RawRecord, shape: Shape, text: str) -> Record:
        """The record: values unescaped, padded to the layout's width, shifts undone."""
        values = split(text) if "?" in text else text.split(":")
        count = len(values)
        if shape.text:
            values = self._joined(raw, shape, values)
        elif count < shape.width:
            values += shape.pads[count]
        elif count > shape.width:
            values = self._with_surplus(raw, shape, values)
        if shape.quirks:
            values = self._unshifted(raw, shape, values)
        return Record(shape.label, values, self.ordinal, raw.offset, raw.line)

    def unknown(self, raw: RawRecord) -> Record:
        """A record that the layout does not have, its fields as they stand."""
        values = split(self.text(raw))
        tag = values[0].strip()
        self.report(faults.UNKNOWN_RECORD, raw, ":".join(values[1:]), tag=tag)
        if len(values) > FIELDS_PER_RECORD_MAX:
            self.report(faults.TOO_MANY_FIELDS, raw, limit=FIELDS_PER_RECORD_MAX)
            del values[FIELDS_PER_RECORD_MAX:]
        return Record(tag, values, self.ordinal, raw.offset, raw.line)

    def _joined(self, raw: RawRecord, shape: Shape, values: list[str]) -> list[str]:
        """A text record: everything after the optional sequence number is one text."""
        while len(values) > 1 and not values[-1].strip():
            values.pop()
        parts, number = values[1:], ""
        if shape.text == "numbered" and len(parts) > 1 and _is_sequence(parts[0]):
            number, parts = parts[0], parts[1:]
        if len(parts) > 1 and len([part for part in parts if part]) > 1:
            self.report(faults.BARE_COLON, raw, ":".join(parts), tag=shape.label)
        text = ":".join(parts)
        return [shape.label, number, text] if shape.text == "numbered" else [shape.label, text]

    def _with_surplus(self, raw: RawRecord, shape: Shape, values: list[str]) -> list[str]:
        """More fields than the layout has: empty ones are a habit, filled ones are told."""
        if len(values) > FIELDS_PER_RECORD_MAX:
            self.report(faults.TOO_MANY_FIELDS, raw, limit=FIELDS_PER_RECORD_MAX)
            del values[FIELDS_PER_RECORD_MAX:]
        for index in range(shape.width, len(values)):
            if values[index].strip():
                place = self.place(raw, index + 1)
                self._findings.add(
                    faults.SURPLUS.at(place, values[index], tag=shape.label, position=index + 1)
                )
                return values
        return values[: shape.width]

    def _unshifted(self, raw: RawRecord, shape: Shape, values: list[str]) -> list[str]:
        for quirk in shape.quirks:
            undone = quirk.undo(values)
            if undone is not None:
                values = undone
                self.report(faults.SHIFTED, raw, tag=shape.label, zh=quirk.zh, en=quirk.en)
        return values

    def _plain(self, raw: RawRecord, text: str) -> str:
        """Text with an apostrophe or a NUL in it; an escaped apostrophe is nothing to tell."""
        if "\x00" in text:
            self.report(faults.NUL_BYTES, raw)
            text = text.replace("\x00", "")
        if "'" in text.replace("??", "").replace("?'", ""):
            self.report(faults.BARE_APOSTROPHE, raw, text)
        return text

    def _report_troubles(self, raw: RawRecord) -> None:
        """What the decoder could not read, each at its own byte."""
        for trouble in self._decoder.troubles:
            if isinstance(trouble, Contradiction):
                self.report(
                    faults.TWO_ENCODINGS, raw, expected=trouble.expected, found=trouble.found
                )
                continue
            before = raw.raw[: trouble.start]
            place = Place(
                self.ordinal, tag_of(raw), before.count(b":") + 1, None,
                raw.line + before.count(b"\n"), raw.offset + trouble.start,
            )  # fmt: skip
            self._findings.add(
                faults.UNDECODABLE.at(place, trouble.shown, encoding=self._decoder.encoding)
            )
        self._decoder.troubles.clear()

    def place(self, raw: RawRecord, field: int | None = None) -> Place:
        """The place of a raw record, or of one of its fields."""
        return Place(self.ordinal, tag_of(raw), field, None, raw.line, raw.offset)

    def report(
        self, kind: FindingKind, raw: RawRecord, value: str | None = None, **params: object
    ) -> None:
        """A finding about the whole record."""
        self._findings.add(kind.at(self.place(raw), value, None, **params))


def tag_of(raw: RawRecord) -> str | None:
    """The record id, None where the record does not begin with one."""
    tag = raw.raw[:2]
    return tag.decode("ascii") if len(tag) == 2 and tag.isdigit() else None


def _is_sequence(text: str) -> bool:
    bare = text.strip()
    return not bare or (len(bare) <= 3 and bare.isascii() and bare.isdigit())
