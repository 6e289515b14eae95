"""Reading what we wrote gives the same document: XML of our own, and of customs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from gateway.canonical.booking import Booking, BookingHeader
from gateway.canonical.document import Function
from gateway.canonical.manifest import Bill, ManifestHeader, ManifestKind
from gateway.mappings.contract import Unwritable
from gateway.mappings.writing import writer_named
from gateway.syntax.xml.layout import load
from gateway.syntax.xml.schema import faults_of
from tests.property.documents import (
    BOXES,
    EACH,
    NUMBERS,
    documents,
    facts_of,
    one_of,
    read_back,
    written,
)


def customs(kind: ManifestKind) -> dict[str, Any]:
    return {
        "always": {
            "header.kind", "header.voyage", "header.vessel", "header.vessel.code", "part.number",
            "part.containers.number", "part.parties.lines", "part.goods_value",
        },
        "values": {
            "header.kind": one_of(kind),
            "header.function": one_of(Function.ORIGINAL, Function.ADD, Function.CHANGE),
            "part.number": NUMBERS,
            "part.containers.number": BOXES,
            "containers.status": one_of("4", "5", "7"),
            "parties.role": one_of("shipper", "consignee", "notify"),
            "parties.country": one_of("CN", "KR"),
        },
        "unique": {"part.parties": "role", "part.containers.seals": "number"},
    }  # fmt: skip


# format → layout, terms of documents()
CASES = {
    "booking/xml": ("booking", {"always": {"part.booking_number"}, "parts": 1}),
    "container_load_plan/xml": (
        "container-load-plan",
        {
            "always": {
                "header.vessel", "header.vessel.name", "header.voyage", "part.number",
                "part.size_type", "part.bills", "part.bills.number",
            },
            "values": {"part.number": BOXES, "part.bills.number": NUMBERS},
        },
    ),
    "manifest/customs-mt2101": ("customs-mt2101", customs(ManifestKind.PRE_STOWAGE)),
    "manifest/customs-mt4101": ("customs-mt4101", customs(ManifestKind.CLEAN)),
}  # fmt: skip
# Parties by role, house bills: what a consignment names in one way only.
WITHOUT = frozenset({"header.parties", "part.master_number"})


@pytest.mark.reliability
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("name", CASES)
def test_what_we_write_is_valid_and_reads_back(name, encoding):
    layout, terms = CASES[name]
    writer = writer_named(name)
    leave = writer.leaves_out | (WITHOUT if name.startswith("manifest") else frozenset())

    @settings(
        max_examples=EACH,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(documents(writer.document, leave=leave, **terms))
    def check(document):
        header, parts = document
        data = written(writer, header, parts, encoding=encoding)
        if encoding == "utf-8":
            assert faults_of(layout, data.partition(b"?>\n")[2]) == []
        read = read_back(data)
        assert read.format == name
        assert facts_of(read.header, "header", leave) == facts_of(header, "header", leave)
        before = [facts_of(part, "part", leave) for part in parts]
        assert [facts_of(part, "part", leave) for part in read.parts] == before

    check()


def test_what_xml_cannot_hold_is_told():
    header = BookingHeader(message_type="X")
    booking = Booking(booking_number="B1", remarks=("bell \x07", "mark \ufffe"))
    with pytest.raises(Unwritable) as refused:
        written(writer_named("booking/xml"), header, [booking])
    assert {finding.code for finding in refused.value.findings} == {"WRITE-ENCODING"}


def test_what_the_schema_refuses_does_not_leave():
    header = BookingHeader(message_type="X")
    with pytest.raises(Unwritable) as refused:
        written(writer_named("booking/xml"), header, [])
    assert [finding.code for finding in refused.value.findings] == ["WRITE-SCHEMA"]
    assert load("booking").alone


BILL = {
    "number": "SMPLTXG1",
    "containers": [{"number": "CSQU3054383", "status": "F", "seals": [{"number": "S1"}]}],
}
HEADER = {"message_type": "IFCSUM", "voyage": "108W", "vessel": {"imo": "9074729"}}
REFUSED = {
    "another kind": ({"kind": ManifestKind.IMPORT}, {}, "WRITE-VALUE"),
    "a function customs does not know": ({"function": Function.CANCEL}, {}, "WRITE-VALUE"),
    "no voyage": ({"voyage": None}, {}, "WRITE-SCHEMA"),
    "no number": ({}, {"number": None}, "WRITE-SCHEMA"),
    "two shippers": (
        {},
        {"parties": [{"role": "shipper", "lines": ["A"]}, {"role": "shipper", "lines": ["B"]}]},
        "WRITE-MANY",
    ),
    "a house bill of another": ({}, {"number": "X*1", "master_number": "Y"}, "WRITE-VALUE"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_customs_files_that_do_not_leave(name):
    header, bill, code = REFUSED[name]
    made = ManifestHeader.model_validate(HEADER | header)
    with pytest.raises(Unwritable) as refused:
        written(writer_named("manifest/customs-mt2101"), made, [Bill.model_validate(BILL | bill)])
    assert code in [finding.code for finding in refused.value.findings]


def test_customs_is_not_told_what_it_does_not_handle():
    """Its messages have no element for it; a voyage with dangerous goods must be declared, too."""
    held = {
        "goods": [{"dangerous": [{"hazard_class": "3", "un_number": "1263"}]}],
        "containers": [
            BILL["containers"][0] | {"vgm_kg": "21000", "over_dimension": {"height_cm": "20"}}
        ],
    }
    header = ManifestHeader.model_validate(HEADER)
    bill = Bill.model_validate_json(json.dumps(BILL | held))
    text = written(writer_named("manifest/customs-mt2101"), header, [bill]).decode()
    assert "CSQU3054383" in text
    assert "1263" not in text


def test_a_customs_file_as_it_leaves():
    header = ManifestHeader.model_validate(HEADER)
    bill = Bill.model_validate(BILL | {"number": "SMPLTXG1*H1", "master_number": "SMPLTXG1"})
    text = written(writer_named("manifest/customs-mt2101"), header, [bill]).decode()
    for part in (
        '<Manifest xmlns="urn:Declaration:datamodel:standard:CN:MT2101:1">',
        "<MessageID>CN_MT2101_1p0_TJGATEWAY_A1B2C3</MessageID><FunctionCode>9</FunctionCode>",
        "<ID>UN9074729</ID>",
        "<ID>SMPLTXG1</ID>",
        "<AssociatedTransportDocument><ID>H1</ID></AssociatedTransportDocument>",
        "<FullnessCode>5</FullnessCode>",
    ):
        assert part in text
    assert [part.number for part in read_back(text.encode()).parts] == ["SMPLTXG1*H1"]
