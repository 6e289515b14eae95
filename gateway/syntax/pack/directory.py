"""The list of members of a zip, looked through before anything is unpacked.

`zipfile` reads the list; what it takes on trust is compared first: the size of the list (a
thousand members are allowed, a list of millions would fill the memory), overlapping members
(one piece of data told a thousand times), names, links, encryption.
"""

from __future__ import annotations

import io
import struct
import unicodedata
import zipfile
from dataclasses import dataclass

from gateway.findings import Finding, FindingKind
from gateway.limits import (
    ARCHIVE_DIRECTORY_BYTES_MAX,
    ARCHIVE_MEMBERS_MAX,
    ARCHIVE_NAME_BYTES_MAX,
)
from gateway.syntax.pack import faults

_END = b"PK\x05\x06"
_END_RECORD = struct.Struct("<4s4H2LH")
_COMMENT_BYTES_MAX = 65_535
_LOCAL_HEADER_BYTES = 30
_UTF8_NAME, _ENCRYPTED = 0x800, 0x41
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_FILE_KINDS = frozenset({0, 0o100000, 0o040000})
_BESIDE = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


class Refused(Exception):
    """Nothing of the file is read; the finding says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


@dataclass(frozen=True, slots=True)
class Member:
    """One file in a zip, with its name as people read it."""

    name: str
    info: zipfile.ZipInfo

    @property
    def is_beside(self) -> bool:
        """Whether a packing program put it there for itself."""
        last = self.name.rpartition("/")[2]
        return self.name.startswith(_BESIDE[0]) or last in _BESIDE[1:] or last.startswith("._")


def open_zip(data: bytes) -> tuple[zipfile.ZipFile, list[Member]]:
    """The members of a zip (folders left out); raises Refused where anything is not as it should.

    One bad member spoils the whole: who packed it must look at it anyway.
    """
    end = _check_end(data)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
        raise Refused(faults.NOT_READABLE.at(what=str(error)[:80])) from None
    infos = archive.infolist()
    if len(infos) > ARCHIVE_MEMBERS_MAX:
        raise _too_many()
    members = [_member(info) for info in infos]
    _check_overlaps(infos, end)
    _check_twice(members)
    return archive, [each for each in members if not each.info.is_dir()]


def _check_end(data: bytes) -> int:
    """The end record: where the list begins, as far as it can be trusted."""
    at = data.rfind(_END, max(0, len(data) - _COMMENT_BYTES_MAX - _END_RECORD.size))
    if at < 0 or at + _END_RECORD.size > len(data):
        raise Refused(faults.INCOMPLETE.at())
    _, disk, start, here, count, size, begin, _ = _END_RECORD.unpack_from(data, at)
    if disk or start or here != count:
        raise Refused(faults.NOT_READABLE.at(what="several volumes"))
    if count > ARCHIVE_MEMBERS_MAX:
        raise _too_many()
    if size > ARCHIVE_DIRECTORY_BYTES_MAX or begin + size > at:
        raise Refused(faults.NOT_READABLE.at(what="list of members"))
    return int(at - size)


def _too_many() -> Refused:
    return Refused(faults.TOO_BIG.at(what="members", limit=ARCHIVE_MEMBERS_MAX))


def _member(info: zipfile.ZipInfo) -> Member:
    name = _name(info)
    shown = name.encode("unicode_escape").decode("ascii") if not name.isprintable() else name
    if not _is_good_name(name):
        raise _refused(faults.BAD_NAME, shown)
    if info.external_attr >> 16 & 0o170000 not in _FILE_KINDS:
        raise _refused(faults.LINK, shown)
    if info.flag_bits & _ENCRYPTED:
        raise _refused(faults.ENCRYPTED, shown)
    if info.compress_type not in _METHODS:
        raise _refused(faults.METHOD, shown)
    return Member(name, info)


def _refused(kind: FindingKind, name: str) -> Refused:
    finding = kind.at(value=name)
    return Refused(finding.keyed(name[:ARCHIVE_NAME_BYTES_MAX]))


def _name(info: zipfile.ZipInfo) -> str:
    """Windows programs write GBK names without saying so; `zipfile` has taken them for cp437."""
    raw = info.orig_filename
    if info.flag_bits & _UTF8_NAME or raw.isascii():
        return raw
    for codec in ("utf-8", "gb18030"):
        try:
            return raw.encode("cp437").decode(codec)
        except UnicodeError:
            continue
    return raw


def _is_good_name(name: str) -> bool:
    if not name or len(name.encode("utf-8", "replace")) > ARCHIVE_NAME_BYTES_MAX:
        return False
    if name.startswith("/") or "\\" in name or ":" in name or not name.isprintable():
        return False
    return all(step not in ("", ".", "..") for step in name.removesuffix("/").split("/"))


def _check_overlaps(infos: list[zipfile.ZipInfo], end: int) -> None:
    at = 0
    for info in sorted(infos, key=lambda each: each.header_offset):
        if info.header_offset < at:
            raise Refused(faults.NOT_READABLE.at(what="overlapping members"))
        at = info.header_offset + _LOCAL_HEADER_BYTES + info.compress_size
    if at > end:
        raise Refused(faults.NOT_READABLE.at(what="overlapping members"))


def _check_twice(members: list[Member]) -> None:
    seen: set[str] = set()
    for member in members:
        name = unicodedata.normalize("NFC", member.name).casefold().rstrip("/")
        if name in seen:
            raise _refused(faults.TWICE, member.name)
        seen.add(name)
