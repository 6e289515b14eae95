"""QUIET: what libraries log becomes our own events, a line a second for each cause (R-09).

Left alone Faust and aiokafka write dozens of lines a second while a broker is away, and some with
payload; the database drivers write plain text between our JSON lines.
"""

from __future__ import annotations

import logging

from gateway.telemetry.events import emit_seldom

_NAMES = ("faust", "mode", "aiokafka", "kafka", "asyncio", "psycopg", "sqlalchemy")


class _AsEvents(logging.Handler):
    """One event name for all; the cause is who said it and how bad it is, not the text."""

    def emit(self, record: logging.LogRecord) -> None:
        """Never the text: it may carry addresses with passwords, and messages."""
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        cause = f"{record.name.partition('.')[0]}:{record.levelname.lower()}"
        where = f"{record.module}:{record.lineno}"
        # Their errors are our waits: what needs an operator is told by readiness and dead letters.
        emit_seldom("library_said", cause, "warning", where=where, error=kind)


def quieten() -> None:
    """Route the libraries' loggers; may be called again."""
    for name in _NAMES:
        logger = logging.getLogger(name)
        logger.handlers = [_AsEvents(level=logging.WARNING)]
        logger.setLevel(logging.WARNING)
        logger.propagate = False
