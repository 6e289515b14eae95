"""`gateway audit …`: who changed what, and whether anybody changed that since."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli import screen
from gateway.cli.configuration import settings_of, store_of
from gateway.cli.failure import Failure

if TYPE_CHECKING:
    from gateway.pipeline.audit import Flaw

app = typer.Typer(no_args_is_help=True, help="Who changed what; verify finds tampering.")

AsJson = Annotated[bool, typer.Option("--json", help="JSON lines.")]
_ROWS = 100
_WORDS = {
    "changed": "event {event} was changed after it was sealed (seal {number})",
    "removed": "event {event} is gone; seal {number} is left",
    "inserted": "event {event} was put in beside the gateway: it has no seal",
    "gap": "seal {number} is missing",
    "head": "seal {number} is not the one that was noted: the chain was made anew",
}


@app.command()
def verify(
    context: typer.Context,
    head: Annotated[
        list[str] | None,
        typer.Option(metavar="NUMBER:HASH", help="A head that was noted earlier; may be repeated."),
    ] = None,
) -> None:
    """Look at the whole chain; exit code 1 when an event was changed, removed or put in."""
    from gateway.pipeline.audit import verify as look

    noted = [_noted(each) for each in head or ()]
    with store_of(settings_of(context)) as store:
        report = store.read(lambda tx: look(tx, noted))
    for flaw in report.flaws:
        screen.say(_told(flaw))
    if report.flaws_total > len(report.flaws):
        screen.say(f"… {report.flaws_total - len(report.flaws)} more")
    screen.note(f"{report.sealed} events sealed, {report.waiting} wait; head to note elsewhere:")
    screen.say(f"{report.sealed}:{report.head}")
    sys.exit(1 if report.flaws_total else 0)


@app.command(name="list")
def list_(
    context: typer.Context,
    subject: Annotated[
        str | None, typer.Argument(help="Only about this: a partner's code, an interchange …")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = _ROWS,
    as_json: AsJson = False,
) -> None:
    """What was done, newest first."""
    import json
    from datetime import UTC, datetime

    with store_of(settings_of(context)) as store:
        events = store.read(lambda tx: tx.audit.events(subject, 2**62, limit))
    rows = [(e, datetime.fromtimestamp(e.at / 1_000_000, UTC)) for e in events]
    if as_json:
        for event, at in rows:
            detail = json.loads(event.detail)
            members = {"event": event.seq, "at": at.isoformat(), "who": event.who}
            members |= {"what": event.what, "subject": event.subject}
            screen.say_json(members | {"detail": detail})
        return
    screen.table(
        ("at", "who", "what", "subject", "detail"),
        [
            (
                f"{at:%Y-%m-%d %H:%M:%S}Z",
                event.who,
                event.what,
                event.subject,
                screen.printable(event.detail),
            )
            for event, at in rows
        ],
    )


def _noted(text: str) -> tuple[int, str]:
    number, _, digits = text.partition(":")
    if not number.isascii() or not number.isdigit() or len(digits) != 64:
        raise Failure(
            f"--head {screen.printable(text)}: NUMBER:HASH as `gateway audit verify` says"
        )
    return int(number), digits


def _told(flaw: Flaw) -> str:
    return _WORDS[flaw.kind].format(event=flaw.event, number=flaw.number)
