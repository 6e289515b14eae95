"""What is written with our escapes is read back, in every encoding, cut into any chunks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.findings import Findings
from gateway.syntax.charset import UTF8_BOM, StreamDecoder
from gateway.syntax.flat.cutter import Cut, Cutter
from gateway.syntax.flat.escape import escape, join, split
from gateway.syntax.flat.layout import load
from gateway.syntax.flat.reader import FlatReader
from gateway.syntax.profile import Profile
from gateway.syntax.record import Grammar, Group

# The delimiters often, Chinese often, and characters that GB18030 writes in four bytes.
HARD = st.sampled_from("?:'+ 0123456789^*\n天津油漆é𠮷ß一")
VALUE = st.text(HARD | st.characters(codec="utf-8", exclude_characters="\x00\r\x1a"), max_size=30)
GBK_VALUE = st.text(st.sampled_from("?:'+ 09AZ天津示例化工油漆，。"), max_size=30)
ENCODINGS = st.sampled_from(["gb18030", "utf-8"])
LINE_ENDS = st.sampled_from(["", "\n", "\r\n", " \r\n"])


@given(st.lists(VALUE, min_size=1, max_size=8))
def test_split_is_the_inverse_of_join(values):
    written = join(["12", *values])
    assert written.endswith("'")
    got = split(written[:-1])
    assert got + [""] * (len(values) + 1 - len(got)) == ["12", *values]


@given(VALUE)
def test_an_escaped_value_has_no_bare_delimiter(value):
    written = escape(value)
    bare = written.replace("??", "").replace("?:", "").replace("?'", "").replace("?+", "")
    assert not set(bare) & set("?:'+")


@given(st.text(st.sampled_from("?:'+ab"), max_size=40))
def test_split_never_loses_a_character_that_is_no_escape(text):
    """`?x` stays two characters; only a released delimiter loses its `?`."""
    fields = split(text)
    removed = text.count("?") - sum(field.count("?") for field in fields)
    assert removed >= 0
    assert len(text) == sum(map(len, fields)) + len(fields) - 1 + removed


def read(data: bytes, sizes: list[int], profile: Profile | None = None):
    """Values of record 47 and the encoding, from a file that arrives in chunks of these sizes."""
    chunks, at = [], 0
    for size in sizes:
        chunks.append(data[at : at + size])
        at += size
    chunks.append(data[at:])
    layout = load("iftmbf-sinotrans-3.1")
    findings = Findings()
    reader = FlatReader(
        iter(chunks), lambda _: Grammar(layout, layout.parts), profile or Profile(), findings
    )
    groups = [event for event in reader if isinstance(event, Group)]
    values = [list(r.values) for g in groups for r in g.records if r.label == "47"]
    return values, reader.interchange, list(findings)


def file_of(values: list[str], line_end: str) -> str:
    records = [["00", "IFTMBF", "BOOKING", "9", "A", "B", "202502030900", "3.1"], ["47", *values]]
    return "".join(join(record) + line_end for record in [*records, ["99", "3"]])


@given(st.lists(VALUE, max_size=6), ENCODINGS, LINE_ENDS, st.lists(st.integers(0, 40), max_size=10))
def test_round_trip_through_the_reader(values, encoding, line_end, sizes):
    """A writer that has several lines in a field sends each on its own; see the receipt."""
    values = [value.replace("\n", " ") for value in values]
    data = file_of(values, line_end).encode(encoding)
    (got,), interchange, _findings = read(data, sizes, Profile(encoding=encoding))
    assert got[1:] == values + [""] * (len(got) - 1 - len(values))
    assert interchange.complete


@given(st.lists(GBK_VALUE, min_size=1, max_size=6), st.booleans(), LINE_ENDS)
def test_bom_says_utf8(values, bom, line_end):
    data = (UTF8_BOM if bom else b"") + file_of(values, line_end).encode()
    (got,), interchange, findings = read(data, [])
    assert got[1 : len(values) + 1] == values
    high = not "".join(values).isascii()
    assert interchange.encoding == ("utf-8" if bom or high else "ascii")
    assert [f for f in findings if f.code != "FLAT-011"] == [] or all(
        f.code in ("FLAT-012", "FLAT-011") for f in findings
    )


@given(st.text(st.sampled_from("天津示例化工油漆𠮷ß"), min_size=8, max_size=30))
def test_long_chinese_text_in_gb18030_is_recognised(text):
    decoder = StreamDecoder()
    assert decoder.decode(text.encode("gb18030")) == text
    assert decoder.encoding == "gb18030"


@given(st.binary(max_size=300), st.sampled_from([None, "gbk", "utf-8", "gb18030"]))
def test_decoding_never_fails_and_never_drops_a_byte(piece, declared):
    decoder = StreamDecoder(declared)
    text = decoder.decode(piece)
    for trouble in decoder.troubles:
        if hasattr(trouble, "raw"):
            assert piece[trouble.start : trouble.start + len(trouble.raw)] == trouble.raw
            assert trouble.shown in text


@given(st.binary(max_size=400), st.lists(st.integers(0, 50), max_size=8))
def test_any_bytes_are_read_without_an_exception(data, sizes):
    read(data, sizes)
    read(b"00:IFTMBF:X:9:A:B:202502030900:3.1'" + data, sizes)


@given(
    st.lists(
        st.sampled_from([b"'", b"?", b"12:", b"99", b"\n", b" ", b":", b"A", b"\x00"]), max_size=60
    ),
    st.integers(1, 7),
)
def test_cutting_does_not_depend_on_the_chunks(tokens, size):
    data = b"".join(tokens)
    whole = list(Cutter(iter([data])))
    small = Cutter(iter([data[i : i + size] for i in range(0, len(data), size)]))
    # One chunk at a time, as a slow network would bring them.
    small._pieces = lambda: small._chunks  # type: ignore[method-assign]
    assert list(small) == whole
    # Every byte that is no blank lies in a record or is a terminator.
    kept = sum(len(record.raw) for record in whole) + len(whole)
    blanks = sum(data.count(b) for b in (b"\n", b" ", b"\x00"))
    assert kept + blanks >= len(data) - 1
    assert all(record.cut != Cut.OVERLONG for record in whole)
