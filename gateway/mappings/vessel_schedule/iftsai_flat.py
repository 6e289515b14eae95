"""Vessel schedule as flat file IFTSAI, our own house profile (formats.md 6.2, confidence G).

No platform file layout of a schedule is known.  One part is one port call, record 11.
"""

from __future__ import annotations

from gateway.canonical.vessel_schedule import VESSEL_SCHEDULE
from gateway.mappings.contract import Format
from gateway.mappings.convert import compact_time, upper
from gateway.mappings.flat_convert import imo
from gateway.mappings.flat_rows import HEAD
from gateway.mappings.table import Node, Row, Table

_HEADER = Node(
    extras="extras",
    rows=(
        *HEAD,
        Row("10", "vessel_code", "vessel.code", upper),
        Row("10", "vessel_code", "vessel.imo", imo),
        Row("10", "vessel_name", "vessel.name"),
        Row("10", "vessel_name_zh", "vessel.name_zh"),
        Row("10", "nationality", "vessel.nationality", upper),
        Row("10", "line_code", "line.code"),
        Row("10", "line_name", "line.name"),
        Row("10", "trade_code", "trade.code"),
    ),
)

_CALL = Node(
    extras="extras",
    rows=(
        Row("11", "port_code", "port.code", upper),
        Row("11", "port_name", "port.name"),
        Row("11", "terminal_code", "terminal.code", upper),
        Row("11", "inbound_voyage", "inbound_voyage", upper),
        Row("11", "outbound_voyage", "outbound_voyage", upper),
        Row("11", "eta", "eta", compact_time),
        Row("11", "etd", "etd", compact_time),
        Row("11", "ata", "ata", compact_time),
        Row("11", "atd", "atd", compact_time),
        Row("11", "open_at", "open_at", compact_time),
        Row("11", "gate_close", "gate_close", compact_time),
        Row("11", "customs_close", "customs_close", compact_time),
        Row("11", "document_close", "document_close", compact_time),
        Row("11", "agent_code", "agent.code"),
    ),
)

IFTSAI_FLAT = Format(
    name="vessel_schedule/iftsai-flat",
    version="1",
    syntax="flat",
    kinds=frozenset({"IFTSAI"}),
    document=VESSEL_SCHEDULE,
    layout="iftsai-house",
    header=Table(_HEADER),
    part=Table(_CALL),
    group_labels=frozenset({"11"}),
    samples="vessel_schedule/iftsai-flat",
)
