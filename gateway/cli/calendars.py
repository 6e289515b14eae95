"""`gateway calendars`: the working time of ports: look, import, fill, gaps, warn."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli import screen
from gateway.cli.configuration import settings_of
from gateway.cli.failure import Failure

if TYPE_CHECKING:
    from gateway.adapters.calendar_folder import CalendarFolder
    from gateway.rules.calendar import Hours
    from gateway.rules.calendar_file import CalendarFile

app = typer.Typer(
    no_args_is_help=True, help="Working time of ports: list, show, import, fill, gaps, warn."
)
Folder = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="Of calendars; else as configured (customs.calendars)."),
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON lines.")]
Port = Annotated[str, typer.Argument(metavar="PORT", help="Customs district code.")]
Name = Annotated[str, typer.Option(help="Of the port; else as its newest file has it.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change, write nothing.")]


@app.command("list")
def list_(context: typer.Context, folder: Folder = None, as_json: AsJson = False) -> None:
    """Every calendar: port, span, working days, where it comes from."""
    from gateway.limits import CALENDAR_WARNED_DAYS

    titles = ("port", "name", "from", "to", "working_days", "origin", "source")
    calendars = _calendars(context, folder)
    rows = [
        (port, file.name, file.first, file.last, len(file.working), origin, file.source)
        for port in calendars.ports()
        for file, origin in _files(calendars, port)
    ]
    if as_json:
        for row in rows:
            screen.say_json(dict(zip(titles, map(_plain, row), strict=True)))
        return
    screen.table(titles, rows)
    screen.note(f"`gateway calendars warn` tells what ends within {CALENDAR_WARNED_DAYS} days")


@app.command("show")
def show(
    context: typer.Context,
    port: Port,
    first: Annotated[str, typer.Option("--from", metavar="DAY")],
    last: Annotated[str, typer.Option("--to", metavar="DAY")],
    folder: Folder = None,
) -> None:
    """Day by day: the opening hours, closed, or no data."""
    from gateway.rules.calendar import days_between

    begin, end = _day(first), _day(last)
    if not 0 <= (end - begin).days <= 366:
        raise Failure("--from and --to span no day, or more than a year")
    calendar = _calendars(context, folder).port(port).calendar
    for day in days_between(begin, end):
        hours = calendar.hours(day)
        said = "no data" if hours is None else ", ".join(map(str, hours)) or "closed"
        screen.say(f"{day} {day:%a}  {said}")


@app.command("import")
def import_(  # noqa: PLR0917 - options of a command are arguments of its function
    context: typer.Context,
    port: Port,
    table: Annotated[Path, typer.Argument(metavar="CSV", help="Columns date, open, close.")],
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="The span published.")],
    last: Annotated[str, typer.Option("--to", metavar="DAY")],
    source: Annotated[str, typer.Option(help="Who published it, and when.")],
    name: Name = "",
    folder: Folder = None,
    dry_run: DryRun = False,
) -> None:
    """A port's published working time becomes its calendar of that year."""
    from gateway.cli.calendars_write import about_of, put_span
    from gateway.rules.calendar_table import read_table

    calendars = _calendars(context, folder)
    about = about_of(calendars, port, name, source, (_day(first), _day(last)))
    text = _text_of(table)
    try:
        file = read_table(text, about)
    except ValueError as error:
        raise Failure(f"{table}: {screen.printable(str(error))}") from None
    put_span(_folder(context, folder), file, keep=False, dry_run=dry_run)


