"""DESK: what accounts ask of the service, each act in one short transaction.

Bytes of attachments are made durable, and measured, before the transaction of their row.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from gateway.limits import BODY_INLINE_BYTES_MAX, CHUNK_BYTES
from gateway.pipeline.customs import aftercare, asking, drafts, papers, submitting
from gateway.pipeline.customs.office import Act, Office
from gateway.pipeline.customs.ports import PdfMeasurer
from gateway.pipeline.customs.requests import Asked, once
from gateway.pipeline.customs.rows import (
    AnswerRow,
    ApplicationRow,
    AttachmentRow,
    DeclarationRow,
    ExplanationRow,
    GoodsCodeRow,
    HistoryRow,
)
from gateway.pipeline.ports import Store, Tx
from gateway.pipeline.rows import AccountRef

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Dossier:
    """An application with everything that belongs to it."""

    application: ApplicationRow
    attachments: tuple[AttachmentRow, ...]
    declarations: tuple[DeclarationRow, ...]
    explanation: ExplanationRow | None
    answers: tuple[AnswerRow, ...]
    history: tuple[HistoryRow, ...]


class CustomsDesk:
    """The service as HTTP sees it."""

    def __init__(self, store: Store, office: Office, measure: PdfMeasurer) -> None:
        self._store = store
        self._office = office
        self._measure = measure

    async def create(self, account: AccountRef, form: dict[str, Any], key: str | None) -> Act:
        """A new draft."""
        asked = Asked(account, "create", form, key)
        return await self._once(asked, lambda tx: drafts.create(self._office, tx, account, form))

    async def change(self, account: AccountRef, number: str, form: dict[str, Any]) -> Act:
        """The draft's form anew."""
        return await self._store.write(
            lambda tx: drafts.change(self._office, tx, account, number, form)
        )

    async def copy(self, account: AccountRef, number: str, key: str | None) -> Act:
        """A new draft like this one."""
        asked = Asked(account, f"copy {number}", None, key)
        return await self._once(asked, lambda tx: drafts.copy(self._office, tx, account, number))

    async def delete(self, account: AccountRef, numbers: Sequence[str]) -> drafts.Deleted:
        """Drafts, all or none."""
        return await self._store.write(lambda tx: drafts.delete(self._office, tx, account, numbers))

    async def submit(self, account: AccountRef, number: str, key: str | None) -> Act:
        """暂存 → 申报."""
        asked = Asked(account, f"submit {number}", None, key)
        return await self._once(
            asked, lambda tx: submitting.submit(self._office, tx, account, number)
        )

    async def cancel(self, account: AccountRef, number: str, key: str | None) -> Act:
        """取消预约."""
        asked = Asked(account, f"cancel {number}", None, key)
        return await self._once(
            asked, lambda tx: submitting.cancel(self._office, tx, account, number)
        )

    async def feed_back(
        self, account: AccountRef, number: str, given: Sequence[dict[str, Any]], key: str | None
    ) -> Act:
        """反馈报关单号."""
        asked = Asked(account, f"feed back {number}", list(given), key)
        return await self._once(
            asked, lambda tx: aftercare.feed_back(self._office, tx, account, number, given)
        )

    async def explain(self, account: AccountRef, number: str, text: str, key: str | None) -> Act:
        """情况说明, once."""
        asked = Asked(account, f"explain {number}", text, key)
        return await self._once(
            asked, lambda tx: aftercare.explain(self._office, tx, account, number, text)
        )

    async def attach(
        self,
        account: AccountRef,
        number: str,
        purpose: papers.Purpose,
        name: str,
        content: bytes,
    ) -> Act:
        """Measure, keep, attach."""
        row = await self._store.read(lambda tx: tx.customs.applications.find(number))
        if row is None or row.partner != account.partner:
            return Act("unknown")
        measured = await self._measure(content)
        verdict = papers.judge_file(name, len(content), measured.pages, measured.findings)
        if verdict.outcome == "reject":
            return Act("refused", row, verdict)
        file = await asyncio.to_thread(self._durable, name, content, measured.pages)
        return await self._store.write(
            lambda tx: papers.attach(self._office, tx, account, number, purpose, file)
        )

    async def detach(self, account: AccountRef, number: str, attachment: int) -> Act:
        """Take an attachment away."""
        return await self._store.write(
            lambda tx: papers.detach(self._office, tx, account, number, attachment)
        )

    async def search(self, account: AccountRef, asked: asking.Search) -> asking.Listed:
        """A page of applications; raises ValueError for a foreign cursor."""
        return await self._store.read(lambda tx: asking.search(self._office, tx, account, asked))

    async def open(self, account: AccountRef, number: str) -> Dossier | None:
        """One application; None for one that is not there, or not for this account."""
        return await self._store.read(lambda tx: self._dossier(tx, account, number))

    async def attachment(
        self, account: AccountRef, number: str, attachment: int
    ) -> tuple[AttachmentRow, Callable[[], Iterator[bytes]]] | None:
        """A file, and what opens its bytes."""
        row = await self._store.read(lambda tx: self._file(tx, account, number, attachment))
        if row is None:
            return None
        inline, reference = row.inline, row.archive_ref or ""
        if inline is not None:
            return row, lambda: iter((inline,))
        return row, lambda: self._store.archive.read(reference)

    async def goods_codes(self, prefix: str, limit: int) -> list[GoodsCodeRow]:
        """Codes of the classification list that begin so."""
        return await self._store.read(lambda tx: tx.customs.register.goods(prefix, limit))

    def working_hours(self, port: str, days: asking.Days) -> asking.WorkingTime:
        """A port's working time."""
        return asking.working_hours(self._office, port, *days)

    async def _once(self, asked: Asked, act: Callable[[Tx], Act]) -> Act:
        now = self._office.clock.now()
        return await self._store.write(lambda tx: once(tx, asked, now, lambda: act(tx)))

    def _dossier(self, tx: Tx, account: AccountRef, number: str) -> Dossier | None:
        row = tx.customs.applications.find(number)
        if row is None or not asking.may_see(self._office, tx, account, row):
            return None
        kept, records = tx.customs.papers, tx.customs.records
        return Dossier(
            row,
            tuple(kept.attachments(number)),
            tuple(kept.declarations(number)),
            kept.explanation(number),
            tuple(records.answers(number)),
            tuple(records.history(number)),
        )

    def _file(
        self, tx: Tx, account: AccountRef, number: str, attachment: int
    ) -> AttachmentRow | None:
        row = tx.customs.applications.find(number)
        if row is None or not asking.may_see(self._office, tx, account, row):
            return None
        return tx.customs.papers.attachment(number, attachment)

    def _durable(self, name: str, content: bytes, pages: tuple[int, ...]) -> papers.File:
        """Small bytes stand in the row, larger ones are in the archive before it (house.md 5)."""
        sha256 = hashlib.sha256(content).hexdigest()
        if len(content) <= BODY_INLINE_BYTES_MAX:
            return papers.File(name, len(content), sha256, pages, inline=content)
        writer = self._store.archive.begin()
        try:
            for start in range(0, len(content), CHUNK_BYTES):
                writer.write(content[start : start + CHUNK_BYTES])
            reference = writer.commit(sha256)
        except BaseException:
            writer.abort()
            raise
        return papers.File(name, len(content), sha256, pages, archive_ref=reference)
