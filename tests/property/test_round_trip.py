"""Reading what we wrote gives the same document, for every format that is written.

One case per writer: what its syntax cannot tell apart, or must refuse, is left out there.  Writers
of other syntaxes have their cases in files of their own, made of the same parts (documents.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from gateway.canonical.partner import Partner
from gateway.mappings.writing import writer_named
from gateway.syntax.table.layout import NOTHING
from tests.property.documents import (
    BOXES,
    CODES,
    DAYS,
    EACH,
    NUMBERS,
    WORDS,
    documents,
    facts_of,
    one_of,
    read_back,
    written,
)

# Text that no line-break substitute stands in (`^` in parties, `*` in remarks).
PLAIN = WORDS.filter(lambda text: not set(text) & set("^*"))
ONE_PER_ROLE = {"part.parties": "role"}


@dataclass(frozen=True)
class Case:
    """without: what this format refuses or tells together; terms: as in documents();
    settle: what the reader derives, put into the generated document's facts; reader: the format
    that reads it, where that has another name; encodings: those to try."""

    name: str
    without: frozenset[str] = frozenset()
    terms: dict[str, Any] = field(default_factory=dict)
    settle: Callable[[dict[str, Any], list[dict[str, Any]]], None] | None = None
    reader: str = ""


# Words that a table takes for nothing, and formulas, which get an apostrophe.
CELLS = WORDS.filter(lambda text: text.casefold() not in NOTHING and text[0] not in "=+-@")


def manifest(name: str, *without: str, **terms: Any) -> Case:
    values = {
        "part.number": NUMBERS,
        "parties.role": one_of("shipper", "consignee", "notify", "second_notify", "third_notify"),
        "parties.country": one_of("CN", "KR"),
    }
    return Case(
        name,
        frozenset(
            {
                "part.containers.vgm_kg", "part.containers.dangerous",
                "part.containers.temperature", "part.goods.over_dimension",
                "part.goods.temperature.ventilation", *without,
            }
        ),
        {
            "key": "number",
            "always": {
                "part.number",
                "header.voyage",
                "part.parties.lines",
                "part.containers.number",
            },
            "unique": {
                **ONE_PER_ROLE,
                "part.containers.seals": "number",
            },
            **terms,
            "values": values | terms.get("values", {}),
        },
    )  # fmt: skip


def lifted(_header: dict[str, Any], parts: list[dict[str, Any]]) -> None:
    """A place of all bills is one of the box, too, and a bill without one has that of the box."""
    for part in parts:
        bills = part.get("bills", ())
        for name in ("load_port", "discharge_port", "delivery_place"):
            own = part.pop(name, None)
            for bill in bills:
                if own and name not in bill:
                    bill[name] = own
            if bills and name in bills[0] and all(b.get(name) == bills[0][name] for b in bills):
                part[name] = bills[0][name]
        if not bills:
            part.pop("tare_kg", None)


def told_together(_header: dict[str, Any], parts: list[dict[str, Any]]) -> None:
    """Lists of texts stand in one cell, an item a line."""

    def join(values: dict[str, Any]) -> None:
        for name, value in values.items():
            if name in ("remarks", "description", "marks"):
                values[name] = ["\n".join(value)]
            elif isinstance(value, list) and value and isinstance(value[0], dict):
                for each in value:
                    join(each)

    for part in parts:
        join(part)


def load_plan(name: str, *without: str) -> Case:
    return Case(
        name,
        frozenset(
            {
                "part.vgm_kg", "part.temperature", "part.over_dimension", "part.dangerous",
                "part.bills.goods.over_dimension", "part.bills.goods.temperature.ventilation",
                "part.load_port.office", "part.discharge_port.office",
                "part.delivery_place.office", "part.bills.load_port.office",
                "part.bills.discharge_port.office", "part.bills.delivery_place.office",
                "part.yard.office", "header.line.office", *without,
            }
        ),
        {
            "key": "number",
            "always": {"part.number", "header.voyage", "part.bills.number"},
            "values": {"part.number": BOXES},
            "most": {"part.seals": 1},
        },
        lifted,
    )  # fmt: skip


CASES = (
    manifest("manifest/ifcsum-flat", most={"part.containers.seals": 1}),
    manifest(
        "manifest/ifctst-flat", values={"containers.status": one_of("4", "5", "7")}
    ),
    load_plan("container_load_plan/cotemp-flat", "part.yard"),
    load_plan("container_load_plan/wlcost-flat", "part.bills.goods.packages.kind_code"),
    Case(
        "verified_gross_mass/ctnvgm-flat",
        frozenset(
            {
                "part.vessel", "part.voyage", "part.seals",
                "header.booking_department.office",
            }
        ),
        {
            "key": "number",
            "always": {"part.number", "part.vgm_kg"},
            "values": {"part.number": BOXES},
            "most": {"part.remarks": 1},
        },
    ),
    Case(
        "vessel_schedule/iftsai-flat",
        frozenset(
            {"header.line.office", "header.trade.office", "part.terminal.office",
             "part.agent.office"}
        ),
        {"always": {"part.port.code", "part.port"}},
    ),
    Case(
        "container_list/ncl-fixed",
        terms={
            "key": "number",
            "always": {"part.number", "part.seals.number"},
            "values": {"part.number": BOXES},
            "most": {"part.seals": 1},
            # 30 bytes a line; a longer text comes back in several.
            "words": WORDS.filter(lambda text: len(text.encode("gb18030")) <= 30),
        },
    ),
    Case(
        "booking/iftmbf-flat-3.1",
        frozenset(
            {
                "part.containers.vgm_kg", "part.containers.dangerous",
                "part.containers.temperature", "part.containers.over_dimension",
                "part.equipment.stuffing_place.office",
                "part.optional_discharge_ports.office", "part.charges.payable_at.office",
                "part.freight_clause.office",
            }
        ),
        {
            "parts": 1,
            "always": {"part.booking_number", "part.parties.lines", "part.containers.number"},
            "values": {
                "parties.role": one_of("shipper", "consignee", "notify", "second_notify"),
                "seals.kind": one_of("M", "E"),
            },
            "unique": {**ONE_PER_ROLE, "part.containers.seals": "number"},
        },
    ),
    Case(
        "booking/iftmbf-flat-feedback",
        frozenset(
            {
                "part.containers.vgm_kg", "part.containers.dangerous",
                "part.containers.temperature", "part.containers.over_dimension",
                "part.equipment.stuffing_place.office",
                "part.optional_discharge_ports.office", "part.charges.payable_at.office",
                "part.freight_clause.office", "part.printed_places",
            }
        ),
        {
            "parts": 1,
            "always": {"part.booking_number", "part.parties.lines", "part.containers.number"},
            "values": {
                "parties.role": one_of(
                    "shipper", "consignee", "notify", "second_notify", "third_notify"
                ),
                "seals.kind": one_of("M", "E"),
            },
            "most": {"part.parties.lines": 1},
            "unique": {**ONE_PER_ROLE, "part.containers.seals": "number"},
        },
    ),
    Case(
        "booking/iftmbf-flat-classic",
        frozenset(
            {
                "part.containers", "part.goods.dangerous", "part.goods.temperature",
                "part.goods.over_dimension", "part.optional_discharge_ports.office",
                "part.freight_clause.office", "part.issue_party.office",
            }
        ),
        {
            "parts": 1,
            "always": {"part.booking_number", "part.parties.lines"},
            "values": {
                "parties.role": one_of("shipper", "consignee", "notify"),
                "part.departure": DAYS,
                "part.arrival": DAYS,
                "part.payment": CODES,
            },
            "unique": ONE_PER_ROLE,
            "words": PLAIN,
        },
    ),
    Case(
        "vessel_schedule/csv",
        terms={
            "always": {"header.vessel", "header.vessel.name", "part.port", "part.port.code"},
            "values": {"vessel.imo": one_of("9811000", "9074729")},
            "words": CELLS,
        },
        settle=told_together,
        reader="vessel_schedule/table",
    ),
    Case(
        "container_load_plan/csv",
        # Columns of the box: what stands below its goods too, or more than one a box has.
        frozenset(
            {
                "part.bills.goods.temperature", "part.bills.goods.over_dimension",
                "part.temperature.ventilation",
            }
        ),
        {
            "key": "number",
            "always": {
                "header.vessel", "header.vessel.name", "header.voyage", "part.number",
                "part.seals.number", "part.bills", "part.bills.number", "part.bills.goods",
            },
            "values": {
                "part.number": BOXES,
                "vessel.imo": one_of("9811000", "9074729"),
                "marine_pollutant": one_of("Y", "N"),
            },
            "unique": {"part.bills": "number"},
            "most": {
                "part.seals": 1, "part.bills.goods": 1, "part.bills.goods.dangerous": 1,
            },
            "words": CELLS,
        },
        settle=told_together,
        reader="container_load_plan/table",
    ),
)  # fmt: skip


@pytest.mark.reliability
@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_we_write_reads_back_as_the_same_document(case: Case, encoding: str):
    writer = writer_named(case.name)
    assert writer is not None
    if encoding not in writer.encodings:
        pytest.skip(f"not written in {encoding}")
    leave = writer.leaves_out | case.without
    made = documents(writer.document, leave=leave, **case.terms)
    partner = Partner.model_validate(
        {
            "code": "AB1",
            "name": "x",
            "agreements": [
                {"document": writer.document.name, "encoding": encoding.removesuffix("-sig")}
            ],
        }
    )

    @settings(max_examples=EACH, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(made)
    def check(document):
        header, parts = document
        read = read_back(written(writer, header, parts, encoding=encoding), partner)
        assert read.format == (case.reader or case.name)
        assert facts_of(read.header, "header", leave) == facts_of(header, "header", leave)
        before = [facts_of(part, "part", leave) for part in parts]
        after = [facts_of(part, "part", leave) for part in read.parts]
        if case.settle is not None:
            case.settle({}, before)
        assert after == before

    check()
