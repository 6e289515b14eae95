"""VESSEL SCHEDULE as DCSA Operational Vessel Schedules 3 (JSON; Commercial Schedules 1 by vessel).

Source: the published sample messages of the DCSA conformance suite.  One part is one transport
call; a schedule of one vessel is a document.
"""

from __future__ import annotations

from typing import Any

from gateway.canonical.vessel_schedule import VESSEL_SCHEDULE
from gateway.findings import FindingKind, Severity
from gateway.mappings.contract import Format
from gateway.mappings.convert import BadValue, text, upper
from gateway.mappings.json_rows import offset_time
from gateway.mappings.node import Node, Row
from gateway.mappings.table import Table
from gateway.syntax.profile import Profile

DUMMY_VESSEL = FindingKind(
    "DUMMY-VESSEL",
    Severity.WARNING,
    "船舶为虚拟船，船名未定",
    "the vessel is a dummy: which ship will sail is not settled",
)
CALL_OMITTED = FindingKind(
    "CALL-OMITTED",
    Severity.WARNING,
    "该挂靠状态为 {value}（跳港或空班）",
    "the status of this call is {value}: omitted, or a blank sailing",
)
_SHIP = "vesselSchedules"
_TIMES = {"ARRI": ("eta", "ata"), "DEPA": ("etd", "atd")}
# Documents, full containers at the gate, earliest full container.
_CUT_OFFS = {"DCO": "document_close", "FCO": "gate_close", "EFC": "open_at"}


def _no_dummy(value: str) -> None:
    if value.strip().lower() == "true":
        raise BadValue(DUMMY_VESSEL)


def _no_omission(value: str) -> None:
    if value.strip().upper() in ("OMIT", "BLNK"):
        raise BadValue(CALL_OMITTED)


_HEADER = Node(
    extras="extras",
    rows=(
        Row("carrierServiceCode", "text", "trade.code"),
        Row("carrierServiceName", "text", "trade.name"),
        Row(_SHIP, "text", ""),
        Row(f"{_SHIP}.vessel", "text", ""),
        Row(f"{_SHIP}.vesselName", "text", "vessel.name"),
        Row(f"{_SHIP}.vesselIMONumber", "text", "vessel.imo"),
        Row(f"{_SHIP}.vesselCallSign", "text", "vessel.call_sign", upper),
        Row(f"{_SHIP}.vesselOperatorSMDGLinerCode", "text", "line.code"),
        Row(f"{_SHIP}.vessel.name", "text", "vessel.name"),
        Row(f"{_SHIP}.vessel.vesselIMONumber", "text", "vessel.imo"),
        Row(f"{_SHIP}.vessel.callSign", "text", "vessel.call_sign", upper),
        Row(f"{_SHIP}.vessel.flag", "text", "vessel.nationality", upper),
        Row(f"{_SHIP}.vessel.operatorCarrierCode", "text", "line.code"),
        Row(f"{_SHIP}.isDummyVessel", "text", "dummy", _no_dummy),
    ),
)


def _time_rows() -> tuple[Row, ...]:
    """An estimate is younger than a plan, whatever their order."""
    rows = []
    for event, (planned, actual) in _TIMES.items():
        label = f"timestamps[{event},{{}}].eventDateTime"
        rows += [
            Row(label.format("PLN"), "text", planned, offset_time),
            Row(label.format("EST"), "text", planned, offset_time, last=True),
            Row(label.format("ACT"), "text", actual, offset_time),
        ]
    rows += [
        Row(f"cutOffTimes[{code}].cutOffDateTime", "text", name, offset_time)
        for code, name in _CUT_OFFS.items()
    ]
    return tuple(rows)


_CALL = Node(
    extras="extras",
    rows=(
        *_time_rows(),
        Row("location", "text", ""),
        Row("location.UNLocationCode", "text", "port.code", upper),
        Row("location.locationName", "text", "port.name"),
        Row("location.facilitySMDGCode", "text", "terminal.code", upper),
        Row("location.facilityCode", "text", "terminal.code", upper),
        Row("carrierImportVoyageNumber", "text", "inbound_voyage", upper),
        Row("carrierExportVoyageNumber", "text", "outbound_voyage", upper),
        Row("statusCode", "text", "remarks[]", text),
        Row("statusCode", "text", "omitted", _no_omission),
    ),
)


def _finish_header(values: dict[str, Any], _kind: object, _profile: Profile) -> None:
    values.setdefault("message_type", "DCSA-OVS")


DCSA_OVS = Format(
    name="vessel_schedule/dcsa-ovs-3",
    version="1",
    syntax="json",
    kinds=frozenset({"DCSA-OVS"}),
    document=VESSEL_SCHEDULE,
    layout="dcsa-ovs",
    header=Table(_HEADER),
    part=Table(_CALL),
    group_labels=frozenset({"transportCalls"}),
    finish_header=_finish_header,
    samples="vessel_schedule/dcsa-ovs-3",
)
