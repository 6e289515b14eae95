"""EVENTS: what happened to money, in the order in which it was committed, and what followed."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Text, literal_column, null, select, update

from gateway.pipeline.money.rows import EventRow
from gateway.store.money.schema import UNFOLDED, payment_effect, payment_event
from gateway.store.money.shelf import Shelf
from gateway.store.query import Query, columns_of, insert, number, number_in, text_in
from gateway.store.row_mapping import maybe_storable, selected
from gateway.store.session import Session

_shelf: Final = Shelf(payment_event, EventRow, "event_id")
_c = payment_event.c
_FIND: Final = _shelf.where(
    _c.provider == text_in("provider_"), _c.event_id == text_in("event_id_")
)
_OF_ORDER: Final = Query(
    select(*selected(payment_event, EventRow, raw=null(), headers=literal_column("'{}'", Text)))
    .where(_c.payment_order == text_in("order_"))
    .order_by(_c.seq)
    .limit(number_in("limit_"))
)
_WAITING: Final = Query(
    select(*selected(payment_event, EventRow, raw=null(), headers=literal_column("'{}'", Text)))
    .where(_c.payment_order == text_in("order_"), UNFOLDED)
    .order_by(_c.seq)
)
_FOLDED: Final = Query(
    update(payment_event)
    .where(_c.payment_order == text_in("order_"), UNFOLDED)
    .values(folded=number(1)),
    (),
)
_EFFECT: Final = Query(
    insert(payment_effect).inline().on_conflict_do_nothing(), columns_of(payment_effect)
)


class EventTable:
    """The port `PaymentEvents`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: EventRow) -> bool:
        return _shelf.add(self._session, row)

    def find(self, provider: str, event_id: str) -> EventRow | None:
        found = self._session.first(_FIND, provider_=provider, event_id_=event_id)
        return None if found is None else _shelf.read(found)

    def of_order(self, number: str, limit: int) -> list[EventRow]:
        rows = self._session.fetch(_OF_ORDER, order_=number, limit_=limit)
        return [_shelf.read(row) for row in rows]

    def waiting(self, number: str) -> list[EventRow]:
        return [_shelf.read(row) for row in self._session.fetch(_WAITING, order_=number)]

    def folded(self, number: str) -> None:
        self._session.run(_FOLDED, order_=number)

    def effect(
        self, number: str, key: str, kind: str, amount_fen: int | None, reference: str | None
    ) -> bool:
        session = self._session
        return bool(
            session.run(
                _EFFECT,
                key=key,
                payment_order=number,
                kind=kind,
                amount_fen=amount_fen,
                reference=maybe_storable(reference),
                applied_at=session.now(),
            )
        )
