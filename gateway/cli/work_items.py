"""`gateway work-items`: money that needs a person."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli import screen
from gateway.cli.configuration import settings_of, store_of
from gateway.cli.failure import Failure
from gateway.cli.operator_name import operator_name

if TYPE_CHECKING:
    from gateway.pipeline.money.rows import WorkRow

app = typer.Typer(help="Money that needs a person: list, take, resolve.")

Number = Annotated[int, typer.Argument(min=1)]
AsJson = Annotated[bool, typer.Option("--json", help="JSON lines.")]
State = Annotated[str, typer.Option(help="open, resolved or all.")]
STATES = ("open", "resolved", "all")
_ROWS = 100


@app.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    """Money that needs a person; without a command, the open items."""
    if context.invoked_subcommand is None:
        list_(context)


@app.command(name="list")
def list_(
    context: typer.Context,
    state: State = "open",
    kind: Annotated[str | None, typer.Option(help="One kind: ORPHAN, LATE_PAID, …")] = None,
    limit: int = _ROWS,
    as_json: AsJson = False,
) -> None:
    """Work items, newest first."""
    if state not in STATES:
        raise Failure(f"--state {state}: one of {', '.join(STATES)}")
    wanted = None if state == "all" else state
    with store_of(settings_of(context)) as store:
        rows = store.read(lambda tx: tx.money.work.page(None, limit, wanted, kind)).rows
    if as_json:
        for row in rows:
            screen.say_json(asdict(row))
    elif rows:
        screen.table(
            ("no", "kind", "owner", "order", "yuan", "reference", "since", "state"),
            [_cells(row) for row in rows],
        )
    else:
        screen.note("no work items")


@app.command()
def take(context: typer.Context, number: Number) -> None:
    """Make an item yours."""
    who = operator_name()
    with store_of(settings_of(context)) as store:
        done = store.write(lambda tx: tx.money.work.take(number, who))
    if not done:
        raise Failure(f"there is no open work item {number}")
    screen.say(f"taken {number}")


@app.command()
def resolve(
    context: typer.Context,
    number: Number,
    note: Annotated[str, typer.Option(help="What was done; kept with the item.")],
) -> None:
    """Close an item, and say what was done."""
    from gateway.adapters.clock import SystemClock

    who, now = operator_name(), SystemClock().now()
    with store_of(settings_of(context)) as store:
        done = store.write(lambda tx: tx.money.work.resolve(number, who, note, now))
    if not done:
        raise Failure(f"there is no open work item {number}")
    screen.say(f"resolved {number}")


def _cells(row: WorkRow) -> tuple[object, ...]:
    fen = row.amount_fen
    yuan = "" if fen is None else f"{fen // 100}.{fen % 100:02}"
    since = row.created_at.strftime("%Y-%m-%d %H:%MZ")
    order, reference = row.payment_order or "", row.reference or ""
    return (row.seq, row.kind, row.owner, order, yuan, reference, since, row.state)
