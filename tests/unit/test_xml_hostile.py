"""R-25: what is hostile in XML is refused by name, at once, and reaches for nothing."""

from __future__ import annotations

import builtins
import gzip
import os
import socket
import sys
import time
import tracemalloc
from itertools import repeat
from pathlib import Path

import pytest

from gateway.pipeline.translation import Document, End, Part, translate
from gateway.syntax.xml.decoding import StrictDecoder, decide

NS = "urn:Declaration:datamodel:standard:CN:MT2101:1"
ROOT = f'<Manifest xmlns="{NS}">'
HEAD = "<Head><MessageID>M1</MessageID><SenderID>S</SenderID></Head>"
BILL = "<TransportContractDocument><ID>SMPLTXG2503001</ID></TransportContractDocument>"
MIB = 1024 * 1024
TWICE = f"""<Manifest a=" xmlns='{NS}' " xmlns="b">"""
XI = 'xmlns:i="http://www.w3.org/2001/XInclude"'
XSL = 'xmlns:x="http://www.w3.org/1999/XSL/Transform"'


def whole(part: str = BILL, before: str = "", root: str = ROOT, around: str = "") -> str:
    body = f"<Declaration>{around}<Consignment>{part}</Consignment></Declaration>"
    return f"{before}{root}{HEAD}{body}</Manifest>"


def declared(encoding: str, text: str = "") -> bytes:
    return (f'<?xml version="1.0" encoding="{encoding}"?>' + (text or whole())).encode()


def doctype(inside: str, used: str = "&x;", outside: str = "") -> bytes:
    return whole(
        f"<UNDGContact>{used}</UNDGContact>", f"<!DOCTYPE Manifest {outside}[{inside}]>"
    ).encode()


def contact(text: str) -> bytes:
    return whole(f"<UNDGContact>{text}</UNDGContact>").encode()


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
# name → (file, codes of which one must be found); "" means: read as harmless text.
# The second that R-25 gives a file, three times over: a deadline, not a measurement.
SECONDS_MAX = 3.0

