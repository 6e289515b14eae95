"""`gateway formats` and `gateway sample`: what is read and written, and what it looks like."""

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
    """List the formats that are read (R) and written (W), with the messages that they stand for."""
    titles = ("format", "document", "syntax", "message", "version", "ways")
    if as_json:
        for row in _rows():
            screen.say_json(dict(zip(titles, row, strict=True)))
        return
    screen.table(titles, _rows())


def _rows() -> list[tuple[str, ...]]:
    """Formats that are read in their order, then those that are written only."""
    from gateway.mappings.registry import FORMATS
    from gateway.mappings.writing import ANSWERS, WRITERS, writer_named

    rows: list[tuple[str, ...]] = [
        (
            f.name, f.document.name, f.syntax, "/".join(sorted(f.kinds)), f.version,
            "RW" if f.name in ANSWERS or writer_named(f.name) else "R",
        )
        for f in FORMATS
    ]  # fmt: skip
    known = {f.name for f in FORMATS}
    only_written = [w for w in WRITERS if w.name not in known]
    return rows + [
        (w.name, w.document.name, w.suffix.removeprefix("."), "-", "-", "W") for w in only_written
    ]


def sample(
    format_: Annotated[str, typer.Argument(metavar="FORMAT", help="As `gateway formats` has it.")],
) -> None:
    """Write a correct example of a format to stdout, byte for byte."""
    data = sample_bytes(format_)
    if data is None:
        raise Failure(f"no sample of {format_!r}; there are: {', '.join(_named())}")
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def sample_bytes(name: str) -> bytes | None:
    """What the writer of a format makes; the sample file where a format is only read."""
    from gateway.cli.written_sample import written_sample
    from gateway.mappings.writing import writer_named

    writer = writer_named(name)
    data = written_sample(writer) if writer else None
    if data is not None:
        return data
    file = sample_of(name)
    return file.read_bytes() if file else None


def _named() -> list[str]:
    from gateway.mappings.writing import WRITERS

    return sorted({*available(), *(writer.name for writer in WRITERS)})


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
