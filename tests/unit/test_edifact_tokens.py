"""The tokenizer that `make bench` measures: no cut changes a token, none loses a byte."""

from __future__ import annotations

import pytest

from gateway.syntax.edifact.writer import escaped
from tests.bench.ifcsum import interchange
from tests.bench.runs import tokens

ESCAPED = b"UNB+UNOA:2+A+B+241118:0930+1'\r\nFTX+AAA+++A??:?+?'?:B??'\r\nX+??+?+:'\r\nUNZ+1+1'\r\n"


def written(data: bytes, end: str) -> bytes:
    """The bytes again, of nothing but the tokens."""
    return "".join(
        "+".join(":".join(map(escaped, element)) for element in segment) + end
        for segment in tokens([data])
    ).encode()


def test_released_characters_are_data():
    found = list(tokens([ESCAPED]))
    assert found[1] == [["FTX"], ["AAA"], [""], [""], ["A?", "+':B?"]]
    assert found[2] == [["X"], ["?"], ["+", ""]]


@pytest.mark.parametrize(("data", "end"), [(ESCAPED, "'\r\n"), (b"", "'\n")])
def test_the_tokens_written_again_are_the_same_bytes(data, end):
    data = data or b"".join(interchange(60_000))
    assert written(data, end) == data


@pytest.mark.parametrize("data", [ESCAPED, b"".join(interchange(1_200))], ids=["escapes", "bench"])
def test_no_cut_of_the_chunks_changes_a_token(data):
    whole = list(tokens([data]))
    assert whole
    for size in range(1, len(data) + 1):
        assert list(tokens([data], block_bytes=size)) == whole, size
    for cut in range(1, len(data)):
        assert list(tokens([data[:cut], data[cut:]], block_bytes=1)) == whole, cut
