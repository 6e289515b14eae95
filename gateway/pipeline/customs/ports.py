"""What the steps and jobs ask of the store about customs applications, and of the world.

The nouns of one transaction: applications, their papers (attachments, numbers, explanation), their
records (history, answers of customs, answered requests) and the register (firms, goods codes).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from gateway.findings import Finding
from gateway.pipeline.customs.rows import (
    AnswerRow,
    ApplicationRow,
    AttachmentRow,
    DeclarationRow,
    ExplanationRow,
    FirmRow,
    GoodsCodeRow,
    HistoryRow,
    Question,
    RequestRow,
)
from gateway.rules.calendar import Calendar


class Applications(Protocol):
    """Applications themselves."""

    def next_serial(self, year: int) -> int:
        """A serial of the year that was never given before; from 1.  Gaps are possible."""

    def lock(self, number: str) -> None:
        """One transaction at a time works on an application."""

    def add(self, row: ApplicationRow) -> None:
        """A new one with the codes of its firms; `seq` is given.

        Raises KeyError for a reference that another application of the partner has.
        """

    def find(self, number: str) -> ApplicationRow | None: ...

    def by_reference(self, partner: str, reference: str) -> ApplicationRow | None:
        """The application that a firm knows under its own reference."""

    def save(self, row: ApplicationRow) -> None:
        """Everything but number, partner and creation; KeyError as in `add`."""

    def remove(self, number: str) -> None:
        """Gone with its papers; its number is not given again."""

    def page(
        self, question: Question, cursor: str | None, limit: int
    ) -> tuple[list[ApplicationRow], str | None]:
        """Newest first; a cursor continues.  Raises ValueError for a foreign cursor."""

    def unfed(self, codes: Sequence[str]) -> bool:
        """Whether a firm of these codes, on either side, has one in 通关完成未反馈 (S2-25)."""


class Papers(Protocol):
    """What belongs to an application beside its form."""

    def attach(self, row: AttachmentRow) -> AttachmentRow:
        """Add a file; the same bytes for the same purpose are the one that is there."""

    def attachments(self, number: str) -> list[AttachmentRow]:
        """In order of arrival, without their bytes."""

    def attachment(self, number: str, seq: int) -> AttachmentRow | None:
        """One of them, with bytes that stand in the row."""

    def detach(self, number: str, seq: int) -> bool:
        """Remove one; false where there is none such."""

    def refers_to(self, archive_ref: str) -> bool:
        """Whether bytes of an attachment stand under this reference (the archive's sweep)."""

    def declare(self, number: str, rows: Sequence[DeclarationRow]) -> None:
        """Replace the declaration numbers."""

    def declarations(self, number: str) -> list[DeclarationRow]: ...

    def explain(self, row: ExplanationRow) -> bool:
        """Keep the explanation; false where one was sent before (S2-32)."""

    def explanation(self, number: str) -> ExplanationRow | None: ...


class Records(Protocol):
    """What happened; only ever added."""

    def note(self, row: HistoryRow) -> None: ...

    def history(self, number: str) -> list[HistoryRow]: ...

    def answer(self, row: AnswerRow) -> bool:
        """Keep an answer of customs; false where this document was taken before."""

    def answers(self, number: str) -> list[AnswerRow]: ...

    def request(self, account: str, key: str) -> RequestRow | None: ...

    def remember(self, row: RequestRow) -> None:
        """Keep what an Idempotency-Key stands for."""


class Register(Protocol):
    """Firms and goods as the operator has loaded them."""

    def firm(self, code: str, day: date) -> FirmRow | None:
        """A firm by its customs or credit code, as it stood on a day."""

    def load_firms(self, rows: Sequence[FirmRow]) -> None:
        """Add; a row of the same firm and day replaces."""

    def goods(self, prefix: str, limit: int) -> list[GoodsCodeRow]:
        """Codes that begin so, in order."""

    def lists_goods(self) -> bool:
        """Whether a list was loaded at all."""

    def load_goods(self, rows: Sequence[GoodsCodeRow]) -> None:
        """Replace the list."""


class Customs(Protocol):
    """Customs applications, inside one transaction."""

    @property
    def applications(self) -> Applications: ...
    @property
    def papers(self) -> Papers: ...
    @property
    def records(self) -> Records: ...
    @property
    def register(self) -> Register: ...


@dataclass(frozen=True, slots=True)
class PortCalendar:
    """What is loaded of one port; version: fingerprint of its files, empty without any."""

    name: str
    calendar: Calendar
    version: str


class Calendars(Protocol):
    """Working time by port: the operator's folder before what ships."""

    def port(self, port: str) -> PortCalendar:
        """An empty calendar for a port without any, or with a file that cannot be read."""

    def watched(self) -> Sequence[str]:
        """Ports of the operator's folder."""


@dataclass(frozen=True, slots=True)
class MeasuredPdf:
    """pages: bytes of each page written alone; findings: why it could not be measured."""

    pages: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()


class PdfMeasurer(Protocol):
    """Looks into a PDF within bounds of time and memory."""

    async def __call__(self, content: bytes) -> MeasuredPdf: ...


@dataclass(frozen=True, slots=True)
class FirmStanding:
    """A firm as customs see it on a day; known: somebody told us about it."""

    credit: str
    qualified: bool
    partner: str | None
    known: bool


class FirmStandings(Protocol):
    """Where credit class and qualification of firms come from."""

    def __call__(self, register: Register, codes: Sequence[str], at: datetime) -> FirmStanding: ...
