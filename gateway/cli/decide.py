"""`gateway decide`: the pure decision about one case, for a person or a script."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from gateway.cli import screen
from gateway.cli.failure import Failure
from gateway.limits import DECIDE_CASE_BYTES_MAX


def command(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="See schemas/decide/.")],
) -> None:
    """Decide the case on stdin; the answer is one JSON object.  Needs no server, no database.

    Exit code 0: a decision was made, whatever it is; 2: the case does not fit its schema.
    """
    from gateway.pipeline.decide_cases.registry import KINDS, CaseUnfit, decide_case

    if kind not in KINDS:
        raise Failure(f"there is no kind {kind!r}; there are {', '.join(sorted(KINDS))}")
    raw = sys.stdin.buffer.read(DECIDE_CASE_BYTES_MAX + 1)
    try:
        answered = decide_case(kind, raw)
    except CaseUnfit as unfit:
        for problem in unfit.problems:
            screen.note(f"gateway: {screen.printable(problem)}")
        raise Failure(f"the case does not fit schemas/decide/{kind}.case.json") from None
    screen.say_json(answered)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("decide", rich_help_panel="Files")(command)
