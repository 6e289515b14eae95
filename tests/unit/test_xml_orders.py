"""Parts read by their order beside parts that are walked: the same records, findings and drafts."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from gateway.findings import Findings
from gateway.mappings import registry, straight
from gateway.mappings.convert import BadValue
from gateway.pipeline.drafting import tables_for
from gateway.syntax.profile import Profile
from gateway.syntax.record import Grammar, Group, MessageKind, RecordRun
from gateway.syntax.xml import orders
from gateway.syntax.xml.layout import XmlLayout
from gateway.syntax.xml.reader import XmlReader

SAMPLES = sorted(Path(__file__).parents[1].joinpath("samples").rglob("*/good*.xml"))
PARTS = 40


class Reading:
    """A reader with the tables of what it reads."""

    def __init__(self, data: bytes) -> None:
        self.findings = Findings(keep_max=10_000)
        self.tables: Any = None
        self._reader = XmlReader(iter([data]), self._grammar, Profile(), self.findings)
        self.events = list(self._reader)

    def _grammar(self, kind: MessageKind) -> Grammar | None:
        format_ = registry.find(kind)
        assert format_ is not None
        self.tables = tables_for(format_, kind, Profile())
        return format_.grammar(self.tables.layout)

    def told(self) -> tuple[list[Any], list[Any]]:
        """Events and findings, to be compared."""
        events = [(type(event).__name__, list(event.records)) for event in self.events]
        return events, [finding.as_json() for finding in self.findings]


def altered(part: etree._Element, rng: random.Random) -> None:
    """One thing that another sender might write at some place."""
    element = rng.choice(list(part.iter()))
    what = rng.randrange(8)
    if what == 0:
        element.tail = " loose "
    elif what == 1:
        element.text = rng.choice(["x", "  ", "", None, " 5 "])
    elif what == 2:
        element.set("AgencyCode", "CA")
    elif what == 3:
        element.append(element.makeelement(rng.choice([element.tag, "strange"])))
    elif what == 4:
        element.set("{http://www.w3.org/2001/XMLSchema-instance}nil", "true")
    elif what == 5 and element is not part:
        element.getparent().remove(element)


def many_parts(path: Path, layout: XmlLayout) -> bytes:
    """A sample with its first part again and again, half of the time somehow else."""
    root = etree.fromstring(path.read_bytes())
    names = "/".join(f"{{*}}{name}" for name in layout.part.split("/"))
    part = root.find(names)
    assert part is not None
    rng = random.Random(len(path.name))
    text = etree.tostring(part)
    for _ in range(PARTS):
        made = etree.fromstring(text)
        if rng.random() < 0.5:
            altered(made, rng)
        part.addnext(made)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def layout_of(path: Path) -> XmlLayout:
    layout = Reading(path.read_bytes()).tables.layout
    assert isinstance(layout, XmlLayout)
    return layout


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_parts_of_a_known_order_are_what_the_walk_finds(path, monkeypatch):
    data = many_parts(path, layout_of(path))
    quick = Reading(data)
    assert sum(isinstance(event.records, RecordRun) for event in quick.events) > PARTS / 4
    monkeypatch.setattr(orders, "XML_ORDER_ELEMENTS_MAX", 0)
    walked = Reading(data)
    assert not any(isinstance(event.records, RecordRun) for event in walked.events)
    assert quick.told() == walked.told()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_straight_code_drafts_what_the_table_drafts(path, monkeypatch):
    monkeypatch.setattr(straight, "STRAIGHT_USES_MIN", 1)
    reading = Reading(many_parts(path, layout_of(path)))
    table = reading.tables._part
    compared = 0
    for event in reading.events:
        if isinstance(event, Group) and isinstance(event.records, RecordRun):
            slow = table.interpret(event.records)
            if slow.findings:
                with pytest.raises(BadValue):
                    table.read(event.records)
            else:
                assert table.read(event.records) == slow.values
                compared += 1
    assert compared > PARTS / 8


def test_so_many_orders_are_kept(monkeypatch):
    monkeypatch.setattr(orders, "XML_ORDERS_MAX", 2)
    path = next(path for path in SAMPLES if "mt2101" in str(path))
    data = many_parts(path, layout_of(path))
    few = Reading(data).told()
    monkeypatch.undo()
    assert few == Reading(data).told()
