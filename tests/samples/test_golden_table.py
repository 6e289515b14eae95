"""Golden samples of the tables: good ones give exactly this, bad ones say exactly that."""

from __future__ import annotations

import pytest

from gateway.syntax.table.reader import TableReader
from tests.samples import golden

FORMATS = golden.formats_of("table")
SAMPLES = golden.samples_of(FORMATS)
READING = golden.Reading(TableReader)


@pytest.mark.parametrize("path", SAMPLES, ids=golden.sample_id)
def test_golden(path):
    golden.demand_expected(path, golden.translated(path.read_bytes()))


@pytest.mark.parametrize("path", SAMPLES, ids=golden.sample_id)
def test_good_is_clean_and_bad_is_not(path):
    golden.demand_good_or_bad(path)


def is_whole(cut: bytes, data: bytes) -> bool:
    """csv has no trailer: a file that ends with a row cannot be told from a whole one."""
    last = cut.rpartition(b"\n")[2].strip(b",;\t\r ")
    return not last or data[len(cut) : len(cut) + 1] in b"\r\n"


@pytest.mark.parametrize("path", SAMPLES, ids=golden.sample_id)
def test_a_row_that_is_cut_is_told(path):
    """R-22: a workbook must be whole; of csv each row must be, as far as rows tell."""
    data = path.read_bytes()
    for length in range(1, len(data), 41 if path.suffix == ".xlsx" else 3):
        _seen, findings, interchange = READING.events([data[:length]])
        codes = {finding["code"] for finding in findings}
        if path.suffix == ".xlsx":
            assert not interchange.complete, length
            assert codes & {"INCOMPLETE", "TABLE-001", "TABLE-016", "PACK-001"}, length
        elif not is_whole(data[:length], data) and interchange.messages:
            assert codes & {"INCOMPLETE", "TABLE-013"}, length


@pytest.mark.parametrize("path", SAMPLES, ids=golden.sample_id)
@pytest.mark.parametrize("size", [1, 3, 64, 500])
def test_chunks_make_no_difference(path, size):
    READING.demand_chunks_make_no_difference(path, size)


@pytest.mark.parametrize("path", SAMPLES, ids=golden.sample_id)
def test_fast_path_equals_slow_path(path):
    READING.demand_fast_equals_slow(path)
