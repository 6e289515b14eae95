"""ARRIVALS: what arrives becomes an interchange or repeats one (house.md 6, enforced by indexes).

The insert comes first and unique indexes decide; only after a refusal is looked up what was
repeated.  So two receives of the same bytes at the same moment make one interchange.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import select, update

from gateway.pipeline.ports import TransientError
from gateway.pipeline.rows import Arrival, Receipt
from gateway.store.instant import to_micros
from gateway.store.outbox import OutboxTable
from gateway.store.query import Query, columns_of, insert, number, text_in, word
from gateway.store.row_mapping import maybe_storable, storable
from gateway.store.schema import (
    HAS_IDEMPOTENCY_KEY,
    HAS_SOURCE_KEY,
    LIVE,
    NOT_LIVE,
    interchange,
    interchange_body,
)
from gateway.store.session import Row, Session

# Rounds of insert and look-up: what stood in the way may just have been rejected.
_ROUNDS_MAX: Final = 4

_c = interchange.c
_INSERT: Final = Query(
    insert(interchange)
    .values(
        state=word("received"),
        step=word("decide"),
        revision=number(1),
        attempt=number(0),
        staging=number(0),
        documents=number(0),
        findings_total=number(0),
        errors_total=number(0),
        repeats=number(0),
        test=False,
        findings="[]",
        envelope="{}",
    )
    .on_conflict_do_nothing()
    .returning(_c.seq),
    (
        *("id", "partner", "account", "channel", "name", "name_raw", "content_type", "size"),
        *("sha256", "archive_ref", "order_key", "received_at", "live", "resend_of", "replay_of"),
        *("idempotency_key", "source_key"),
    ),
)
_INSERT_BODY: Final = Query(insert(interchange_body).inline(), columns_of(interchange_body))
_same_bytes = (_c.account == text_in("account_"), _c.sha256 == text_in("sha256_"))
_known = select(_c.id, _c.state, _c.sha256)
_BY_ID: Final = Query(_known.where(_c.id == text_in("id_")))
_BY_KEY: Final = Query(
    _known.where(
        _c.account == text_in("account_"),
        _c.idempotency_key == text_in("key_"),
        HAS_IDEMPOTENCY_KEY,
    )
)
_BY_SOURCE: Final = Query(
    _known.where(
        _c.account == text_in("account_"), _c.source_key == text_in("key_"), HAS_SOURCE_KEY
    )
)
_BY_BYTES: Final = Query(_known.where(*_same_bytes, LIVE))
_PAST: Final = Query(
    select(_c.id).where(*_same_bytes, NOT_LIVE).order_by(_c.seq.desc()).limit(number(1))
)
_REPEATED: Final = Query(
    update(interchange).where(_c.id == text_in("id_")).values(repeats=_c.repeats + number(1)), ()
)


def receive(session: Session, arrival: Arrival) -> Receipt:
    """See the port.  Raises TransientError if the lane of these bytes never comes to rest."""
    for _round in range(_ROUNDS_MAX):
        if _insert(session, arrival):
            return Receipt(arrival.id, "received")
        if (receipt := _repeat(session, arrival)) is not None:
            return receipt
    raise TransientError(f"the duplicates of {arrival.id} keep changing")


def with_bytes(session: Session, account: str, sha256: str) -> str | None:
    """See the port."""
    found = session.first(_BY_BYTES, account_=account, sha256_=sha256)
    return None if found is None else str(found[0])


def _insert(session: Session, arrival: Arrival) -> bool:
    body = arrival.body
    same = {"account_": arrival.account, "sha256_": body.sha256}
    replay = arrival.replay_of is not None
    # A replay skips the bytes rule: it stands in for them only where nothing else does.
    live = not (replay and session.first(_BY_BYTES, **same))
    row = session.first(
        _INSERT,
        id=arrival.id,
        partner=arrival.partner,
        account=arrival.account,
        channel=arrival.channel,
        name=storable(arrival.name),
        name_raw=arrival.name_raw,
        content_type=maybe_storable(arrival.content_type),
        size=body.size,
        sha256=body.sha256,
        archive_ref=body.archive_ref,
        order_key=storable(arrival.order_key),
        received_at=to_micros(arrival.received_at),
        live=int(live),
        resend_of=None if replay else session.scalar(_PAST, **same),
        replay_of=arrival.replay_of,
        idempotency_key=maybe_storable(arrival.idempotency_key),
        source_key=maybe_storable(arrival.source_key),
    )
    if row is None:
        return False
    if body.inline is not None:
        session.run(_INSERT_BODY, interchange=arrival.id, bytes=body.inline)
    OutboxTable(session).put("translate", arrival.id, 1, arrival.order_key)
    return True


def _repeat(session: Session, arrival: Arrival) -> Receipt | None:
    """What this arrival repeats, in the order of the rule; None if that is gone meanwhile."""
    own = session.first(_BY_ID, id_=arrival.id)
    if own is not None:
        # The same work once more: its commit went through, its answer was lost.
        return Receipt(arrival.id, str(own[1]))
    account = {"account_": arrival.account}
    if arrival.idempotency_key is not None and (
        found := session.first(_BY_KEY, **account, key_=storable(arrival.idempotency_key))
    ):
        return _counted(session, arrival, found, "key")
    if arrival.source_key is not None and (
        found := session.first(_BY_SOURCE, **account, key_=storable(arrival.source_key))
    ):
        return _counted(session, arrival, found, "source")
    if arrival.replay_of is not None:
        return None
    found = session.first(_BY_BYTES, **account, sha256_=arrival.body.sha256)
    return None if found is None else _counted(session, arrival, found, "bytes")


def _counted(session: Session, arrival: Arrival, found: Row, repeat: str) -> Receipt:
    known, state, sha256 = map(str, found)
    mismatch = repeat == "key" and sha256 != arrival.body.sha256
    if not mismatch:
        session.run(_REPEATED, id_=known)
    return Receipt(known, state, repeat, mismatch)
