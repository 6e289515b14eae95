"""Straight code of mapping tables beside the general one: the same drafts, the same refusals."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.canonical.model import Model
from gateway.findings import Findings
from gateway.mappings import registry, straight
from gateway.mappings.convert import BadValue
from gateway.mappings.table import CompiledTable
from gateway.pipeline.drafting import tables_for
from gateway.syntax.edifact import EdifactReader
from gateway.syntax.profile import Profile
from gateway.syntax.record import Form, Grammar, Group, MessageKind, Record, RecordRun
from tests import services
from tests.bench.coparn import interchange

SAMPLES = sorted(Path(__file__).parents[1].joinpath("samples").rglob("*.edi"))
TURNS = services.sized(6, 6, brief=2)


class Run(RecordRun):
    """Labels and values of records, no records."""

    def __init__(self, labels: tuple[str, ...], values: list[tuple[str, ...]]) -> None:
        self.labels, self.values = labels, values

    def records(self) -> list[Record]:
        return [Record(*pair, 0, 0, 0) for pair in zip(self.labels, self.values, strict=True)]


class FormedRun(Run):
    """The same, of which it is known what is filled: what is, and some that is not."""

    def __init__(self, rng: random.Random, labels, values) -> None:
        super().__init__(labels, values)
        slots = tuple(
            tuple(n for n, value in enumerate(each) if value or rng.random() < 0.1)
            for each in values
        )
        self.form = Form(labels, slots, tuple(map(len, values)))
        self.filled = [v[n] for v, taken in zip(values, slots, strict=True) for n in taken]

    @property
    def texts(self) -> list[str]:
        return list(map(repr, self.values))


def groups(path: Path) -> Iterator[tuple[CompiledTable, Sequence[Record]]]:
    """Every group of a file, with the header table of its format, too."""
    known: dict[MessageKind, Any] = {}

    def grammar(kind: MessageKind) -> Grammar | None:
        format_ = registry.find(kind)
        tables = tables_for(format_, kind, Profile()) if format_ else None
        known[kind] = tables
        return format_.grammar(tables.layout) if format_ and tables else None

    reader = EdifactReader([path.read_bytes()], grammar, Profile(), Findings())
    for event in reader:
        tables = known[next(reversed(known))] if known else None
        if isinstance(event, Group) and tables:
            yield tables._part, event.records
            yield tables._header, event.records


def drafted(read: Any, *arguments: Any) -> Any:
    try:
        return unshared(read(*arguments))
    except BadValue as bad:
        return bad.kind.code


def unshared(value: Any) -> Any:
    """A draft without models in it: elements that came in the same words before are models."""
    if isinstance(value, Model):
        return unshared(value.model_dump(exclude_unset=True))
    if isinstance(value, dict):
        return {name: unshared(each) for name, each in value.items()}
    return [unshared(each) for each in value] if isinstance(value, list | tuple) else value


def altered(rng: random.Random, values: list[tuple[str, ...]], turn: int) -> list[tuple[str, ...]]:
    """Other values at some places, as another sender might fill them."""
    if turn == 0:
        return values
    texts = ["", " ", "9", "BN", "AAA", "X1", "137:202411180930:203", "KGM:1.5", "zzz"]
    return [tuple(rng.choice(texts) if rng.random() < 0.1 else v for v in each) for each in values]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_straight_code_drafts_what_the_table_drafts(path, monkeypatch):
    monkeypatch.setattr(straight, "STRAIGHT_USES_MIN", 1)
    rng = random.Random(3)
    compared = 0
    for table, records in groups(path):
        labels = tuple(record.label for record in records)
        if len(labels) > straight.STRAIGHT_RECORDS_MAX:
            continue
        if any(not isinstance(record.values, tuple) for record in records):
            continue
        for turn in range(TURNS):
            values = altered(rng, [tuple(record.values) for record in records], turn)
            run = Run(labels, values)
            plain = [Record(label, v, 0, 0, 0) for label, v in zip(labels, values, strict=True)]
            code = table._straight.reader(run)
            assert code is not None
            expected = drafted(table._read, plain)
            formed = FormedRun(rng, labels, values)
            assert table._straight.reader(formed) is not None
            for _again in range(2):
                assert drafted(code, values) == expected
                assert drafted(table.read, formed) == expected
            monkeypatch.setattr(table._straight, "reader", lambda _run: None)
            assert drafted(table.read, run) == expected
            monkeypatch.undo()
            monkeypatch.setattr(straight, "STRAIGHT_USES_MIN", 1)
            if isinstance(expected, dict):
                assert table.interpret(plain).values == expected
            compared += 1
    if not compared:
        pytest.skip("no group of this file is mapped by a table")


def test_orders_and_choices_are_bounded(monkeypatch):
    monkeypatch.setattr(straight, "STRAIGHT_USES_MIN", 2)
    monkeypatch.setattr(straight, "STRAIGHT_ORDERS_MAX", 3)
    monkeypatch.setattr(straight, "STRAIGHT_VARIANTS_MAX", 3)
    tables = tables_for(registry.named("booking/coparn"), KIND, Profile())
    table = CompiledTable(tables._part._root, tables.layout)
    width = tables.layout.width("RFF")
    for number in range(40):
        for length in range(1, 9):
            value = (f"Q{number}", "1", *[""] * (width - 2))
            run = Run(("RFF",) * length, [value] * length)
            assert table.read(run)["references"][0]["number"] == "1"
        assert len(table._straight._orders) <= 3
        assert all(len(order.variants) <= 4 for order in table._straight._orders.values())


def test_a_file_of_one_shape_is_read_by_straight_code():
    tables = tables_for(registry.named("booking/coparn"), KIND, Profile())
    table = CompiledTable(tables._part._root, tables.layout)
    reader = EdifactReader(
        list(interchange(40_000)), lambda _kind: Grammar(tables.layout, frozenset()), Profile(),
        Findings(),
    )  # fmt: skip
    runs = [event.records for event in reader if isinstance(event, Group)]
    read = [table._straight.reader(run) for run in runs if isinstance(run, RecordRun)]
    assert len(read) > 70
    assert sum(code is not None for code in read) > 20


KIND = MessageKind("edifact", "COPARN", "D.00B")
