"""UN/EDIFACT (ISO 9735): reader, writer and the UN directories' structures.

`EdifactReader` streams events; `layout_for(kind)` finds the layout of a message in the directory
it names, or in the nearest one at hand; `interchange_bytes` writes.
"""

from __future__ import annotations

from gateway.syntax.edifact.directory import layout_for
from gateway.syntax.edifact.layout import EdifactLayout
from gateway.syntax.edifact.reader import EdifactReader
from gateway.syntax.edifact.report import MessageReport
from gateway.syntax.edifact.writer import Envelope, OutgoingMessage, interchange_bytes

__all__ = [
    "EdifactLayout",
    "EdifactReader",
    "Envelope",
    "MessageReport",
    "OutgoingMessage",
    "interchange_bytes",
    "layout_for",
]
