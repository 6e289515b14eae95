"""`gateway dead-letters`: what needs a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli import screen
from gateway.cli.configuration import settings_of, store_of
from gateway.cli.failure import Failure
from gateway.cli.operator_name import operator_name

if TYPE_CHECKING:
    from gateway.pipeline.rows import DeadLetter

app = typer.Typer(help="What needs a person: list, show, skip.  `gateway replay` tries again.")

Number = Annotated[int, typer.Argument(min=1)]
AsJson = Annotated[bool, typer.Option("--json", help="JSON lines.")]
State = Annotated[str, typer.Option(help="open, replayed, skipped or all.")]
STATES = ("open", "replayed", "skipped", "all")
_ROWS = 100


@app.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    """What needs a person; without a command, the open ones."""
    if context.invoked_subcommand is None:
        list_(context)


@app.command(name="list")
def list_(
    context: typer.Context, state: State = "open", limit: int = _ROWS, as_json: AsJson = False
) -> None:
    """Dead letters, newest first."""
    if state not in STATES:
        raise Failure(f"--state {state}: one of {', '.join(STATES)}")
    wanted = None if state == "all" else state
    with store_of(settings_of(context)) as store:
        rows = store.read(lambda tx: tx.dead_letters.page(wanted, None, limit)).rows
    if as_json:
        for row in rows:
            screen.say_json(_as_json(row))
    elif rows:
        screen.table(
            ("no", "stage", "subject", "partner", "code", "tries", "since", "state"),
            [
                (r.id, r.stage, r.subject, r.partner, r.code, r.attempts, _minute(r), r.state)
                for r in rows
            ],
        )
    else:
        screen.note("no dead letters")


@app.command()
def show(context: typer.Context, number: Number, as_json: AsJson = False) -> None:
    """One dead letter with its error; `gateway show SUBJECT` has the whole journey."""
    with store_of(settings_of(context)) as store:
        letter = store.read(lambda tx: tx.dead_letters.find(number))
    if letter is None:
        raise Failure(f"there is no dead letter {number}")
    if as_json:
        screen.say_json(_as_json(letter))
        return
    for name, value in _as_json(letter).items():
        if value not in (None, ""):
            lines = str(value).rstrip().splitlines() or [""]
            screen.say(f"{name.ljust(10)} {screen.printable(lines[0])}")
            for line in lines[1:]:
                screen.say(f"{' ' * 10} {screen.printable(line)}")


@app.command()
def skip(
    context: typer.Context,
    number: Number,
    note: Annotated[str | None, typer.Option(help="Why; kept with the dead letter.")] = None,
) -> None:
    """Give a dead letter up: it is kept, its lane goes on."""
    from gateway.pipeline.replay import NotReplayable, skip_dead_letter

    who = operator_name()
    with store_of(settings_of(context)) as store:
        try:
            store.write(lambda tx: skip_dead_letter(tx, number, who, note))
        except NotReplayable as error:
            raise Failure(str(error)) from None
    screen.say(f"skipped {number}")


def _as_json(letter: DeadLetter) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(letter)


def _minute(letter: DeadLetter) -> str:
    return letter.first_at.strftime("%Y-%m-%d %H:%MZ")
