"""Records → bytes of a flat file: escapes, line ends, and the trailer with its count."""

from __future__ import annotations

import re
from collections.abc import Sequence

_LINE_END = "\r\n"
# What a value must not hold as it is; a record without any of it is only joined.
_DIRTY = re.compile("[?:'+\\r\\x00]")
# Its byte order mark stands once, before everything.
_WITH_MARK = "utf-8-sig"
# NUL and carriage returns would only trouble the reader at the other end.
_CLEAN: dict[str, str | None] = {"\r": None, "\x00": None}
# What every reader of the family releases (formats.md 1.1).
RELEASED = "?:'"


class FlatPen:
    """Writes the records of one message; each ends with `'` and CRLF.

    encoding: a codec name.  released: what gets a `?` before it; most readers leave `?+` as two
    characters, the booking network's writer puts it all the same.  `unencodable` collects what it
    has no characters for; such a record is written with `?` and the file must not go out.
    """

    def __init__(self, encoding: str, released: str = RELEASED) -> None:
        self._encoding = encoding
        self._table = str.maketrans(_CLEAN | {each: f"?{each}" for each in released})
        self._written = 0
        self._marked = False
        self.unencodable: list[str] = []

    def records(self, records: Sequence[Sequence[str]]) -> bytes:
        """The bytes of some records; trailing empty fields are left out."""
        self._written += len(records)
        text = "".join([self._line(record) for record in records])
        encoding = self._encoding
        if encoding == _WITH_MARK and self._marked:
            encoding = "utf-8"
        self._marked = True
        try:
            return text.encode(encoding)
        except UnicodeEncodeError as error:
            self.unencodable.append(error.object[error.start : error.end])
            return text.encode(encoding, errors="replace")

    def trailer(self) -> bytes:
        """Record 99 with the number of all records, head and trailer included."""
        return self.records([["99", str(self._written + 1)]])

    def _line(self, record: Sequence[str]) -> str:
        """One record with its terminator and line end."""
        if _DIRTY.search("".join(record)):
            record = [value.translate(self._table) for value in record]
        last = len(record)
        while last > 1 and not record[last - 1]:
            last -= 1
        return ":".join(record[:last]) + "'" + _LINE_END
