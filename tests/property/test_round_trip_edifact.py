"""Reading what we wrote as EDIFACT gives the same document, without a finding of the reader.

What a message refuses is kept out of the documents (`without`), what the reader derives is put into
the expectation (`settle`): references of the numbers that a document names, its parties' sender.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.mappings.contract import Unwritable
from gateway.mappings.writing import writer_named
from gateway.pipeline.translation import Document, End, Part, translate
from tests.property.documents import (
    BOXES,
    EACH,
    NUMBERS,
    documents,
    facts_of,
    one_of,
    text_of,
    written,
)
from tests.services import sized

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# The narrowest text of a directory is a port's name (an..17).
WORDS = (
    st.text(st.sampled_from(LETTERS + "?:'+*^ -/.,()&\"<>天津油漆é一"), min_size=1, max_size=17)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
ROLES = one_of("shipper", "consignee", "notify", "carrier", "agent", "other:CPE")
VALUES = {
    "parties.role": ROLES,
    "parties.country": one_of("CN", "KR"),
    "references.qualifier": one_of("ON", "CT", "SQ"),
    "flash_point": lambda random: f"{random.randint(1, 300):03d}",
    "packing_group": one_of("1", "2", "3"),
    "page": lambda random: str(random.randint(1, 9999)),
    "mfag": lambda random: str(random.randint(1, 999)),
    "ems": one_of("F-E", "S-D"),
    "hs_code": lambda random: str(random.randint(100000, 999999)),
    "nationality": one_of("CN", "PA"),
    "vessel.code": text_of(LETTERS, 4, 5),
    "line.code": text_of(LETTERS, 2, 4),
    "seals.party": one_of("CA", "SH", "CU"),
    "delivery_term": one_of("27", "28", "29", "30"),
    "transhipment": one_of("2", "3"),
    "movement": one_of("2", "3"),
    **{
        f"{side}_cm": lambda random: Decimal(random.randint(1, 9_999)).scaleb(-1)
        for side in ("front", "back", "left", "right", "height")
    },
    "supplier": one_of("1", "2"),
    "status": one_of("4", "5"),
    "total_packages.count": lambda random: random.randint(1, 9999),
    "kind_code": one_of("CT", "BX", "DR"),
    "payment": one_of("P", "C"),
    "currency": one_of("USD", "CNY"),
}
# The reader finds these out of a vessel's code; both directions of that are in the golden samples.
DERIVED = {
    "header.vessel.imo",
    "part.vessel.imo",
    "header.vessel.call_sign",
    "part.vessel.call_sign",
}
HAZARDS = ("label", "marine_pollutant", "emergency_contact", "telephone", "email", "fax")


def hazards(*paths: str) -> set[str]:
    return {f"{path}.dangerous.{name}" for path in paths for name in HAZARDS}


# A page of the IMDG code is one of its class; a unit says of which temperature.
CLASSES = {
    f"{path}.{name}"
    for path in ("part", "part.goods", "part.containers", "part.bills.goods", "header.containers")
    for name in ("dangerous.hazard_class", "temperature.setting", "temperature.unit")
}
LABELS = {
    f"{path}.dangerous.{name}"
    for path in ("part", "part.goods", "part.containers")
    for name in ("label", "marine_pollutant")
}


CONTACTS = {
    f"{path}.dangerous.{name}"
    for path in ("part", "part.goods", "part.containers")
    for name in ("emergency_contact", "telephone", "email", "fax")
}


def vents(*paths: str) -> set[str]:
    return {f"{path}.temperature.ventilation" for path in paths}


Settle = Callable[[dict[str, Any], dict[str, Any]], None]


@dataclass(frozen=True)
class Case:
    """kind: "D.00B" where the directory is not the first one; settle(header, part): see above."""

    name: str
    without: frozenset[str] = frozenset()
    terms: dict[str, Any] = field(default_factory=dict)
    settle: Settle | None = None
    directory: str | None = None
    within: frozenset[str] = frozenset()

    @property
    def leave(self) -> frozenset[str]:
        """What is not compared; `within` is, although a document may hold what cannot be told."""
        writer = writer_named(self.name)
        assert writer is not None
        return (writer.leaves_out | self.without) - self.within


def references(part: dict[str, Any], **names: str) -> None:
    """A number of the document is a reference, too; it stands behind those told as such."""
    told = [{"qualifier": names[name], "number": part[name]} for name in names if name in part]
    if told:
        part["references"] = [*part.get("references", []), *told]


def booked(_header: dict[str, Any], part: dict[str, Any]) -> None:
    references(part, booking_number="BN", bill_of_lading="BM", house_bill="BH")


BOOKING = {
    "parts": 1,
    "always": {
        "part.booking_number", "part.parties", "part.parties.role", "part.parties.lines",
        "part.containers.number", "part.containers.references", "part.equipment",
        "part.equipment.size_type",
        "part.pre_carriage.voyage", "part.on_carriage.voyage", "part.vessel", "part.voyage",
        "part.vessel.code",
    },
    "unique": {"part.containers": "number", "part.goods": "sequence"},
}  # fmt: skip
BOOKING_WITHOUT = DERIVED | {
    "part.pre_carriage.vessel.imo",
    "part.pre_carriage.vessel.call_sign", "part.on_carriage.vessel.imo",
    "part.on_carriage.vessel.call_sign",
} | hazards("part.goods", "part.containers") | vents("part.goods", "part.containers")  # fmt: skip


def named_by_goods(_header: dict[str, Any], part: dict[str, Any]) -> None:
    """Boxes come in the order of the goods that name them; those that none names follow."""
    goods = [item.get("sequence") for item in part.get("goods", ())]
    boxes = part.get("containers", [])
    named = [b for s in goods for b in boxes if s and b.get("goods_sequence") == s]
    rest = [b for b in boxes if b not in named]
    for box in rest:
        box.pop("goods_sequence", None)
    if boxes:
        part["containers"] = [*named, *rest]


def first_goods(_header: dict[str, Any], part: dict[str, Any]) -> None:
    """A box that names no goods is told with the first ones."""
    goods = [item.get("sequence") for item in part.get("goods", ())]
    for box in part.get("containers", ()) if goods else ():
        if box.get("goods_sequence") not in goods:
            box["goods_sequence"] = goods[0]
    named_by_goods(_header, part)


def listed(_header: dict[str, Any], part: dict[str, Any]) -> None:
    references(part, booking_number="BN", bill_of_lading="BM")


def ordered(_header: dict[str, Any], part: dict[str, Any]) -> None:
    """Numbers of the order are references, too; every box names the bill."""
    references(part, release_number="REO", bill_of_lading="BM", booking_number="BN")


def weighed(header: dict[str, Any], part: dict[str, Any]) -> None:
    """Who answers for the mass is a party; ship and voyage of the call are told box by box."""
    references(part, booking_number="BN", bill_of_lading="BM")


def called(_header: dict[str, Any], part: dict[str, Any]) -> None:
    """Calls on a leg of their own follow those of the ship's own voyage."""
    calls = part.get("calls", [])
    own = [c for c in calls if "voyage" in c or "vessel" in c]
    if calls:
        part["calls"] = [*(c for c in calls if c not in own), *own]


