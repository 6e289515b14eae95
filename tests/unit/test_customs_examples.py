"""The examples of customs appointments are what they say; calendars ship what the docs say."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from gateway.canonical.customs_application import CustomsForm
from gateway.pipeline.customs.loading import read_firms
from gateway.pipeline.translation import Document, End, Part, translate
from gateway.rules.calendar_table import read_table, span_of
from tests.services import REPO

FOLDER = REPO / "examples" / "customs"


def read(path: Path) -> tuple[list[Document], list[Part], End]:
    items = list(translate([path.read_bytes()]))
    documents = [item for item in items if isinstance(item, Document)]
    return documents, [item for item in items if isinstance(item, Part)], items[-1]


def test_the_form_over_http():
    form = CustomsForm.model_validate_json((FOLDER / "application.json").read_text("utf-8"))
    assert form.start == "2026-11-28T10:00:00+08:00"


def test_the_documents_are_read_without_findings():
    for name in ("application-file", "answer"):
        documents, parts, end = read(FOLDER / f"{name}.json")
        assert len(documents) == len(parts) == 1
        assert end.errors == 0, end.findings
        assert [list(part.findings) for part in parts] == [[]]
    assert documents[0].format.name == "customs_answer/canonical-json"
    assert parts[0].key() == {
        "customs_application": "YTG202600000000001",
        "state": "预约成功",
        "answered_at": "2026-11-25T10:00:00+08:00",
    }


def test_a_document_that_does_not_fit_is_told_where(tmp_path):
    raw = json.loads((FOLDER / "answer.json").read_text("utf-8"))
    raw["parts"][0] |= {"state": "批准", "answered_at": "2026-02-30T10:00:00+08:00"}
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(raw), "utf-8")
    _, parts, _ = read(path)
    wrong = [each for each in parts[0].findings if each.code == "JSON-VALUE"]
    assert [("state" in each.en, "answered_at" in each.en) for each in wrong] == [
        (True, False),
        (False, True),
    ]


def test_the_tables():
    assert len(read_firms((FOLDER / "firms.csv").read_text("utf-8"))) == 2
    about = span_of(2027, "0202", "样例", "x")
    file = read_table((FOLDER / "working-time.csv").read_text("utf-8"), about)
    assert sorted(file.working) == [date(2027, 1, 4), date(2027, 1, 5)]
