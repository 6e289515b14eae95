"""Under UNOC stands Latin-1, and what Chinese senders put there all the same."""

from __future__ import annotations

import pytest

from gateway.pipeline.translation import End, Part, translate

CALL = (
    "UNB+UNOC:3+S+R+241118:0900+1'UNH+1+CALINF:D:16A:UN'BGM+96+T+9'DTM+137:202411180800:203'"
    "NAD+CA+TJL:172:20'TDT+20+046E+1++TJL:172:20+++BXYZ:103::{}:CN'LOC+153+CNTXG:139:6'"
    "DTM+132:202411212200:203'UNT+8+1'UNZ+1+1'"
)


@pytest.mark.parametrize(
    ("name", "written", "read", "codes"),
    [
        ("Hafenstraße", "iso-8859-1", "iso-8859-1", []),
        ("Königöö", "iso-8859-1", "iso-8859-1", []),
        ("ÅÄ ÖÜ", "iso-8859-1", "iso-8859-1", []),
        ("海运八号", "gb18030", "gb18030", ["EDI-061"]),
        ("HAI YUN 海运 8", "gbk", "gb18030", ["EDI-061"]),
        ("海运八号", "utf-8", "utf-8", ["EDI-061"]),
    ],
)
def test_latin_letters_and_chinese_under_unoc(name, written, read, codes):
    items = list(translate([CALL.format(name).encode(written)]))
    end = items[-1]
    assert isinstance(end, End)
    assert end.interchange.encoding == read
    (part,) = [item for item in items if isinstance(item, Part)]
    assert part.document.header.model.vessel.name == name
    assert [f.code for f in (*part.findings, *end.findings)] == codes
