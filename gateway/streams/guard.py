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
from gateway.pipeline.ports import ParserDied, Step, Store, StoreUnavailable, TransientError
from gateway.pipeline.rows import OutboxRow
from gateway.telemetry.events import emit, emit_seldom

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a runner waits between tries, and how often it tries."""

    seconds_min: float = STEP_WAIT_SECONDS_MIN
    seconds_max: float = STEP_WAIT_SECONDS_MAX
    transient_attempts_max: int = STEP_TRANSIENT_ATTEMPTS_MAX
    poison_attempts_max: int = PARSER_POISON_ATTEMPTS_MAX


async def bring(step: Step, event: OutboxRow, store: Store, patience: Patience) -> None:
    """Run the step on one event to an end that is on record: done, or a dead letter.

    The database being away is no fault of the event: it is waited for without end.  Any other
    passing error is tried `transient_attempts_max` times, a parser's death `poison_attempts_max`.
    """
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
                await _bury(event, error, attempts, store, patience)
                return None
        except ParserDied as error:
            deaths += 1
            emit("parser_died", "warning", subject=event.subject, attempt=deaths)
            if deaths >= patience.poison_attempts_max:
                await _bury(event, error, deaths, store, patience)
                return None
        except Exception as error:  # noqa: BLE001 - what is not known to pass is buried
            await _bury(event, error, attempts + deaths + 1, store, patience)
            return None
        await asyncio.sleep(wait)
        wait = min(wait * 2, patience.seconds_max)


async def _bury(
    event: OutboxRow, error: Exception, attempts: int, store: Store, patience: Patience
) -> None:
    """Keep the event as a dead letter; this itself is tried until it is on record."""
    trace = "".join(traceback.format_exception(error))[-TRACE_CHARACTERS_MAX:]

    def bury() -> Awaitable[int]:
        return store.write(
            lambda tx: tx.dead_letters.bury(
                event.stage, event.subject, event.revision, error, trace, attempts
            )
        )

    number = await persist(bury, f"{event.stage}:bury", patience)
    emit(
        "dead_letter",
        "error",
        stage=event.stage,
        subject=event.subject,
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
