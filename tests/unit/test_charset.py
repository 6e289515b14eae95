"""Bytes → text: the decision on a stream, contradictions, bytes that are nobody's text."""

from __future__ import annotations

import pytest

from gateway.limits import FLAT_UNDECODABLE_PER_RECORD_MAX
from gateway.syntax.charset import Contradiction, StreamDecoder, Undecodable, canonical_name, encode

HEAD = b"00:IFCSUM:MANIFEST"


@pytest.mark.parametrize(
    ("pieces", "encoding"),
    [
        ([HEAD], "ascii"),
        ([HEAD, "天津".encode()], "utf-8"),
        ([HEAD, "天津".encode("gbk")], "gb18030"),
        # A character of four bytes, which GBK does not have.
        (["𠮷".encode("gb18030")], "gb18030"),
        (["天津".encode("gbk"), HEAD], "gb18030"),
    ],
)
def test_first_piece_that_is_not_ascii_decides(pieces, encoding):
    decoder = StreamDecoder()
    for piece in pieces:
        decoder.decode(piece)
    assert decoder.encoding == encoding
    assert not decoder.troubles


@pytest.mark.parametrize("declared", ["GBK", "gb2312", "GB18030", "cp936"])
def test_declared_encoding_wins_over_detection(declared):
    decoder = StreamDecoder(declared)
    # "联通" in GBK is the famous pair of characters that is valid UTF-8, too.
    assert decoder.decode("联通".encode("gbk")) == "联通"
    assert decoder.encoding == "gb18030"


def test_declared_name_that_nobody_knows_is_no_declaration():
    decoder = StreamDecoder("no-such-charset")
    assert decoder.decode("天津".encode()) == "天津"
    assert decoder.encoding == "utf-8"


def test_bom_decides_for_utf8():
    decoder = StreamDecoder()
    decoder.saw_bom()
    assert decoder.encoding == "utf-8"


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [("utf-8", "gbk", "油漆"), ("gbk", "utf-8", "油漆桶")],
)
def test_piece_in_another_encoding_is_read_and_told(first, second, text):
    decoder = StreamDecoder()
    decoder.decode("天津示例".encode(first))
    assert decoder.decode(text.encode(second)) == text
    (trouble,) = decoder.troubles
    assert isinstance(trouble, Contradiction)


@pytest.mark.parametrize(
    ("piece", "text", "start", "raw"),
    [
        (b"\xcc\xec\xbd:X", "天\\xbd:X", 2, b"\xbd"),  # half a character at the end of a field
        (b"\xcc\xec\xff", "天\\xff", 2, b"\xff"),
        (b"\xcc\xec\xbd", "天\\xbd", 2, b"\xbd"),  # and at the end of the record
    ],
)
def test_undecodable_bytes_stay_visible_with_their_offset(piece, text, start, raw):
    decoder = StreamDecoder("gbk")
    assert decoder.decode(piece) == text
    assert decoder.troubles == [Undecodable(start, raw)]


def test_every_undecodable_byte_is_told():
    decoder = StreamDecoder("utf-8")
    assert decoder.decode(b"a\xff:b\xfe") == "a\\xff:b\\xfe"
    assert [trouble.start for trouble in decoder.troubles] == [1, 4]


@pytest.mark.parametrize(
    ("declared", "name"),
    [("GBK", "gb18030"), ("UTF8", "utf-8"), ("utf-8-sig", "utf-8"), (None, None), ("x", None)],
)
def test_canonical_name(declared, name):
    assert canonical_name(declared) == name


def test_answers_to_ascii_senders_can_hold_chinese():
    assert encode("回执", "ascii") == "回执".encode("gb18030")
    assert encode("回执", "utf-8") == "回执".encode()
    assert encode("回执", None).decode("gb18030") == "回执"


def test_a_piece_of_nothing_but_bad_bytes_is_shown_in_bounded_time():
    decoder = StreamDecoder("utf-8")
    assert decoder.decode(b"\xff" * 60_000) == "\\xff" * 60_000
    assert len(decoder.troubles) == FLAT_UNDECODABLE_PER_RECORD_MAX


def test_what_was_declared_holds_but_what_looks_otherwise_is_told_once():
    decoder = StreamDecoder("gbk")
    pieces = ["天津样例化工有限公司", "油漆油漆", "ASCII"]
    texts = [decoder.decode(piece.encode()) for piece in pieces]
    assert texts[0] == pieces[0].encode().decode("gb18030")
    assert decoder.troubles == [Contradiction("gb18030", "utf-8")]
    right = StreamDecoder("gbk")
    assert [right.decode(piece.encode("gbk")) for piece in pieces] == pieces
    assert right.troubles == []
