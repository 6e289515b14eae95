"""OFFICE: what every act on an application is done with, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from gateway.findings import Finding, Severity
from gateway.limits import CUSTOMS_FEEDBACK_WARNED_SECONDS
from gateway.pipeline.customs.ports import Calendars, FirmStandings
from gateway.pipeline.customs.rows import ApplicationRow
from gateway.pipeline.ports import Clock, Directory
from gateway.rules.customs_request import Profile, Timing
from gateway.rules.verdict import Clause, Verdict, conclude


@dataclass(frozen=True, slots=True)
class Terms:
    """What the operator decides.

    profile: which rule set (C.1).  mismatch: severity of a declaration number that does not fit
    (H-16).  warned: a firm hears so long before its five days are over (policy).
    """

    profile: Profile = "s2"
    mismatch: Severity = Severity.WARNING
    warned: timedelta = timedelta(seconds=CUSTOMS_FEEDBACK_WARNED_SECONDS)


@dataclass(frozen=True, slots=True)
class Office:
    """The world as acts on applications see it, beside their transaction."""

    clock: Clock
    directory: Directory
    calendars: Calendars
    standings: FirmStandings
    terms: Terms = field(default_factory=Terms)


# done; refused by a rule; unknown: no such application for this account; reused: the same
# Idempotency-Key came with another request.
End = Literal["done", "refused", "unknown", "reused"]


@dataclass(frozen=True, slots=True)
class Act:
    """How something asked of an application ended.

    repeat: it was done before, nothing new happened.  verdict: why it was refused, or what was
    said beside the acceptance.  id: of an attachment.
    """

    end: End
    application: ApplicationRow | None = None
    verdict: Verdict | None = None
    timing: Timing | None = None
    repeat: bool = False
    id: int | None = None


UNKNOWN = Act("unknown")
REUSED = Act("reused")
_DONE = ("已完成", "done")


def refused(finding: Finding, *clauses: Clause, application: ApplicationRow | None = None) -> Act:
    """Refused for one reason."""
    return Act("refused", application, conclude((finding,), clauses, _DONE))


def judged(verdict: Verdict, application: ApplicationRow | None = None) -> Act | None:
    """The refusal that a verdict means; None where it does not refuse."""
    if verdict.outcome == "reject":
        return Act("refused", application, verdict)
    return None
