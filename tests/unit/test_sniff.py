"""What a file is, from its first bytes (formats.md 1.8)."""

from __future__ import annotations

import pytest

from gateway.syntax.sniff import Sniffed, sniff


@pytest.mark.parametrize(
    ("head", "syntax", "name"),
    [
        (b"", "empty", ""),
        (b" \r\n\x00\x1a", "empty", ""),
        (b"\xef\xbb\xbf", "empty", ""),
        (b"00:IFCSUM:MANIFEST:9:A'", "flat", "IFCSUM"),
        (b"\xef\xbb\xbf\r\n 00:ifcsum:manifest:9'", "flat", "IFCSUM"),
        (b"00:IFTMBF'", "flat", "IFTMBF"),
        (b"00 : IFCTST :MANIFEST TEST", "flat", "IFCTST"),
        (b"00::MANIFEST", "flat", ""),
        (b"00NCLContainer List  ", "fixed", "NCL"),
        (b"51TJMU3001129  TJ556677", "fixed", "NCL"),
        (b"UNA:+.? 'UNB+UNOA:1+A+B", "edifact", ""),
        (b"\r\nUNB+UNOC:3+A+B'", "edifact", ""),
        (b"UNH+1+COPARN:D:00B:UN'", "edifact", ""),
        (b"<?xml version='1.0'?>", "xml", ""),
        (b"<Manifest>", "xml", "Manifest"),
        (b"<a xmlns='urn:Declaration:datamodel:standard:CN:MT2101:1'>", "xml", "MT2101"),
        (
            "<a xmlns='urn:Declaration:datamodel:standard:CN:MT4101:1'>".encode("utf-16"),
            "xml",
            "MT4101",
        ),
        (b'{"a": 1}', "json", ""),
        (b"[]", "json", ""),
        (b'{ "document": "manifest", "header": {}', "json", "manifest"),
        (b"HDTJ01I20241121HAI YUN 8\r\n", "fixed", "HG"),
        (b"bill,box,weight\r\n1,2,3\r\n", "table", ""),
        (b"PK\x03\x04rest", "zip", ""),
        (b"\x1f\x8b\x08", "gzip", ""),
        (b"hello", "unknown", ""),
        (b"\xff\xfe0\x000\x00", "unknown", ""),
        (b"0", "unknown", ""),
    ],
)
def test_sniff(head, syntax, name):
    assert sniff(head) == Sniffed(syntax, name)
