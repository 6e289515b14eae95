"""`gateway reconcile FILE --provider P --date D`: a platform's day against our ledger."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli import screen
from gateway.cli.configuration import settings_of, store_of
from gateway.cli.failure import Failure
from gateway.cli.operator_name import operator_name

if TYPE_CHECKING:
    from gateway.pipeline.money.rows import BookRow, BookRun
    from gateway.pipeline.ports import Tx

EXIT_DIFFERENT = 1
_SHOWN = 50


def command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The platform's settlement file, CSV.")],
    provider: Annotated[str, typer.Option(help="unionpay, alipay, wechatpay, aggregator, …")],
    day: Annotated[str, typer.Option("--date", help="The platform's day, YYYY-MM-DD.")],
    report: Annotated[
        Path | None, typer.Option(help="Write the report: .xlsx or .csv, for the finance officer.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line a row.")] = False,
) -> None:
    """Match to the fen; exit code 1 where a row is missing, surplus or different."""
    from gateway.adapters.clock import SystemClock
    from gateway.pipeline.money.reconciling import DayFile, read_day, reconcile
    from gateway.rules.callbacks.registry import PROVIDERS
    from gateway.rules.settlement_file import BadFile

    if provider not in PROVIDERS:
        raise Failure(f"--provider {provider}: one of {', '.join(PROVIDERS)}")
    taken = DayFile(provider, _day(day), file.name, _content(file), operator_name())
    now = SystemClock().now()
    try:
        told = read_day(taken)
    except BadFile as error:
        raise Failure(f"{file.name}: {error}") from None

    def write(tx: Tx) -> tuple[BookRun, list[BookRow]]:
        run = reconcile(tx, told, now)
        return run, tx.money.books.rows(run.id)

    with store_of(settings_of(context)) as store:
        run, rows = store.write(write)
    if report is not None:
        _write(report, run, rows)
    _show(run, rows, as_json=as_json)
    if run.missing or run.surplus or run.different:
        raise typer.Exit(EXIT_DIFFERENT)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Failure(f"--date {text}: no day, write YYYY-MM-DD") from None


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Failure(f"{file}: {error.strerror}") from None


def _write(path: Path, run: BookRun, rows: list[BookRow]) -> None:
    from gateway.adapters.payments.report import as_csv, as_xlsx

    makers = {".csv": as_csv, ".xlsx": as_xlsx}
    maker = makers.get(path.suffix.lower())
    if maker is None:
        raise Failure(f"--report {path.name}: .xlsx or .csv")
    try:
        path.write_bytes(maker(run, rows))
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from None


def _show(run: BookRun, rows: list[BookRow], *, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        for row in rows:
            screen.say_json(asdict(row))
        screen.say_json(asdict(run))
        return
    open_ = [row for row in rows if row.outcome != "matched"]
    if open_:
        screen.table(
            ("outcome", "kind", "order", "refund", "platform fen", "own fen", "line"),
            [
                (
                    *(r.outcome, r.kind, r.payment_order, r.reference),
                    *("" if n is None else n for n in (r.platform_fen, r.own_fen, r.file_line)),
                )
                for r in open_[:_SHOWN]
            ],
        )
    screen.say(
        f"{run.provider} {run.day}: {run.matched} matched, {run.missing} missing,"
        f" {run.surplus} surplus, {run.different} different;"
        f" platform {run.platform_fen} fen, own {run.own_fen} fen"
    )
