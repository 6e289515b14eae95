"""STAGING: the documents of one translation attempt, invisible until `translated` shows them all.

Rows belong to (interchange, attempt).  A new attempt removes the ruins of older ones; the visible
attempt of a replayed interchange stays until its successor takes its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import delete, func, select, update

from gateway.pipeline.ports import Stale
from gateway.pipeline.rows import Batch, InterchangeRow, StagedDocument, StagedPart, Translated
from gateway.store import order_lanes
from gateway.store.outbox import OutboxTable
from gateway.store.query import Query, columns_of, insert, number, number_in, text_in, word
from gateway.store.row_mapping import maybe_storable, storable, stored_json
from gateway.store.schema import document, interchange, one_of, part, search_key
from gateway.store.session import Row, Session

# Documents of this type are no subject of decisions but confirm deliveries of ours.
ACKNOWLEDGEMENT: Final = "acknowledgement"
# Most parts have none, and nothing is counted for them.
NO_FINDINGS: Final = "[]"
# No other attempt has left anything.
FIRST_ATTEMPT: Final = 1
# Parts, findings, errors.
_Count = tuple[int, int, int]

_i = interchange.c
_d = document.c
_RECEIVED: Final = one_of(_i.state, "received")
_BEGIN: Final = Query(
    update(interchange)
    .where(_i.id == text_in("id_"), _RECEIVED)
    .values(staging=_i.staging + number(1))
    .returning(_i.staging, _i.attempt),
    (),
)
_REMOVE_OTHERS: Final = Query(
    delete(document).where(
        _d.interchange == text_in("id_"),
        _d.attempt != number_in("visible_"),
        _d.attempt != number_in("attempt_"),
    )
)
_STAGING: Final = Query(
    select(_i.partner, _i.account)
    .where(_i.id == text_in("id_"), _RECEIVED, _i.staging == number_in("attempt_"))
    .with_for_update()
)
_INSERT_DOCUMENT: Final = Query(
    insert(document).values(state=word("translated"), revision=number(1)).returning(_d.seq),
    columns_of(document, "seq", "state", "revision"),
)
_FIND_DOCUMENT: Final = Query(
    select(_d.seq).where(
        _d.interchange == text_in("id_"),
        _d.attempt == number_in("attempt_"),
        _d.ordinal == number_in("ordinal_"),
    )
)
_INSERT_PART: Final = Query(insert(part).inline(), columns_of(part))
_INSERT_KEY: Final = Query(
    insert(search_key).inline().on_conflict_do_nothing(), columns_of(search_key)
)
_COUNT_PARTS: Final = Query(
    update(document)
    .where(_d.seq == number_in("seq_"))
    .values(
        parts=_d.parts + number_in("parts_"),
        findings=_d.findings + number_in("findings_"),
        errors=_d.errors + number_in("errors_"),
    ),
    (),
)
_TYPES: Final = Query(
    select(_d.type, func.count())
    .where(_d.interchange == text_in("id_"), _d.attempt == number_in("attempt_"))
    .group_by(_d.type)
)
_ENVELOPE: Final = (
    *("step", "syntax", "format", "sender", "receiver", "reference", "encoding", "complete"),
    *("test", "documents", "findings", "findings_total", "errors_total", "envelope"),
)
_translating = (
    update(interchange)
    .where(_i.id == text_in("id_"), _RECEIVED, _i.revision == number_in("revision_"))
    .values(state=word("translated"), outcome=None)
)
_SHOW: Final = Query(
    _translating.where(_i.staging == number_in("attempt_")).returning(_i.order_key, _i.seq),
    ("attempt", *_ENVELOPE),
)
_SHOW_AT_ONCE: Final = Query(
    _translating.values(staging=_i.staging + number(1), attempt=_i.staging + number(1)).returning(
        _i.staging
    ),
    _ENVELOPE,
)


def begin_attempt(session: Session, interchange_id: str) -> int:
    """See the port."""
    row = session.first(_BEGIN, id_=interchange_id)
    if row is None:
        raise Stale(f"interchange {interchange_id} is no longer received")
    staging, visible = row
    if staging > FIRST_ATTEMPT:
        session.run(_REMOVE_OTHERS, id_=interchange_id, visible_=visible, attempt_=staging)
    return int(staging)


def stage(session: Session, interchange_id: str, attempt: int, batch: Batch) -> None:
    """See the port."""
    owner = session.first(_STAGING, id_=interchange_id, attempt_=attempt)
    if owner is None:
        raise Stale(f"attempt {attempt} of {interchange_id} has been succeeded")
    _put(session, interchange_id, attempt, owner, batch)


def _put(session: Session, interchange_id: str, attempt: int, owner: Row, batch: Batch) -> None:
    """owner: partner and account."""
    known: dict[int, int] = {}
    counts = _counts(batch.parts)
    for each in batch.documents:
        count = counts.pop(each.ordinal, (0, 0, 0))
        known[each.ordinal] = _insert_document(session, interchange_id, attempt, each, owner, count)
    # Documents that an earlier batch began.
    for ordinal, (parts, findings, errors) in sorted(counts.items()):
        seq = known[ordinal] = _document(session, interchange_id, attempt, ordinal)
        session.run(_COUNT_PARTS, seq_=seq, parts_=parts, findings_=findings, errors_=errors)
    _insert_parts(session, [(known[ordinal], each) for ordinal, each in batch.parts])


def _document(session: Session, interchange_id: str, attempt: int, ordinal: int) -> int:
    seq = session.scalar(_FIND_DOCUMENT, id_=interchange_id, attempt_=attempt, ordinal_=ordinal)
    if seq is None:
        raise LookupError(f"part of document {ordinal} of {interchange_id}, which was not staged")
    return int(seq)


def _counts(parts: Iterable[tuple[int, StagedPart]]) -> dict[int, _Count]:
    """How many parts, findings and errors of each document, by its ordinal."""
    counts: dict[int, _Count] = {}
    for ordinal, each in parts:
        number_, findings, errors = counts.get(ordinal, (0, 0, 0))
        found = 0 if each.findings == NO_FINDINGS else len(json.loads(each.findings))
        counts[ordinal] = (number_ + 1, findings + found, errors + each.errors)
    return counts


def _insert_document(
    session: Session,
    interchange_id: str,
    attempt: int,
    staged: StagedDocument,
    owner: Row,
    count: _Count,
) -> int:
    partner, account = owner
    parts, findings, errors = count
    seq = session.scalar(
        _INSERT_DOCUMENT,
        id=f"{interchange_id}-{staged.ordinal}",
        interchange=interchange_id,
        attempt=attempt,
        ordinal=staged.ordinal,
        partner=partner,
        account=account,
        type=staged.type,
        format=staged.format,
        versions=staged.versions,
        function=storable(staged.function),
        message_type=storable(staged.message_type),
        message_reference=maybe_storable(staged.message_reference),
        created_wall=staged.created_wall,
        key=staged.key,
        header=staged.header,
        parts=parts,
        findings=findings,
        errors=errors,
    )
    return int(seq)


def _insert_parts(session: Session, parts: Iterable[tuple[int, StagedPart]]) -> None:
    rows: list[tuple[Any, ...]] = []
    keys: set[tuple[str, str, int]] = set()
    for seq, each in parts:
        rows.append((seq, each.ordinal, each.key, each.canonical, each.findings, each.errors))
        keys.update((kind, storable(value), seq) for kind, value in each.keys)
    session.insert(_INSERT_PART, rows)
    # In order: fewer pages change, and two transactions never wait for each other crosswise.
    session.insert(_INSERT_KEY, sorted(keys))


def translated(
    session: Session, interchange_id: str, revision: int, attempt: int, end: Translated
) -> None:
    """See the port.  Claims (translate, interchange, revision); Stale for whoever comes second."""
    step = _next_step(session, interchange_id, attempt)
    row = session.first(
        _SHOW,
        id_=interchange_id,
        revision_=revision,
        attempt_=attempt,
        **_envelope_columns(end),
        attempt=attempt,
        step=step,
    )
    if row is None:
        raise Stale(f"attempt {attempt} of {interchange_id} has been succeeded")
    _go_on(session, interchange_id, revision, attempt, (step, *row))


def translated_at_once(
    session: Session, received: InterchangeRow, batches: Sequence[Batch], end: Translated
) -> None:
    """See the port."""
    order_lanes.lock(session, received.order_key)
    step = _step_for({each.type for batch in batches for each in batch.documents})
    row = session.first(
        _SHOW_AT_ONCE,
        id_=received.id,
        revision_=received.revision,
        **_envelope_columns(end),
        step=step,
    )
    if row is None:
        return
    (attempt,) = row
    for batch in batches:
        _put(session, received.id, attempt, (received.partner, received.account), batch)
    place = step, received.order_key, received.seq
    _go_on(session, received.id, received.revision, attempt, place)


def _go_on(
    session: Session, interchange_id: str, revision: int, attempt: int, place: Sequence[Any]
) -> None:
    """The attempt is visible: claim it, clear away the others, put the event of the next step.

    place: the step, the lane, and where the interchange stands in it.
    """
    step, order_key, seq = place
    outbox = OutboxTable(session)
    if not outbox.claim("translate", interchange_id, revision):
        raise Stale(f"revision {revision} of {interchange_id} has been recorded")
    if attempt > FIRST_ATTEMPT:
        session.run(_REMOVE_OTHERS, id_=interchange_id, visible_=attempt, attempt_=attempt)
    # Whoever decides what stands before it goes on with it or announces it.
    if step != "decide" or not order_lanes.earlier_undecided(session, order_key, seq):
        outbox.put(step, interchange_id, revision, order_key)


def _next_step(session: Session, interchange_id: str, attempt: int) -> str:
    found = session.fetch(_TYPES, id_=interchange_id, attempt_=attempt)
    return _step_for({type_ for type_, _count in found})


def _step_for(types: set[str]) -> str:
    return "confirm" if types == {ACKNOWLEDGEMENT} else "decide"


def _envelope_columns(end: Translated) -> dict[str, object]:
    return {
        "syntax": end.syntax,
        "format": end.format,
        "sender": maybe_storable(end.sender),
        "receiver": maybe_storable(end.receiver),
        "reference": maybe_storable(end.reference),
        "encoding": end.encoding,
        "complete": end.complete,
        "test": end.test,
        "documents": end.documents,
        "findings": stored_json(end.findings),
        "findings_total": end.findings_total,
        "errors_total": end.errors_total,
        "envelope": stored_json(end.envelope),
    }