@app.command("fill")
def fill(  # noqa: PLR0917 - options of a command are arguments of its function
    context: typer.Context,
    port: Port,
    year: Annotated[int, typer.Argument(metavar="YEAR", min=2000, max=2199)],
    hours: Annotated[str, typer.Option(metavar="HH:MM-HH:MM[,…]")] = "09:00-16:30",
    name: Name = "",
    folder: Folder = None,
    dry_run: DryRun = False,
) -> None:
    """A year by the statutory working days; to be corrected by what the port publishes.

    The days come from the State Council's notice; for a year without one nothing is written.  Days
    that the calendar has already stay as they are.
    """
    from gateway.cli.calendars_write import about_of, put_span, statutory_workdays
    from gateway.rules.calendar_table import fill as filled

    span = date(year, 1, 1), date(year, 12, 31)
    source = f"statutory working days of {year} (chinesecalendar), {hours}; not the port's own"
    about = about_of(_calendars(context, folder), port, name, source, span)
    file = filled(about, statutory_workdays(year), _hours(hours))
    put_span(_folder(context, folder), file, keep=True, dry_run=dry_run)


@app.command("gaps")
def gaps(context: typer.Context, port: Port, folder: Folder = None) -> None:
    """Spans without data between the first and the last day; exit code 1 where there are some."""
    from gateway.rules.calendar_file import gaps as gaps_of

    calendars = _calendars(context, folder)
    # A file that cannot be read is told here, with its reason.
    if not list(_files(calendars, port)):
        raise Failure(f"there is no calendar of port {port}")
    found = gaps_of(calendars.port(port).calendar)
    for first, last in found:
        screen.say(f"{first} {last}")
    if found:
        raise typer.Exit(1)


@app.command("warn")
def warn(
    context: typer.Context,
    days: Annotated[int | None, typer.Option(metavar="N", help="Look so far ahead.")] = None,
    day: Annotated[str, typer.Option("--on", metavar="DAY", help="Instead of today.")] = "",
    folder: Folder = None,
) -> None:
    """Ports of the folder whose data ends soon; exit code 1 where there are some."""
    from datetime import timedelta

    from gateway.adapters.clock import SystemClock
    from gateway.limits import CALENDAR_WARNED_DAYS
    from gateway.pipeline.customs.watching import ending
    from gateway.rules.calendar import port_day

    today = _day(day) if day else port_day(SystemClock().now())
    within = timedelta(days=CALENDAR_WARNED_DAYS if days is None else days)
    found = list(ending(_calendars(context, folder), today, within))
    for port, until in found:
        screen.say(f"{port}: " + (f"data until {until}" if until else f"no data for {today}"))
    if found:
        raise typer.Exit(1)


def _folder(context: typer.Context, given: Path | None) -> Path:
    return given if given is not None else settings_of(context).customs.calendars


def _calendars(context: typer.Context, given: Path | None) -> CalendarFolder:
    from gateway.adapters.calendar_folder import CalendarFolder

    return CalendarFolder(_folder(context, given))


def _files(calendars: CalendarFolder, port: str) -> list[tuple[CalendarFile, str]]:
    """The files of a port; raises Failure for one that cannot be read."""
    try:
        return [
            (source.file(), "shipped" if source.shipped else "folder")
            for source in calendars.sources(port)
        ]
    except (OSError, ValueError) as error:
        raise Failure(f"port {port}: {screen.printable(str(error))}") from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Failure(f"{text!r} is no day: write 2026-12-31") from None


def _hours(text: str) -> Hours:
    from gateway.rules.calendar import hours_of

    pairs = [each.strip().split("-") for each in text.split(",")]
    if any(len(pair) != 2 for pair in pairs):
        raise Failure(f"{text!r} is no opening: write 09:00-11:30,13:00-16:30")
    try:
        return hours_of(pairs)
    except ValueError as error:
        raise Failure(f"--hours: {error}") from None


def _text_of(path: Path) -> str:
    from gateway.limits import CALENDAR_FILE_CHARACTERS_MAX

    try:
        if path.stat().st_size > 4 * CALENDAR_FILE_CHARACTERS_MAX:
            raise Failure(f"{path}: too long for a calendar")
        data = path.read_bytes()
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Failure(f"{path}: neither UTF-8 nor GB18030")


def _plain(value: object) -> object:
    return value if isinstance(value, int | str) else str(value)


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="calendars", rich_help_panel="Files")
