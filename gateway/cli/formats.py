"""`gateway formats` and `gateway sample`: what is read, and what it looks like when it is right."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli import screen
from gateway.cli.failure import Failure

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

# One correct file of each format, named as the format: schemas/samples/manifest/ifcsum-flat.txt.
SAMPLES = "schemas/samples"


def formats(
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines.")] = False,
) -> None:
    """List the formats that are read, with the messages that they stand for."""
    from gateway.mappings import registry

    rows = [
        (f.name, f.document.name, f.syntax, "/".join(sorted(f.kinds)), f.version)
        for f in registry.FORMATS
    ]
    titles = ("format", "document", "syntax", "message", "version")
    if as_json:
        for row in rows:
            screen.say_json(dict(zip(titles, row, strict=True)))
        return
    screen.table(titles, rows)


def sample(
    format_: Annotated[str, typer.Argument(metavar="FORMAT", help="As `gateway formats` has it.")],
) -> None:
    """Write a correct example of a format to stdout, byte for byte."""
    file = sample_of(format_)
    if file is None:
        known = ", ".join(available())
        raise Failure(f"no sample of {format_!r}; there are: {known}")
    sys.stdout.flush()
    sys.stdout.buffer.write(file.read_bytes())
    sys.stdout.buffer.flush()


def sample_of(name: str) -> Traversable | None:
    """The sample file of a format, None where there is none."""
    from gateway.resources import names, resource

    folder, _, stem = name.rpartition("/")
    if folder not in {known.rpartition("/")[0] for known in available()}:
        return None
    place = f"{SAMPLES}/{folder}"
    found = [file for file in names(place) if file.rpartition(".")[0] == stem]
    return resource(f"{place}/{found[0]}") if found else None


def available() -> list[str]:
    """The formats that have a sample, by name."""
    from gateway.resources import names, resource

    folders = sorted(item.name for item in resource(SAMPLES).iterdir() if item.is_dir())
    return [
        f"{folder}/{file.rpartition('.')[0]}"
        for folder in folders
        for file in names(f"{SAMPLES}/{folder}")
    ]
