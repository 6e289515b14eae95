"""Reading what we wrote gives the same document: XML of our own, and of customs."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from gateway.canonical.booking import Booking, BookingHeader
from gateway.mappings.contract import Unwritable
from gateway.mappings.writing import writer_named
from gateway.syntax.xml.layout import load
from gateway.syntax.xml.schema import faults_of
from tests.property.documents import BOXES, NUMBERS, documents, facts_of, read_back, written

# format, layout, terms of documents()
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
}  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("name", CASES)
def test_what_we_write_is_valid_and_reads_back(name, encoding):
    layout, terms = CASES[name]
    writer = writer_named(name)
    leave = writer.leaves_out

    @settings(
        max_examples=25,
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
