"""The figures of gate appointments.  All of them are `policy`: no document of the port states one.

Source: rules.md C.3 (practice of other terminals); S0 gives no numbers.  An operator sets other
figures, effective-dated; a case may bring its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """Every figure is policy; the comment says whose practice it follows.

    slot: length of a slot whose end is not stated.  grace_before, grace_after: a truck may arrive
    so much before the slot's start and after its end.  window_before_etb: the receiving window
    opens so long before the ship berths (Yantian, laden export).  suspended_after breaches in
    breach_span, counted back from the last one, suspend the fleet for suspended_for.
    driver_filing_required: S0-42, H-3.
    """

    slot: timedelta = timedelta(minutes=60)
    grace_before: timedelta = timedelta(minutes=30)
    grace_after: timedelta = timedelta(minutes=60)
    window_before_etb: timedelta = timedelta(days=7)
    suspended_after: int = 3
    breach_span: timedelta = timedelta(days=30)
    suspended_for: timedelta = timedelta(days=7)
    driver_filing_required: bool = False


DEFAULT_POLICY = GatePolicy()
