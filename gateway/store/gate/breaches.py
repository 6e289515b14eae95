"""BREACHES 违约 and suspensions of fleets."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, tuple_, update

from gateway.pipeline.gate.rows import BreachRow
from gateway.pipeline.rows import Page
from gateway.store.gate.schema import COUNTS, breach, suspension
from gateway.store.instant import from_micros, maybe_instant, to_micros
from gateway.store.query import Query, columns_of, insert, number_in, text_in
from gateway.store.row_mapping import reader, selected
from gateway.store.session import Session

_b = breach.c
_ADD: Final = Query(
    insert(breach)
    .inline()
    .on_conflict_do_update(index_elements=["appointment"], set_={"counts": 1}),
    columns_of(breach),
)
_WITHDRAW: Final = Query(update(breach).where(_b.appointment == text_in("id_")), ("counts",))
_INSTANTS: Final = Query(
    select(_b.at)
    .where(_b.partner == text_in("partner_"), _b.at >= number_in("since_"), COUNTS)
    .order_by(_b.at)
)
_AT: Final = Query(select(_b.at).where(_b.appointment == text_in("id_")))
_insert = insert(suspension).inline()
_SUSPEND: Final = Query(
    _insert.on_conflict_do_update(
        index_elements=["partner"],
        set_={name: _insert.excluded[name] for name in ("until_at", "breaches", "changed_at")},
    ),
    columns_of(suspension),
)
_LIFT: Final = Query(delete(suspension).where(suspension.c.partner == text_in("partner_")))
_UNTIL: Final = Query(
    select(suspension.c.until_at).where(suspension.c.partner == text_in("partner_"))
)
_row = reader(BreachRow, at=from_micros, counts=bool)


class BreachTable:
    """The port `Breaches`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: BreachRow) -> None:
        self._session.run(
            _ADD,
            appointment=row.appointment,
            partner=row.partner,
            terminal=row.terminal,
            at=to_micros(row.at),
            counts=int(row.counts),
        )

    def withdraw(self, appointment: str) -> None:
        self._session.run(_WITHDRAW, id_=appointment, counts=0)

    def instants(self, partner: str, since: datetime) -> list[datetime]:
        rows = self._session.fetch(_INSTANTS, partner_=partner, since_=to_micros(since))
        return [from_micros(row[0]) for row in rows]

    def suspend(self, partner: str, until: datetime | None, breaches: int) -> None:
        if until is None:
            self._session.run(_LIFT, partner_=partner)
            return
        self._session.run(
            _SUSPEND,
            partner=partner,
            until_at=to_micros(until),
            breaches=breaches,
            changed_at=self._session.now(),
        )

    def suspended_until(self, partner: str) -> datetime | None:
        return maybe_instant(self._session.scalar(_UNTIL, partner_=partner))

    def lock(self, partner: str) -> None:
        self._session.lock(f"gate-fleet/{partner}")

    def page(
        self, partner: str | None, terminal: str | None, before: str | None, limit: int
    ) -> Page:
        """Raises ValueError for a position that is none of ours."""
        query = (
            select(*selected(breach, BreachRow))
            .order_by(_b.at.desc(), _b.appointment.desc())
            .limit(limit)
        )
        if partner is not None:
            query = query.where(_b.partner == partner)
        if terminal is not None:
            query = query.where(_b.terminal == terminal)
        if before is not None:
            at = self._session.scalar(_AT, id_=before)
            if at is None:
                raise ValueError("no breach is named so")
            query = query.where(tuple_(_b.at, _b.appointment) < tuple_(int(at), before))
        rows = [_row(row) for row in self._session.fetch(Query(query))]
        return Page(rows, rows[-1].appointment if len(rows) == limit else None)
