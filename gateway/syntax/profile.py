"""How one partner's files are to be read: the part of an agreement that the pure core needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

_NONE: MappingProxyType[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Profile:
    """Reading options of a partner; the defaults are those of a partner that is not known.

    encoding: IANA name that wins over detection.  trailer: "absent" excuses a missing trailer
    (interfaces.md, Truncation).  envelope_counts: severity of a wrong UNT/UNE/UNZ count.
    zone: IANA zone of the port that times concern.  layouts: format name → layout variant.
    manifest_kind: what an IFCSUM of this partner is (pre_stowage, clean, import, unstated).
    """

    encoding: str | None = None
    trailer: Literal["required", "absent"] = "required"
    envelope_counts: Literal["error", "warn"] = "error"
    zone: str | None = None
    manifest_kind: str = "unstated"
    layouts: MappingProxyType[str, str] = field(default_factory=lambda: _NONE)
