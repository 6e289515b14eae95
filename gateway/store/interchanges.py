"""INTERCHANGES: received units and their way through the states (schema.py)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile
from operator import itemgetter
from typing import Any, Final

from pydantic_core import from_json
from sqlalchemy import Select, and_, func, null, or_, select, update

from gateway.pipeline.ports import Stale
from gateway.pipeline.rows import Arrival, Batch, InterchangeRow, Page, Receipt, Translated
from gateway.store import arrivals, audit, order_lanes, staging
from gateway.store.instant import from_micros, to_micros
from gateway.store.query import Query, columns_of, insert, number, number_in, text_in, word
from gateway.store.row_mapping import maybe_bool, reader, selected, storable, stored_json
from gateway.store.schema import (
    IN_ARCHIVE,
    LIVE,
    UNDECIDED,
    envelope_reference,
    interchange,
    interchange_body,
    one_of,
)
from gateway.store.session import Session

_c = interchange.c
_r = envelope_reference.c
_by_id = _c.id == text_in("id_")
_whole = select(
    *selected(interchange, InterchangeRow, inline=interchange_body.c.bytes)
).select_from(interchange.outerjoin(interchange_body, interchange_body.c.interchange == _c.id))
_listed = select(*selected(interchange, InterchangeRow, inline=null()))
_FIND: Final = Query(_whole.where(_by_id))
_VISIBLE: Final = Query(_whole.where(_by_id, _c.partner == text_in("partner_")))
_STATES: Final = ("received", "translated", "decided", "quarantined", "dead")


def _page_query(state: str | None, *, operator: bool) -> Query:
    query: Select[Any] = _listed.where(_c.seq < number_in("before_"))
    if state is not None:
        query = query.where(one_of(_c.state, state))
    if state in ("received", "translated"):
        query = query.where(UNDECIDED)
    if not operator:
        query = query.where(_c.partner == text_in("partner_"))
    return Query(query.order_by(_c.seq.desc()).limit(number_in("limit_")))


_PAGES: Final = {
    (state, operator): _page_query(state, operator=operator)
    for state in (None, *_STATES)
    for operator in (True, False)
}
_since = (_c.account == text_in("account_"), _c.received_at >= number_in("since_"))
_USAGE: Final = Query(
    select(func.count(), func.coalesce(func.sum(_c.size), number(0))).where(*_since)
)
_RECENT: Final = Query(
    select(_c.name, _c.size, _c.received_at).where(*_since).order_by(_c.received_at, _c.seq)
)
_STATE: Final = Query(
    select(_c.state, _c.order_key, _c.account, _c.sha256).where(_by_id).with_for_update()
)
_FINDINGS: Final = Query(
    select(_c.state, _c.order_key, _c.findings, _c.findings_total, _c.errors_total)
    .where(_by_id)
    .with_for_update()
)
_REFUSE: Final = Query(
    update(interchange).where(_by_id, UNDECIDED).values(live=number(0)),
    ("state", "findings", "findings_total", "errors_total"),
)
_translated = update(interchange).where(
    _by_id, one_of(_c.state, "translated"), _c.revision == number_in("revision_")
)
_decided = _translated.values(state=word("decided"))
_DECIDE: Final = Query(_decided, ("outcome",))
# Not always, to the same value: its indexes would be written anew for every interchange.
_REJECT: Final = Query(_decided.values(live=number(0)), ("outcome",))
_OUTCOME: Final = Query(
    update(interchange).where(_by_id, one_of(_c.state, "decided")), ("outcome",)
)
_OTHER_LIVE: Final = Query(
    select(_c.id).where(
        _c.account == text_in("account_"),
        _c.sha256 == text_in("sha256_"),
        LIVE,
        _c.id != text_in("id_"),
    )
)
_REOPEN: Final = Query(
    update(interchange)
    .where(_by_id, or_(text_in("state_") == word("received"), _c.attempt > number(0)))
    .values(revision=_c.revision + number(1), outcome=None)
    .returning(_c.revision),
    ("state", "live"),
)
_CLAIM_REFERENCE: Final = Query(
    insert(envelope_reference).inline().on_conflict_do_nothing(), columns_of(envelope_reference)
)
_by_reference = (
    _r.account == text_in("account_"),
    _r.reference == text_in("reference_"),
)
_HOLDER: Final = Query(
    select(_c.id, _c.sha256, _c.state, _c.outcome)
    .select_from(interchange.join(envelope_reference, _r.interchange == _c.id))
    .where(*_by_reference)
)
# With a last column: whether decide may take it along behind another one.
_goes_along = and_(
    one_of(_c.state, "translated"), _c.step == word("decide"), _c.archive_ref.is_(None)
)
_UNDECIDED_OF_LANE: Final = Query(
    _listed.add_columns(_goes_along)
    .where(_c.order_key == text_in("order_key_"), UNDECIDED)
    .order_by(_c.seq)
    .limit(number_in("limit_"))
)
_REFERS_TO: Final = Query(
    select(_c.seq).where(_c.archive_ref == text_in("ref_"), IN_ARCHIVE).limit(number(1))
)
_SHA256: Final = Query(select(_c.sha256).where(_by_id))
_MOVE_REFERENCE: Final = Query(update(envelope_reference).where(*_by_reference), ("interchange",))
_row = reader(
    InterchangeRow,
    received_at=from_micros,
    complete=maybe_bool,
    test=bool,
    findings=from_json,
    envelope=from_json,
)
# Newer than every row.
_END: Final = 2**62
_BEFORE_STEP: Final = {"translate": "received", "decide": "translated", "confirm": "translated"}


class InterchangeTable:
    """The port `Interchanges`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def receive(self, arrival: Arrival) -> Receipt:
        return arrivals.receive(self._session, arrival)

    def find(self, interchange: str) -> InterchangeRow | None:
        row = self._session.first(_FIND, id_=interchange)
        return None if row is None else _row(row)

    def visible(self, partner: str, interchange: str) -> InterchangeRow | None:
        row = self._session.first(_VISIBLE, id_=interchange, partner_=partner)
        return None if row is None else _row(row)

    def page(
        self, partner: str | None, cursor: str | None, limit: int, state: str | None = None
    ) -> Page:
        if state is not None and state not in _STATES:
            return Page()
        who = {} if partner is None else {"partner_": partner}
        rows = self._session.fetch(
            _PAGES[state, partner is None],
            before_=_END if cursor is None else int(cursor),
            limit_=limit,
            **who,
        )
        found = [_row(row) for row in rows]
        return Page(found, str(found[-1].seq) if len(found) == limit else None)

    def usage(self, account: str, since: datetime) -> tuple[int, int]:
        row = self._session.first(_USAGE, account_=account, since_=to_micros(since))
        return (int(row[0]), int(row[1])) if row else (0, 0)

    def recent(self, account: str, since: datetime) -> list[tuple[str, int, datetime]]:
        rows = self._session.fetch(_RECENT, account_=account, since_=to_micros(since))
        return [(str(name), int(size), from_micros(at)) for name, size, at in rows]

    def begin_attempt(self, interchange: str) -> int:
        return staging.begin_attempt(self._session, interchange)

    def stage(self, interchange: str, attempt: int, batch: Batch) -> None:
        staging.stage(self._session, interchange, attempt, batch)

    def translated(self, interchange: str, revision: int, attempt: int, end: Translated) -> None:
        staging.translated(self._session, interchange, revision, attempt, end)

    def translated_at_once(
        self, row: InterchangeRow, batches: Sequence[Batch], end: Translated
    ) -> None:
        staging.translated_at_once(self._session, row, batches, end)

    def refuse(self, interchange: str, state: str, findings: list[dict[str, Any]]) -> None:
        """Raises Stale where it is already decided or refused."""
        session = self._session
        row = session.first(_FINDINGS, id_=interchange)
        if row is None:
            raise LookupError(f"no interchange {interchange}")
        was, order_key, known, total, errors = row
        order_lanes.lock(session, order_key)
        done = session.run(
            _REFUSE,
            id_=interchange,
            state=state,
            findings=stored_json(from_json(known) + findings),
            findings_total=total + len(findings),
            errors_total=errors + sum(each.get("severity") == "error" for each in findings),
        )
        if not done:
            raise Stale(f"interchange {interchange} is already {was}")
        order_lanes.announce_next(session, order_key)

    def decided(self, interchange: str, revision: int, outcome: str) -> None:
        """Raises Stale where that revision no longer waits for its decision."""
        query = _REJECT if outcome == "rejected" else _DECIDE
        done = self._session.run(query, id_=interchange, revision_=revision, outcome=outcome)
        if not done:
            raise Stale(f"revision {revision} of {interchange} is not to be decided")

    def earlier_undecided(self, order_key: str, seq: int) -> bool:
        return order_lanes.earlier_undecided(self._session, order_key, seq)

    def next_decidable(self, order_key: str, limit: int) -> list[InterchangeRow]:
        order_lanes.lock(self._session, order_key)
        rows = self._session.fetch(_UNDECIDED_OF_LANE, order_key_=order_key, limit_=limit)
        return [_row(row[:-1]) for row in takewhile(itemgetter(-1), rows)]

    def announce_next(self, order_key: str) -> None:
        order_lanes.announce_next(self._session, order_key)

    def outcome_changed(self, interchange: str, outcome: str) -> None:
        self._session.run(_OUTCOME, id_=interchange, outcome=outcome)

    def claim_reference(self, interchange: str, account: str, reference: str) -> str | None:
        session = self._session
        reference = storable(reference)
        if session.run(
            _CLAIM_REFERENCE, account=account, reference=reference, interchange=interchange
        ):
            return None
        key = {"account_": account, "reference_": reference}
        row = session.first(_HOLDER, **key)
        if row is None or row[0] == interchange:
            return None
        holder, sha256, state, outcome = row
        gave_up = state in ("quarantined", "dead") or outcome == "rejected"
        # The same bytes again (a replay) do not use the reference for something else.
        if gave_up or sha256 == session.scalar(_SHA256, id_=interchange):
            session.run(_MOVE_REFERENCE, **key, interchange=interchange)
            return None
        return str(holder)

    def take_reference(self, interchange: str, account: str, reference: str) -> None:
        self._session.run(
            _MOVE_REFERENCE,
            account_=account,
            reference_=storable(reference),
            interchange=interchange,
        )

    def with_bytes(self, account: str, sha256: str) -> str | None:
        return arrivals.with_bytes(self._session, account, sha256)

    def refers_to(self, archive_ref: str) -> bool:
        return self._session.first(_REFERS_TO, ref_=archive_ref) is not None

    def reopen(self, interchange: str, stage: str) -> int:
        """Raises LookupError for an unknown interchange, Stale for one never translated."""
        session = self._session
        row = session.first(_STATE, id_=interchange)
        if row is None:
            raise LookupError(f"no interchange {interchange}")
        state, order_key, account, sha256 = row
        order_lanes.lock(session, order_key)
        other = session.first(_OTHER_LIVE, id_=interchange, account_=account, sha256_=sha256)
        before = _BEFORE_STEP[stage]
        revision = session.scalar(
            _REOPEN, id_=interchange, state=before, state_=before, live=int(other is None)
        )
        if revision is None:
            raise Stale(f"interchange {interchange} has no translation to go on from")
        audit.record(
            session,
            session.owner,
            "interchange.reopened",
            interchange,
            {"stage": stage, "from": state, "revision": revision},
        )
        return int(revision)
