"""AUDIT: who did what to which subject and when; rows are only ever added."""

from __future__ import annotations

from typing import Final

from gateway.store.query import Query, columns_of, insert
from gateway.store.row_mapping import json_text
from gateway.store.schema import audit_event
from gateway.store.session import Session

_RECORD: Final = Query(insert(audit_event).inline(), columns_of(audit_event, "seq"))


def record(session: Session, who: str, what: str, subject: str, detail: dict[str, object]) -> None:
    """Add an event at the clock's time, in the transaction of what it tells about."""
    session.run(
        _RECORD,
        at=session.now(),
        who=who,
        what=what,
        subject=subject,
        detail=json_text(detail),
    )
