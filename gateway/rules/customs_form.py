"""What an application says: goods, attachments, declaration numbers, reason (S2-06)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from gateway.findings import Severity

# 进出口标志 as declaration numbers carry it.
Flow = Literal["1", "0"]
FLOWS = {"1": ("进口", "import"), "0": ("出口", "export")}


@dataclass(frozen=True, slots=True)
class Goods:
    """One line of the goods list: its name and 10-digit HS code."""

    name: str
    hs: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file: its size in bytes, and of each page the bytes of that page written alone (H-43)."""

    size: int
    pages: Sequence[int] = ()
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declaration number and what is known about the declaration; None is not compared.

    declared: an instant, or a date where no more is known (H-16).
    """

    number: str
    flow: Flow | None = None
    firm: str | None = None
    declaring_port: str | None = None
    entry_exit_port: str | None = None
    declared: datetime | date | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """The form.  firm: the consignee's code 收发货人 (H-25).  flow: its import/export flag.

    mismatch: the severity of S2-18 … S2-22 but for the length of numbers (the switch of H-16).
    """

    submitted: datetime
    declaring_port: str
    entry_exit_port: str
    goods: Sequence[Goods] = ()
    attachments: Sequence[Attachment] = ()
    declarations: Sequence[Declaration] = ()
    flow: Flow | None = None
    firm: str | None = None
    reason: str = ""
    mismatch: Severity = Severity.WARNING
