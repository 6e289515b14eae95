"""Rows read as most are beside rows read one by one: the same documents and findings."""

from __future__ import annotations

import random

import pytest

from gateway.findings import Findings
from gateway.mappings import straight
from gateway.syntax.profile import Profile
from gateway.syntax.record import Grammar, Group, Layout, MessageKind
from gateway.syntax.table import csv_rows, documents
from gateway.syntax.table.layout import TableLayout, load
from gateway.syntax.table.reader import TableReader
from gateway.syntax.table.regular import RowRun
from tests.property.test_flat_runs import chunked, told
from tests.services import sized

TABLES = ("container_load_plan", "verified_gross_mass", "gate_plan", "vessel_schedule", "booking")
ODD = [
    "",
    "-",
    "无",
    "N/A",
    " ",
    "合计",
    "Total:",
    '"a,b"',
    '"x""y"',
    "\r",
    "\u3000",
    "1,5",
    "x" * 90,
]


def value(example: str, number: int) -> str:
    """Something like the example, another one for each number."""
    return f"{example[:-1]}{number % 10}" if example[-1:].isdigit() else example


def table(layout: TableLayout, rng: random.Random) -> str:
    """Rows filled down or left blank, and every now and then something odd."""
    columns = [c for c in layout.columns if c.need != "C" or rng.random() < 0.4]
    rng.shuffle(columns)
    names = [rng.choice((*c.zh, *c.en)) for c in columns]
    unknown = rng.random() < 0.2
    names += ["anything", "序号"] if unknown else []
    odd, blank = rng.choice((0, 0, 0.005, 0.05)), rng.choice((0, 0.1, 0.9))
    lines, document, part = [names], 0, 0
    for _ in range(rng.randint(3, 60)):
        document += rng.random() < 0.05
        part += rng.random() < 0.8
        cells = []
        for c in columns:
            seed = document if c.scope == "D" else part if c.scope == "P" else rng.randrange(10)
            text = value(c.example, seed)
            text = "" if c.scope == "D" and lines[1:] and rng.random() < blank else text
            cells.append(rng.choice(ODD) if rng.random() < odd else text)
        cells += [rng.choice(("", "", "kept")), str(len(lines))] if unknown else []
        cells[0] = rng.choice(("合计", "sum")) if rng.random() < odd else cells[0]
        lines.append(cells if rng.random() > odd else cells[: rng.randint(0, len(cells))])
    end = rng.choice(("\n", "\r\n"))
    return end.join(",".join(cells) for cells in lines) + (end if rng.random() > odd else "")


@pytest.mark.reliability
@pytest.mark.parametrize("name", TABLES)
def test_regular_rows_are_what_all_rows_are(name, monkeypatch):
    rng = random.Random(name)
    monkeypatch.setattr(straight, "STRAIGHT_USES_MIN", 2)
    regular = 0
    for _ in range(sized(40, 2000)):
        data = table(load(name), rng).encode(rng.choice(("utf-8", "utf-8-sig", "gb18030")))
        monkeypatch.setattr(documents, "TABLE_REGULAR_AFTER", rng.randint(0, 3))
        size = rng.choice((50, 777, len(data)))
        monkeypatch.setattr(csv_rows, "CSV_BLOCK_BYTES", size)
        quickly = told(chunked(data, size))
        monkeypatch.setattr(documents, "TABLE_REGULAR_AFTER", len(data))
        monkeypatch.setattr(csv_rows.CsvSource, "_plain", lambda _self, _raws: None)
        assert quickly == told([data]), data.decode("utf-8", "replace")
        monkeypatch.undo()
        monkeypatch.setattr(straight, "STRAIGHT_USES_MIN", 2)
        regular += len(quickly)
    assert regular


def test_most_rows_are_regular():
    layout = load("container_load_plan")
    columns = [c for c in layout.columns if c.example]
    lines = [[c.en[0] for c in columns]]
    for number in range(100):
        cells = [value(c.example, number if c.name == "container_number" else 0) for c in columns]
        lines.append(cells)
    data = "".join(",".join(cells) + "\n" for cells in lines).encode()

    def grammar(_kind: MessageKind) -> Grammar:
        known: Layout = layout
        return Grammar(known, frozenset({"row"}))

    events = list(TableReader(iter([data]), grammar, Profile(), findings := Findings()))
    groups = [event.records for event in events if isinstance(event, Group)]
    assert not findings
    assert len(groups) == 100
    assert sum(isinstance(each, RowRun) for each in groups) == 100 - documents.TABLE_REGULAR_AFTER
    assert [record.line for records in groups for record in records] == list(range(2, 102))
