"""What is kept in the databases is text that both of them take."""

from __future__ import annotations

import json

import pytest

from gateway.store.row_mapping import json_text, stored_json


@pytest.mark.parametrize(
    "value", [[], {}, ["中文", None, 1, 2.5, True], {"b": {"z": "é", "a": "\x00'\"\\"}, "a": []}]
)
def test_json_that_is_kept_says_what_it_was_made_of(value: object) -> None:
    assert json.loads(stored_json(value)) == json.loads(json_text(value)) == value


def test_equal_keys_have_equal_texts() -> None:
    assert json_text({"b": "1", "a": "2"}) == json_text({"a": "2", "b": "1"})


def test_what_no_database_takes_is_replaced() -> None:
    kept = stored_json({"name": "a\udcff", "also": ["\ud800"]})
    assert json.loads(kept) == {"name": "a?", "also": ["?"]}
    kept.encode("utf-8")
