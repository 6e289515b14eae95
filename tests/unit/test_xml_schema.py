"""Schemas and layouts of the XML that we write: made from one another, none left behind.

`GATEWAY_GOLDEN=write` writes the XSD files anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.mappings.booking.booking_xml import BOOKING_XML
from gateway.mappings.container_load_plan.load_plan_xml import LOAD_PLAN_XML
from gateway.mappings.customs_answer.answer_xml import CUSTOMS_ANSWER_XML
from gateway.mappings.model_xml import elements_of
from gateway.resources import names
from gateway.syntax.xml.layout import FOLDER, load
from gateway.syntax.xml.schema import faults_of, schema_text

ROOT = Path(__file__).parents[2]
LAYOUTS = [load(name.removesuffix(".toml")) for name in names(FOLDER, ".toml")]
WRITTEN = [layout for layout in LAYOUTS if layout.namespace]


@pytest.mark.parametrize("layout", WRITTEN, ids=lambda layout: layout.name)
def test_the_schema_is_what_the_layout_says(layout):
    file = ROOT / FOLDER / f"{layout.name}.xsd"
    if os.environ.get("GATEWAY_GOLDEN") == "write":
        file.write_text(schema_text(layout), "utf-8")
    assert file.read_text("utf-8") == schema_text(layout)


@pytest.mark.parametrize(
    "format_", [BOOKING_XML, LOAD_PLAN_XML, CUSTOMS_ANSWER_XML], ids=lambda f: f.name
)
def test_the_layout_has_every_field_of_the_models(format_):
    layout = load(format_.layout)
    expected = [
        (path, field)
        for model, above in (
            (format_.document.header, "Header"),
            (format_.document.part, layout.part),
        )
        for path, field in elements_of(model, above)
    ]
    assert [path for path, _field in expected] == [
        path for path in layout.elements if path not in ("Header", layout.part)
    ]
    for path, field in expected:
        assert layout.elements[path].many == field.many, path
        assert layout.type_of(path) == ("text" if field.is_model else field.type_name), path


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("<Header><Voyage>1</Voyage></Header><Booking><Voyage>1</Voyage></Booking>", False),
        ("<Header/><Booking><Voyage>1</Voyage></Booking>", True),
        ("<Header/><Booking><Voyage></Voyage></Booking>", False),
        ("<Header/><Booking><CutOff>2024-11-21</CutOff></Booking>", True),
        ("<Header/><Booking><CutOff>21.11.2024</CutOff></Booking>", False),
        ("<Header/>", False),
    ],
)
def test_a_schema_says_no(text, good):
    root = f'<BookingRequest xmlns="urn:port-edi-gateway:booking:1">{text}</BookingRequest>'
    assert (faults_of("booking", root.encode()) == []) is good
