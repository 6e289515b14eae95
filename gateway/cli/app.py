"""The command line as a whole: which commands there are, and how a command ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import (
    audit,
    backup,
    calendars,
    check,
    convert,
    customs_tables,
    dead_letters,
    decide,
    formats,
    install,
    lookup,
    partners,
    processes,
    reconcile,
    release,
    replay,
    screen,
    serve,
    tariffs,
    work_items,
)
from gateway.cli.demo import command as demo
from gateway.cli.failure import EXIT_UNUSABLE, Failure, fault_place

app = typer.Typer(
    name="gateway",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="An EDI gateway for a container port.",
)
_INTERRUPTED = 130


def _say_version(on: bool) -> None:
    if on:
        from importlib.metadata import PackageNotFoundError, version

        try:
            number = version("port-edi-gateway")
        except PackageNotFoundError:
            number = "from source"
        screen.say(f"gateway {number}")
        raise typer.Exit


@app.callback()
def options(
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", metavar="PATH", help="Configuration; else ./gateway.toml if there."
        ),
    ] = None,
    trace: Annotated[
        bool, typer.Option("--trace", help="Show a fault of the gateway itself with its traceback.")
    ] = False,
    show_version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_say_version)
    ] = False,
) -> None:
    """Options of every command; they may stand before or after it."""
    del show_version, trace  # told when they are met: see _say_version and run
    if config is not None and not config.is_file():
        raise Failure(f"there is no configuration file {config}")


_LOOK, _OPERATE, _FILES = "Look things up, send again", "Operate", "Files"
app.command("convert", rich_help_panel=_FILES)(convert.command)
app.command("check", rich_help_panel=_FILES)(check.command)
app.command("formats", rich_help_panel=_FILES)(formats.formats)
app.command("sample", rich_help_panel=_FILES)(formats.sample)
decide.register(app)
tariffs.register(app)
calendars.register(app)
customs_tables.register(app)
app.command("search", rich_help_panel=_LOOK)(lookup.search)
app.command("show", rich_help_panel=_LOOK)(lookup.show)
app.add_typer(dead_letters.app, name="dead-letters", rich_help_panel=_LOOK)
app.add_typer(replay.app, name="replay", rich_help_panel=_LOOK)
app.command("release", rich_help_panel=_LOOK)(release.command)
app.add_typer(work_items.app, name="work-items", rich_help_panel=_LOOK)
app.command("reconcile", rich_help_panel=_OPERATE)(reconcile.command)
app.command("run", rich_help_panel=_OPERATE)(serve.command)
processes.register(app)
app.command("demo", rich_help_panel=_OPERATE)(demo)
app.command("init", rich_help_panel=_OPERATE)(install.init)
app.command("migrate", rich_help_panel=_OPERATE)(install.migrate)
app.add_typer(partners.app, name="partners", rich_help_panel=_OPERATE)
app.add_typer(audit.app, name="audit", rich_help_panel=_OPERATE)
app.command("backup", rich_help_panel=_OPERATE)(backup.backup)
app.command("restore", rich_help_panel=_OPERATE)(backup.restore)


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code and never shows a traceback."""
    screen.prepare()
    try:
        return _exit_code(arguments)
    except Failure as failure:
        screen.note(f"gateway: {failure}")
        return EXIT_UNUSABLE
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Who read our answer has seen enough; stdout must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_UNUSABLE
    except Exception as error:
        if "--trace" in arguments:
            raise
        place = fault_place(error)
        screen.note(f"gateway: a fault of the gateway itself ({place}); please report it")
        return EXIT_UNUSABLE


def _exit_code(arguments: Sequence[str]) -> int:
    try:
        app(args=_hoisted(arguments), prog_name="gateway")
    except SystemExit as end:
        sys.stdout.flush()
        return end.code if isinstance(end.code, int) else EXIT_UNUSABLE
    return 0  # pragma: no cover - typer always ends with SystemExit


def _hoisted(arguments: Sequence[str]) -> list[str]:
    """`--config PATH` and `--trace` may stand anywhere: they are moved before the command."""
    front: list[str] = []
    rest: list[str] = []
    left = iter(arguments)
    for argument in left:
        if argument == "--":
            rest += [argument, *left]
        elif argument == "--trace":
            front.append(argument)
        elif argument == "--config":
            front += [argument, *([value] if (value := next(left, None)) is not None else [])]
        elif argument.startswith("--config="):
            front.append(argument)
        else:
            rest.append(argument)
    return [*front, *rest]
