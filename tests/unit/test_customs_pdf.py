"""PDF attachments: pages measured as pypdf writes them alone; hostile files end in findings."""

from __future__ import annotations

import io
import time
import zlib

import pytest
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject

from gateway import limits
from gateway.adapters.pdf_pages.child import answer
from gateway.adapters.pdf_pages.measuring import PdfChildren


def pdf(*pages: bytes, password: str | None = None) -> bytes:
    """A PDF with so many bytes of content on each page, which do not pack."""
    writer = PdfWriter()
    for content in pages:
        page = PageObject.create_blank_page(width=200, height=200)
        stream = DecodedStreamObject()
        stream.set_data(content)
        page[NameObject("/Contents")] = stream
        writer.add_page(page)
    if password is not None:
        writer.encrypt(password, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def alone(content: bytes, number: int) -> int:
    """H-43 by the letter."""
    writer = PdfWriter()
    writer.add_page(PdfReader(io.BytesIO(content)).pages[number])
    out = io.BytesIO()
    writer.write(out)
    return len(out.getvalue())


def objects(*bodies: bytes, root: int = 1) -> bytes:
    """A PDF by hand: objects numbered from 1, with a right table of them."""
    out = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        len(bodies) + 1,
        root,
        table,
    )


def endless_tree() -> bytes:
    return objects(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Pages /Count 1 /Kids [2 0 R] /Parent 2 0 R >>",
    )


def deep_tree(depth: int = 20_000) -> bytes:
    kids = [
        b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % (number + 1) for number in range(2, depth)
    ]
    return objects(b"<< /Type /Catalog /Pages 2 0 R >>", *kids, b"<< /Type /Page >>")


def wide_tree(levels: int = 12, kids: int = 6) -> bytes:
    """Each level names the next so often: 2 billion pages out of 13 objects."""
    bodies = [
        b"<< /Type /Pages /Count 1 /Kids [%s] >>" % b" ".join([b"%d 0 R" % (n + 1)] * kids)
        for n in range(2, levels + 2)
    ]
    page = b"<< /Type /Page /MediaBox [0 0 9 9] >>"
    return objects(b"<< /Type /Catalog /Pages 2 0 R >>", *bodies, page)


def packed_bomb(size: int = 1 << 30) -> bytes:
    """An object stream that unpacks to a gigabyte."""
    packer = zlib.compressobj(9)
    piece = b" " * (1 << 20)
    packed = b"".join(packer.compress(piece) for _ in range(size >> 20)) + packer.flush()
    bomb = (
        b"<< /Type /ObjStm /N 1 /First 9 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream"
    )
    body = b"%PDF-1.5\n1 0 obj\n" + bomb % (len(packed), packed) + b"\nendobj\n"
    # Free; the stream at 9; the root as its first object.
    rows = b"".join(
        b"%c%s\0" % (kind, place.to_bytes(4, "big")) for kind, place in ((0, 0), (1, 9), (2, 1))
    )
    table = len(body)
    body += b"3 0 obj\n<< /Type /XRef /Size 3 /W [1 4 1] /Root 2 0 R /Length %d >>\n" % len(rows)
    return body + b"stream\n" + rows + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % table


@pytest.mark.parametrize("sizes", [(10,), (10, 300_000, 2_000)])
def test_a_page_is_as_large_as_written_alone(sizes):
    content = pdf(*(b"%" + b"x" * size for size in sizes))
    measured = answer(content)["pages"]
    assert measured == [alone(content, number) for number in range(len(sizes))]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"PK\x03\x04 a picture", "not_a_pdf"),
        (pdf(b"x", password="secret"), "encrypted"),
        (pdf(b"x", password=""), "encrypted"),
        (b"%PDF-1.4\nnothing of it", "broken"),
        (pdf(b"x" * 5000)[:900], "broken"),
        (objects(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] >>"), "no_pages"),
    ],
)
def test_what_cannot_be_measured_says_why(content, fault):
    assert answer(content)["fault"] == fault


@pytest.mark.parametrize(
    "make", [endless_tree, deep_tree, wide_tree, packed_bomb], ids=lambda made: made.__name__
)
async def test_hostile_files_end_in_a_finding_within_the_bounds(make):
    started = time.monotonic()
    measured = await PdfChildren(seconds=limits.PDF_SECONDS_MAX)(make())
    assert time.monotonic() - started < limits.PDF_SECONDS_MAX
    assert measured.pages == ()
    assert [finding.severity for finding in measured.findings] == ["error"]
    assert measured.findings[0].zh


async def test_a_child_that_hangs_is_killed_and_told():
    measured = await PdfChildren(seconds=0.01)(pdf(b"x"))
    assert [finding.code for finding in measured.findings] == ["ATTACHMENT_TOO_COMPLEX"]


async def test_a_good_file_is_measured_in_the_child():
    content = pdf(b"x" * 100, b"y" * 1000)
    measured = await PdfChildren()(content)
    assert measured.findings == ()
    assert measured.pages == (alone(content, 0), alone(content, 1))
    assert [f.code for f in (await PdfChildren()(b"")).findings] == ["ATTACHMENT_EMPTY"]
