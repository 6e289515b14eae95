"""PARTNER FILE: an agreement has files read in encodings that can be cut, by layouts at hand."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from gateway.canonical.partner import Agreement
from gateway.findings import Finding, FindingKind, Place, Severity
from gateway.resources import names

ENCODING = FindingKind(
    "PARTNER-READ-ENCODING",
    Severity.ERROR,
    "不能按编码 {value} 读取文件",
    "files are not read in the encoding {value}",
    "例如 gb18030、utf-8；带字节顺序标记的 UTF-16 文件无须声明",
    "for example gb18030 or utf-8; UTF-16 with its byte order mark needs no word",
)
LAYOUT = FindingKind(
    "PARTNER-LAYOUT",
    Severity.ERROR,
    "没有格式文件 {value}",
    "there is no layout {value}",
    "可用：{known}",
    "there are: {known}",
)
_FOLDERS = ("flat", "fixed", "xml", "table")
# What records and fields are cut at, and an escape that is none.
_MARKS = "00:AZ?'+\r\n,;\t\\x41"


def reading_findings(agreement: Agreement, at: str) -> Iterator[Finding]:
    """What of an agreement no reader can follow; `at` is its path in the file."""
    if agreement.encoding is not None and not _is_cut(agreement.encoding):
        yield ENCODING.at(Place(key=f"{at}.encoding"), agreement.encoding)
    for format_, layout in agreement.layouts.items():
        if layout not in _layouts():
            told = ", ".join(sorted(_layouts()))
            yield LAYOUT.at(Place(key=f"{at}.layouts.{format_}"), layout, known=told)


def _is_cut(encoding: str) -> bool:
    """Whether it is an encoding of text that leaves the separators the bytes they are in ASCII."""
    try:
        return _MARKS.encode("ascii").decode(encoding) == _MARKS
    except (LookupError, ValueError):
        return False


@cache
def _layouts() -> frozenset[str]:
    return frozenset(
        name.removesuffix(".toml")
        for folder in _FOLDERS
        for name in names(f"schemas/{folder}", ".toml")
    )
