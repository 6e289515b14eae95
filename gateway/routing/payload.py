"""PAYLOAD: the canonical JSON of a delivered document, in pieces.

It is the file of a folder or SFTP route, the answer of the mailbox and the `data` of a CloudEvent:

    {"document": "manifest", "format": "manifest/ifcsum-flat", "key": {…}, "function": "9",
     "id": "…", "sender": "…", "decision": {…}, "header": {…}, "parts": [{…}, …]}

Parts come as the JSON texts that are stored; they are joined, never parsed, so a manifest of 45 MB
is never in memory whole and costs what copying costs.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.limits import PAYLOAD_PIECE_CHARACTERS


@dataclass(frozen=True, slots=True)
class PayloadHead:
    """Everything of a payload but its parts.

    header: the canonical header as stored (an object).  decision: outcome, codes, explanation and
    what the pipeline adds; the findings stay with the sender.
    """

    id: str
    document: str
    format: str
    sender: str
    function: str
    key: Mapping[str, str]
    header: Mapping[str, Any]
    decision: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The members in the order in which they are written."""
        return {
            "document": self.document,
            "format": self.format,
            "key": dict(self.key),
            "function": self.function,
            "id": self.id,
            "sender": self.sender,
            "decision": dict(self.decision),
            "header": dict(self.header),
        }


def canonical_payload(
    head: PayloadHead, parts: Iterable[tuple[int, str]], rejected: Collection[int] = ()
) -> Iterator[bytes]:
    """The payload in pieces of about 64 KiB of UTF-8.

    parts: (ordinal, canonical JSON text) in order; those whose ordinal is in `rejected` are left
    out.  The same facts give the same bytes at every attempt.
    """
    left_out = frozenset(rejected)
    pending = [json.dumps(head.as_json(), ensure_ascii=False, separators=(",", ":"))[:-1]]
    pending.append(',"parts":[')
    size = sum(map(len, pending))
    separator = ""
    for ordinal, text in parts:
        if ordinal in left_out:
            continue
        pending += (separator, text)
        separator = ","
        size += len(text) + 1
        if size >= PAYLOAD_PIECE_CHARACTERS:
            yield "".join(pending).encode()
            pending, size = [], 0
    pending.append("]}")
    yield "".join(pending).encode()
