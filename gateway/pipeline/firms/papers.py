"""PAPERS: scans of qualification documents that only the administrator uploads (S0-15, S0-25)."""

from __future__ import annotations

import hashlib
from typing import Final

from gateway.limits import FIRM_PAPER_BYTES_MAX, FIRM_PAPERS_MAX
from gateway.pipeline.firms.act import Act
from gateway.pipeline.firms.refusal import FirmRefusal, full
from gateway.pipeline.firms.rows import PaperRow
from gateway.pipeline.identity import new_id

# What a scan may be, told by its first bytes and never by its name.
_BEGINNINGS: Final = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
)


def keep_paper(act: Act, partner: str, kind: str, name: str, content: bytes) -> PaperRow:
    """Keep a scan; raises FirmRefusal for one of 1 MiB or more, or one that is no scan."""
    if len(content) > FIRM_PAPER_BYTES_MAX:
        raise FirmRefusal(
            "invalid", "PAPER_TOO_LARGE", "文件须小于 1M", "a document has to be below 1 MiB"
        )
    type_ = next((type_ for head, type_ in _BEGINNINGS if content.startswith(head)), None)
    if type_ is None:
        raise FirmRefusal(
            "invalid", "PAPER_TYPE", "仅接受 PDF、JPEG、PNG", "only PDF, JPEG and PNG are taken"
        )
    if len(act.tx.firms.papers(partner)) >= FIRM_PAPERS_MAX:
        raise full("资质文件过多", "the firm has too many documents")
    digest = hashlib.sha256(content).hexdigest()
    row = PaperRow(new_id(), partner, kind, name, type_, len(content), digest, act.now, act.by)
    act.tx.firms.add_paper(row, content)
    act.record(
        "paper.added", partner, before=None, after={"paper": row.id, "kind": kind, "sha256": digest}
    )
    return row
