"""Lines of a parser child are the same wherever the pipe cuts them."""

from __future__ import annotations

import pytest

from gateway.adapters.parsers import pool

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
