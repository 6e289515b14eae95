"""WATCHING calendars: once a day, whether the working time of a port ends soon (fact 7, C.2).

A timer a day, named by its day, so that one process of all tells it; the job sets the first one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date, timedelta

from gateway.limits import CALENDAR_WARNED_DAYS
from gateway.pipeline.customs.ports import Calendars
from gateway.pipeline.ports import Clock, Store, TransientError, Tx
from gateway.pipeline.rows import TimerRow
from gateway.rules.calendar import DAY, at, port_day
from gateway.rules.calendar_table import covered_until
from gateway.telemetry.events import emit, emit_seldom

KIND = "customs_calendar_watch"
_AGAIN_SECONDS = 60.0
_FEW = timedelta(days=CALENDAR_WARNED_DAYS)


def ending(
    calendars: Calendars, today: date, within: timedelta = _FEW
) -> Iterator[tuple[str, date | None]]:
    """Ports of the operator whose data ends so soon, with the last day; None: today has none."""
    for port in calendars.watched():
        until = covered_until(calendars.port(port).calendar, today)
        if until is None or until - today < within:
            yield port, until


class CalendarWatch:
    """The timer's handler, and the job that sets the first timer."""

    def __init__(self, store: Store, clock: Clock, calendars: Calendars) -> None:
        self._store = store
        self._clock = clock
        self._calendars = calendars

    async def run(self, stopping: asyncio.Event) -> None:
        """See to it that today's timer is there, then rest until asked to stop."""
        while not stopping.is_set():
            seconds: float | None = None
            try:
                await self._store.write(self._first)
            except TransientError as error:
                emit_seldom("calendar_watch_waits", type(error).__name__)
                seconds = _AGAIN_SECONDS
            try:
                async with asyncio.timeout(seconds):
                    await stopping.wait()
            except TimeoutError:
                continue

    def fire(self, tx: Tx, _timer: TimerRow) -> None:
        """Tell what ends, and set tomorrow's."""
        today = port_day(self._clock.now())
        for port, until in ending(self._calendars, today):
            emit("calendar_ends", "warning", port=port, until=until or "")
        tx.timers.set(TimerRow(KIND, (today + DAY).isoformat(), at(today + DAY, 0)))

    def _first(self, tx: Tx) -> None:
        now = self._clock.now()
        tx.timers.set(TimerRow(KIND, port_day(now).isoformat(), now))
