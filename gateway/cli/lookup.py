"""`gateway search` and `gateway show`: what became of a container, a bill, a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli import screen
from gateway.cli.configuration import settings_of, store_of
from gateway.cli.failure import Failure

if TYPE_CHECKING:
    from gateway.pipeline.ports import Tx
    from gateway.pipeline.rows import DocumentRow

KINDS = ("container", "bill_of_lading", "booking", "vessel")
ROWS_MAX = 1_000
_ROWS = 50

AsJson = Annotated[bool, typer.Option("--json", help="JSON lines.")]


def search(
    context: typer.Context,
    term: Annotated[str, typer.Argument(help="A container, bill, booking or vessel.")],
    *,
    kind: Annotated[str | None, typer.Option(help=f"Only as one of: {', '.join(KINDS)}.")] = None,
    voyage: Annotated[str | None, typer.Option(help="With a vessel: only this voyage.")] = None,
    partner: Annotated[str | None, typer.Option(help="Only from this partner.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=ROWS_MAX)] = _ROWS,
    as_json: AsJson = False,
) -> None:
    """Find documents by container, bill of lading, booking or vessel.  Exit code 1 for none."""
    if kind is not None and kind not in KINDS:
        raise Failure(f"--kind {kind}: one of {', '.join(KINDS)}")
    more = {"voyage": voyage} if voyage else {}
    with store_of(settings_of(context)) as store:
        found = store.read(
            lambda tx: _found(tx, term, (kind,) if kind else KINDS, more, partner, limit)
        )
    if as_json:
        for document in found:
            screen.say_json(_row_json(document))
    elif found:
        screen.table(
            ("document", "type", "key", "function", "state", "partner", "parts", "errors"),
            [_cells(document) for document in found],
        )
    else:
        screen.note(f"nothing about {screen.printable(term)}")
    raise typer.Exit(0 if found else 1)


def _found(
    tx: Tx,
    term: str,
    kinds: tuple[str, ...],
    more: dict[str, str],
    partner: str | None,
    limit: int,
) -> list[DocumentRow]:
    """Newest first, each document once."""
    words = {term.strip(), "".join(term.split()).upper()}
    found = {
        document.id: document
        for kind in kinds
        for word in sorted(words)
        for document in tx.documents.search(partner, {kind: word, **more}, limit)
    }
    return sorted(found.values(), key=lambda document: -document.seq)[:limit]


def _row_json(document: DocumentRow) -> dict[str, object]:
    return {
        "document": document.id,
        "interchange": document.interchange,
        "type": document.type,
        "format": document.format,
        "key": document.key,
        "function": document.function,
        "state": document.state,
        "partner": document.partner,
        "parts": document.parts,
        "errors": document.errors,
    }


def _cells(document: DocumentRow) -> tuple[object, ...]:
    key = " ".join(document.key.values())
    return (
        document.id,
        document.type,
        key,
        document.function,
        document.state,
        document.partner,
        document.parts,
        document.errors,
    )


def show(
    context: typer.Context,
    id_: Annotated[
        str, typer.Argument(metavar="ID", help="Of an interchange, a document or a delivery.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """The whole journey of one file on one page: received, read, decided, delivered, answered."""
    from gateway.cli.journey import journey_of
    from gateway.cli.journey_page import write

    with store_of(settings_of(context)) as store:
        journey = store.read(lambda tx: journey_of(tx, id_.strip()))
    if journey is None:
        raise Failure(f"there is no interchange, document or delivery {screen.printable(id_)}")
    if as_json:
        screen.say_json(journey.as_json())
    else:
        write(journey)
