"""PAPERS of an application: attachments, declaration numbers, the explanation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, null, select

from gateway.pipeline.customs.rows import AttachmentRow, DeclarationRow, ExplanationRow
from gateway.store.customs.schema import (
    customs_attachment,
    customs_declaration,
    customs_explanation,
)
from gateway.store.instant import from_micros, to_micros
from gateway.store.query import Query, columns_of, insert, number, number_in, text_in
from gateway.store.row_mapping import json_text, reader, selected, storable
from gateway.store.session import Session

_a = customs_attachment.c
_d = customs_declaration.c
_e = customs_explanation.c
_ATTACH: Final = Query(
    insert(customs_attachment).inline().on_conflict_do_nothing(),
    columns_of(customs_attachment, "seq"),
)
_of_application = _a.application == text_in("number_")
_listed = select(*selected(customs_attachment, AttachmentRow, inline=null()))
_whole = select(*selected(customs_attachment, AttachmentRow, inline=_a.bytes))
_LIST: Final = Query(_listed.where(_of_application).order_by(_a.seq))
_ONE: Final = Query(_whole.where(_of_application, _a.seq == number_in("seq_")))
_SAME: Final = Query(
    _listed.where(
        _of_application, _a.purpose == text_in("purpose_"), _a.sha256 == text_in("sha256_")
    )
)
_DETACH: Final = Query(
    delete(customs_attachment).where(_of_application, _a.seq == number_in("seq_"))
)
_REFERS_TO: Final = Query(select(_a.seq).where(_a.archive_ref == text_in("ref_")).limit(number(1)))
_FORGET: Final = Query(delete(customs_declaration).where(_d.application == text_in("number_")))
_DECLARE: Final = Query(insert(customs_declaration).inline(), columns_of(customs_declaration))
_DECLARATIONS: Final = Query(
    select(*selected(customs_declaration, DeclarationRow))
    .where(_d.application == text_in("number_"))
    .order_by(_d.ordinal)
)
_EXPLAIN: Final = Query(
    insert(customs_explanation).inline().on_conflict_do_nothing(), columns_of(customs_explanation)
)
_EXPLANATION: Final = Query(
    select(*selected(customs_explanation, ExplanationRow)).where(
        _e.application == text_in("number_")
    )
)


def _pages(text: str) -> tuple[int, ...]:
    return tuple(json.loads(text))


def _bytes(value: bytes | memoryview | None) -> bytes | None:
    return None if value is None else bytes(value)


_attachment = reader(AttachmentRow, pages=_pages, created_at=from_micros, inline=_bytes)
_declaration = reader(
    DeclarationRow, declaration=json.loads, findings=json.loads, fed_back_at=from_micros
)
_explanation = reader(ExplanationRow, explained_at=from_micros)


class PaperTable:
    """The port `Papers`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def attach(self, row: AttachmentRow) -> AttachmentRow:
        self._session.run(
            _ATTACH,
            application=row.application,
            purpose=row.purpose,
            name=storable(row.name),
            size=row.size,
            sha256=row.sha256,
            pages=json_text(list(row.pages)),
            bytes=row.inline,
            archive_ref=row.archive_ref,
            created_at=to_micros(row.created_at),
        )
        found = self._session.first(
            _SAME, number_=row.application, purpose_=row.purpose, sha256_=row.sha256
        )
        assert found is not None
        return _attachment(found)

    def attachments(self, number: str) -> list[AttachmentRow]:
        return [_attachment(row) for row in self._session.fetch(_LIST, number_=number)]

    def attachment(self, number: str, seq: int) -> AttachmentRow | None:
        row = self._session.first(_ONE, number_=number, seq_=seq)
        return None if row is None else _attachment(row)

    def detach(self, number: str, seq: int) -> bool:
        return bool(self._session.run(_DETACH, number_=number, seq_=seq))

    def refers_to(self, archive_ref: str) -> bool:
        return self._session.scalar(_REFERS_TO, ref_=archive_ref) is not None

    def declare(self, number: str, rows: Sequence[DeclarationRow]) -> None:
        self._session.run(_FORGET, number_=number)
        self._session.many(
            _DECLARE,
            [
                {
                    "application": number,
                    "number": row.number,
                    "ordinal": row.ordinal,
                    "declaration": json_text(row.declaration),
                    "findings": json_text(row.findings),
                    "fed_back_at": to_micros(row.fed_back_at),
                }
                for row in rows
            ],
        )

    def declarations(self, number: str) -> list[DeclarationRow]:
        return [_declaration(row) for row in self._session.fetch(_DECLARATIONS, number_=number)]

    def explain(self, row: ExplanationRow) -> bool:
        return bool(
            self._session.run(
                _EXPLAIN,
                application=row.application,
                text=storable(row.text),
                explained_at=to_micros(row.explained_at),
                who=row.who,
            )
        )

    def explanation(self, number: str) -> ExplanationRow | None:
        row = self._session.first(_EXPLANATION, number_=number)
        return None if row is None else _explanation(row)
