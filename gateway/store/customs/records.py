"""RECORDS: history, answers of customs, answered requests; rows are only ever added."""

from __future__ import annotations

import json
from typing import Final

from sqlalchemy import select

from gateway.pipeline.customs.rows import AnswerRow, HistoryRow, RequestRow
from gateway.store.customs.schema import customs_answer, customs_history, customs_request
from gateway.store.instant import from_micros, to_micros
from gateway.store.query import Query, columns_of, insert, text_in
from gateway.store.row_mapping import json_text, maybe_storable, reader, selected, storable
from gateway.store.session import Session

_NOTE: Final = Query(insert(customs_history).inline(), columns_of(customs_history, "seq"))
_HISTORY: Final = Query(
    select(*selected(customs_history, HistoryRow))
    .where(customs_history.c.application == text_in("number_"))
    .order_by(customs_history.c.seq)
)
_ANSWER: Final = Query(
    insert(customs_answer).inline().on_conflict_do_nothing(), columns_of(customs_answer, "seq")
)
_ANSWERS: Final = Query(
    select(*selected(customs_answer, AnswerRow))
    .where(customs_answer.c.application == text_in("number_"))
    .order_by(customs_answer.c.seq)
)
_REQUEST: Final = Query(
    select(*selected(customs_request, RequestRow)).where(
        customs_request.c.account == text_in("account_"), customs_request.c.key == text_in("key_")
    )
)
_REMEMBER: Final = Query(insert(customs_request).inline(), columns_of(customs_request))
_history = reader(HistoryRow, at=from_micros, detail=json.loads)
_answer = reader(AnswerRow, answered_at=from_micros, received_at=from_micros, applied=bool)
_request = reader(RequestRow, at=from_micros)


class RecordTable:
    """The port `Records`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def note(self, row: HistoryRow) -> None:
        self._session.run(
            _NOTE,
            application=row.application,
            at=to_micros(row.at),
            event=row.event,
            state=row.state,
            who=row.who,
            detail=json_text(row.detail),
        )

    def history(self, number: str) -> list[HistoryRow]:
        return [_history(row) for row in self._session.fetch(_HISTORY, number_=number)]

    def answer(self, row: AnswerRow) -> bool:
        return bool(
            self._session.run(
                _ANSWER,
                document=row.document,
                application=row.application,
                partner=row.partner,
                state=row.state,
                answered_at=to_micros(row.answered_at),
                received_at=to_micros(row.received_at),
                application_number=maybe_storable(row.application_number),
                reason=storable(row.reason),
                applied=int(row.applied),
                flag=row.flag,
            )
        )

    def answers(self, number: str) -> list[AnswerRow]:
        return [_answer(row) for row in self._session.fetch(_ANSWERS, number_=number)]

    def request(self, account: str, key: str) -> RequestRow | None:
        self._session.lock(f"customs-request-{account}-{key}")
        row = self._session.first(_REQUEST, account_=account, key_=key)
        return None if row is None else _request(row)

    def remember(self, row: RequestRow) -> None:
        self._session.run(
            _REMEMBER,
            account=row.account,
            key=row.key,
            action=row.action,
            sha256=row.sha256,
            application=row.application,
            at=to_micros(row.at),
        )
