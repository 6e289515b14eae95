"""Gate appointments 集港预约, 提箱预约: ask, look up, move, cancel.

A firm sees its own; a terminal those at its gate; operators all.  What is refused is a problem that
carries every failed check: codes, findings in zh and en, an explanation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Response

from gateway import limits
from gateway.adapters.http import appointments_shapes as shapes
from gateway.adapters.http import cursor, problem
from gateway.adapters.http.interchanges import Cursor, Limit, PartnerCode
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.problem import Problem
from gateway.adapters.http.signed_in import DOCUMENTED, SignedIn
from gateway.pipeline import refusal
from gateway.pipeline.gate import booking, life
from gateway.pipeline.gate.desk import Decided, Desk, is_terminal
from gateway.pipeline.gate.rows import AppointmentFilter, AppointmentRow
from gateway.pipeline.gate.wish import of_row
from gateway.pipeline.ports import Tx
from gateway.pipeline.receive import check_key
from gateway.pipeline.rows import AccountRef, Page
from gateway.rules.verdict import Verdict

Id = Annotated[str, Path(min_length=20, max_length=40, pattern=r"^[0-9a-z]+$")]
Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]
State = Annotated[str | None, Query(pattern=r"^[A-Za-z]{1,20}$")]
Way = Annotated[shapes.Direction | None, Query()]
Terminal = Annotated[str | None, Query(pattern=r"^[A-Z0-9]{2,20}$")]
Box = Annotated[str | None, Query(min_length=1, max_length=30)]
SlotId = Annotated[str | None, Query(pattern=shapes.SLOT_ID)]
_LISTS = ("my_gate_ins", "my_pickups")
_PROBLEM: dict[int | str, dict[str, Any]] = {409: {"description": "problem"}}
Act = Callable[[Desk, Tx, AppointmentRow], Decided]
ReadPage = Callable[[Tx, str | None], Page]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of a list; all that are given must hold."""

    state: State = None
    direction: Way = None
    terminal: Terminal = None
    container: Box = None
    slot: SlotId = None
    partner: PartnerCode = None


def router(ports: HttpPorts) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/v1", tags=["gate appointments"], dependencies=DOCUMENTED)

    @routes.post("/appointments", status_code=201, responses={202: {"model": shapes.Appointment}})
    async def ask_for_a_slot(
        account: SignedIn,
        body: shapes.AppointmentRequest,
        response: Response,
        idempotency_key: Key = None,
    ) -> shapes.Appointment:
        """201: confirmed.  202: the place is kept until its papers come (`wait`)."""
        decided = await _ask(ports, account, body, idempotency_key)
        row = _row_or_problem(decided, 422)
        response.headers["location"] = f"/v1/appointments/{row.id}"
        response.status_code = 202 if row.state == "requested" else 201
        if decided.repeat:
            response.status_code = 200
        return shapes.Appointment.model_validate(row)

    @routes.get("/appointments")
    async def list_appointments(
        account: SignedIn,
        wanted: Annotated[Wanted, Depends()],
        limit: Limit = limits.HTTP_PAGE_DEFAULT,
        cursor: Cursor = None,
    ) -> shapes.AppointmentPage:
        """Newest first."""
        return await _page(ports, account, wanted, limit, cursor)

    @routes.get("/appointments/{appointment}")
    async def show_appointment(account: SignedIn, appointment: Id) -> shapes.AppointmentTold:
        """With its history."""

        def read(tx: Tx) -> shapes.AppointmentTold:
            row = visible(tx, account, appointment)
            told = shapes.AppointmentTold.model_validate(row)
            steps = tx.gate.appointments.history(row.id)
            history = [shapes.Step.model_validate(each) for each in steps]
            return told.model_copy(update={"history": history})

        return await ports.store.read(read)

    _acts(routes, ports)
    return routes


def _acts(routes: APIRouter, ports: HttpPorts) -> None:
    @routes.post("/appointments/{appointment}/cancel", responses=_PROBLEM)
    async def cancel_appointment(account: SignedIn, appointment: Id) -> shapes.Appointment:
        """Until the slot starts."""

        def act(desk: Desk, tx: Tx, row: AppointmentRow) -> Decided:
            _owner(account, row)
            return life.cancel(desk, tx, row, account.account)

        return await _act(ports, account, appointment, act)

    @routes.post("/appointments/{appointment}/slot", responses=_PROBLEM)
    async def change_slot(
        account: SignedIn, appointment: Id, body: shapes.SlotChange
    ) -> shapes.Appointment:
        """The new place is taken before the old one is given back; what is refused changes nothing.

        The same checks as for a new request.
        """

        def act(desk: Desk, tx: Tx, row: AppointmentRow) -> Decided:
            _owner(account, row)
            wish = of_row(row).elsewhere(body.slot, body.start, body.box)
            return booking.move(desk, tx, row, wish, account.account)

        return await _act(ports, account, appointment, act)

    @routes.post("/appointments/{appointment}/review", responses=_PROBLEM)
    async def decide_review(
        account: SignedIn, appointment: Id, body: shapes.Review
    ) -> shapes.Appointment:
        """By the terminal: an appointment in REVIEW stays valid, or is cancelled."""

        def act(desk: Desk, tx: Tx, row: AppointmentRow) -> Decided:
            if desk.runs_terminal(account, row.terminal):
                raise problem.forbidden()
            keep = body.decision == "keep"
            return life.review(desk, tx, row, keep=keep, by=account.account)

        return await _act(ports, account, appointment, act)


