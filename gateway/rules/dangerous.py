"""FIRST-CLASS DANGEROUS goods (一级危险货物), as port charges know them (rules B.5).

IMDG classes 1, 2, 7, 5.2, 6.2 always; 3, 4, 8, 5.1, 6.1 with packing group I or II; farm
fertilisers and pesticides never.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Answer = Literal["yes", "no", "unknown"]
_CLASS = re.compile(r"([1-9])(?:\.([1-6]))?[A-Z]?", re.ASCII)
_GROUPS = {"I": 1, "II": 2, "III": 3, "1": 1, "2": 2, "3": 3}
_ALWAYS = frozenset({"1", "2", "7", "5.2", "6.2"})
_BY_GROUP = frozenset({"3", "4", "8", "5.1", "6.1"})


@dataclass(frozen=True, slots=True)
class Dangerous:
    """IMDG class (`3`, `5.1`, `1.4S`) and packing group (`I` … `III`)."""

    hazard_class: str
    packing_group: str | None = None
    farm_chemical: bool = False


def is_first_class(goods: Dangerous) -> Answer:
    """Unknown where the class or the group that decides is missing or no class."""
    if goods.farm_chemical:
        return "no"
    found = _CLASS.fullmatch(goods.hazard_class.strip().upper())
    if found is None:
        return "unknown"
    head, division = found.groups()
    # Of classes 5 and 6 the division decides, of the others the class.
    name = f"{head}.{division}" if head in "56" and division else head
    if name in _ALWAYS:
        return "yes"
    if name not in _BY_GROUP:
        return "no" if head == "9" else "unknown"
    group = _GROUPS.get((goods.packing_group or "").strip().upper())
    if group is None:
        return "unknown"
    return "yes" if group < 3 else "no"
