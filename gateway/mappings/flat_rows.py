"""Rows that every flat document shares: record 00, the head (formats.md 1.3)."""

from __future__ import annotations

from gateway.mappings.convert import compact_time, upper
from gateway.mappings.flat_convert import function
from gateway.mappings.table import Row

HEAD = (
    Row("00", "message_type", "message_type", upper),
    Row("00", "file_description", "file_description"),
    Row("00", "function", "function", function),
    Row("00", "sender", "sender"),
    Row("00", "receiver", "receiver"),
    Row("00", "created_at", "created_at", compact_time),
)
