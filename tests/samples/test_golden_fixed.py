"""Golden samples of the formats with fixed columns; cut, chunked and spoilt they never raise.

`GATEWAY_GOLDEN=write pytest tests/samples/test_golden_fixed.py` writes the expectations anew.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from gateway.findings import Severity
from gateway.pipeline.translation import End, Part, translate
from tests.samples import golden
from tests.samples.test_golden_flat import translated

HERE = Path(__file__).parent
FORMATS = golden.formats_of("fixed")
SAMPLES = golden.samples_of(FORMATS)


@pytest.mark.parametrize("path", SAMPLES, ids=golden.sample_id)
def test_golden(path):
    golden.demand_expected(path, translated(path.read_bytes()))


@pytest.mark.parametrize("path", SAMPLES, ids=golden.sample_id)
def test_good_is_clean_and_bad_is_not(path):
    items = list(translate([path.read_bytes()]))
    findings = [f for item in items if isinstance(item, Part | End) for f in item.findings]
    levels = {finding.severity for finding in findings}
    if path.name.startswith("good-"):
        assert Severity.ERROR not in levels, [f.en for f in findings]
        assert items[-1].interchange.complete
    else:
        assert levels & {Severity.ERROR, Severity.WARNING}


@pytest.mark.parametrize("path", SAMPLES, ids=golden.sample_id)
def test_cut_at_every_byte(path):
    """No trailer tells that such a file is whole; cut inside the needed columns it is not."""
    data = path.read_bytes()
    last = data.rstrip(b"\r\n").rfind(b"\n") + 1
    for length in range(len(data)):
        *_, end = translate([data[:length]])
        if last < length < last + 3:
            assert not end.interchange.complete, length


@pytest.mark.parametrize("path", SAMPLES, ids=golden.sample_id)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_chunks_make_no_difference(path, size):
    """Behind the first chunk, which has to tell what the file is."""
    data = path.read_bytes()
    head, rest = data[:64], data[64:]
    chunks = [head, *(rest[i : i + size] for i in range(0, len(rest), size))]

    def seen(pieces):
        return [
            (item.key(), item.draft.json(), [f.as_json() for f in item.findings])
            if isinstance(item, Part)
            else [f.as_json() for f in item.findings]
            for item in translate(pieces)
            if isinstance(item, Part | End)
        ]

    assert seen(chunks) == seen([data])


@pytest.mark.parametrize("path", SAMPLES, ids=golden.sample_id)
def test_spoilt_files_are_read_or_refused_without_an_exception(path):
    dice = random.Random(path.name)
    data = path.read_bytes()
    for _ in range(60):
        spoilt = bytearray(data)
        for _ in range(dice.randrange(1, 6)):
            at = dice.randrange(len(spoilt))
            spoilt[at : at + dice.randrange(3)] = dice.randbytes(dice.randrange(4))
        *_, end = translate([bytes(spoilt)])
        assert isinstance(end, End)
