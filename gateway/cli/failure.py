"""FAILURE: a command cannot go on, for a reason that its user can understand and remove."""

from __future__ import annotations

# Exit codes (interfaces.md): findings of severity error; unusable input, or wrong usage.
EXIT_FINE, EXIT_FINDINGS, EXIT_UNUSABLE = 0, 1, 2


class Failure(Exception):
    """Ends the command with exit code 2; the text says what is wrong and, best, what to do."""


class DatabaseAway(Failure):
    """The database does not answer now; a process that serves may wait for it."""


def fault_place(error: BaseException) -> str:
    """Type and place of a fault of ours, without its text, which may quote a file."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{place}"
