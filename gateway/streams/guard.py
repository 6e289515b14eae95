"""How every runner brings an event to its end: wait out what will pass, bury what will not.

No exception leaves `bring`, whatever the step does; only a cancellation (a stop, a rebalance)
passes through, and then the event is still there.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from gateway.limits import (
    PARSER_POISON_ATTEMPTS_MAX,
    STEP_TRANSIENT_ATTEMPTS_MAX,
    STEP_WAIT_SECONDS_MAX,
    STEP_WAIT_SECONDS_MIN,
    TRACE_CHARACTERS_MAX,
)
from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.ports import ParserDied, Step, Store, StoreUnavailable, TransientError, Tx
from gateway.pipeline.rows import OutboxRow
from gateway.telemetry.events import emit, emit_seldom

T = TypeVar("T")
# What else happens in the transaction that buries an event (its sender is told); must not raise.
OnDead = Callable[[Tx, OutboxRow], None]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a runner waits between tries, and how often it tries."""

    seconds_min: float = STEP_WAIT_SECONDS_MIN
    seconds_max: float = STEP_WAIT_SECONDS_MAX
    transient_attempts_max: int = STEP_TRANSIENT_ATTEMPTS_MAX
    poison_attempts_max: int = PARSER_POISON_ATTEMPTS_MAX


async def bring(
    step: Step,
    event: OutboxRow,
    store: Store,
    patience: Patience,
    on_dead: OnDead | None = None,
) -> None:
    """Run the step on one event to an end that is on record: done, or a dead letter.

    The database being away is no fault of the event: it is waited for without end.  Any other
    passing error is tried `transient_attempts_max` times, a parser's death `poison_attempts_max`.
    """
    burial = _Burial(event, store, patience, on_dead)
    attempts, deaths = 0, 0
    wait = patience.seconds_min
    while True:
        try:
            return await step.run(event.subject, event.revision)
        except StoreUnavailable as error:
            emit_seldom("step_waits", f"{event.stage}:store", error=type(error).__name__)
        except TransientError as error:
            attempts += 1
            emit_seldom("step_waits", f"{event.stage}:{type(error).__name__}", error=str(error))
            if attempts >= patience.transient_attempts_max:
                return await burial.bury(error, attempts)
        except ParserDied as error:
            deaths += 1
            emit("parser_died", "warning", subject=event.subject, attempt=deaths)
            if deaths >= patience.poison_attempts_max:
                return await burial.bury(error, deaths)
        except Exception as error:  # noqa: BLE001 - what is not known to pass is buried
            return await burial.bury(error, attempts + deaths + 1)
        await asyncio.sleep(wait)
        wait = min(wait * 2, patience.seconds_max)


@dataclass(frozen=True, slots=True)
class _Burial:
    """Keeps an event as a dead letter; this itself is tried until it is on record."""

    event: OutboxRow
    store: Store
    patience: Patience
    on_dead: OnDead | None

    async def bury(self, error: Exception, attempts: int) -> None:
        trace = "".join(traceback.format_exception(error))[-TRACE_CHARACTERS_MAX:]

        def record(tx: Tx) -> int:
            crash_point("bury.before_record")
            event = self.event
            number = tx.dead_letters.bury(
                event.stage, event.subject, event.revision, error, trace, attempts
            )
            if self.on_dead is not None:
                self.on_dead(tx, event)
            return number

        async def write() -> int:
            return await self.store.write(record)

        number = await persist(write, f"{self.event.stage}:bury", self.patience)
        crash_point("bury.recorded")
        emit(
            "dead_letter",
            "error",
            stage=self.event.stage,
            subject=self.event.subject,
            error=type(error).__name__,
            number=number,
        )


async def persist(write: Callable[[], Awaitable[T]], cause: str, patience: Patience) -> T:
    """Write until it is written: the one thing a runner may not give up."""
    wait = patience.seconds_min
    while True:
        try:
            return await write()
        except Exception as error:  # noqa: BLE001 - it must be written, whatever happens
            emit_seldom("record_waits", cause, "error", error=type(error).__name__)
        await asyncio.sleep(wait)
        wait = min(wait * 2, patience.seconds_max)
