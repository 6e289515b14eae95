"""What the check of one identifier says: nothing, or what is wrong with it."""

from __future__ import annotations

from typing import Any, NamedTuple

from gateway.findings import FindingKind


class Fault(NamedTuple):
    """The kind of finding and what its texts name beside the value."""

    kind: FindingKind
    params: dict[str, Any] = {}  # noqa: RUF012 - never written to; a NamedTuple has no factories


GOOD = None
