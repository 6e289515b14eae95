"""What a command says: data to stdout as UTF-8, words for people to stderr, progress to stderr."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

# Columns assumed where nobody knows (a pipe, a log).
PLAIN_COLUMNS = 100


def prepare() -> None:
    """UTF-8 whatever the locale says; what cannot be encoded is shown as an escape."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def by_line() -> None:
    """Each line leaves at once, into a pipe too: for a command that goes on while it speaks."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(line_buffering=True)


def say(text: str = "") -> None:
    """A line of the answer."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """A line for the person, beside the answer."""
    sys.stderr.write(text + "\n")


def say_json(value: object) -> None:
    """One JSON object on one line, unescaped."""
    say(json.dumps(value, ensure_ascii=False, default=str))


def is_terminal() -> bool:
    """Whether a person looks at stdout."""
    return sys.stdout.isatty()


def columns() -> int:
    """How wide lines may be."""
    try:
        return max(40, os.get_terminal_size(sys.stdout.fileno()).columns)
    except (OSError, ValueError):
        return PLAIN_COLUMNS


def table(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A rich table on a terminal, aligned columns elsewhere."""
    texts = [["" if cell is None else printable(str(cell)) for cell in row] for row in rows]
    if is_terminal():
        _rich_table(titles, texts)
        return
    widths = [max(map(cells, column)) for column in zip(titles, *texts, strict=True)]
    for row in [list(titles), *texts]:
        padded = [
            cell + " " * (width - cells(cell)) for cell, width in zip(row, widths, strict=True)
        ]
        say("  ".join(padded).rstrip())


def _rich_table(titles: Sequence[str], texts: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for title in titles:
        drawn.add_column(title, overflow="fold")
    for row in texts:
        drawn.add_row(*(Text(cell) for cell in row))
    Console().print(drawn)


def printable(text: str) -> str:
    """The text with everything a terminal could obey, or an eye could miss, as an escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def cells(text: str) -> int:
    """Columns of a terminal: Chinese characters take two, combining ones none."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) > 0 for c in text)


def short(text: str, width: int) -> str:
    """At most so many characters, an ellipsis where some are left out."""
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"


def style(text: str, codes: str) -> str:
    """The text in a terminal style ("1;31" is bold red), plain where nobody looks."""
    return f"\x1b[{codes}m{text}\x1b[0m" if is_terminal() else text


@contextmanager
def progress(names: Sequence[str], title: str) -> Iterator[Iterator[int]]:
    """Indexes of `names` one by one, with a bar on stderr where there are several.

    On a terminal that shows both streams the bar is redrawn only between files, below what the
    files have said.
    """
    if len(names) < 2:
        yield iter(range(len(names)))
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    both = is_terminal() and sys.stderr.isatty()
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[name]}", markup=False),
        console=Console(stderr=True),
        transient=both,
        auto_refresh=not both,
        redirect_stdout=both,
        redirect_stderr=both,
    )
    with bar:
        task = bar.add_task(title, total=len(names), name="")

        def steps() -> Iterator[int]:
            for index, name in enumerate(names):
                bar.update(task, name=short(printable(name), 40), refresh=both)
                yield index
                bar.advance(task)

        yield steps()
        bar.update(task, name="")
