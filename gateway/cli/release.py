"""`gateway release`: quarantined files go on, once their sender has been taken on."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli import screen
from gateway.cli.configuration import settings_of, store_of
from gateway.cli.failure import Failure
from gateway.cli.partner_acts import each_of

# One command never releases more than this; the rest goes with the next one.
RELEASED_MAX = 10_000
_PAGE = 200


def command(
    context: typer.Context,
    interchanges: Annotated[list[str] | None, typer.Argument(metavar="[ID]...")] = None,
    partner: Annotated[
        str | None, typer.Option(help="All quarantined files of this partner, oldest first.")
    ] = None,
    why: Annotated[str, typer.Option(help="Why; kept on record.")] = "",
) -> None:
    """Release quarantined files: they are read and decided anew, by every rule."""
    from gateway.pipeline.firms.release import release

    if bool(interchanges) == bool(partner):
        raise Failure("name interchanges, or one --partner")
    for id_ in interchanges or _quarantined(context, str(partner)):
        revision = each_of(context, release, id_, why)
        screen.say(f"{id_} revision {revision}")


def _quarantined(context: typer.Context, partner: str) -> list[str]:
    found: list[str] = []
    cursor: str | None = None
    with store_of(settings_of(context)) as store:
        while True:
            at = cursor
            page = store.read(
                lambda tx: tx.interchanges.page(partner, at, _PAGE, "quarantined")  # noqa: B023
            )
            found += [row.id for row in page.rows]
            cursor = page.cursor
            if cursor is None or len(found) >= RELEASED_MAX:
                return found[:RELEASED_MAX][::-1]
