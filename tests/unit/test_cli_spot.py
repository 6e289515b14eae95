"""The offending text of a file, shown in its line: by field, by value, or the whole record."""

from __future__ import annotations

import io

import pytest

from gateway.cli.screen import cells
from gateway.cli.spot import spot_of
from gateway.findings import Finding, Place, Severity


def finding(offset, *, field=None, component=None, value=None):
    place = Place(record=1, offset=offset, field=field, component=component)
    return Finding("X-1", Severity.ERROR, place, "错", "wrong", value)


def spot(data, found, syntax="flat", encoding="utf-8", width=100):
    return spot_of(io.BytesIO(data), found, syntax, encoding, width)


def marked(data, found, **how):
    """What stands above the marks; only for lines without wide characters."""
    seen = spot(data, found, **how)
    return seen.line[seen.start : seen.start + seen.width]


FLAT = b"00:IFCSUM:X'\r\n51:001:CTN NO?: 7::20GP'\r\n99:3'\r\n"
EDI = b"UNB+UNOA:2+ME'UNH+1+COPARN:D:95B'EQD+CN+AB?+CD:102+22G1:102:5'"


@pytest.mark.parametrize(
    ("data", "found", "syntax", "text"),
    [
        (FLAT, finding(14, field=3), "flat", "CTN NO?: 7"),
        (FLAT, finding(14, field=5), "flat", "20GP"),
        (FLAT, finding(0, field=2), "flat", "IFCSUM"),
        (FLAT, finding(12, field=2), "flat", "001"),  # an offset before the line end
        (FLAT, finding(14, value="001:CTN"), "flat", "001:CTN"),
        (EDI, finding(33, field=2, component=1), "edifact", "AB?+CD"),
        (EDI, finding(33, field=3), "edifact", "22G1:102:5"),
        (EDI, finding(33, field=0), "edifact", "EQD"),
        (b"abc\ndef;ghi\n", finding(4, value="ghi"), "table", "ghi"),
        (b"abc\ndef\n", finding(4), "table", "def"),
    ],
)
def test_the_mark_stands_under_the_text(data, found, syntax, text):
    assert marked(data, found, syntax=syntax) == text


def test_the_whole_line_is_shown_with_its_neighbours():
    seen = spot(EDI, finding(33, field=3), syntax="edifact")
    assert seen.line == EDI.decode()


def test_only_the_line_of_the_spot_is_shown():
    assert spot(FLAT, finding(14, field=5)).line == "51:001:CTN NO?: 7::20GP'"
    two_lines = b"47:001:FIRST\r\nSECOND'\r\n"
    assert spot(two_lines, finding(0, value="SECOND")).line == "SECOND'"


def test_an_empty_or_absent_field_is_marked_where_it_is_missing():
    seen = spot(FLAT, finding(14, field=4))
    assert (seen.start, seen.marks()[-1]) == (len("51:001:CTN NO?: 7:"), "^")
    beyond = spot(FLAT, finding(14, field=40))
    assert beyond.start == len("51:001:CTN NO?: 7::20GP")


def test_chinese_takes_two_columns_each():
    data = "16::天津样例:ROAD'".encode("gb18030")
    seen = spot(data, finding(0, field=4), encoding="gb18030")
    assert seen.line == "16::天津样例:ROAD'"
    assert seen.start == cells("16::天津样例:") == 13


def test_control_characters_are_escaped_and_counted():
    seen = spot(b"16::A\x1b[31mB:ROAD'", finding(0, field=4))
    assert seen.line == "16::A\\x1b[31mB:ROAD'"
    assert seen.line[seen.start :].startswith("ROAD")


@pytest.mark.parametrize("before", [0, 10, 300, 3000])
@pytest.mark.parametrize("after", [0, 300])
def test_a_long_line_is_windowed_and_the_spot_stays_in_it(before, after):
    data = f"47:{'字' * before}:SPOT:{'x' * after}'".encode()
    seen = spot(data, finding(0, field=3), width=80)
    assert cells(seen.line) <= 80
    at = seen.line.index("SPOT")
    assert seen.start == cells(seen.line[:at])


def test_bytes_that_are_no_text_do_not_stop_it():
    assert "\\xff" in spot(b"16:\xff:SPOT'", finding(0, field=3)).line


def test_an_unknown_encoding_is_no_obstacle():
    assert marked(b"16:a:SPOT'", finding(0, field=3), encoding="no-such") == "SPOT"


def test_without_a_place_there_is_no_spot():
    assert spot(FLAT, finding(None)) is None