async def _ask(
    ports: HttpPorts, account: AccountRef, body: shapes.AppointmentRequest, key: str | None
) -> Decided:
    check_key(key)
    wish = body.wish()
    if wish.slot is None and wish.starts_at is None:
        raise problem.invalid("slot", "请给出 slot 或 start", "give slot or start")
    try:
        return await ports.store.write(
            lambda tx: booking.request(ports.desk, tx, account, wish, key)
        )
    except booking.KeyReused:
        raise problem.of_refusal(refusal.key_reused()) from None


async def _act(
    ports: HttpPorts, account: AccountRef, appointment: str, act: Act
) -> shapes.Appointment:
    def write(tx: Tx) -> Decided:
        visible(tx, account, appointment)
        row = tx.gate.appointments.locked(appointment)
        if row is None:
            raise problem.not_found()
        return act(ports.desk, tx, row)

    decided = await ports.store.write(write)
    return shapes.Appointment.model_validate(_row_or_problem(decided, 409))


def visible(tx: Tx, account: AccountRef, appointment: str) -> AppointmentRow:
    """The appointment if it is the account's firm's or at its gate; raises Problem 404."""
    row = tx.gate.appointments.find(appointment)
    mine = row is not None and account.partner in (row.partner, row.terminal)
    if row is None or not (mine or account.operator):
        raise problem.not_found()
    return row


def _owner(account: AccountRef, row: AppointmentRow) -> None:
    if not account.operator and account.partner != row.partner:
        raise problem.forbidden()


def _row_or_problem(decided: Decided, status: int) -> AppointmentRow:
    verdict, row = decided.verdict, decided.row
    if row is None or (verdict is not None and verdict.outcome == "reject"):
        raise rejected(status, verdict, row)
    return row


def rejected(status: int, verdict: Verdict | None, row: AppointmentRow | None = None) -> Problem:
    """Every failed check at once."""
    fields: dict[str, object] = {"outcome": "reject", "id": row.id if row else None}
    zh, en = "预约被拒绝", "the appointment is refused"
    if verdict is not None:
        zh, en = verdict.explanation["zh"] or zh, verdict.explanation["en"] or en
        fields["codes"] = list(verdict.codes)
        fields["rules"] = [clause.as_json() for clause in verdict.rules]
        fields["explanation"] = verdict.explanation
        fields["findings"] = [finding.as_json() for finding in verdict.findings]
    return Problem(status, "APPOINTMENT_REFUSED", zh, en, fields=fields)


async def _page(
    ports: HttpPorts, account: AccountRef, wanted: Wanted, limit: int, given: str | None
) -> shapes.AppointmentPage:
    partner, terminal = whose(ports.desk, account, wanted.partner, wanted.terminal)
    sought = AppointmentFilter(
        partner=partner,
        terminal=terminal,
        state=wanted.state,
        direction=wanted.direction,
        container=wanted.container and wanted.container.strip().upper(),
        slot=wanted.slot,
    )
    page = await paged(ports, given, lambda tx, at: tx.gate.appointments.page(sought, at, limit))
    items = [shapes.Appointment.model_validate(row) for row in page.rows]
    return shapes.AppointmentPage(items=items, cursor=cursor.sealed(page.cursor))


async def paged(ports: HttpPorts, given: str | None, read: ReadPage) -> Page:
    """One page from where the client's cursor says; raises Problem 422 for a cursor not ours."""
    at = cursor.opened(given)
    try:
        return await ports.store.read(lambda tx: read(tx, at))
    except ValueError:
        if at is None:
            raise
        raise cursor.bad_cursor() from None


def whose(
    desk: Desk, account: AccountRef, partner: str | None, terminal: str | None
) -> tuple[str | None, str | None]:
    """(partner, terminal) that a query is filtered by: own ones, or those at one's own gate."""
    if account.operator:
        return partner, terminal
    known = desk.directory.partner(account.partner)
    if known is not None and is_terminal(known) and terminal in (None, account.partner):
        if desk.runs_terminal(account, account.partner):
            raise problem.forbidden()
        return partner, account.partner
    if partner not in (None, account.partner):
        raise problem.forbidden()
    verdict = desk.may(account, *_LISTS)
    if verdict.outcome != "accept":
        raise rejected(403, verdict)
    return account.partner, terminal