MANIFEST = {
    "key": "number",
    "always": {
        "part.number", "header.voyage", "header.vessel", "header.vessel.code", "part.goods",
        "part.goods.sequence", "part.containers.number", "part.parties.role",
        "part.parties.lines", "header.parties.role", "header.parties.lines",
        "header.containers.number", "part.pre_carriage.voyage", "part.containers.packages",
        "part.goods.packages",
    },
    "unique": {
        "part.containers": "number", "part.goods": "sequence", "header.containers": "number",
    },
    "values": {
        "part.number": NUMBERS,
        "part.master_number": NUMBERS,
        "goods.sequence": one_of("1", "2"),
        "goods_sequence": one_of("1", "2"),
    },
}  # fmt: skip
MANIFEST_WITHOUT = DERIVED | {
    "part.pre_carriage.vessel.imo",
    "part.pre_carriage.vessel.call_sign", "part.containers.dangerous",
    "header.containers.dangerous", "part.containers.temperature.minimum",
    "part.containers.temperature.maximum", "header.containers.temperature.minimum",
    "header.containers.temperature.maximum", "part.containers.package_kind",
} | vents("part.goods", "part.containers", "header.containers")  # fmt: skip

BOX = {
    "key": "number",
    "always": {
        "part.number", "part.bills", "header.vessel", "header.vessel.code",
        "header.parties", "header.parties.role", "header.port", "header.port.code",
    },
    "values": {"part.number": BOXES, "part.references.qualifier": one_of("ON", "CT")},
}  # fmt: skip

