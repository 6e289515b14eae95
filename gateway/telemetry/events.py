"""One call per event: a structured log line and a counter of the same name.

Normal operation at level info is quiet; WARN means "no data has been lost, something waits",
ERROR means "an operator is needed".  Field values are ids, codes, counts and durations; text that
came from a partner is escaped and cut.
"""

from __future__ import annotations

import sys
import time
from functools import cache
from typing import Literal

import structlog
from prometheus_client import Counter

Level = Literal["debug", "info", "warning", "error"]

_FIELD_CHARACTERS_MAX = 300
# One line a second for each cause; the rest is counted.
_SECONDS_BETWEEN_SAME = 1.0

EVENTS = Counter("gateway_events_total", "Named events", ["event", "level"])

_log = structlog.get_logger("gateway")
_last: dict[tuple[str, str], float] = {}
# Which levels are written; all until `configure` says otherwise.
_LEVELS: tuple[Level, ...] = ("debug", "info", "warning", "error")
_told: dict[Level, bool] = dict.fromkeys(_LEVELS, True)


def configure(level: Level = "info") -> None:
    """JSON lines on stderr, one event a line, UTC time stamps."""
    _told.update({each: _LEVELS.index(each) >= _LEVELS.index(level) for each in _LEVELS})
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.EventRenamer("event"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def emit(event: str, level: Level = "info", /, **fields: object) -> None:
    """Count the event and log it with its fields, where its level is asked for."""
    _counted(event, level).inc()
    if not _told[level]:
        return
    getattr(_log, level)(event, level=level, **{k: _safe(v) for k, v in fields.items()})


@cache
def _counted(event: str, level: Level) -> Counter:
    """The counter of an event; their names are few and ours."""
    counter: Counter = EVENTS.labels(event, level)
    return counter


def emit_seldom(event: str, cause: str, level: Level = "warning", **fields: object) -> None:
    """As `emit`, but a line a second at most for the same event and cause; all are counted."""
    now = time.monotonic()
    key = (event, cause)
    if now - _last.get(key, float("-inf")) < _SECONDS_BETWEEN_SAME:
        _counted(event, level).inc()
        return
    if len(_last) > 1000:
        _last.clear()
    _last[key] = now
    emit(event, level, cause=cause, **fields)


def _safe(value: object) -> object:
    """Numbers pass; anything else is text without control characters, bounded (S-18)."""
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)[:_FIELD_CHARACTERS_MAX]
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
