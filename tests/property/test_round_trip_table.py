"""Reading what we wrote gives the same document: tables."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from gateway.canonical.vessel_schedule import PortCall, ScheduleHeader
from gateway.mappings.contract import Unwritable
from gateway.mappings.writing import writer_named
from gateway.syntax.table.layout import NOTHING
from tests.property.documents import (
    EACH,
    WORDS,
    documents,
    facts_of,
    one_of,
    read_back,
    written,
)

WRITER = writer_named("vessel_schedule/table")
SAYING = WORDS.filter(lambda text: text.casefold() not in NOTHING)


@pytest.mark.reliability
@settings(max_examples=EACH, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    documents(
        WRITER.document,
        leave=WRITER.leaves_out,
        always={"header.vessel", "header.vessel.name", "part.port", "part.port.code"},
        values={"vessel.imo": one_of("9811000", "9074729")},
        words=SAYING,
    )
)
def test_a_schedule_reads_back(document):
    header, parts = document
    read = read_back(written(WRITER, header, parts))
    assert read.format == "vessel_schedule/table"
    assert not read.errors
    assert facts_of(read.header, "header", WRITER.leaves_out) == facts_of(
        header, "header", WRITER.leaves_out
    )
    before = [facts_of(part, "part", WRITER.leaves_out) for part in parts]
    assert [facts_of(part, "part", WRITER.leaves_out) for part in read.parts] == before


def test_the_same_document_gives_the_same_bytes():
    header = ScheduleHeader(message_type="X", vessel={"name": "HAI YUN 8"})
    parts = [PortCall(port={"code": "CNTXG"})]
    assert written(WRITER, header, parts) == written(WRITER, header, parts)


def test_what_a_table_takes_for_nothing_is_not_written():
    header = ScheduleHeader(message_type="X", vessel={"name": "HAI YUN 8"})
    with pytest.raises(Unwritable) as refused:
        written(WRITER, header, [PortCall(port={"name": "N/A"})])
    assert [finding.code for finding in refused.value.findings] == ["WRITE-VALUE"]