CASES = (
    Case(
        "booking/coparn",
        frozenset(BOOKING_WITHOUT | {"part.goods.temperature"}),
        {**BOOKING, "most": {"part.containers.dangerous": 1}},
        booked,
    ),
    Case(
        "booking/coparn",
        frozenset(BOOKING_WITHOUT),
        BOOKING,
        booked,
        "D.00B",
        frozenset({"part.delivery_term", *CONTACTS}),
    ),
    Case(
        "booking/iftmbf",
        frozenset(
            BOOKING_WITHOUT
            | {
                "part.containers.seals", "part.containers.dangerous",
                "part.containers.temperature.minimum", "part.containers.temperature.maximum",
            }
        ),
        {**BOOKING, "always": BOOKING["always"] - {"part.containers.references"}},
        booked,
    ),
    Case(
        "booking/iftmbc",
        frozenset(
            BOOKING_WITHOUT
            | {
                "part.containers.seals", "part.containers.dangerous",
                "part.containers.temperature.minimum", "part.containers.temperature.maximum",
            }
        ),
        {**BOOKING, "always": BOOKING["always"] - {"part.containers.references"}},
        booked,
        "D.00B",
    ),
    Case(
        "container_list/coprar",
        frozenset(DERIVED | hazards("part") | vents("part")),
        BOX,
        listed,
    ),
    Case(
        "container_list/coprar",
        frozenset(DERIVED | vents("part") | LABELS),
        BOX,
        listed,
        "D.00B",
        frozenset(CONTACTS),
    ),
    Case(
        "verified_gross_mass/vermas",
        frozenset(
            DERIVED
            | {
                "part.shipper", "part.signature", "part.telephone", "part.email", "part.address",
            }
        ),
        {
            **BOX,
            "always": {
                "part.number", "part.vgm_kg", "part.vessel", "part.vessel.code", "part.method",
                "part.parties.role", "part.parties.lines", "header.parties.role",
                "header.parties.lines",
            },
            "values": BOX["values"]
            | {"part.method": one_of("1", "2"), "parties.role": one_of("carrier", "other:CPE")},
        },
        weighed,
    ),
    Case(
        "delivery_order/coreor",
        frozenset(
            DERIVED
            | {
                "part.goods.over_dimension", "part.goods.temperature",
                "part.containers.dangerous", "part.equipment.count",
            }
            | hazards("part.goods") | vents("part.containers")
        ),
        {
            "parts": 1,
            "always": {
                "part.number", "part.containers", "part.containers.number", "part.parties",
                "part.parties.role", "part.parties.lines", "part.containers.references",
                "part.bill_of_lading", "part.vessel", "part.vessel.code",
                "part.equipment.size_type",
            },
            "unique": {"part.containers": "number"},
            "most": {"part.equipment": 1},
        },
        ordered,
    ),
    Case(
        "manifest/ifcsum",
        frozenset(MANIFEST_WITHOUT | LABELS),
        MANIFEST,
        named_by_goods,
        within=frozenset({"part.containers.goods_sequence", "part.delivery_term", *CONTACTS}),
    ),
    Case(
        "manifest/cuscar",
        frozenset(
            MANIFEST_WITHOUT | hazards("part.goods")
            | {"part.goods.over_dimension", "part.goods.temperature", "header.containers"}
        ),
        MANIFEST,
        first_goods,
        within=frozenset({"part.containers.goods_sequence"}),
    ),
    Case(
        "container_load_plan/costco",
        frozenset(
            DERIVED | hazards("part.bills.goods") | vents("part.bills.goods")
            | {
                "part.vgm_kg", "part.dangerous", "part.temperature",
                "part.bills.goods.over_dimension", "part.load_port", "part.discharge_port",
                "part.delivery_place", "part.bills.load_port", "part.bills.discharge_port",
                "part.bills.delivery_place",
            }
        ),
        {
            **BOX,
            "always": BOX["always"] | {"part.bills.number", "part.bills.goods.sequence"},
            "values": BOX["values"] | {"bills.number": NUMBERS},
        },
    ),
    Case(
        "vessel_schedule/iftsai",
        frozenset(
            DERIVED
            | {
                "part.calls.vessel.imo", "part.calls.vessel.call_sign",
                "part.calls.vessel.nationality",
            }
        ),
        {
            "always": {
                "part.port", "part.port.code", "part.outbound_voyage", "header.vessel",
                "header.vessel.code", "part.calls.voyage", "part.calls.vessel",
                "part.calls.vessel.code", "part.calls.port.code", "part.agent.code",
            },
            "values": {
                "calls.vessel.name": one_of("HAI YUN 8", "天津"),
                "relation": one_of("previous", "next", "load", "discharge", "other:88"),
                "part.outbound_voyage": one_of("081E"),
                "calls.voyage": one_of("082W"),
                "part.port.code": one_of("CNTXG"),
                "calls.port.code": one_of("KRPUS", "KRINC"),
            },
        },
        called,
    ),
)  # fmt: skip


