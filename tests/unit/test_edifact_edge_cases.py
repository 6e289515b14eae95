"""Every edge case of `edifact/edge_cases.json` behaves as stated there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.findings import Findings
from gateway.mappings.edifact_convert import time, weight
from gateway.syntax.edifact import EdifactReader, layout_for
from gateway.syntax.edifact.segments import SegmentStream
from gateway.syntax.edifact.separators import collapse
from gateway.syntax.profile import Profile
from gateway.syntax.record import Grammar, Group, Message, MessageEnd

UNB = "UNB+UNOA:3+S+R+200101:0900+1'"


class Read:
    """A file read to its end."""

    def __init__(self, text: str | bytes) -> None:
        data = text.encode() if isinstance(text, str) else text
        findings = Findings()
        self.reader = EdifactReader(
            [data],
            lambda kind: Grammar(layout, frozenset()) if (layout := layout_for(kind)) else None,
            Profile(), findings,
        )  # fmt: skip
        events = list(self.reader)
        self.findings = list(findings)
        self.codes = [each.code for each in self.findings]
        self.errors = [each.code for each in self.findings if each.severity == "error"]
        self.messages = [each for each in events if isinstance(each, Message)]
        self.ends = [each for each in events if isinstance(each, MessageEnd)]
        self.records = [r for each in events if isinstance(each, Group) for r in each.records]
        self.complete = self.reader.interchange.complete

    def values(self, label: str) -> list[str]:
        return next(list(r.values) for r in self.records if r.label == label)


def segments(text: str) -> list[list[list[str]]]:
    """Tag and elements of each terminated segment, released characters restored."""
    stream = SegmentStream([text.encode()], None, Findings())
    found = []
    for block in stream:
        for placed, _offset, _line in block.placed:
            body = collapse(placed.strip())
            if body:
                found.append(
                    [
                        [stream.separators.restored(part) for part in element.split(":")]
                        for element in body.split("+")
                    ]
                )
    return found


def first(text: str) -> list[list[str]]:
    return segments(text)[0]


def in_message(*body: str, kind: str = "COPARN:D:00B:UN", head: str = UNB, tail: str = "") -> str:
    inner = "".join(body)
    count = sum(1 for line in inner.split("'") if line.strip()) + 2
    return f"{head}UNH+1+{kind}'{inner}UNT+{count}+1'UNZ+1+1'{tail}"


BOOKING = "BGM+126+1+9'RFF+BN:1'NAD+MS+A'EQD+CN+TSTU0000000+22G1:102:5'"


def e001() -> None:
    read = Read("UNA:+.? 'UNB+UNOA:3+S+R+200101:0900+1'UNZ+0+1'")
    assert read.complete
    assert read.codes == []


def e003() -> None:
    assert segments("UNA123456FOO2TEST6") == [[["FOO"], ["TEST"]]]


def e010() -> None:
    swap = str.maketrans({":": "^", "+": "*", "'": "$", "\x00": ":"})
    text = in_message("BGM+126+5 \x00 + A+9'".replace("+ A", "?+ A")).translate(swap)
    read = Read("UNA^*.? $" + text)
    assert read.values("BGM")[4] == "5 : * A"
    assert read.reader.interchange.sender == "S"


def e011() -> None:
    found = segments("UNA:+.\\ 'UNB+IATA:1+1A+KRC+200101:0900+1'FTX+A\\+B?C'")
    assert found[0][2] == ["1A"]
    assert found[1][1] == ["A+B?C"]


def e013() -> None:
    text = "UNA:+. *'UNB+UNOA:4+111111111:1+222222222:1+200726:1455+1'FTX+A +B+C*D'"
    found = segments(text)
    assert found[0][2] == ["111111111", "1"]
    assert found[1][1] == ["A+B"]
    assert found[1][2] == ["C\x13D"]


def e016() -> None:
    for tag in ("UBN", "UNC"):
        read = Read(f"UNA:+.?*'{tag}+UNOA:4+1+2+200101:0900+1'UNZ+0+1'")
        assert "EDI-010" in read.errors
        assert not read.complete


def e018() -> None:
    read = Read(b"\xef\xbb\xbfUNA:+.? 'UNB+UNOA:3+S+R+200101:0900+1'UNZ+0+1'")
    assert read.complete
    assert read.codes == ["EDI-003"]


def e021() -> None:
    assert first("EQD+CX??????DU12?+3456+2?:0'")[1:] == [["CX???DU12+3456"], ["2:0"]]


def e022() -> None:
    assert first("EQD+CX????????DU12?+3456+2?:0'")[1:] == [["CX????DU12+3456"], ["2:0"]]


def e023() -> None:
    assert first("EQD+CX??DU12?+3456+2?:0??'")[1:] == [["CX?DU12+3456"], ["2:0?"]]


def e024() -> None:
    assert first("EQD+CX??DU12?+3456+2?:0????'")[1:] == [["CX?DU12+3456"], ["2:0??"]]


def e026() -> None:
    assert segments("EQD+CX??DU12?+3456+2?:0???'") == []
    read = Read(UNB + "UNH+1+COPARN:D:00B:UN'EQD+CX??DU12?+3456+2?:0???'")
    assert "INCOMPLETE" in read.errors


def e027() -> None:
    assert first("RFF+PD?:5'")[1] == ["PD:5"]


def e028() -> None:
    assert first("RFF+PD??:5'")[1] == ["PD?", "5"]


def e030() -> None:
    assert first("RFF+PD????:5'")[1] == ["PD??", "5"]


def e031() -> None:
    assert first("DTM+?+0'")[1] == ["+0"]


def e032() -> None:
    assert first("DTM+735:?+0000:406'")[1] == ["735", "+0000", "406"]


def e035() -> None:
    assert first("SEG+??'")[1] == ["?"]


def e036() -> None:
    read = Read("UNB+?\nFOO'")
    place = next(each.place for each in read.findings if each.code == "EDI-049")
    assert (place.record, place.line, place.field) == (1, 1, 1)
    assert place.tag == "UNB"


def e038() -> None:
    read = Read(in_message("EQD+CX'DU12?+3456+2?:0'"))
    found = next(each for each in read.findings if each.code == "EDI-030")
    assert found.severity == "error"
    assert found.value == "DU12+3456"


def e039() -> None:
    read = Read(in_message("BGM+126+1+9'FTX+AAA+++PLASTICS?:ARTICLES'"))
    assert "PLASTICS:ARTICLES" in read.values("FTX")


def e041() -> None:
    read = Read(in_message("BGM+126+1+9'FTX+AAA+++A?+B?:C?'D??E'"))
    assert "A+B:C'D?E" in read.values("FTX")


def e046() -> None:
    read = Read(in_message("BGM+126+1+9'FTX+AAA+++KEINE.:'"))
    assert "KEINE." in read.values("FTX")
    assert not {"EDI-041", "EDI-045", "EDI-040"} & set(read.codes)


def e049() -> None:
    assert time("132") is None
    assert time("137::201") is None
    assert weight("KGM:") is None
    read = Read(in_message(BOOKING, "DTM+132'DTM+137::201'MEA+AAE+VGM+KGM:'"))
    assert read.errors == []


def e052() -> None:
    assert segments("RFF:5'\nDEF:6'") == [[["RFF", "5"]], [["DEF", "6"]]]


def e055() -> None:
    assert len(segments("RFF:5'\n\r\n\r\nDEF:6'\n\r")) == 2


def e056() -> None:
    assert len(segments("RFF:5'               \nDEF:6'")) == 2


def e057() -> None:
    read = Read(in_message(BOOKING.replace("RFF", "\n\tRFF")))
    assert "EDI-004" in read.codes
    assert read.errors == []


def e061() -> None:
    text = "UNA:+.? '" + in_message(BOOKING + "FTX+AAA+++" + "LONG TEXT " * 20 + "'")
    for width in (80, 79):
        wrapped = "\n".join(text[i : i + width] for i in range(0, len(text), width))
        read = Read(wrapped)
        assert "EDI-005" in read.codes
        if width == 80:
            assert read.errors == []
            assert read.complete
            assert [r.label for r in read.records] == [r.label for r in Read(text).records]
    read = Read(in_message(BOOKING).replace("UNH", "UNH\n").replace("BGM", "B\nGM"))
    assert read.errors == []


def e062() -> None:
    read = Read(in_message(BOOKING).replace("'", "\n"))
    assert read.codes == ["EDI-007"]
    assert read.complete
    assert len(read.records) == 5


def e064() -> None:
    read = Read(
        UNB + "UNH+1+ORDERS:D:11A:UN:EAN010'BGM+220+PO-1+9'DTM+137:20200101:102'UNT+99+1'UNZ+1+1'"
    )
    found = next(each for each in read.findings if each.code == "EDI-020")
    assert found.severity == "error"
    assert "99" in found.en
    assert "4" in found.en


def e067() -> None:
    read = Read(UNB + "UNH+1+ORDERS:D:96A:UN'BGM+220+1+9'DTM+1:2:3'UNT+4+2'UNZ+1+9'")
    assert read.errors == ["EDI-021", "EDI-021"]


def e071() -> None:
    read = Read(UNB + "UNH+201701191AB652+:D:95B:UN'BGM+85+1+9'UNT+3+201701191AB652'UNZ+1+1'")
    assert "EDI-024" in read.errors
    assert read.records == []


def e072() -> None:
    read = Read(UNB + "UNH+95047223+COARRI:D:23A:UN+ITG10'UNT+2+95047223'UNZ+1+1'")
    kind = read.messages[0].kind
    assert (kind.name, kind.version, kind.association) == ("COARRI", "D.23A", "ITG10")
    assert "EDI-025" in read.codes


def e074() -> None:
    message = "UNH+7+ORDERS:D:96A:UN'UNT+2+7'"
    read = Read(UNB + message * 2 + "UNZ+2+1'")
    found = next(each for each in read.findings if each.code == "EDI-022")
    assert found.place.record == 4
    assert "segment 2" in found.en


def e076() -> None:
    read = Read(in_message(BOOKING).replace("UNT+6", "UNT+000006"))
    assert read.errors == []


def e079() -> None:
    group = "UNG+COPARN+A+B+200101:0900+{0}+UN+D:00B'UNH+{0}+COPARN:D:00B:UN'BGM+126+1+9'NAD+MS+A'"
    group += "EQD+CN'UNT+5+{0}'UNE+1+{0}'"
    read = Read(UNB + group.format(1) + group.format(2) + "UNZ+2+1'")
    assert read.errors == []
    assert read.complete


def e080() -> None:
    body = "UNG+X+A+B+200101:0900+1+UN+D:00B'UNH+1+ORDERS:D:00B:UN'UNT+000100+1'UNE+000001+1'"
    assert Read(UNB + body + "UNZ+1+1'").errors == ["EDI-020"]


def e081() -> None:
    group = "UNG+X+A+B+200101:0900+1+UN+D:00B'UNE+0+1'"
    assert Read(UNB + group * 2 + "UNZ+2+1'").errors == ["EDI-023"]


def e086() -> None:
    text = in_message(BOOKING + "FTX+AAA+++Груз'", head=UNB.replace("UNOA", "UNOE"))
    read = Read(text.encode("iso-8859-5"))
    assert "Груз" in read.values("EQD/FTX")
    assert read.reader.interchange.encoding == "iso-8859-5"


def e090() -> None:
    read = Read(in_message("BGM+126+CèèèXDU12?+3456+9'"))
    assert "CèèèXDU12+3456" in read.values("BGM")
    assert "EDI-061" in read.codes


def e094() -> None:
    for tag in ("bgm", "ABCDE", "123", " 1 "):
        read = Read(in_message(f"{tag}+1'"))
        assert "EDI-030" in read.errors, tag


def e095() -> None:
    body = "UNH+1+CUSTOM:D:97B:UN'IEA+1:525'END+1:525'UNT+4+1'UNZ+1+1'"
    read = Read(UNB + body)
    assert read.errors == []
    assert read.complete


def e096() -> None:
    good = Read(in_message(BOOKING + "TMP+2+-18:CEL'RNG+5+CEL:-5:5'"))
    assert good.errors == []
    bad = Read(in_message(BOOKING + "TMP+2+-18:CEL'RNG+5+CEL:\u20105:5'"))
    assert "EDI-043" in bad.errors


def e097() -> None:
    read = Read(in_message(BOOKING + "MEA+AAE+VGM+KGM:8955,2'"))
    assert "EDI-044" in read.codes
    assert str(weight("KGM:8955,2")) == "8955.2"
    assert "KGM:8955,2" in read.values("EQD/MEA")


def e098() -> None:
    read = Read("UNA:+,? '" + in_message(BOOKING + "MEA+AAE+VGM+KGM:1.5'"))
    assert "EDI-044" in read.codes
    assert str(weight("KGM:1.5")) == "1.5"
    assert "EDI-044" not in Read("UNA:+,? '" + in_message(BOOKING + "MEA+AAE+VGM+KGM:1,5'")).codes


def e100() -> None:
    body = "BGM+126+1+9'RFF+BN:1'NAD+MS+A'CTA+IC'COM+1:TE*2:FX'EQD+CN'"
    new = Read("UNA:+.?*'" + in_message(body, head=UNB.replace("UNOA:3", "UNOA:4")))
    assert new.values("NAD/CTA/COM")[:4] == ["1", "TE", "2", "FX"]
    old = Read(in_message(body))
    assert old.values("NAD/CTA/COM")[1] == "TE*2"


def e101() -> None:
    eight = UNB.replace("200101", "20200101")
    assert "EDI-013" in Read(eight + "UNZ+0+1'").codes
    modern = eight.replace("UNOA:3", "UNOA:4")
    assert Read(modern + "UNZ+0+1'").codes == []
    assert "EDI-013" in Read(UNB.replace("UNOA:3", "UNOA:4") + "UNZ+0+1'").codes


def e104() -> None:
    good = in_message(BOOKING)
    assert Read(good).complete
    for end in range(len(good)):
        read = Read(good[:end])
        assert not read.complete
        assert read.errors


def e105() -> None:
    read = Read(in_message(BOOKING)[: -len("UNT+6+1'UNZ+1+1'")] + "EQD+CN+GLDU5592412::ZZZ+22G1++")
    found = next(each for each in read.findings if each.code == "INCOMPLETE")
    assert found.place.tag == "EQD"
    assert not read.complete


def e107() -> None:
    good = in_message(BOOKING)
    assert Read(good + " \r\n\x1a").codes == []
    second = Read(good + good)
    assert second.codes == ["EDI-018"]
    assert second.complete
    assert len(second.messages) == 2
    assert "EDI-017" in Read(good + "GARBAGE").codes
    assert "EDI-017" in Read(good + "GAR+BAGE'").codes


def e108() -> None:
    read = Read(UNB + "UNO+1+X'UNP+10+1'UNZ+0+1'")
    found = next(each for each in read.findings if each.code == "EDI-016")
    assert "UNO" in found.en


def e109() -> None:
    body = (
        "BGM+1+126+1+9'RFF+1+BN:1'NAD+1+MS+A'EQD+1+CN+TSTU0000000+22G1'LOC+1+9+CNTXG'DTM+1+137:1:2'"
    )
    read = Read(in_message(body))
    assert "EDI-046" in read.codes


# What the reader cannot decide by itself.
ELSEWHERE = {
    "E075": "duplicates of interchanges are found by the store, over all files (house.md 6)",
}
CHECKS: dict[str, Callable[[], None]] = {
    name.upper(): check
    for name, check in list(globals().items())
    if name[:1] == "e" and name[1:].isdigit()
}


@pytest.mark.parametrize("case", sorted(CHECKS))
def test_edge_case(case: str) -> None:
    CHECKS[case]()


def test_every_case_has_its_check(shared: Path) -> None:
    stated = json.loads((shared / "edifact" / "edge_cases.json").read_text(encoding="utf-8"))
    ids = {case["id"] for case in stated["cases"]}
    assert ids - set(CHECKS) == set(ELSEWHERE)
