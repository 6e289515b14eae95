"""Which order an arrival has to keep, told from its first bytes (house.md 4, Order)."""

from __future__ import annotations

import re

from gateway.mappings import registry
from gateway.syntax.record import MessageKind
from gateway.syntax.sniff import sniff

# The first UNH, whatever the separators: its type is the first run of six capitals behind it.
_UNH = re.compile(rb"UNH.{1,40}?([A-Z]{6})", re.DOTALL)


def order_key(account: str, head: bytes) -> str:
    """`account/document type`; files whose type cannot be told share the lane `unknown`."""
    sniffed = sniff(head)
    name = sniffed.name
    if sniffed.syntax == "edifact" and (found := _UNH.search(head)):
        name = found[1].decode("ascii")
    format_ = registry.find(MessageKind(sniffed.syntax, name))
    return f"{account}/{format_.document.name if format_ else 'unknown'}"
