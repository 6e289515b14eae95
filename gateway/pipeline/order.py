"""Which order an arrival has to keep, told from its first bytes (house.md 4, Order)."""

from __future__ import annotations

import re

from gateway.mappings import registry
from gateway.syntax.charset import narrowed_head
from gateway.syntax.record import MessageKind
from gateway.syntax.sniff import HEAD_BYTES, sniff

# The first UNH, whatever the separators: its type is the first run of six capitals behind it.
_UNH = re.compile(rb"UNH.{1,40}?([A-Z]{6})", re.DOTALL)


def order_key(account: str, head: bytes) -> str:
    """`account/document type`; files whose type cannot be told share the lane `unknown`."""
    format_ = registry.find(kind_told(head))
    return f"{account}/{format_.document.name if format_ else 'unknown'}"


def kind_told(head: bytes) -> MessageKind:
    """The message of a file as far as its first bytes tell: no version, and none of a workbook."""
    sniffed = sniff(head)
    name = sniffed.name
    if sniffed.syntax == "edifact" and (found := _UNH.search(narrowed_head(head[:HEAD_BYTES]))):
        name = found[1].decode("ascii")
    return MessageKind(sniffed.syntax, name)
