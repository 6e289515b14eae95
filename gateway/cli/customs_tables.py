"""`gateway customs`: tables that the operator loads: firms of the register, goods codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from gateway.cli import screen
from gateway.cli.configuration import settings_of, store_of
from gateway.cli.failure import Failure

if TYPE_CHECKING:
    from gateway.pipeline.customs.rows import FirmRow
    from gateway.pipeline.ports import Tx

app = typer.Typer(
    no_args_is_help=True, help="Clearance by appointment: tables of firms and of goods codes."
)
SAMPLE = "schemas/rules/customs_goods_sample.csv"
T = TypeVar("T")


@app.command("load-firms")
def load_firms(
    context: typer.Context,
    table: Annotated[Path, typer.Argument(metavar="CSV")],
) -> None:
    """Firms as customs' register has them, with their credit class from a day on.

    Columns: customs_code, credit_code, name, credit, qualified, from, partner.
    """
    from gateway.pipeline.customs.loading import read_firms

    rows = _read(table, read_firms)
    with store_of(settings_of(context)) as store:
        store.write(lambda tx: _load_firms(tx, rows))
    screen.say(f"{len(rows)} firms")


def _load_firms(tx: Tx, rows: list[FirmRow]) -> None:
    known = {partner.code for partner in tx.partners.all()}
    if unknown := sorted({row.partner for row in rows if row.partner} - known):
        raise Failure(f"there is no partner {unknown[0]}: see `gateway partners list`")
    tx.customs.register.load_firms(rows)


@app.command("load-goods")
def load_goods(
    context: typer.Context,
    table: Annotated[Path | None, typer.Argument(metavar="[CSV]")] = None,
    sample: Annotated[bool, typer.Option("--sample", help="A few made-up lines.")] = False,
) -> None:
    """The classification list (columns code, name); it replaces the one that is there."""
    from gateway.pipeline.customs.loading import read_goods
    from gateway.resources import read_text

    if (table is None) is not sample:
        raise Failure("give a CSV file or --sample")
    rows = _read(table, read_goods) if table is not None else read_goods(read_text(SAMPLE))
    with store_of(settings_of(context)) as store:
        store.write(lambda tx: tx.customs.register.load_goods(rows))
    screen.say(f"{len(rows)} goods codes")


def _read(path: Path, parse: Callable[[str], list[T]]) -> list[T]:
    from gateway.limits import CUSTOMS_TABLE_BYTES_MAX

    try:
        if path.stat().st_size > CUSTOMS_TABLE_BYTES_MAX:
            raise Failure(f"{path}: too long for a table of customs")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Failure(f"{path}: not UTF-8") from None
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from None
    try:
        return parse(text)
    except ValueError as error:
        raise Failure(f"{path}: {screen.printable(str(error))}") from None


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="customs", rich_help_panel="Operate")
