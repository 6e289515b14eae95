"""PAPERS: the documents and facts that a request needs, and who waits for them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import and_, delete, select, update

from gateway.pipeline.gate.rows import FactRow, FoundDocument, Sought
from gateway.store.documents import DELETE
from gateway.store.gate.schema import appointment, fact, wait
from gateway.store.instant import from_micros, to_micros
from gateway.store.outbox import OutboxTable
from gateway.store.query import Query, columns_of, insert, number, number_in, text_in
from gateway.store.row_mapping import json_text, reader, selected, storable
from gateway.store.schema import (
    decision,
    document,
    document_in_force,
    interchange,
    one_of,
    part,
    search_key,
)
from gateway.store.session import Session

STAGE: Final = "gate"
# A box or a bill is named by few documents; beyond these only history remains.
_CANDIDATES_MAX: Final = 20
_d, _f, _k = document.c, document_in_force.c, search_key.c
_CANDIDATES: Final = Query(
    select(_d.id, _d.seq, _d.account, _d.key, _d.function, _d.state)
    .select_from(
        search_key.join(document, _d.seq == _k.document).join(
            interchange,
            and_(interchange.c.id == _d.interchange, interchange.c.attempt == _d.attempt),
        )
    )
    .where(
        _k.kind == text_in("kind_"),
        _k.value == text_in("value_"),
        _d.type == text_in("type_"),
        one_of(_d.state, "accepted", "partly"),
        interchange.c.received_at > number_in("since_"),
    )
    .order_by(_d.seq.desc())
    .limit(number_in("limit_"))
)
_IN_FORCE: Final = Query(
    select(_f.seq).where(
        _f.account == text_in("account_"),
        _f.type == text_in("type_"),
        _f.key == text_in("key_"),
        _f.document == text_in("document_"),
    )
)
_KEYS: Final = Query(
    select(_k.kind, _k.value)
    .where(_k.document == number_in("document_"), one_of(_k.kind, "vessel", "voyage"))
    .order_by(_k.kind, _k.value)
    .limit(number_in("limit_"))
)
_BOXES: Final = Query(
    select(_k.value)
    .where(_k.document == number_in("document_"), one_of(_k.kind, "container"))
    .limit(number(1))
)
_BOX: Final = Query(
    select(_k.value).where(
        _k.document == number_in("document_"),
        one_of(_k.kind, "container"),
        _k.value == text_in("value_"),
    )
)
_FACTS: Final = Query(
    select(decision.c.facts)
    .where(decision.c.document == text_in("id_"))
    .order_by(decision.c.revision.desc())
    .limit(number(1))
)
_PARTS: Final = Query(
    select(part.c.ordinal, part.c.key)
    .where(part.c.document == number_in("document_"), part.c.key.like(text_in("like_")))
    .order_by(part.c.ordinal)
)
_insert = insert(fact).inline()
_RECORD: Final = Query(
    _insert.on_conflict_do_update(
        index_elements=["kind", "key"],
        set_={name: _insert.excluded[name] for name in ("value", "at", "source")},
    ),
    columns_of(fact),
)
_FACT: Final = Query(
    select(*selected(fact, FactRow)).where(
        fact.c.kind == text_in("kind_"), fact.c.key == text_in("key_")
    )
)
_FORGET: Final = Query(delete(wait).where(wait.c.appointment == text_in("id_")))
_AWAIT: Final = Query(insert(wait).inline(), columns_of(wait))
_WAITING: Final = Query(
    select(wait.c.appointment)
    .where(wait.c.kind == text_in("kind_"), wait.c.key == text_in("key_"))
    .order_by(wait.c.appointment)
)
_CAME: Final = Query(
    select(wait.c.appointment)
    .distinct()
    .select_from(search_key.join(wait, wait.c.key == _k.value))
    .where(
        _k.document == number_in("document_"),
        wait.c.kind == text_in("kind_"),
        one_of(_k.kind, "container", "booking", "bill_of_lading", "delivery_order", "voyage"),
    )
    .order_by(wait.c.appointment)
)
_ASK: Final = Query(
    update(appointment)
    .where(appointment.c.id == text_in("id_"))
    .values(asked=appointment.c.asked + number(1))
    .returning(appointment.c.asked)
)
_SEARCH_KEYS_MAX: Final = 50
_fact = reader(FactRow, at=from_micros)


class PaperTable:
    """The port `Papers`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, sought: Sought) -> FoundDocument | None:
        rows = self._session.fetch(
            _CANDIDATES,
            kind_=sought.kind,
            value_=storable(sought.value),
            type_=sought.document,
            since_=to_micros(sought.since) if sought.since else 0,
            limit_=_CANDIDATES_MAX,
        )
        for name, seq, account, key, function, state in rows:
            if not self._in_force(account, sought.document, json.loads(key), name):
                continue
            found = self._found(name, seq, json.loads(key))
            if sought.voyage and found.voyages and sought.voyage not in found.voyages:
                continue
            if sought.container and self._excludes(seq, sought.container):
                continue
            if state == "partly" and self._left_out(name, seq, sought.value):
                continue
            # The newest that names it decides: one that deletes it leaves nothing.
            return None if function == DELETE else found
        return None

    def _in_force(self, account: str, type_: str, key: dict[str, str], name: str) -> bool:
        found = self._session.scalar(
            _IN_FORCE, account_=account, type_=type_, key_=json_text(key), document_=name
        )
        return found is not None

    def _found(self, name: str, seq: int, key: dict[str, str]) -> FoundDocument:
        pairs = self._session.fetch(_KEYS, document_=seq, limit_=_SEARCH_KEYS_MAX)
        vessels = tuple(value for kind, value in pairs if kind == "vessel")
        voyages = tuple(value for kind, value in pairs if kind == "voyage")
        return FoundDocument(name, key, vessels, voyages)

    def _excludes(self, seq: int, container: str) -> bool:
        """It lists boxes, and not this one."""
        if self._session.first(_BOXES, document_=seq) is None:
            return False
        return self._session.first(_BOX, document_=seq, value_=storable(container)) is None

    def _left_out(self, name: str, seq: int, value: str) -> bool:
        """Every part of an accepted document that names the value was not accepted itself."""
        facts = self._session.scalar(_FACTS, id_=name)
        rejected = set(json.loads(facts).get("rejected_parts", ())) if facts else set()
        like = "%" + json.dumps(value, ensure_ascii=False) + "%"
        rows = self._session.fetch(_PARTS, document_=seq, like_=like)
        named = [row[0] for row in rows if value in json.loads(row[1]).values()]
        return bool(named) and all(ordinal in rejected for ordinal in named)

    def record(self, kind: str, key: str, value: str, source: str) -> None:
        """A fact as told last."""
        self._session.run(
            _RECORD,
            kind=kind,
            key=storable(key.upper()),
            value=storable(value),
            at=self._session.now(),
            source=source,
        )

    def fact(self, kind: str, key: str) -> FactRow | None:
        row = self._session.first(_FACT, kind_=kind, key_=storable(key.upper()))
        return None if row is None else _fact(row)

    def await_facts(self, appointment: str, pairs: Sequence[tuple[str, str]]) -> None:
        self._session.run(_FORGET, id_=appointment)
        rows: list[dict[str, Any]] = [
            {"appointment": appointment, "kind": kind, "key": storable(key)} for kind, key in pairs
        ]
        self._session.many(_AWAIT, rows)

    def came(self, document: int, kind: str) -> int:
        rows = self._session.fetch(_CAME, document_=document, kind_=kind)
        return self._ask(row[0] for row in rows)

    def waiting(self, kind: str, key: str) -> int:
        """Ask whoever waits for a fact; how many."""
        rows = self._session.fetch(_WAITING, kind_=kind, key_=storable(key.upper()))
        return self._ask(row[0] for row in rows)

    def _ask(self, appointments: Iterable[str]) -> int:
        outbox = OutboxTable(self._session)
        asked = 0
        for each in appointments:
            revision = self._session.scalar(_ASK, id_=each)
            if revision is not None:
                outbox.put(STAGE, each, int(revision), f"gate/{each}")
                asked += 1
        return asked
