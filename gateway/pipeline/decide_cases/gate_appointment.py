"""KIND `gate-appointment`: request (the default), cancel, schedule-change, attendance."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from gateway.canonical.model import Code, Many, Model
from gateway.pipeline.decide_cases.partner_facts import AccountCase, PartnerCase
from gateway.pipeline.decide_cases.shape import Answer, Instant, answer
from gateway.rules import gate_life as life
from gateway.rules import gate_request as asked
from gateway.rules.appointment_gate import decide_gate
from gateway.rules.gate_policy import DEFAULT_POLICY, GatePolicy
from gateway.rules.permission_tables import Profile

Fact = Annotated[str, Field(max_length=70)] | bool | None
Minutes = Annotated[int, Field(ge=0, le=7 * 24 * 60)]
Days = Annotated[int, Field(ge=0, le=366)]


class PolicyCase(Model):
    """Figures other than the defaults of C.3; all of them are policy."""

    slot_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 60
    grace_before_minutes: Minutes = 30
    grace_after_minutes: Minutes = 60
    window_days_before_etb: Days = 7
    suspended_after: Annotated[int, Field(ge=1, le=1000)] = 3
    breach_days: Days = 30
    suspended_days: Days = 7
    driver_filing_required: bool = False

    def facts(self) -> GatePolicy:
        """As the rules take it."""
        return GatePolicy(
            slot=timedelta(minutes=self.slot_minutes),
            grace_before=timedelta(minutes=self.grace_before_minutes),
            grace_after=timedelta(minutes=self.grace_after_minutes),
            window_before_etb=timedelta(days=self.window_days_before_etb),
            suspended_after=self.suspended_after,
            breach_span=timedelta(days=self.breach_days),
            suspended_for=timedelta(days=self.suspended_days),
            driver_filing_required=self.driver_filing_required,
        )


class SlotCase(Model):
    """A slot; without an end it has the length of the policy."""

    start: Instant
    end: Instant | None = None
    quota: Annotated[int, Field(ge=0)] = 0
    used: Annotated[int, Field(ge=0)] = 0
    released: Instant | None = None

    @model_validator(mode="after")
    def _is_a_span(self) -> SlotCase:
        if self.end is not None and self.end <= self.start:
            raise ValueError("the slot ends before it starts")
        return self

    def facts(self, policy: GatePolicy) -> asked.Slot:
        """As the rules take it."""
        end = self.end or self.start + policy.slot
        return asked.Slot(self.start, end, self.quota, self.used, self.released)


class VesselCallCase(Model):
    """What the schedule says."""

    etb: Instant | None = None
    open: Instant | None = None
    gate_close: Instant | None = None

    def facts(self) -> asked.VesselCall:
        """As the rules take it."""
        return asked.VesselCall(self.etb, self.open, self.gate_close)


class FactsCase(Model):
    """What was found for the box: its number or true; absent, null, false or "" is missing."""

    booking: Fact = None
    eclp: Fact = None
    vgm: Fact = None
    delivery_order: Fact = None
    customs_released: Fact = None
    fees_paid: Fact = None
    live_appointment: Fact = None
    in_yard: Fact = None
    truck_owned: Fact = None
    driver_filed: Fact = None
    card_active: Fact = None


class FleetCase(PartnerCase):
    """The firm that asks, and until when breaches suspend it."""

    suspended_until: Instant | None = None


class _WithPolicy(Model):
    policy: PolicyCase | None = None

    @property
    def figures(self) -> GatePolicy:
        """The case's figures, else the defaults."""
        return self.policy.facts() if self.policy else DEFAULT_POLICY


class RequestCase(_WithPolicy):
    """A slot is asked for."""

    event: Literal["request"] = "request"
    profile: Profile = "merged"
    direction: asked.Direction
    requested: Instant
    slot: SlotCase
    vessel_call: VesselCallCase | None = None
    container: Annotated[str, Field(max_length=70)]
    facts: FactsCase
    partner: FleetCase
    account: AccountCase = AccountCase(admin=True)
    terminal: Code | None = None
    plate: Annotated[str, Field(max_length=20)] | None = None
    driver: Annotated[str, Field(max_length=20)] | None = None

    def request(self) -> asked.GateRequest:
        """As the rules take it."""
        return asked.GateRequest(
            direction=self.direction,
            requested=self.requested,
            slot=self.slot.facts(self.figures),
            container=self.container,
            facts=asked.GateFacts(**self.facts.model_dump()),
            firm=self.partner.facts(),
            account=self.account.facts(),
            vessel_call=self.vessel_call.facts() if self.vessel_call else None,
            terminal=self.terminal,
            profile=self.profile,
            suspended_until=self.partner.suspended_until,
            policy=self.figures,
            plate=self.plate,
            driver=self.driver,
        )


class CancelCase(Model):
    """The fleet cancels."""

    event: Literal["cancel"]
    state: life.GateState
    start: Instant
    now: Instant


class ScheduleChangeCase(_WithPolicy):
    """A confirmed slot, and what the schedule says now."""

    event: Literal["schedule-change"]
    slot: SlotCase
    vessel_call: VesselCallCase | None = None


class AttendanceCase(_WithPolicy):
    """Whether the truck came; breaches: instants of the fleet's earlier ones."""

    event: Literal["attendance"]
    slot: SlotCase
    arrived: Instant | None = None
    now: Instant
    breaches: Many[Instant] = ()


class GateAnswer(Answer):
    """state: of the appointment after it; slot_left: places that remain after an acceptance.

    breaches, suspended_until: of the fleet, after a no-show.
    """

    state: life.GateState | None = None
    slot_left: int | None = None
    breaches: int | None = None
    suspended_until: datetime | None = None


Case = RequestCase | CancelCase | ScheduleChangeCase | AttendanceCase


def decide(case: Case) -> GateAnswer:
    """One decision about an appointment."""
    if isinstance(case, RequestCase):
        return _request(case)
    if isinstance(case, CancelCase):
        verdict = life.decide_gate_cancel(case.state, case.start, case.now)
        state = life.GateState.CANCELLED if verdict.outcome == "accept" else case.state
        return answer(GateAnswer, verdict, state=state)
    if isinstance(case, ScheduleChangeCase):
        return _schedule_change(case)
    return _attendance(case)


def _request(case: RequestCase) -> GateAnswer:
    verdict = decide_gate(case.request())
    accepted = verdict.outcome == "accept"
    left = max(0, case.slot.quota - case.slot.used - accepted)
    state = life.GateState.CONFIRMED if accepted else None
    return answer(GateAnswer, verdict, state=state, slot_left=left)


def _schedule_change(case: ScheduleChangeCase) -> GateAnswer:
    policy = case.figures
    call = case.vessel_call.facts() if case.vessel_call else None
    verdict = life.decide_schedule_change(case.slot.facts(policy), call, policy)
    stays = verdict.outcome == "accept"
    state = life.GateState.CONFIRMED if stays else life.GateState.REVIEW
    return answer(GateAnswer, verdict, state=state)


def _attendance(case: AttendanceCase) -> GateAnswer:
    policy = case.figures
    came = life.decide_attendance(
        case.slot.facts(policy), case.arrived, case.now, case.breaches, policy
    )
    return answer(
        GateAnswer,
        came.verdict,
        state=came.state,
        breaches=came.breaches,
        suspended_until=came.suspended_until,
    )
