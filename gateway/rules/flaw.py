"""A fault found in a document that is already in our language, before its place is known."""

from __future__ import annotations

from typing import Any, NamedTuple

from gateway.findings import NOWHERE, Finding, FindingKind, Place

CanonicalPath = tuple[str | int, ...]


class Flaw(NamedTuple):
    """What is wrong, and where in the document.

    path: `("header" | "part", *steps)`; the steps below the first are those of the mapping's
    lineage (`Interpretation.places`), so that the caller finds the place in the file.  value: the
    canonical value; where the place is known, what stands in the file says more.
    """

    path: CanonicalPath
    kind: FindingKind
    value: str | None = None
    params: dict[str, Any] = {}  # noqa: RUF012 - never written to; a NamedTuple has no factories

    def finding(self, place: Place = NOWHERE, written: str | None = None) -> Finding:
        """The finding at its place; `written` is the text of the file, where it is at hand."""
        return self.kind.at(place, self.value if written is None else written, **self.params)


NO_FLAWS: tuple[Flaw, ...] = ()
