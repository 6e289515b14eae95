"""DOCUMENTS: what interchanges carry, what was decided about them, and which are in force."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any, Final

from pydantic_core import from_json
from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    update,
)

from gateway.limits import STORE_VALUES_PER_QUERY
from gateway.pipeline.rows import DecisionRow, DocumentRow, PartMark, PartRow
from gateway.rules.decision import outcome_of
from gateway.store.instant import from_micros, to_micros
from gateway.store.query import Query, columns_of, insert, number_in, text_in
from gateway.store.row_mapping import json_text, reader, selected, storable, stored_json
from gateway.store.schema import (
    decision,
    document,
    document_in_force,
    interchange,
    part,
    search_key,
)
from gateway.store.session import Row, Session

# The message function that takes parts out of force (UN/EDIFACT 1225, and our flat files).
DELETE: Final = "3"
# Beyond every ordinal.
_LAST: Final = 2**31 - 1

_d = document.c
_f = document_in_force.c
# Only documents of the attempt that their interchange shows.
_visible = document.join(
    interchange, and_(interchange.c.id == _d.interchange, interchange.c.attempt == _d.attempt)
)
_whole = select(*selected(document, DocumentRow, test=interchange.c.test)).select_from(_visible)
_by_id = _d.id == text_in("id_")
_OF_INTERCHANGE: Final = Query(
    _whole.where(_d.interchange == text_in("id_"), _d.ordinal > number_in("after_"))
    .order_by(_d.ordinal)
    .limit(number_in("limit_"))
)
_FIND: Final = Query(_whole.where(_by_id))


def _parts_query(columns: list[ColumnElement[Any]]) -> Select[Any]:
    return (
        select(*columns)
        .select_from(_visible.join(part, part.c.document == _d.seq))
        .where(_by_id)
        .order_by(part.c.ordinal)
        .limit(number_in("limit_"))
    )


_after = part.c.ordinal > number_in("after_")
_PARTS: Final = Query(_parts_query(selected(part, PartRow)).where(_after))
_PART_MARKS: Final = Query(_parts_query(selected(part, PartMark)).where(_after))
_PART_FINDINGS: Final = Query(
    _parts_query([part.c.findings]).where(part.c.findings != literal_column("'[]'"))
)
_STATES: Final = Query(
    select(_d.state, func.count())
    .select_from(_visible)
    .where(
        _d.interchange == text_in("id_"),
        _d.ordinal > number_in("after_"),
        _d.ordinal <= number_in("last_"),
    )
    .group_by(_d.state)
)
_by_key = (
    _f.account == text_in("account_"),
    _f.type == text_in("type_"),
    _f.key == text_in("key_"),
)
_CURRENT: Final = Query(
    select(*selected(document, DocumentRow, test=interchange.c.test))
    .select_from(_visible.join(document_in_force, _f.document == _d.id))
    .where(*_by_key)
    .order_by(_f.seq)
)
_FORGET: Final = Query(delete(document_in_force).where(*_by_key))
_ENFORCE: Final = Query(
    insert(document_in_force).inline().on_conflict_do_nothing(),
    columns_of(document_in_force, "seq"),
)
_SET_STATE: Final = Query(
    update(document).where(_d.seq == number_in("seq_")), ("state", "revision")
)
_DECIDE: Final = Query(insert(decision).inline(), columns_of(decision))
_DECISIONS: Final = Query(
    select(*selected(decision, DecisionRow))
    .where(decision.c.document == text_in("id_"))
    .order_by(decision.c.revision)
)
_row = reader(DocumentRow, versions=from_json, key=from_json, header=from_json, test=bool)
_part = reader(PartRow, key=from_json)
_mark = reader(PartMark, key=from_json)
_decision = reader(
    DecisionRow,
    codes=from_json,
    rules=from_json,
    explanation=from_json,
    findings=from_json,
    facts=from_json,
    decided_at=from_micros,
)


class DocumentTable:
    """The port `Documents`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def of_interchange(self, interchange: str, after: int, limit: int) -> list[DocumentRow]:
        rows = self._session.fetch(_OF_INTERCHANGE, id_=interchange, after_=after, limit_=limit)
        return [_row(row) for row in rows]

    def find(self, document: str) -> DocumentRow | None:
        row = self._session.first(_FIND, id_=document)
        return None if row is None else _row(row)

    def parts(self, document: str, after: int, limit: int) -> list[PartRow]:
        rows = self._session.fetch(_PARTS, id_=document, after_=after, limit_=limit)
        return [_part(row) for row in rows]

    def part_marks(self, document: str, after: int, limit: int) -> list[PartMark]:
        rows = self._session.fetch(_PART_MARKS, id_=document, after_=after, limit_=limit)
        return [_mark(row) for row in rows]

    def part_findings(self, document: str, limit: int) -> list[str]:
        rows = self._session.fetch(_PART_FINDINGS, id_=document, limit_=limit)
        return [str(row[0]) for row in rows]

    def outcome(self, interchange: str, after: int = 0, last: int | None = None) -> str:
        rows = self._session.fetch(
            _STATES, id_=interchange, after_=after, last_=_LAST if last is None else last
        )
        return outcome_of({str(row[0]) for row in rows})

    def current(self, account: str, type_: str, key: dict[str, str]) -> list[DocumentRow]:
        rows = self._session.fetch(_CURRENT, account_=account, type_=type_, key_=json_text(key))
        return [_row(row) for row in rows]

    def held_keys(self, documents: Sequence[str], kind: str, values: Sequence[str]) -> set[str]:
        age = {name: number for number, name in enumerate(documents)}
        # Of each value: the newest document that carries it, and whether that deletes it.
        newest: dict[str, tuple[int, bool]] = {}
        remaining = iter({storable(value) for value in values})
        while some := list(islice(remaining, STORE_VALUES_PER_QUERY)):
            for value, name, function in self._carriers(documents, kind, some):
                newest[value] = max(newest.get(value, (-1, False)), (age[name], function == DELETE))
        return {value for value, (_age, deleted) in newest.items() if not deleted}

    def _carriers(self, documents: Sequence[str], kind: str, values: list[str]) -> list[Row]:
        query = (
            select(search_key.c.value, _d.id, _d.function)
            .select_from(_visible.join(search_key, search_key.c.document == _d.seq))
            .where(
                _d.id.in_(bindparam("documents", list(documents), expanding=True)),
                search_key.c.kind == kind,
                search_key.c.value.in_(bindparam("values", values, expanding=True)),
            )
        )
        return self._session.fetch(Query(query))

    def decide(
        self, decision: DecisionRow, state: str, current: str, document: DocumentRow | None = None
    ) -> None:
        """Raises LookupError for an unknown document."""
        session = self._session
        subject = document or self.find(decision.document)
        if subject is None:
            raise LookupError(f"no document {decision.document}")
        session.run(
            _DECIDE,
            document=decision.document,
            revision=decision.revision,
            partner=subject.partner,
            outcome=decision.outcome,
            codes=stored_json(decision.codes),
            rules=stored_json(decision.rules),
            explanation=stored_json(decision.explanation),
            findings=stored_json(decision.findings),
            facts=stored_json(decision.facts),
            decided_at=to_micros(decision.decided_at),
        )
        session.run(_SET_STATE, seq_=subject.seq, state=state, revision=decision.revision)
        self._put_in_force(subject, current)

    def _put_in_force(self, document: DocumentRow, current: str) -> None:
        account, type_, key = document.account, document.type, json_text(document.key)
        if current in ("replace", "remove"):
            self._session.run(_FORGET, account_=account, type_=type_, key_=key)
        if current in ("replace", "amend"):
            self._session.run(_ENFORCE, account=account, type=type_, key=key, document=document.id)

    def decisions(self, document: str) -> list[DecisionRow]:
        return [_decision(row) for row in self._session.fetch(_DECISIONS, id_=document)]

    def search(self, partner: str | None, terms: dict[str, str], limit: int) -> list[DocumentRow]:
        """Newest first; no terms find nothing."""
        if not terms:
            return []
        query = _whole.order_by(_d.seq.desc()).limit(limit)
        if partner is not None:
            query = query.where(_d.partner == partner)
        for kind, value in terms.items():
            has_it = select(search_key.c.document).where(
                search_key.c.kind == kind, search_key.c.value == storable(value)
            )
            query = query.where(_d.seq.in_(has_it))
        return [_row(row) for row in self._session.fetch(Query(query))]
