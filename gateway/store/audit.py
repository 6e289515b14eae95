"""AUDIT: who did what to which subject and when; rows are only ever added, then sealed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Integer, and_, delete, exists, func, literal_column, select

from gateway.pipeline.audit import GENESIS, AuditEvent, Link, seal_of
from gateway.store.audit_schema import audit_seal, audit_unsealed
from gateway.store.query import Query, columns_of, insert, number_in, text_in
from gateway.store.row_mapping import json_text, reader, selected, storable
from gateway.store.schema import audit_event
from gateway.store.session import Session

_e = audit_event.c
_s = audit_seal.c
_RECORD: Final = Query(insert(audit_event).returning(_e.seq), columns_of(audit_event, "seq"))
_WAIT: Final = Query(insert(audit_unsealed).inline(), columns_of(audit_unsealed))
_WAITING: Final = Query(select(func.count()).select_from(audit_unsealed))
_NEXT: Final = Query(
    select(*selected(audit_event, AuditEvent))
    .select_from(audit_unsealed.join(audit_event, _e.seq == audit_unsealed.c.event))
    .order_by(_e.seq)
    .limit(number_in("limit_"))
)
_HEAD: Final = Query(
    select(_s.number, _s.hash).order_by(_s.number.desc()).limit(literal_column("1", Integer))
)
_SEAL: Final = Query(insert(audit_seal).inline(), columns_of(audit_seal))
_SEALED: Final = Query(delete(audit_unsealed).where(audit_unsealed.c.event == number_in("event_")))
_LINKS: Final = Query(
    select(_s.number, _s.hash, _s.event, *selected(audit_event, AuditEvent))
    .select_from(audit_seal.outerjoin(audit_event, _e.seq == _s.event))
    .where(_s.number > number_in("after_"))
    .order_by(_s.number)
    .limit(number_in("limit_"))
)
_STRAYS: Final = Query(
    select(_e.seq)
    .where(
        and_(
            ~exists().where(_s.event == _e.seq),
            ~exists().where(audit_unsealed.c.event == _e.seq),
        )
    )
    .order_by(_e.seq)
    .limit(number_in("limit_"))
)
_listed = (
    select(*selected(audit_event, AuditEvent))
    .where(_e.seq < number_in("before_"))
    .order_by(_e.seq.desc())
    .limit(number_in("limit_"))
)
_ALL: Final = Query(_listed)
_OF_SUBJECT: Final = Query(_listed.where(_e.subject == text_in("subject_")))
_event = reader(AuditEvent)


def record(
    session: Session, who: str, what: str, subject: str, detail: Mapping[str, object]
) -> None:
    """Add an event at the clock's time, in the transaction of what it tells about."""
    event = session.scalar(
        _RECORD,
        at=session.now(),
        who=storable(who),
        what=what,
        subject=storable(subject),
        detail=storable(json_text(detail)),
    )
    session.run(_WAIT, event=event)


class AuditTable:
    """The port `Audit`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def record(self, who: str, what: str, subject: str, detail: Mapping[str, object]) -> None:
        record(self._session, who, what, subject, detail)

    def seal(self, most: int) -> int:
        """One process at a time, or two links would have the same number."""
        session = self._session
        session.lock("audit")
        number, head = session.first(_HEAD) or (0, GENESIS)
        events = [_event(row) for row in session.fetch(_NEXT, limit_=most)]
        seals = []
        for number, event in enumerate(events, number + 1):  # noqa: B020 - it goes on from there
            head = seal_of(head, number, event)
            seal = {"number": number, "event": event.seq, "hash": head}
            seals.append({**seal, "sealed_at": session.now()})
        session.many(_SEAL, seals)
        session.many(_SEALED, [{"event_": event.seq} for event in events])
        return len(events)

    def waiting(self) -> int:
        return int(self._session.scalar(_WAITING) or 0)

    def links(self, after: int, most: int) -> list[Link]:
        rows = self._session.fetch(_LINKS, after_=after, limit_=most)
        return [
            Link(int(row[0]), str(row[1]), int(row[2]), None if row[3] is None else _event(row[3:]))
            for row in rows
        ]

    def strays(self, most: int) -> list[int]:
        return [int(row[0]) for row in self._session.fetch(_STRAYS, limit_=most)]

    def events(self, subject: str | None, before: int, most: int) -> list[AuditEvent]:
        given: dict[str, object] = {"before_": before, "limit_": most}
        if subject is None:
            rows = self._session.fetch(_ALL, **given)
        else:
            rows = self._session.fetch(_OF_SUBJECT, subject_=subject, **given)
        return [_event(row) for row in rows]
