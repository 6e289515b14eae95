"""Golden samples of JSON standards: good ones give exactly this, bad ones say exactly that."""

from __future__ import annotations

import pytest

from gateway.syntax.json.reader import JsonReader
from tests.samples import golden

FORMATS = golden.formats_of("json")
SAMPLES = golden.samples_of(FORMATS)
READING = golden.Reading(JsonReader)


@pytest.mark.parametrize("path", SAMPLES, ids=golden.sample_id)
def test_golden(path):
    golden.demand_expected(path, golden.translated(path.read_bytes(), golden.worded))


@pytest.mark.parametrize("path", SAMPLES, ids=golden.sample_id)
def test_good_is_clean_and_bad_is_not(path):
    golden.demand_good_or_bad(path)


@pytest.mark.parametrize("path", SAMPLES, ids=golden.sample_id)
def test_no_prefix_is_complete(path):
    READING.demand_no_prefix_is_complete(path, b" \t\r\n")


@pytest.mark.parametrize("path", SAMPLES, ids=golden.sample_id)
@pytest.mark.parametrize("size", [1, 3, 64, 500])
def test_chunks_make_no_difference(path, size):
    READING.demand_chunks_make_no_difference(path, size)


@pytest.mark.parametrize("path", SAMPLES, ids=golden.sample_id)
def test_fast_path_equals_slow_path(path):
    READING.demand_fast_equals_slow(path)
