"""`gateway convert`: files → canonical JSON, one line a part, one line a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli import screen
from gateway.cli.reading import read, terms_of
from gateway.cli.sources import Source, expand

if TYPE_CHECKING:
    from gateway.cli.reading import Terms
    from gateway.pipeline.translation import Part

Files = Annotated[list[str], typer.Argument(metavar="FILE", help="Files, folders, or - for stdin.")]
PartnerFile = Annotated[
    Path | None, typer.Option("--partner", help="Read as this partner's profile says.")
]
TypeName = Annotated[
    str | None,
    typer.Option("--type", help="Fail unless the document is of this type, e.g. booking."),
]


def command(
    files: Files,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines (the only form).")] = False,
    partner: PartnerFile = None,
    type_name: TypeName = None,
) -> None:
    """Convert files to canonical JSON: a line for each part, then one for the file.

    Exit code 0: no error finding; 1: at least one; 2: unreadable, unknown or empty input.
    """
    del as_json  # The one form there is; the option says what will come.
    terms = terms_of(partner, type_name)
    sources = expand(files)
    worst = 0
    with screen.progress([source.name for source in sources], "convert") as steps:
        for index in steps:
            worst = max(worst, convert(sources[index], terms))
    if not sources:
        screen.note("there is no file in what was named")
        worst = 2
    raise typer.Exit(worst)


def convert(source: Source, terms: Terms) -> int:
    """Write the lines of one file; returns its exit code."""
    name = json.dumps(source.name, ensure_ascii=False)
    headers = _Headers()
    reading = read(source, terms, lambda part: screen.say(_line(name, part, headers)))
    screen.say_json(reading.as_json())
    return reading.exit_code


class _Headers:
    """The header's JSON, made once for all parts of a document."""

    def __init__(self) -> None:
        self._ordinal = 0
        self._text = ""

    def of(self, part: Part) -> str:
        if part.document.ordinal != self._ordinal:
            self._ordinal = part.document.ordinal
            self._text = part.document.header.json(whole=True)
        return self._text


def _line(name: str, part: Part, headers: _Headers) -> str:
    """One part; the models make their own JSON, which is put in as it is."""
    format_ = part.document.format
    key = json.dumps(part.key(), ensure_ascii=False)
    findings = json.dumps([f.as_json() for f in part.findings], ensure_ascii=False)
    member = getattr(part.document, "member", "")
    if member:
        name += f', "member": {json.dumps(member, ensure_ascii=False)}'
    return (
        f'{{"file": {name}, "document": "{format_.document.name}", "format": "{format_.name}", '
        f'"key": {key}, "header": {headers.of(part)}, "canonical": {part.draft.json(whole=True)}, '
        f'"findings": {findings}}}'
    )
