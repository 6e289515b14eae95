"""GATE, a step of both runners: a fact came, or the window of a voyage changed.

Subject: an appointment (revision: how often it was asked), or `call-<number>` of a voyage at a
terminal.  Both may run twice: an appointment that is decided is not asked again, and what has
turned to REVIEW stays there.
"""

from __future__ import annotations

from functools import partial

from gateway.limits import GATE_APPOINTMENTS_PER_PAGE
from gateway.pipeline.gate.booking import again
from gateway.pipeline.gate.desk import Desk
from gateway.pipeline.gate.life import schedule_moved
from gateway.pipeline.gate.windows import CALL_SUBJECT, STAGE
from gateway.pipeline.ports import Store, Tx


class Gate:
    """The step."""

    def __init__(self, store: Store, desk: Desk) -> None:
        self._store = store
        self._desk = desk

    async def run(self, subject: str, revision: int) -> None:
        """One event."""
        if not subject.startswith(CALL_SUBJECT):
            await self._store.write(partial(self._again, subject, revision))
            return
        after: int | None = 0
        while after is not None:
            after = await self._store.write(partial(self._page, subject, revision, after))

    def _again(self, appointment: str, revision: int, tx: Tx) -> None:
        if tx.outbox.claim(STAGE, appointment, revision):
            again(self._desk, tx, appointment)

    def _page(self, subject: str, revision: int, after: int, tx: Tx) -> int | None:
        """Some appointments of the voyage; where to go on, None at the end."""
        call = tx.gate.calls.find(int(subject.removeprefix(CALL_SUBJECT)))
        if call is None:
            return None
        rows = tx.gate.appointments.of_voyage(call.voyage, after, GATE_APPOINTMENTS_PER_PAGE)
        for row in rows:
            locked = tx.gate.appointments.locked(row.id)
            if locked is None:
                continue
            if locked.state == "requested":
                again(self._desk, tx, locked.id)
            else:
                schedule_moved(self._desk, tx, locked)
        if len(rows) == GATE_APPOINTMENTS_PER_PAGE:
            return rows[-1].seq
        tx.outbox.claim(STAGE, subject, revision)
        return None
