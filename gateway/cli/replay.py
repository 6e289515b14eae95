"""`gateway replay …`: our history again, on an operator's word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from gateway.cli import screen
from gateway.cli.configuration import CommandStore, settings_of, store_of
from gateway.cli.failure import Failure
from gateway.cli.operator_name import operator_name

if TYPE_CHECKING:
    from gateway.pipeline.ports import Tx
    from gateway.pipeline.rows import DeadLetter, InterchangeRow, Page

K = TypeVar("K", int, str)

app = typer.Typer(
    no_args_is_help=True,
    help="Send again what the gateway has: dead letters, interchanges, deliveries.",
)

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say how many it would be.")]
Note = Annotated[str | None, typer.Option(help="Why; kept on record.")]
Stage = Annotated[str, typer.Option(help="translate, decide or confirm.")]
# One command never moves more than this; a larger repair is done in portions, looking in between.
REPLAYED_MAX = 10_000
_PAGE = 200


@app.command("dead-letter")
def dead_letter(
    context: typer.Context,
    numbers: Annotated[list[int], typer.Argument(min=1, metavar="NUMBER")],
    note: Note = None,
    dry_run: DryRun = False,
) -> None:
    """Try dead letters again from the stage that failed."""
    with store_of(settings_of(context)) as store:
        _replay_letters(store, numbers, note, dry_run)


@app.command("dead-letters")
def dead_letters(
    context: typer.Context,
    stage: Annotated[str | None, typer.Option(help="Only those of this stage.")] = None,
    partner: Annotated[str | None, typer.Option(help="Only those of this partner.")] = None,
    code: Annotated[str | None, typer.Option(help="Only those with this code.")] = None,
    note: Note = None,
    dry_run: DryRun = False,
) -> None:
    """Try all open dead letters of a stage, partner or code again, oldest first."""

    def fits(letter: DeadLetter) -> bool:
        pairs = ((stage, letter.stage), (partner, letter.partner), (code, letter.code))
        return all(wanted in (None, has) for wanted, has in pairs)

    with store_of(settings_of(context)) as store:
        letters = [each for each in _open_letters(store) if fits(each)]
        _replay_letters(store, sorted(letter.id for letter in letters), note, dry_run)


@app.command()
def interchange(
    context: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID")],
    stage: Stage = "decide",
    dry_run: DryRun = False,
) -> None:
    """Decide (or translate) interchanges again, under a new revision."""
    with store_of(settings_of(context)) as store:
        _replay_interchanges(store, ids, stage, dry_run)


@app.command()
def interchanges(
    context: typer.Context,
    *,
    state: Annotated[str, typer.Option(help="dead, quarantined or decided.")],
    partner: Annotated[str | None, typer.Option(help="Only from this partner.")] = None,
    since: Annotated[
        str | None, typer.Option(help="Received since, e.g. 2026-01-31T08:00Z.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Received before.")] = None,
    stage: Stage = "translate",
    dry_run: DryRun = False,
) -> None:
    """Run all interchanges of a state, partner and time again, oldest first."""
    first, last = _instant(since, "--since"), _instant(until, "--until")

    def fits(row: InterchangeRow) -> bool:
        after = first is None or row.received_at >= first
        return after and (last is None or row.received_at < last)

    with store_of(settings_of(context)) as store:
        rows = [row for row in _interchanges(store, partner, state) if fits(row)]
        _replay_interchanges(store, [row.id for row in reversed(rows)], stage, dry_run)


@app.command()
def delivery(
    context: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID")],
    dry_run: DryRun = False,
) -> None:
    """Send deliveries again on purpose, as their next revision: receivers will see new ones."""
    with store_of(settings_of(context)) as store:
        _require(store, ids, "delivery", lambda tx, id_: tx.deliveries.find(id_))
        if dry_run:
            _would(len(ids), "deliveries")
            return
        for id_ in ids:
            screen.say(_each(store, lambda tx, id_: tx.deliveries.resend(id_), id_))


def _replay_letters(
    store: CommandStore, numbers: list[int], note: str | None, dry_run: bool
) -> None:
    from gateway.pipeline.crash_points import crash_point
    from gateway.pipeline.replay import replay_dead_letter

    who = operator_name()
    if dry_run:
        open_ = {letter.id for letter in _open_letters(store)}
        _would(len(open_.intersection(numbers)), "dead letters")
        return
    for number in numbers:
        on_its_way = _each(store, lambda tx, n: replay_dead_letter(tx, n, who, note), number)
        crash_point("replay.recorded")
        screen.say(on_its_way)


def _replay_interchanges(store: CommandStore, ids: list[str], stage: str, dry_run: bool) -> None:
    from gateway.pipeline.replay import STAGES, replay_interchange

    if stage not in STAGES:
        raise Failure(f"--stage {stage}: one of {', '.join(STAGES)}")
    _require(store, ids, "interchange", lambda tx, id_: tx.interchanges.find(id_))
    if dry_run:
        _would(len(ids), "interchanges")
        return
    for id_ in ids:
        revision = _each(store, lambda tx, id_: str(replay_interchange(tx, id_, stage)), id_)
        screen.say(f"{id_} revision {revision}")


def _require(
    store: CommandStore, ids: list[str], what: str, find: Callable[[Tx, str], object | None]
) -> None:
    """All of them exist before the first is touched."""
    missing = store.read(lambda tx: [id_ for id_ in ids if find(tx, id_) is None])
    if missing:
        raise Failure(f"there is no {what} {', '.join(map(screen.printable, missing))}")


def _each(store: CommandStore, work: Callable[[Tx, K], str], key: K) -> str:
    """One transaction for each, so that the running gateway is never held up."""
    from gateway.pipeline.ports import Stale
    from gateway.pipeline.replay import NotReplayable

    try:
        return store.write(lambda tx: work(tx, key))
    except (NotReplayable, Stale) as error:
        raise Failure(str(error) or "somebody else acted meanwhile; look again") from None


def _open_letters(store: CommandStore) -> list[DeadLetter]:
    """All of them, page by page."""
    letters: list[DeadLetter] = []
    _paged(store, lambda tx, cursor: tx.dead_letters.page("open", cursor, _PAGE), letters)
    return letters


def _interchanges(store: CommandStore, partner: str | None, state: str) -> list[InterchangeRow]:
    """Newest first."""
    rows: list[InterchangeRow] = []
    _paged(store, lambda tx, cursor: tx.interchanges.page(partner, cursor, _PAGE, state), rows)
    return rows


def _paged(store: CommandStore, ask: Callable[[Tx, str | None], Page], rows: list[Any]) -> None:
    """Page after page into `rows`; raises Failure for more than one command may move."""
    cursor: str | None = None
    while True:
        at = cursor
        page = store.read(lambda tx: ask(tx, at))  # noqa: B023 - called before `at` changes
        rows += page.rows
        cursor = page.cursor
        if len(rows) > REPLAYED_MAX:
            raise Failure(f"more than {REPLAYED_MAX}: narrow the query down")
        if cursor is None:
            return


def _instant(text: str | None, option: str) -> datetime | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise Failure(
            f"{option} {screen.printable(text)}: not a time; 2026-01-31T08:00Z is one"
        ) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _would(count: int, what: str) -> None:
    screen.say(f"{count} {what} would be replayed; nothing was done")
