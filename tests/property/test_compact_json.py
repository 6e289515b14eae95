"""Canonical JSON without what is not there: byte for byte what pydantic writes of a model."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from gateway.canonical.compact import compact_json
from gateway.canonical.registry import DOCUMENT_TYPES
from gateway.pipeline.translation import Document, Part, translate
from tests.property.documents import documents
from tests.unit.test_canonical_json import SAMPLES

# Those that `documents` can make without being told how.
MADE = (
    "manifest", "booking", "container_load_plan", "container_list", "verified_gross_mass",
    "vessel_schedule", "load_discharge_report", "gate_move", "delivery_order", "acknowledgement",
)  # fmt: skip


def compare(models: Iterable[BaseModel]) -> int:
    """Compare what both write of each; how many there were."""
    seen = 0
    for model in models:
        expected = model.model_dump_json(exclude_none=True, exclude_defaults=True)
        assert compact_json(model) == expected
        seen += 1
    return seen


@pytest.mark.parametrize("name", MADE)
@given(data=st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_the_same_bytes_of_made_documents(name: str, data: st.DataObject) -> None:
    header, parts = data.draw(documents(DOCUMENT_TYPES[name]))
    assert compare([header, *parts]) > 1


def test_the_same_bytes_of_every_sample() -> None:
    items = [item for path in SAMPLES for item in translate([path.read_bytes()])]
    documents = [item for item in items if isinstance(item, Document)]
    parts = [item for item in items if isinstance(item, Part)]
    drafts = [*(each.header for each in documents), *(each.draft for each in parts)]
    assert compare(each.model for each in drafts if each.model is not None) > len(SAMPLES)
