"""VOYAGE: what a manifest says of its ship's call, as fees need it (S3-07, S3-36, H-10, H-26)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.canonical.manifest import ManifestHeader, ManifestKind, vessel_key
from gateway.canonical.model import CodeName, PortTime
from gateway.pipeline.gate.instants import instant

# How senders call the feeder trade 内支线; every other voyage goes by the countries of its ports.
_FEEDER = frozenset({"F", "FEEDER", "内支线"})
_FEEDER_TRADE = "feeder"
_HOME = "CN"


@dataclass(frozen=True, slots=True)
class ShipCall:
    """One call.  port: that whose authority collects.  ship_at: None where its zone is not known.

    kind: pre_stowage, clean or import; an unstated manifest declares what is planned (S3-30).
    """

    kind: str
    direction: str
    trade: str
    vessel: str
    voyage: str
    port: str
    ship_at: datetime | None
    ship_time: str | None
    facts: dict[str, Any]


def call_of(header: Mapping[str, Any]) -> ShipCall:
    """The call of a manifest's canonical header (JSON)."""
    told = ManifestHeader.model_validate_json(json.dumps(header))
    importing = told.kind is ManifestKind.IMPORT
    time = told.arrival if importing else told.sailing
    port = told.discharge_port if importing else told.load_port or told.departure_port
    kind = ManifestKind.PRE_STOWAGE if told.kind is ManifestKind.UNSTATED else told.kind
    facts = {
        "business": told.trade.name if told.trade else None,
        "line": told.line.code if told.line else None,
        "vessel_name": told.vessel.name if told.vessel else None,
        "next_port": _code(told.next_port) or None,
    }
    return ShipCall(
        kind=kind.value,
        direction="import" if importing else "export",
        trade=_FEEDER_TRADE if _is_feeder(told.trade) else "foreign",
        vessel=vessel_key(told.vessel) or "",
        voyage=(told.voyage or "").upper(),
        port=_code(port),
        ship_at=instant(time) if time is not None and time.zone else None,
        ship_time=_written(time),
        facts={name: value for name, value in facts.items() if value},
    )


def trade_of(call: ShipCall, load_port: str, discharge_port: str) -> str:
    """foreign, domestic or feeder: a bill between two ports of the country is domestic."""
    if call.trade == _FEEDER_TRADE:
        return _FEEDER_TRADE
    home = load_port[:2] == discharge_port[:2] == _HOME
    return "domestic" if home else "foreign"


def _is_feeder(trade: CodeName | None) -> bool:
    return trade is not None and bool({trade.code, trade.name} & _FEEDER)


def _code(port: CodeName | None) -> str:
    return (port.code or "").upper() if port else ""


def _written(time: PortTime | None) -> str | None:
    return None if time is None else f"{time.wall} {time.zone or ''}".strip()
