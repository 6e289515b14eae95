"""Lines of a parser child: the same wherever the pipe cuts them, and what stands in them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.parsers import pool
from gateway.pipeline import staging
from gateway.pipeline.rows import Batch, Translated
from gateway.pipeline.translation import translate

TEXT = b'["d",[1]]\n\n["p",1,["\xe6\xb8\xaf"]]\n["b"]\n'


@pytest.mark.parametrize("size", range(1, len(TEXT) + 1))
def test_every_cut_gives_the_same_lines(size: int) -> None:
    rest: list[bytes] = []
    lines: list[bytes] = []
    for start in range(0, len(TEXT), size):
        lines += pool._lines(rest, TEXT[start : start + size])
    assert lines == TEXT.split(b"\n")[:-1]
    assert b"".join(rest) == b""


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "PARSER_LINE_BYTES_MAX", 10)
    rest: list[bytes] = []
    assert pool._lines(rest, b"12345") == []
    with pytest.raises(ValueError, match="without end"):
        pool._lines(rest, b"678901")


@given(st.dictionaries(st.text(), st.text(), max_size=4))
def test_keys_are_written_as_any_json(key: dict[str, str]) -> None:
    assert staging._flat_json(key) == json.dumps(key, ensure_ascii=False)


def test_a_document_whose_first_part_is_refused_has_lines_all_the_same() -> None:
    headings = "船名,航次,箱号,箱型,铅封号,提单号"
    row = f"HAI YUN 8,046E,TEMU8123455,22G1,{'7' * 80},TJLTXG4600101"
    lines = staging.to_lines(staging.staged(translate([f"{headings}\n{row}\n".encode()])))
    batch, end = map(staging.from_line, lines)
    assert isinstance(batch, Batch)
    assert isinstance(end, Translated)
    ((_, part),) = batch.parts
    assert [each.key for each in batch.documents] == ["{}"]
    assert part.errors > 0
    assert "MODEL-LENGTH" in part.findings
