"""STANDING of a firm before customs: credit class and qualification on a day.

The register that the operator loads (customs' own list) says it; for a firm that is not in it, the
partner that has its codes does, with its credit grades by date.  A partner with a customs code is
registered to declare.  A firm that neither knows is not qualified: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.canonical.enterprise import grade_on
from gateway.canonical.partner import Partner
from gateway.pipeline.customs.ports import FirmStanding, Register
from gateway.pipeline.ports import Directory
from gateway.rules.calendar import port_day

# A class that bars nothing by itself: the firm is refused as not qualified.
_UNSAID = "常规"


class FirmRegister:
    """Implements `FirmStandings`."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def __call__(self, register: Register, codes: Sequence[str], at: datetime) -> FirmStanding:
        """The standing at an instant, by the first code that is known."""
        day = port_day(at)
        owner = self._owner(codes)
        for code in codes:
            row = register.firm(code, day)
            if row is not None:
                partner = row.partner or (owner.code if owner else None)
                return FirmStanding(row.credit, row.qualified, partner, known=True)
        if owner is None:
            return FirmStanding(_UNSAID, qualified=False, partner=None, known=False)
        grade = grade_on(owner.credit_grades, day)
        qualified = grade is not None and any(code in owner.customs_codes for code in codes)
        return FirmStanding(grade or _UNSAID, qualified, owner.code, known=True)

    def _owner(self, codes: Sequence[str]) -> Partner | None:
        return next(
            (
                partner
                for partner in self._directory.partners()
                if any(code in codes_of(partner) for code in codes)
            ),
            None,
        )


def codes_of(partner: Partner | None) -> frozenset[str]:
    """The customs and credit codes of a partner."""
    if partner is None:
        return frozenset()
    return frozenset({*partner.customs_codes, *filter(None, (partner.credit_code,))})
