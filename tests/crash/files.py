"""Made-up files of real shape, each with names of its own: manifests and bookings.

Knows nothing of the gateway's code: check digits and counts are worked out here anew.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

AGENT: Final = "TJAGENT01"
RECEIVER: Final = "TJTERM01"
# Above 64 KiB a body goes to the archive, and more parts than one transaction takes are staged.
STAGED_BILLS: Final = 360
_OWNERS: Final = ("TEMU", "TJMU", "CSLU", "HTXU", "CBHU")
# ISO 6346: letters count from 10, leaving out the multiples of 11.
_CHARACTERS: Final = string.digits + string.ascii_uppercase
_NUMBERS: Final = [*range(10), *(number for number in range(10, 39) if number % 11)]
_VALUES: Final = dict(zip(_CHARACTERS, _NUMBERS, strict=True))


@dataclass(frozen=True, slots=True)
class Sample:
    """One file to send.  `token` is a word (voyage or booking) that no other file carries."""

    number: int
    name: str
    kind: str
    token: str
    data: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def container(number: int) -> str:
    """A container number with a right check digit, never the ambiguous 10; unique below 1e6."""
    for owner in _OWNERS:
        body = f"{owner}{number:06d}"
        digit = sum(_VALUES[c] << place for place, c in enumerate(body)) % 11
        if digit != 10:
            return f"{body}{digit}"
    raise AssertionError("one of five owners always has a digit")


def base36(number: int, width: int) -> str:
    """`number` in digits and capital letters."""
    text = ""
    for _ in range(width):
        number, digit = divmod(number, 36)
        text = _CHARACTERS[digit] + text
    return text


def manifest(
    number: int,
    *,
    bills: int = 2,
    function: str = "9",
    encoding: str = "gb18030",
    newline: str = "\r\n",
    created: str = "202411210930",
    sender: str = AGENT,
    first_box: int | None = None,
) -> Sample:
    """A flat IFCSUM V1 (formats.md 2) of one voyage; the voyage is its token."""
    voyage = "V" + base36(number, 5)
    ports = "CNTXG:XINGANG:KRPUS:BUSAN"
    records = [
        f"00:IFCSUM:MANIFEST:{function}:{sender}:{RECEIVER}:{created}:CNTXG:CNTXG'",
        f"10:UN9811000:HAI YUN 8:CN:{voyage}:KJ1:KOREA JAPAN:20241122:20241123:{ports}'",
        "11:TJL:TIANJIN DEMO LINE'",
    ]
    box = number * bills if first_box is None else first_box
    for place in range(bills):
        records += _bill(f"TJL{voyage}{place:05d}", container((box + place) % 1_000_000))
    records.append(f"99:{len(records) + 1}'")
    text = newline.join(records) + newline
    return Sample(number, f"M{number:07d}.txt", "manifest", voyage, text.encode(encoding))


def _bill(bill: str, box: str) -> list[str]:
    return [
        f"12:{bill}::::CNTXG:TIANJIN:CNTXG:XINGANG:CY-CY:P:20241122:N:20241123::'",
        "13:KRPUS:BUSAN:KRPUS:BUSAN:::CNTXG:TIANJIN'",
        "16::天津示例化工有限公司:NO.1 DEMO ROAD:TIANJIN:::'",
        "17::DEMO CHEMICAL CO.:TEL?: 051-000-0000:BUSAN, KOREA:::'",
        "18::SAME AS CONSIGNEE:::::'",
        "41:001::80:DR:DRUMS:16240.000::18.400'",
        "44:001:N/M'",
        "47:001:PAINT 油漆'",
        f"51:001:{box}:TJ012345:20GP:F:80:16240.000:2300:18.400::::::0170282'",
    ]


def manifest_chunks(number: int, bytes_min: int) -> Iterator[bytes]:
    """A manifest of at least so many bytes, in pieces, for sizes that nobody wants in memory."""
    whole = manifest(number, bills=1).data
    head, tail = whole.split(b"\r\n12:", 1)[0] + b"\r\n", b""
    yield head
    size, place, records = len(head), 0, 3
    voyage = "V" + base36(number, 5)
    while size < bytes_min:
        piece = b""
        for _ in range(100):
            rows = _bill(f"TJL{voyage}{base36(place, 6)}", container(place % 1_000_000))
            piece += ("\r\n".join(rows) + "\r\n").encode("gb18030")
            place, records = place + 1, records + len(rows)
        size += len(piece)
        yield piece
    tail = f"99:{records + 1}'\r\n".encode()
    yield tail


def booking(number: int, *, sender: str = AGENT, function: str = "9") -> Sample:
    """A COPARN D.00B interchange with one booking of one box; the booking number is its token."""
    token, reference = f"TJBK{number:08d}", f"I{number:011d}"
    body = [
        f"UNH+M{number:011d}+COPARN:D:00B:UN:SMDG20'",
        f"BGM+126+{token}+{function}'",
        "DTM+137:202411210930:203'",
        f"RFF+BN:{token}'",
        "TDT+20+0002W+1++TJL:172:20+++XNOE:146:11:NOE VESSEL'",
        "LOC+9+CNTXG:139:6'",
        "NAD+CF+TJL:160:166'",
        f"EQD+CN+{container(number % 1_000_000)}+22G1:102:5++2+5'",
        f"RFF+BN:{token}'",
        "LOC+11+KRPUS:139:6'",
        "MEA+AAE+G+KGM:11495'",
        "FTX+AAA+++GENERAL CARGO'",
        "CNT+16:1'",
    ]
    body.append(f"UNT+{len(body) + 1}+M{number:011d}'")
    head = f"UNB+UNOA:2+{sender}+{RECEIVER}+241121:0930+{reference}'"
    text = "\n".join([head, *body, f"UNZ+1+{reference}'"]) + "\n"
    return Sample(number, f"B{number:07d}.edi", "booking", token, text.encode("ascii"))


def acknowledgement(number: int, *, sender: str = RECEIVER) -> Sample:
    """A CONTRL from a receiver; it is delivered to nobody, so its token is never looked for."""
    reference = f"C{number:011d}"
    lines = [
        f"UNB+UNOA:3+{sender}+{AGENT}+241121:0930+{reference}'",
        f"UNH+{reference}+CONTRL:D:3:UN'",
        f"UCI+I{number:011d}+{AGENT}+{sender}+7'",
        f"UNT+3+{reference}'",
        f"UNZ+1+{reference}'",
    ]
    data = "\n".join(lines).encode() + b"\n"
    return Sample(number, f"C{number:07d}.edi", "acknowledgement", reference, data)


def sample(number: int, *, large: int = STAGED_BILLS) -> Sample:
    """The n-th file of a run: both kinds, encodings, all line ends, now and then a large one."""
    if number % 3 == 2:
        return booking(number)
    encoding = ("gb18030", "utf-8")[number % 2]
    newline = ("\r\n", "\n", "")[number // 3 % 3]
    bills = large if number % 100 == 7 else 2
    first_box = (number * 2 + 500_000) % 1_000_000
    return manifest(number, bills=bills, encoding=encoding, newline=newline, first_box=first_box)
