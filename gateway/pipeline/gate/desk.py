"""DESK: what every act about appointments needs beside the transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from gateway.canonical.partner import Partner
from gateway.findings import Finding
from gateway.pipeline.firms.personal import PersonalData
from gateway.pipeline.gate.facts import standing
from gateway.pipeline.gate.rows import AppointmentRow, SlotRow
from gateway.pipeline.gate.telling import tell
from gateway.pipeline.ports import Clock, Directory, Tx
from gateway.pipeline.rows import AccountRef, TimerRow
from gateway.rules.gate_life import LIVE, arrival_span
from gateway.rules.gate_policy import GatePolicy
from gateway.rules.gate_policy_table import DatedPolicy, PolicyTable, shipped
from gateway.rules.gate_request import Slot
from gateway.rules.permission import PermissionCase, by_agreement, decide_permission
from gateway.rules.permission_tables import Profile
from gateway.rules.verdict import Verdict, kind

TIMER = "gate_slot_over"
# The last instant of the grace is still in time (H-42): look a moment later.
_A_MOMENT = timedelta(seconds=1)
NOT_YOURS = kind(
    "NOT_YOUR_TERMINAL",
    "账户不属于码头 {value}，不能发布其预约池或集港计划",
    "the account is not that of terminal {value}; it cannot publish its pools or plans",
)


@dataclass(frozen=True, slots=True)
class Decided:
    """An appointment as it stands after an act, and what was decided.

    row is None where the act left nothing behind.  repeat: the same Idempotency-Key came before.
    """

    row: AppointmentRow | None
    verdict: Verdict | None
    repeat: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """Clock, partners and policy; `driver_filing_required` is the operator's switch (H-3).

    personal: how drivers are recognised, None where this gateway is not set up for it.
    """

    clock: Clock
    directory: Directory
    policies: PolicyTable = field(default_factory=shipped)
    profile: Profile = "merged"
    driver_filing_required: bool = False
    personal: PersonalData | None = None

    def policy(self, now: datetime) -> tuple[DatedPolicy, GatePolicy]:
        """The version of now, and its figures with the operator's switch."""
        dated = self.policies.on(now)
        filed = dated.figures.driver_filing_required or self.driver_filing_required
        return dated, replace(dated.figures, driver_filing_required=filed)

    def figures_of(self, row: AppointmentRow) -> GatePolicy:
        """Those under which an appointment was made."""
        found = self.policies.version(row.policy)
        return (found or self.policies.on(row.created_at)).figures

    def is_test(self, partner: str) -> bool:
        """Whether a partner is still being tested."""
        known = self.directory.partner(partner)
        return known is not None and known.stage == "test"

    def keep(self, tx: Tx, row: AppointmentRow, what: str, by: str, *, new: bool = False) -> None:
        """Write an appointment with its history, its timer and its notices."""
        if new:
            tx.gate.appointments.add(row, by)
        else:
            tx.gate.appointments.change(row, by)
        if row.state in LIVE:
            until = arrival_span(slot_of(row), self.figures_of(row))[1]
            tx.timers.set(TimerRow(TIMER, row.id, until + _A_MOMENT))
        elif not new:
            tx.timers.cancel(TIMER, row.id)
        if row.state != "requested" and not new:
            tx.gate.papers.await_facts(row.id, ())
        tell(tx, self.directory.partners(), row, what, row.changed_at)

    def runs_terminal(self, account: AccountRef, terminal: str) -> Sequence[Finding]:
        """Whether an account may publish for a terminal: its own, and by its role or agreement."""
        if account.operator:
            return ()
        partner = self.directory.partner(account.partner)
        if partner is None or partner.code != terminal:
            return (NOT_YOURS.at(value=terminal),)
        if not partner.types and is_terminal(partner):
            return ()
        return self.back_office(partner, account).findings

    def back_office(self, partner: Partner, account: AccountRef) -> Verdict:
        """The permission decision about 码头后台, 集港预约池, 集港计划, 预约统计 (S0-44)."""
        firm, acting = standing(partner, account)
        return decide_permission(
            PermissionCase("terminal_back_office", firm, acting, None, self.profile)
        )

    def may(self, account: AccountRef, *functions: str) -> Verdict:
        """Whether an account may use one of these functions; the first that it may, or may not.

        Operators may; a partner without types (an institution) sees its own by its agreements.
        """
        partner = self.directory.partner(account.partner)
        firm, acting = standing(partner, account)
        cases = [PermissionCase(each, firm, acting, None, self.profile) for each in functions]
        if account.operator or (partner is not None and not partner.types):
            return by_agreement(cases[0])
        verdicts = [decide_permission(case) for case in cases]
        return next((each for each in verdicts if each.outcome == "accept"), verdicts[0])


def is_terminal(partner: Partner) -> bool:
    """A partner that runs a gate: by its type, or as an institution that agreed to send pools."""
    if partner.types:
        return "码头公司" in partner.types
    return partner.agreement("slot_pool") is not None


def slot_of(row: AppointmentRow) -> Slot:
    """The slot of an appointment, as the rules of its life take it."""
    return Slot(row.starts_at, row.ends_at, 0, 0)


def slot_facts(row: SlotRow) -> Slot:
    """A slot, as the rules of a request take it."""
    return Slot(row.starts_at, row.ends_at, row.quota, row.used, row.released_at)
