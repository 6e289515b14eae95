"""The child: one PDF on stdin, one JSON line on stdout, then it ends.

Started as `python -m gateway.adapters.pdf_pages.child`.  It opens nothing itself and has bounds of
computing time and memory, so that a hostile file takes nothing but its own process down.
"""

from __future__ import annotations

import io
import json
import logging
import resource
import sys
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError

from gateway import limits

# Other names of the same words as rules/customs_pdf.py has codes.
ENCRYPTED, BROKEN, NOT_A_PDF, TOO_COMPLEX = "encrypted", "broken", "not_a_pdf", "too_complex"
TOO_MANY_PAGES, NO_PAGES = "too_many_pages", "no_pages"
# A page may carry the whole file, and a little for its new frame.
_PAGE_BYTES_MAX = 4 * limits.CUSTOMS_ATTACHMENT_BYTES_MAX
_HEAD_BYTES = 1024


class Fault(Exception):
    """Why it cannot be measured: one of the words above."""


class _Counter(io.RawIOBase):
    """Counts what is written and keeps nothing of it."""

    def __init__(self) -> None:
        self.size = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.size

    def write(self, data: Any) -> int:  # noqa: ANN401  # any buffer
        self.size += len(data)
        if self.size > _PAGE_BYTES_MAX:
            raise Fault(TOO_COMPLEX)
        return len(data)


def measure(content: bytes) -> list[int]:
    """Bytes of each page written alone; raises Fault."""
    if b"%PDF-" not in content[:_HEAD_BYTES]:
        raise Fault(NOT_A_PDF)
    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted:
        raise Fault(ENCRYPTED)
    sizes: list[int] = []
    for page in reader.pages:
        if len(sizes) >= limits.PDF_PAGES_MAX:
            raise Fault(TOO_MANY_PAGES)
        writer = PdfWriter()
        writer.add_page(page)
        alone = _Counter()
        writer.write(alone)  # type: ignore[arg-type]  # it only writes and tells
        sizes.append(alone.size)
    if not sizes:
        raise Fault(NO_PAGES)
    return sizes


def answer(content: bytes) -> dict[str, Any]:
    """`{"pages": […]}` or `{"fault": "…"}`; whatever a broken file raises is its own fault."""
    try:
        return {"pages": measure(content)}
    except Fault as fault:
        return {"fault": str(fault)}
    except (MemoryError, RecursionError):
        return {"fault": TOO_COMPLEX}
    except (PyPdfError, ValueError, TypeError, KeyError, IndexError, AttributeError):
        return {"fault": BROKEN}
    except (ArithmeticError, AssertionError, NotImplementedError, OSError):
        return {"fault": BROKEN}


def main() -> None:
    """Bounds first, then the file."""
    most = limits.PDF_MEMORY_BYTES_MAX
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    cpu = limits.PDF_CPU_SECONDS_MAX
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # It opens no file and starts no process.
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    logging.disable(logging.CRITICAL)
    content = sys.stdin.buffer.read(limits.CUSTOMS_UPLOAD_BYTES_MAX)
    sys.stdout.write(json.dumps(answer(content)))


if __name__ == "__main__":
    main()