@pytest.mark.reliability
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name} {case.directory or 'first'}")
def test_what_we_write_reads_back_as_the_same_document(case: Case):
    writer = writer_named(case.name)
    assert writer is not None
    leave = case.leave
    terms = (
        case.terms
        | {"always": case.terms["always"] | CLASSES}
        | {"values": VALUES | case.terms.get("values", {}), "words": WORDS}
    )
    made = documents(writer.document, leave=leave, **terms)

    @settings(max_examples=EACH, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(made)
    def check(document):
        header, parts = document
        try:
            data = written(writer, header, parts, message_type=case.directory)
        except Unwritable as refused:
            pytest.fail("; ".join(f"{f.en} [{f.value}]" for f in refused.findings))
        heads, after, findings = read(data)
        told = facts_of(header, "header", leave)
        before = [facts_of(part, "part", leave) for part in parts]
        for part in before:
            if case.settle is not None:
                case.settle(told, part)
        assert [f.code for f in findings if f.code.startswith("EDI")] == [], data.decode()
        assert [facts_of(each, "part", leave) for each in after] == before
        assert all(facts_of(head, "header", leave) == told for head in heads)

    check()


def read(data: bytes) -> tuple[list[Any], list[Any], list[Any]]:
    """Headers, parts and findings of a file."""
    heads, parts, findings = [], [], []
    for item in translate([data], None):
        if isinstance(item, Document):
            heads.append(item.header.model)
        elif isinstance(item, Part):
            parts.append(item.draft.model)
            findings += item.findings
        elif isinstance(item, End):
            findings += item.findings
    return heads, parts, findings


HOSTILE = st.text(
    st.sampled_from("AB c?:+'\n\r\t\x00\x1b\x85\u2028\u3000\xa0é天津😀\ufeff*\\^~\"<>&{}%"),
    min_size=1,
    max_size=300,
).filter(lambda text: bool(text.strip()))


def bare(value: Any) -> Any:
    """Without blanks and line ends: free text may break into other lines, codes are upper case."""
    if isinstance(value, dict):
        return {name: bare(each) for name, each in value.items()}
    if isinstance(value, list):
        if all(isinstance(each, str) for each in value):
            return "".join("".join(value).split()).upper()
        return [bare(each) for each in value]
    return "".join(value.split()).upper() if isinstance(value, str) else value


@pytest.mark.reliability
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name} {case.directory or 'first'}")
def test_whatever_stands_in_a_text_is_written_whole_or_refused(case: Case):
    writer = writer_named(case.name)
    assert writer is not None
    terms = case.terms | {"always": case.terms["always"] | CLASSES}
    terms |= {"values": VALUES | case.terms.get("values", {}), "words": HOSTILE}
    made = documents(writer.document, leave=case.leave, **terms)

    @settings(
        max_examples=sized(40, 2_000, brief=15),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(made)
    def check(document):
        header, parts = document
        try:
            data = written(writer, header, parts, message_type=case.directory)
        except Unwritable:
            return
        _heads, after, findings = read(data)
        told = facts_of(header, "header", case.leave)
        before = [facts_of(part, "part", case.leave) for part in parts]
        for part in before:
            if case.settle is not None:
                case.settle(told, part)
        assert [f.code for f in findings if f.code.startswith(("EDI", "INCOMPLETE"))] == []
        assert bare([facts_of(each, "part", case.leave) for each in after]) == bare(before)

    check()
