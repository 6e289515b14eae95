"""`gateway check`: what is wrong with files, for a person."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Annotated

import typer

from gateway.cli import screen
from gateway.cli.convert import Files, PartnerFile, TypeName
from gateway.cli.reading import Reading, Terms, read, terms_of
from gateway.cli.sources import Source, expand

if TYPE_CHECKING:
    from gateway.findings import Finding
    from gateway.pipeline.translation import Part

_SIGNS = {0: ("✓", "32"), 1: ("✗", "1;31"), 2: ("✗", "1;31")}
_WORDS = {
    "error": ("错误 error", "1;31"),
    "warning": ("警告 warning", "1;33"),
    "info": ("提示 info", "1;36"),
}
_SPOT_COLUMNS_MAX = 120


def command(
    files: Files,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line per file.")] = False,
    partner: PartnerFile = None,
    type_name: TypeName = None,
) -> None:
    """Show what is wrong in files: where, what, how to correct it.

    Exit code 0: no error finding; 1: at least one; 2: unreadable, unknown or empty input.
    """
    terms = terms_of(partner, type_name)
    sources = expand(files)
    readings: list[Reading] = []
    with screen.progress([source.name for source in sources], "check") as steps:
        readings.extend(check(sources[index], terms, as_json) for index in steps)
    if not as_json and len(readings) > 1:
        screen.say(_sum(readings))
    if not sources:
        screen.note("there is no file in what was named")
    raise typer.Exit(max((reading.exit_code for reading in readings), default=2))


def check(source: Source, terms: Terms, as_json: bool) -> Reading:
    """Read one file and say what was found."""
    findings: list[Finding] = []
    keys: dict[str, int] = {}

    def on_part(part: Part) -> None:
        findings.extend(part.findings)
        name = part.document.format.name
        keys[name] = keys.get(name, 0) + 1

    def look(file: IO[bytes], reading: Reading) -> None:
        found = sorted([*findings, *reading.findings], key=_in_file_order)
        reading.findings = found
        if not as_json:
            _show(file, reading, keys)

    reading = read(source, terms, on_part, look)
    if as_json:
        screen.say_json(reading.as_json())
    elif not reading.envelope.get("syntax") or reading.envelope["syntax"] == "unknown":
        _show_unread(reading)
    return reading


def _in_file_order(finding: Finding) -> tuple[str, bool, int, int]:
    """By place, file by file of a packed one; those without a place come last."""
    place = finding.place
    at = place.offset if place.offset is not None else -1
    return place.file or "", place.offset is None, at, place.field or 0


def _show(file: IO[bytes], reading: Reading, formats: dict[str, int]) -> None:
    if reading.envelope.get("syntax") == "unknown":
        return
    _head(reading, formats)
    width = min(screen.columns() - 12, _SPOT_COLUMNS_MAX)
    for finding in reading.findings:
        _finding(finding)
        _spot(file, finding, reading, width)
        _hint(finding)
    beyond = reading.total - len(reading.findings)
    if beyond > 0:
        screen.say(f"  另有 {beyond} 条未列出 · {beyond} more are not listed")
    screen.say()


def _show_unread(reading: Reading) -> None:
    _head(reading, {})
    for finding in reading.findings:
        _finding(finding)
        _hint(finding)
    screen.say()


def _head(reading: Reading, formats: dict[str, int]) -> None:
    sign, codes = _SIGNS[reading.exit_code]
    parts = [f"{name} ×{count}" for name, count in formats.items()]
    about = [str(reading.envelope.get("syntax") or ""), *parts, reading.encoding or ""]
    if not reading.complete:
        about.append("不完整 incomplete")
    name = screen.style(screen.printable(reading.name), "1")
    screen.say(f"{screen.style(sign, codes)} {name}   {' · '.join(filter(None, about))}")
    warnings = reading.total - reading.errors
    screen.say(f"  {reading.errors} 处错误, {warnings} 处其他 · {_counted(reading)}")


def _counted(reading: Reading) -> str:
    others = reading.total - reading.errors
    return f"{reading.errors} error{'s' * (reading.errors != 1)}, {others} other" + (
        "s" if others != 1 else ""
    )


def _finding(finding: Finding) -> None:
    word, codes = _WORDS[finding.severity.value]
    screen.say()
    key = f" · {screen.printable(finding.place.key)}" if finding.place.key else ""
    place = _place(finding)
    screen.say(f"  {screen.style(word, codes)}  {finding.code}{f'  {place}' if place else ''}{key}")
    screen.say(f"    {screen.printable(finding.zh)}")
    screen.say(f"    {screen.printable(finding.en)}")


def _place(finding: Finding) -> str:
    place = finding.place
    words = [screen.printable(place.file)] if place.file else []
    if place.line is not None:
        words.append(f"第{place.line}行 line {place.line}")
    if place.record is not None:
        words.append(f"record {place.record}")
    if place.tag is not None:
        dot = "" if place.field is None else f" field {place.field}"
        dot += "" if place.component is None else f".{place.component}"
        words.append(f"{screen.printable(place.tag)}{dot}")
    return ", ".join(words)


def _spot(file: IO[bytes], finding: Finding, reading: Reading, width: int) -> None:
    from gateway.cli.spot import spot_of

    if finding.place.file:  # its offset counts in the unpacked file
        return
    syntax = str(reading.envelope.get("syntax"))
    spot = spot_of(file, finding, syntax, reading.encoding, width)
    if spot is None:
        return
    number = str(finding.place.line or "").rjust(6)
    screen.say(f"    {screen.style(number, '2')} │ {spot.line}")
    screen.say(f"    {' ' * 6} │ {screen.style(spot.marks(), '1;31')}")


def _hint(finding: Finding) -> None:
    hints = [hint for hint in (finding.hint_zh, finding.hint_en) if hint]
    if hints:
        screen.say(f"    → {screen.printable(' · '.join(hints))}")


def _sum(readings: list[Reading]) -> str:
    good = sum(reading.exit_code == 0 for reading in readings)
    return (
        f"{len(readings)} 个文件，{good} 个没有错误 · {len(readings)} files, {good} without errors"
    )
