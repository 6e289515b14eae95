"""REFUNDS, and the calls to providers that are due."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import func, select, update

from gateway.pipeline.money.rows import CallRow, RefundRow
from gateway.pipeline.ports import Stale
from gateway.store.instant import maybe_instant, to_micros
from gateway.store.money.schema import OPEN_CALL, payment_call, refund
from gateway.store.money.shelf import Shelf, reading
from gateway.store.query import Query, insert, number, number_in, text_in, word
from gateway.store.row_mapping import maybe_storable, selected
from gateway.store.schema import one_of
from gateway.store.session import Session

_shelf: Final = Shelf(refund, RefundRow)
_OF_ORDER: Final = _shelf.where(refund.c.payment_order == text_in("order_"))
_FIELDS: Final = ("state", "provider_refund", "transaction_id", "finished_at")
_CHANGE: Final = _shelf.changing(*_FIELDS)

_c = payment_call.c
_call = reading(CallRow)
_columns: Final = selected(payment_call, CallRow)
_insert = insert(payment_call).values(state=word("due"), attempts=number(0), fence=number(0))
# A call that is done may be asked for again; one under way or due earlier stays as it is.
_PUT: Final = Query(
    _insert.on_conflict_do_update(
        index_elements=["kind", "subject"],
        set_={
            "state": word("due"),
            "attempts": number(0),
            "due_at": _insert.excluded.due_at,
            "provider": _insert.excluded.provider,
        },
        where=one_of(_c.state, "done", "dead")
        | (one_of(_c.state, "due") & (_c.due_at > _insert.excluded.due_at)),
    ),
    ("kind", "subject", "provider", "due_at"),
)
_DUE: Final = Query(
    select(_c.kind, _c.subject)
    .where(OPEN_CALL, _c.due_at <= number_in("now_"))
    .order_by(_c.due_at)
    .limit(number_in("limit_"))
    .with_for_update(skip_locked=True)
)
_by_key = (_c.kind == text_in("kind_"), _c.subject == text_in("subject_"))
_LEASE: Final = Query(
    update(payment_call)
    .where(*_by_key)
    .values(state=word("leased"), fence=_c.fence + number(1), attempts=_c.attempts + number(1))
    .returning(*_columns),
    ("due_at", "leased_by"),
)
_NEXT: Final = Query(select(func.min(_c.due_at)).where(OPEN_CALL))
_FINISH: Final = Query(
    update(payment_call).where(
        *_by_key, _c.fence == number_in("fence_"), one_of(_c.state, "leased")
    ),
    ("state", "due_at", "last_error"),
)
_FIND: Final = Query(select(*_columns).where(*_by_key))


class RefundTable:
    """The port `Refunds`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: RefundRow) -> bool:
        return _shelf.add(self._session, row)

    def find(self, id_: str) -> RefundRow | None:
        return _shelf.find(self._session, id_)

    def of_order(self, number: str) -> list[RefundRow]:
        return [_shelf.read(row) for row in self._session.fetch(_OF_ORDER, order_=number)]

    def change(self, row: RefundRow) -> None:
        _shelf.change(self._session, _CHANGE, row, *_FIELDS)


class CallTable:
    """The port `Calls`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, kind: str, subject: str, provider: str, due_at: datetime) -> None:
        self._session.run(
            _PUT, kind=kind, subject=subject, provider=provider, due_at=to_micros(due_at)
        )

    def lease_due(self, now: datetime, until: datetime, owner: str, limit: int) -> list[CallRow]:
        session = self._session
        picked = session.fetch(_DUE, now_=to_micros(now), limit_=limit)
        leased: list[CallRow] = []
        for kind, subject in picked:
            found = session.first(
                _LEASE, kind_=kind, subject_=subject, due_at=to_micros(until), leased_by=owner
            )
            if found is not None:
                leased.append(_call(found))
        return leased

    def next_due(self) -> datetime | None:
        return maybe_instant(self._session.scalar(_NEXT))

    def finish(
        self, call: CallRow, state: str, due_at: datetime | None, error: str | None = None
    ) -> None:
        done = self._session.run(
            _FINISH,
            kind_=call.kind,
            subject_=call.subject,
            fence_=call.fence,
            state=state,
            due_at=to_micros(due_at or call.due_at),
            last_error=maybe_storable(error),
        )
        if not done:
            raise Stale(f"{call.kind} of {call.subject} is somebody else's")

    def find(self, kind: str, subject: str) -> CallRow | None:
        found = self._session.first(_FIND, kind_=kind, subject_=subject)
        return None if found is None else _call(found)
