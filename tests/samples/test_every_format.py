"""Whatever is read has golden samples of its own, good ones and bad ones."""

from __future__ import annotations

import pytest

from gateway.mappings import registry
from gateway.pipeline.translation import Document, translate
from tests.samples import golden

READ = pytest.mark.parametrize("format_", registry.FORMATS, ids=lambda f: f.name)


@READ
def test_three_are_good_and_three_are_bad(format_):
    assert format_.samples == format_.name
    golden.demand_samples(format_)


@READ
def test_the_good_ones_are_of_this_format(format_):
    folder = golden.HERE / format_.samples
    for path in golden.samples_in(folder):
        if path.name.startswith("good-"):
            items = translate([path.read_bytes()])
            read = {each.format.name for each in items if isinstance(each, Document)}
            assert read == {format_.name}, path.name


@READ
def test_every_sample_has_its_expectation(format_):
    samples = [p for p in golden.samples_in(golden.HERE / format_.samples) if p.is_file()]
    missing = [path.name for path in samples if not golden.expected_of(path).exists()]
    assert not missing
