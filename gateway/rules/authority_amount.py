"""AUTHORITY'S AMOUNT: where the authority's own platform rates, its amount binds (S3-33, H-32)."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.findings import Finding, Place
from gateway.rules.verdict import kind

AMOUNT_DIFFERS = kind(
    "AMOUNT_DIFFERS",
    "海事平台计费{authority}分，本平台计费{own}分，以海事平台为准",
    "the authority rated {authority} fen, we rated {own} fen; the authority's amount binds",
    ("请核对明细与费率", "compare the lines and the tariff"),
    "warning",
)


@dataclass(frozen=True, slots=True)
class Binding:
    """What is due, in fen, and the work item where two amounts differ; None: nobody could rate."""

    due_fen: int | None
    finding: Finding | None = None


def binding(bill: str, own_fen: int | None, authority_fen: int | None) -> Binding:
    """Until the authority's amount arrives ours stands in."""
    if authority_fen is None:
        return Binding(own_fen)
    if own_fen in (None, authority_fen):
        return Binding(authority_fen)
    told = AMOUNT_DIFFERS.at(Place(key=bill), authority=authority_fen, own=own_fen)
    return Binding(authority_fen, told)
