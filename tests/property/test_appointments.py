"""Whatever the calendar and the instants: what holds for every appointment."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from gateway.rules.appointment_customs import examine
from gateway.rules.appointment_gate import decide_gate
from gateway.rules.calendar import PORT_ZONE, Calendar, at, days_between, hours_of, port_day
from gateway.rules.customs_life import State, decide_cancel
from gateway.rules.customs_request import Firm, Request
from gateway.rules.gate_life import GateState, arrival_span, breach_count, decide_attendance
from gateway.rules.gate_policy import DEFAULT_POLICY
from gateway.rules.gate_request import GateFacts, GateRequest, Slot, VesselCall
from gateway.rules.permission import AccountFacts, FirmFacts, PermissionCase, decide_permission
from gateway.rules.permission_tables import PROFILES, tables

FIRST, LAST = date(2026, 11, 2), date(2026, 11, 13)
DAYS = list(days_between(FIRST, LAST))
OPENINGS = (
    (),
    (("09:00", "16:30"),),
    (("08:30", "11:30"), ("13:00", "17:00")),
    (("00:00", "24:00"),),
)


def minutes_after(days):
    return st.integers(0, days * 24 * 60).map(lambda count: at(FIRST, 0) + timedelta(minutes=count))


instants = minutes_after(len(DAYS))
grades = st.sampled_from(["高级认证", "认证", "常规", "失信", "严重失信"])
firms = st.builds(Firm, grades, st.booleans(), st.booleans())
good_firms = st.builds(Firm, st.sampled_from(["高级认证", "常规"]), st.just(True), st.just(False))
calendars = st.fixed_dictionaries(
    {}, optional={day: st.sampled_from(OPENINGS).map(hours_of) for day in DAYS}
).map(Calendar)
# Most days known, some missing: gaps that matter.
full = st.lists(
    st.sampled_from(OPENINGS[:3]).map(hours_of), min_size=len(DAYS), max_size=len(DAYS)
).map(lambda hours: Calendar(dict(zip(DAYS, hours, strict=True))))
profiles = st.sampled_from(["s2", "strict-109"])
ports = st.sampled_from(["0201", "0202"])


@st.composite
def requests(draw, who=firms, calendar=calendars):
    return Request(
        submitted=draw(instants),
        start=draw(instants),
        declaring_port=draw(ports),
        entry_exit_port=draw(ports),
        declarant=draw(who),
        consignee=draw(who),
        calendars={"0201": draw(calendar), "0202": draw(calendar)},
        profile=draw(profiles),
    )


def codes(request):
    return [finding.code for finding in examine(request)[0] if finding.severity == "error"]


def moved(request, **changes):
    fields = {name: getattr(request, name) for name in Request.__slots__}
    return Request(**{**fields, **changes})


@given(requests(good_firms, calendars | full))
def test_an_accepted_window_lies_outside_known_working_time(request):
    """Never inside working time, never on a day without data, in none of both ports."""
    request = moved(request, submitted=request.start - timedelta(days=20))
    assert request.end - request.start == timedelta(hours=2)
    assume(not codes(request))
    for port in request.ports:
        calendar = request.calendar(port)
        for day in days_between(port_day(request.start), port_day(request.end)):
            hours = calendar.hours(day)
            assert hours is not None
            for opening in hours:
                before = request.end <= at(day, opening.opens)
                assert before or at(day, opening.closes) <= request.start


@given(requests())
def test_a_dishonest_or_barred_firm_is_never_accepted(request):
    bad = ("失信", "严重失信")
    barred = any(
        firm.credit in bad or not firm.qualified or firm.unfed
        for firm in (request.declarant, request.consignee)
    )
    found, timed = examine(request)
    if barred:
        assert {finding.code for finding in found} <= {"CREDIT", "NOT_QUALIFIED", "UNFED"}
        assert timed.deadline is None


@given(requests(good_firms, full), st.integers(1, 10_000))
def test_the_deadline_is_sharp_and_earlier_is_never_worse(request, minutes):
    """Submitted at the deadline is in time, a microsecond later is not, earlier always is."""
    _, timed = examine(request)
    assume(timed.deadline is not None)
    edge = moved(request, submitted=timed.deadline)
    assert "TOO_LATE" not in codes(edge)
    late = moved(request, submitted=timed.deadline + timedelta(microseconds=1))
    assert "TOO_LATE" in codes(late)
    early = moved(request, submitted=timed.deadline - timedelta(minutes=minutes))
    assert codes(early) == codes(edge)


@given(requests(good_firms, full), st.integers(0, 7 * 24 * 60))
def test_deadlines_are_monotone_in_the_start(request, minutes):
    """A later appointment never has to be submitted earlier."""
    later = moved(request, start=request.start + timedelta(minutes=minutes))
    one, other = examine(request)[1].deadline, examine(later)[1].deadline
    assume(one is not None and other is not None)
    assert one <= other
    assert one < request.start


@given(requests(good_firms, full))
def test_an_advanced_firm_and_the_same_port_never_shorten_the_time(request):
    s2 = moved(request, profile="s2")
    advanced = Firm("高级认证", True, False)
    favoured = moved(s2, declarant=advanced, consignee=advanced)
    one, other = examine(s2)[1].deadline, examine(favoured)[1].deadline
    assume(one is not None and other is not None)
    assert one <= other


@given(requests(good_firms, full), st.sampled_from(DAYS))
def test_taking_data_away_never_accepts_what_was_refused(request, day):
    poorer = {
        port: Calendar({each: hours for each, hours in calendar.days.items() if each != day})
        for port, calendar in request.calendars.items()
    }
    before, after = codes(request), codes(moved(request, calendars=poorer))
    assert not before or after
    assert "CALENDAR_EMPTY" in codes(moved(request, calendars={}))


@given(st.sampled_from(list(State)), instants, instants)
def test_cancelling_is_for_two_states_and_before_the_time(state, start, now):
    allowed = decide_cancel(state, start, now).outcome == "accept"
    assert allowed == (state in ("已受理", "预约成功") and now < start)


# --- gate -----------------------------------------------------------------------------------------

facts = st.sampled_from([None, False, True, "", "X1"])


@st.composite
def gate_requests(draw):
    start = draw(instants)
    quota = draw(st.integers(0, 3))
    return GateRequest(
        direction=draw(st.sampled_from(["export_gate_in", "import_pickup"])),
        requested=draw(instants),
        slot=Slot(start, start + timedelta(hours=1), quota, draw(st.integers(0, 4))),
        container=draw(st.sampled_from(["CSQU3054383", "CSQU3054384", "TSTU0000020"])),
        facts=GateFacts(*(draw(facts) for _ in range(7))),
        firm=FirmFacts(
            draw(st.lists(st.sampled_from(["普通车队", "货代", "银行"]), max_size=2)),
            draw(st.sampled_from(["active", "suspended"])),
            draw(st.sampled_from([(), ("T1",)])),
            draw(st.booleans()),
        ),
        vessel_call=draw(
            st.none() | st.builds(VesselCall, st.none() | instants, st.none(), st.none() | instants)
        ),
        profile=draw(st.sampled_from(PROFILES)),
        suspended_until=draw(st.none() | instants),
    )


@given(gate_requests())
def test_what_is_accepted_at_the_gate_has_everything(request):
    if decide_gate(request).outcome != "accept":
        return
    slot, known = request.slot, request.facts
    assert slot.used < slot.quota
    assert not known.live_appointment
    assert request.container != "CSQU3054384"
    assert request.firm.state == "active"
    assert request.firm.terminal_approved
    assert request.suspended_until is None or request.suspended_until <= request.requested
    if request.direction == "export_gate_in":
        call = request.vessel_call
        assert all((known.booking, known.eclp, known.vgm))
        assert call.etb - timedelta(days=7) <= slot.start < call.gate_close
    else:
        assert all((known.delivery_order, known.customs_released, known.fees_paid))
        assert request.firm.payment_enabled


@given(instants, st.none() | instants, instants)
def test_a_truck_is_used_awaited_or_breached_and_never_two_of_them(start, arrived, now):
    slot = Slot(start, start + timedelta(hours=1), 1, 1)
    opens, until = arrival_span(slot)
    came = decide_attendance(slot, arrived, now)
    assert (came.state is GateState.USED) == (arrived is not None and opens <= arrived <= until)
    missing = now > until if arrived is None else arrived > until
    assert (came.state is GateState.BREACHED) == missing


@given(st.lists(minutes_after(60), max_size=8), minutes_after(60))
def test_another_breach_never_lifts_a_suspension_that_still_runs(earlier, extra):
    last = max([*earlier, extra])
    _, before = breach_count(earlier)
    _, after = breach_count([*earlier, last])
    assert before is None or before <= last or (after is not None and after >= before)
    assert after is None or after == last + DEFAULT_POLICY.suspended_for


# --- permission -----------------------------------------------------------------------------------

some_types = st.lists(st.sampled_from(tables().types), max_size=4)


@given(some_types, some_types, st.sampled_from(list(tables().functions)), st.sampled_from(PROFILES))
def test_rights_are_a_union_and_a_sub_account_has_no_more(types, others, function, profile):
    def allowed(held, account=None):
        firm = FirmFacts(held, "active", ("T1",), True)
        case = PermissionCase(
            function, firm, account or AccountFacts(), profile=profile, terminal="T1"
        )
        return decide_permission(case).outcome == "accept"

    assert allowed([*types, *others]) == (allowed(types) or allowed(others))
    assert not allowed(types, AccountFacts(False, ()))
    assert not allowed(types, AccountFacts(False, ("港口一站通",))) or allowed(types)


@given(instants)
def test_a_port_day_is_the_date_on_the_ports_clock(instant):
    assert at(port_day(instant), 0) <= instant < at(port_day(instant), 24 * 60)
    assert instant.astimezone(PORT_ZONE).date() == port_day(instant)
    assert isinstance(instant, datetime)
