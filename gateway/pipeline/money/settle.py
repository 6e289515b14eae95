"""SETTLE: the step that makes money of events, one order at a time, in one transaction.

Its subject is an order's number as an event named it; all events of the order are folded anew, so
running it twice records once, whatever runner drives it.
"""

from __future__ import annotations

from functools import partial

from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.money.ledger import Office, refold
from gateway.pipeline.money.work import orphan
from gateway.pipeline.ports import Clock, Store, Tx
from gateway.telemetry.events import emit


class Settle:
    """The step of stage `settle`."""

    def __init__(self, store: Store, clock: Clock, office: Office) -> None:
        self._store = store
        self._clock = clock
        self._office = office

    async def run(self, subject: str, revision: int) -> None:
        """Fold the events of one order; `revision` says nothing here."""
        del revision
        settled = await self._store.write(partial(self._settle, subject))
        crash_point("settle.recorded")
        if settled:
            emit("order_settled", "debug", order=subject, state=settled)

    def _settle(self, subject: str, tx: Tx) -> str | None:
        tx.money.orders.lock(subject)
        waiting = tx.money.events.waiting(subject)
        crash_point("settle.leased")
        if not waiting:
            return None
        order = tx.money.orders.find(subject)
        if order is None:
            for row in waiting:
                tx.money.work.add(orphan(row))
            tx.money.events.folded(subject)
            return "ORPHAN"
        fresh = refold(tx, order, self._office, self._clock.now())
        crash_point("settle.before_commit")
        return fresh.state
