"""PARTNER FILE, layouts of an agreement: a layout that is there, for a format of that document."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Final

from gateway.canonical.partner import Agreement
from gateway.findings import Finding, FindingKind, Place, Severity
from gateway.resources import names

LAYOUT = FindingKind(
    "PARTNER-LAYOUT",
    Severity.ERROR,
    "没有名为 {value} 的版式",
    "there is no layout {value}",
    "版式是 {folders} 中的文件，写文件名，不带 .toml",
    "layouts are files of {folders}; write the name without .toml",
)
FORMAT = FindingKind(
    "PARTNER-LAYOUT-FORMAT",
    Severity.ERROR,
    "{value} 不是单证 {document} 的格式",
    "{value} is no format of the document {document}",
    "例如 {document}/…，见 gateway formats",
    "for example {document}/…; `gateway formats` lists them",
)
_FOLDERS: Final = ("schemas/flat", "schemas/fixed", "schemas/table", "schemas/xml")
_SUFFIX: Final = ".toml"


def layout_findings(agreement: Agreement, at: str) -> Iterator[Finding]:
    """What an agreement asks for and nobody could read by; `at` is its path in the file.

    Without this a wrong name would stop every file of the partner.
    """
    for name, layout in agreement.layouts.items():
        place = Place(key=f"{at}.layouts.{name}")
        if not name.startswith(f"{agreement.document}/"):
            yield FORMAT.at(place, name, document=agreement.document)
        if layout not in _known():
            yield LAYOUT.at(place, layout, folders=", ".join(_FOLDERS))


@cache
def _known() -> frozenset[str]:
    """Layout files ship with the program: they are the same as long as it runs."""
    found = chain.from_iterable(names(folder, _SUFFIX) for folder in _FOLDERS)
    return frozenset(name.removesuffix(_SUFFIX) for name in found)
