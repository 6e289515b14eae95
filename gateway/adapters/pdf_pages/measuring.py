"""The parent's side: a child for each PDF, a few at a time; a child that hangs is killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping
from typing import Final

from gateway import limits
from gateway.findings import Finding, FindingKind
from gateway.pipeline.customs.ports import MeasuredPdf
from gateway.pipeline.refusal import overloaded
from gateway.rules import customs_pdf as why
from gateway.telemetry.events import emit_seldom

_KINDS: Final[Mapping[str, FindingKind]] = {
    "encrypted": why.ENCRYPTED,
    "broken": why.BROKEN,
    "not_a_pdf": why.NOT_A_PDF,
    "too_complex": why.TOO_COMPLEX,
    "too_many_pages": why.TOO_MANY_PAGES,
    "no_pages": why.NO_PAGES,
}
_ANSWER_BYTES_MAX = 64 * limits.KIB


class PdfChildren:
    """Implements `PdfMeasurer`."""

    def __init__(self, seconds: float = limits.PDF_SECONDS_MAX) -> None:
        self._seconds = seconds
        self._slots = asyncio.Semaphore(limits.PDF_CHILDREN_MAX)
        self._waiting = 0

    async def __call__(self, content: bytes) -> MeasuredPdf:
        """Pages, or the finding that says why not; raises Refusal where too many wait."""
        if not content:
            return MeasuredPdf(findings=(why.EMPTY.at(),))
        if self._waiting >= limits.PDF_WAITING_MAX:
            raise overloaded()
        self._waiting += 1
        try:
            async with self._slots:
                return _measured(await self._ask(content))
        finally:
            self._waiting -= 1

    async def _ask(self, content: bytes) -> bytes:
        """What the child says; nothing where it died or was too slow."""
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "gateway.adapters.pdf_pages.child",
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
        )
        try:
            async with asyncio.timeout(self._seconds):
                said, _ = await child.communicate(content)
        except TimeoutError:
            emit_seldom("pdf_child_ended", "slow")
            return b""
        finally:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
        return said[:_ANSWER_BYTES_MAX] if child.returncode == 0 else b""


def _measured(said: bytes) -> MeasuredPdf:
    """A child that said nothing was ended by one of its bounds."""
    try:
        answer = json.loads(said)
    except ValueError:
        return MeasuredPdf(findings=(_finding("too_complex"),))
    if "fault" in answer:
        return MeasuredPdf(findings=(_finding(answer["fault"]),))
    return MeasuredPdf(pages=tuple(answer["pages"]))


def _finding(fault: str) -> Finding:
    return _KINDS[fault].at(most=limits.PDF_PAGES_MAX)