HOSTILE: dict[str, tuple[bytes, str]] = {
    # DOCTYPE in all its uses
    "xxe file": (doctype('<!ENTITY x SYSTEM "file:///etc/hostname">'), "XML-001"),
    "xxe canary": (doctype('<!ENTITY x SYSTEM "file://CANARY">'), "XML-001"),
    "xxe http": (doctype('<!ENTITY x SYSTEM "http://127.0.0.1:9/x">'), "XML-001"),
    "xxe ftp": (doctype('<!ENTITY x SYSTEM "ftp://127.0.0.1:9/x">'), "XML-001"),
    "xxe public": (doctype('<!ENTITY x PUBLIC "p" "file:///etc/hostname">'), "XML-001"),
    "xxe jar": (doctype('<!ENTITY x SYSTEM "jar:file:///a.zip!/b">'), "XML-001"),
    "xxe data": (doctype('<!ENTITY x SYSTEM "data:text/plain,a">'), "XML-001"),
    "xxe php": (doctype('<!ENTITY x SYSTEM "php://filter/resource=a">'), "XML-001"),
    "xxe relative": (doctype('<!ENTITY x SYSTEM "../../canary">'), "XML-001"),
    "xxe unc": (doctype('<!ENTITY x SYSTEM "\\\\127.0.0.1\\a">'), "XML-001"),
    "parameter entity": (doctype('<!ENTITY % p SYSTEM "file:///etc/hostname">%p;'), "XML-001"),
    "nested parameters": (doctype("<!ENTITY % a '<!ENTITY x \"y\">'>%a;"), "XML-001"),
    "unparsed entity": (
        doctype('<!NOTATION n SYSTEM "n"><!ENTITY x SYSTEM "f" NDATA n>'),
        "XML-001",
    ),
    "internal entity": (doctype('<!ENTITY x "harmless">'), "XML-001"),
    "billion laughs": (doctype('<!ENTITY l0 "ha">' + LAUGHS, "&l9;"), "XML-001"),
    "quadratic blowup": (doctype(f'<!ENTITY x "{"a" * 50_000}">', "&x;" * 50_000), "XML-001"),
    "entity loop": (doctype('<!ENTITY x "&y;"><!ENTITY y "&x;">'), "XML-001"),
    "external dtd": (doctype("", outside='SYSTEM "file:///etc/hostname" '), "XML-001"),
    "external dtd http": (doctype("", outside='SYSTEM "http://127.0.0.1:9/d" '), "XML-001"),
    "public dtd": (doctype("", outside='PUBLIC "p" "http://127.0.0.1:9/d" '), "XML-001"),
    "attribute defaults": (doctype('<!ATTLIST Manifest a CDATA "b">', ""), "XML-001"),
    "bare doctype": (whole(before="<!DOCTYPE Manifest>").encode(), "XML-001"),
    "doctype behind a comment": (
        whole(before="<!-- a -->\n<!DOCTYPE Manifest>").encode(),
        "XML-001",
    ),
    "doctype behind an instruction": (
        whole(before="<?a b?><!DOCTYPE a>").encode(),
        "XML-001 FILE-UNKNOWN",
    ),
    "doctype in capitals and not": (
        whole(before="<!DocType Manifest>").encode(),
        "XML-001 FILE-UNKNOWN",
    ),
    "doctype after blank lines": (b"\r\n\r\n <!DOCTYPE a>" + whole().encode(), "XML-001"),
    "doctype inside the root": (whole(part="<!DOCTYPE a>").encode(), "XML-004"),
    "entity inside the root": (whole(part='<!ENTITY x "y">').encode(), "XML-004"),
    "doctype in utf-16": (
        b"\xff\xfe" + whole(before="<!DOCTYPE a>").encode("utf-16-le"),
        "XML-001",
    ),
    "doctype in gbk": (declared("GBK", whole(before="<!DOCTYPE a>")), "XML-001"),
    "doctype cut": (b"<!DOCTYPE a [" + b" " * 100_000, "XML-001"),
    "endless comment first": (b"<!--" + b"a" * 200_000, "XML-005 INCOMPLETE"),
    # entities without a DOCTYPE
    "unknown entity": (contact("&x;"), "XML-004"),
    "unknown entity in an attribute": (whole(part='<UNDGContact a="&x;"/>').encode(), "XML-004"),
    "reference to NUL": (contact("&#0;"), "XML-004"),
    "reference to a surrogate": (contact("&#xD800;"), "XML-004"),
    "reference beyond Unicode": (contact("&#x110000;"), "XML-004"),
    # encodings
    "utf-7 declared": (declared("UTF-7"), "XML-002"),
    "utf-7 doctype": (declared("UTF-7", "+ADwAIQ-DOCTYPE a+AD4-" + whole()), "XML-002"),
    "utf-32": (whole().encode("utf-32"), "XML-002 FILE-UNKNOWN"),
    "utf-32 be": (b"\x00\x00\xfe\xff" + whole().encode("utf-32-be"), "XML-002 FILE-UNKNOWN"),
    "utf-16 without a mark": (whole(before="<?xml version='1.0'?>").encode("utf-16-le"), "XML-002"),
    "utf-16 declared in bytes": (declared("UTF-16"), "XML-002"),
    "utf-8 mark, gbk declared": (b"\xef\xbb\xbf" + declared("GBK"), "XML-002"),
    "ebcdic declared": (declared("IBM037"), "XML-002"),
    "ebcdic": (declared("IBM037").decode().encode("cp037"), "FILE-UNKNOWN"),
    "codec of Python": (declared("unicode_escape"), "XML-002"),
    "rot13": (declared("rot13"), "XML-002"),
    "iso-2022-kr": (declared("ISO-2022-KR"), "XML-002"),
    "hz": (declared("HZ-GB-2312"), "XML-002"),
    "no name": (declared(""), "XML-002"),
    "not utf-8": (whole(part="<UNDGContact>\xff</UNDGContact>").encode("latin1"), "XML-003"),
    "overlong utf-8": (whole().encode().replace(b"M1", b"\xc0\xbcM"), "XML-003"),
    "surrogates in utf-8": (whole().encode().replace(b"M1", b"\xed\xa0\x80"), "XML-003"),
    "NUL": (contact("a\x00b"), "XML-004"),
    "NUL in a name": (whole(part="<UN\x00DG/>").encode(), "XML-004"),
    "control characters": (contact("\x01"), "XML-004"),
    # declaration
    "declaration twice": (declared("UTF-8", declared("UTF-8").decode()), "XML-015"),
    "version 9": (b'<?xml version="9.9"?>' + whole().encode(), "XML-015"),
    "encoding twice": (
        b'<?xml version="1.0" encoding="UTF-8" encoding="GBK"?>' + whole().encode(),
        "XML-015",
    ),
    "endless declaration": (b'<?xml version="1.0" ' + b" " * 200_000, "XML-005 INCOMPLETE"),
    "declaration twice, other encoding": (
        declared("UTF-8", declared("UTF-7").decode() + whole()),
        "XML-015",
    ),
    # size
    "deep": (whole(part="<a>" * 100_000).encode(), "XML-004"),
    "deep but closed": (whole(part="<a>" * 200 + "</a>" * 200).encode(), "XML-007"),
    "12 MB of text": (contact(f"{'a' * 12 * MIB}"), "XML-005"),
    "12 MB in an attribute": (whole(part=f'<a b="{"a" * 12 * MIB}"/>').encode(), "XML-005"),
    "12 MB of name": (whole(part=f"<{'a' * 12 * MIB}/>").encode(), "XML-005"),
    "12 MB of CDATA": (whole(part=f"<![CDATA[{'a<' * 6 * MIB}]]>").encode(), "XML-006 XML-004"),
    "12 MB of comments": (whole(part="<!-- a -->" * (MIB + MIB // 5)).encode(), "XML-006"),
    "200,000 attributes": (
        whole(part="<a " + " ".join(f'b{n}="1"' for n in range(200_000)) + "/>").encode(),
        "XML-005",
    ),
    "1,000 attributes": (
        whole(part="<a " + " ".join(f'b{n}="1"' for n in range(1000)) + "/>").encode(),
        "XML-008",
    ),
    "20,000 namespaces": (
        whole(part="<a " + " ".join(f'xmlns:b{n}="u{n}"' for n in range(20_000)) + "/>").encode(),
        "XML-005",
    ),
    "20,000 namespaces in turn": (
        whole(part="".join(f'<b{n} xmlns="u{n}"/>' for n in range(20_000))).encode(),
        "XML-004 XML-009",
    ),
    "100,000 names": (whole(part="".join(f"<b{n}/>" for n in range(100_000))).encode(), "XML-009"),
    "300,000 elements": (whole(part="<a/>" * 300_000).encode(), "XML-006"),
    "9 MB without a part": (whole(around="<Agent/>" * (MIB + MIB // 4)).encode(), "XML-006"),
    # well-formedness and roots
    "attribute twice": (whole(part='<a b="1" b="2"/>').encode(), "XML-004"),
    "unknown prefix": (whole(part="<x:a/>").encode(), "XML-004"),
    "crossed": (whole(part="<a><b></a></b>").encode(), "XML-004"),
    "two roots": (whole().encode() + b"<a/>", "XML-004"),
    "text behind": (whole().encode() + b"junk", "XML-004"),
    "nothing but a root": (b"<Manifest>", "INCOMPLETE MESSAGE-UNKNOWN"),
    "other root": (b"<a><b/></a>", "MESSAGE-UNKNOWN"),
    "root with references": (whole(root=ROOT.replace("MT2101", "MT210&#49;")).encode(), ""),
    "root as another message": (whole(root=ROOT.replace("CN:MT", "CN:&#77;T")).encode(), ""),
    "root said twice": (whole(root=TWICE).encode(), "XML-014 MESSAGE-UNKNOWN"),
    "gzip": (gzip.compress(whole().encode()), "FILE-UNKNOWN"),
    # harmless to a reader that reaches for nothing
    "xinclude": (
        whole(part=f'<i:include {XI} href="CANARY" parse="text"/>{BILL}').encode(),
        "",
    ),
    "schemaLocation": (
        whole(
            root=ROOT[:-1] + ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            'xsi:schemaLocation="a http://127.0.0.1:9/a.xsd b file://CANARY">'
        ).encode(),
        "",
    ),
    "stylesheet": (whole(before='<?xml-stylesheet type="text/xsl" href="CANARY"?>').encode(), ""),
    "xslt": (
        whole(
            part='<x:value-of xmlns:x="http://www.w3.org/1999/XSL/Transform" '
            "select=\"document('CANARY')\"/>" + BILL
        ).encode(),
        "",
    ),
    "catalogue": (whole(before='<?oasis-xml-catalog catalog="CANARY"?>').encode(), ""),
    "xml:base": (whole(part=f'<UNDGContact xml:base="CANARY"/>{BILL}').encode(), ""),
    "doctype as text": (whole(part=f"{BILL}<![CDATA[<!DOCTYPE a>]]>").encode(), ""),
}
# Opened for reading by an import or the table of ports, which any file may be the first to need.
_HARMLESS = (sys.prefix, sys.base_prefix, str(Path.cwd()))


@pytest.fixture(scope="module")
def reached():
    """Paths and addresses that this process opens; audit hooks cannot be taken out again."""
    seen: list[str] = []

    def hook(event: str, args: tuple[object, ...]) -> None:
        if event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen"):
            seen.append(str(args))
        elif event == "open" and not str(args[0]).startswith(_HARMLESS):
            seen.append(str(args[0]))

    sys.addaudithook(hook)
    return seen


def read(data: bytes) -> tuple[list[str], End]:
    items = list(translate([data[i : i + 256 * 1024] for i in range(0, len(data), 256 * 1024)]))
    end = items[-1]
    assert isinstance(end, End)
    assert all(isinstance(item, Document | Part | End) for item in items)
    found = [f for item in items if isinstance(item, Part | End) for f in item.findings]
    return [f.code for f in found if f.severity == "error"], end


def test_the_table_is_long_enough():
    assert len(HOSTILE) >= 60


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name, reached, tmp_path, monkeypatch):
    data, codes = HOSTILE[name]
    canary = tmp_path / "canary"
    canary.write_text("CANARY WAS READ")
    os.utime(canary, (1, 1))
    data = data.replace(b"CANARY", str(canary).encode())
    for what in ("socket", "create_connection"):
        monkeypatch.setattr(socket, what, _forbidden)
    reached.clear()
    began = time.process_time()
    errors, end = read(data)
    assert time.process_time() - began <= SECONDS_MAX
    assert reached == []
    assert canary.stat().st_atime == 1
    if codes:
        assert set(errors) & set(codes.split()), errors
        assert (
            not end.interchange.complete or "MESSAGE-UNKNOWN" in errors or "XML-00" in str(errors)
        )
    else:
        assert (
            not [e for e in errors if e.startswith(("XML-0", "INCOMPLETE"))] or "XML-011" in errors
        )


def _forbidden(*_args: object, **_kwargs: object) -> None:
    raise AssertionError("a socket was asked for")


def test_the_hook_sees_what_is_opened(reached, tmp_path):
    """Otherwise the table would prove nothing."""
    reached.clear()
    canary = tmp_path / "canary"
    canary.write_text("seen")
    assert str(canary) in reached
    assert builtins.open is open


def test_many_parts_take_no_more_memory_than_one():
    """A part is cut off once it was read: the tree does not grow."""
    one = f"<Consignment>{BILL}</Consignment>".encode() * 500

    def chunks(times: int):
        yield f"{ROOT}{HEAD}<Declaration>".encode()
        yield from repeat(one, times)
        yield b"</Declaration></Manifest>"

    peaks = []
    for times in (2, 20):
        tracemalloc.start()
        assert sum(isinstance(item, Part) for item in translate(chunks(times))) == 500 * times
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + MIB


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16-le", "utf-16-be", "iso-8859-1"])
def test_decoding_in_pieces_is_decoding_at_once(codec):
    text = "<a>é</a>" if codec == "iso-8859-1" else "<a>天津𠀀é</a>"
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(codec, b"")
    named = b"" if mark else f'<?xml version="1.0" encoding="{codec}"?>'.encode()
    data = mark + named + text.encode(codec)
    decided = decide(data)
    decoder = StrictDecoder(decided)
    found = "".join(decoder.decode(data[i : i + 1]) for i in range(len(data)))
    assert found + decoder.decode(b"", final=True) == named.decode() + text
    assert decoder.bad is None
