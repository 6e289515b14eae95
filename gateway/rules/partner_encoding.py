"""PARTNER FILE: an agreement has files read in encodings that can be cut."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.canonical.partner import Agreement
from gateway.findings import Finding, FindingKind, Place, Severity

ENCODING = FindingKind(
    "PARTNER-READ-ENCODING",
    Severity.ERROR,
    "不能按编码 {value} 读取文件",
    "files are not read in the encoding {value}",
    "例如 gb18030、utf-8；带字节顺序标记的 UTF-16 文件无须声明",
    "for example gb18030 or utf-8; UTF-16 with its byte order mark needs no word",
)
# What records and fields are cut at, and an escape that is none.
_MARKS = "00:AZ?'+\r\n,;\t\\x41"


def encoding_findings(agreement: Agreement, at: str) -> Iterator[Finding]:
    """An encoding that no reader can follow; `at` is the agreement's path in the file."""
    if agreement.encoding is not None and not _is_cut(agreement.encoding):
        yield ENCODING.at(Place(key=f"{at}.encoding"), agreement.encoding)


def _is_cut(encoding: str) -> bool:
    """Whether it is an encoding of text that leaves the separators the bytes they are in ASCII."""
    try:
        return _MARKS.encode("ascii").decode(encoding) == _MARKS
    except (LookupError, ValueError):
        return False
