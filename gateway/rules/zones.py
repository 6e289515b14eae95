"""Which time zone a document's wall times are in: that of the port they concern (house.md 5).

`schemas/locode.csv` holds ports (five characters) and countries that live in one zone (two
letters); a port that is not listed takes the zone of its country, and is a finding where the
country has several.  The zone of the partner's profile wins over any port.

A time that states a zone of its own (UTC, +08) is told by the port's clock all the same.

Both functions work on the drafts of a mapping, before they become models.  A converter may hand
out the same cached dict many times, so a time is replaced, never written into.  A place may be
a model already, shared by many drafts; a part's time becomes one, where it makes one.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from gateway.canonical.manifest import ManifestKind
from gateway.canonical.model import CodeName, PortTime
from gateway.findings import FindingKind, Severity
from gateway.resources import read_text
from gateway.rules.flaw import NO_FLAWS, Flaw
from gateway.rules.wall_time import on_clock

TABLE = "schemas/locode.csv"
LOCODE_CHARACTERS = 5

ZONE_UNKNOWN = FindingKind(
    "ZONE-UNKNOWN",
    Severity.WARNING,
    "港口“{value}”的时区未知，时间按原样保留",
    "the time zone of port “{value}” is not known; times are kept as written",
    "请核对港口代码，或在合作方协议中写明 zone",
    "compare the port code, or state the zone in the partner's agreement",
)
ZONE_UNSTATED = FindingKind(
    "ZONE-UNSTATED",
    Severity.INFO,
    "没有可确定时区的港口代码，时间按原样保留",
    "no port code tells the time zone; times are kept as written",
    "填写始发港或装货港代码，或在合作方协议中写明 zone",
    "give the code of the port of departure or loading, or state the zone in the agreement",
)
ZONE_NAME = FindingKind(
    "ZONE-NAME",
    Severity.WARNING,
    "时区“{value}”未知，按港口时间读取",
    "time zone “{value}” is not known; the time was read by the clock of the port",
    "写 UTC 或与 UTC 的时差，例如 +08；或不写时区，用港口时间",
    "write UTC or an offset such as +08, or no zone for the clock of the port",
)


@dataclass(frozen=True, slots=True)
class DocumentTimes:
    """Where a document type keeps its times, and the ports whose clocks they follow, best first.

    An import's header tells of the call at the port of discharge; a part's times are always those
    of loading.  `created_at` follows the sender's clock: the zone of `sender_port`, if any.
    """

    header: tuple[str, ...]
    part: tuple[str, ...]
    boxes: tuple[str, ...] = ()
    header_ports: tuple[str, ...] = ()
    import_ports: tuple[str, ...] = ()
    part_ports: tuple[str, ...] = ("load_port",)


# One line per document type; a type without a line keeps its times without a zone.
DOCUMENT_TIMES: dict[str, DocumentTimes] = {
    "manifest": DocumentTimes(
        header=("arrival", "sailing"),
        part=("load_date", "issue_date"),
        boxes=("positioned_at",),
        header_ports=("departure_port", "load_port"),
        import_ports=("discharge_port",),
    ),
    "booking": DocumentTimes(
        header=(),
        part=(
            "issue_date",
            "shipment_date",
            "expiry_date",
            "requested_shipping",
            "arrival",
            "departure",
            "documents_due",
            "cut_off",
        ),
        boxes=("positioned_at",),
    ),
    "container_load_plan": DocumentTimes(
        header=("sailing",),
        part=("packed_at", "positioned_at"),
        header_ports=("load_port",),
    ),
    "verified_gross_mass": DocumentTimes(header=(), part=("weighed_at",), part_ports=()),
    "vessel_schedule": DocumentTimes(
        header=(),
        part=(
            "eta",
            "etd",
            "ata",
            "atd",
            "open_at",
            "gate_close",
            "customs_close",
            "document_close",
        ),
        part_ports=("port",),
    ),
    "load_discharge_report": DocumentTimes(
        header=(
            "arrival",
            "sailing",
            "discharge_start",
            "discharge_end",
            "load_start",
            "load_end",
        ),
        part=("positioned_at",),
        header_ports=("port",),
        part_ports=(),
    ),
    "container_list": DocumentTimes(
        header=("arrival", "sailing"),
        part=("positioned_at",),
        header_ports=("port",),
        part_ports=(),
    ),
    "delivery_order": DocumentTimes(
        header=(),
        part=("arrival", "valid_until"),
        boxes=("positioned_at",),
        part_ports=("discharge_port", "delivery_place"),
    ),
    "gate_move": DocumentTimes(
        header=("arrival", "sailing"),
        part=("moved_at", "positioned_at"),
        header_ports=("load_port", "discharge_port"),
        part_ports=("place",),
    ),
}


# Made once: most drafts of messages without times come to one of these, and none is told.
_UNSTATED = {root: Flaw((root,), ZONE_UNSTATED) for root in ("header", "part")}


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    rows = csv.DictReader(read_text(TABLE).splitlines())
    return {row["code"]: row["zone"] for row in rows}


@lru_cache(maxsize=4096)
def zone_of(locode: str) -> str | None:
    """The IANA zone of a UN/LOCODE, else that of its country, else None.

    Text that is not five characters long names no place and has no zone.
    """
    code = locode.upper()
    if len(code) != LOCODE_CHARACTERS:
        return None
    table = _table()
    return table.get(code) or table.get(code[:2])


def zone_header(
    document_type: str, header: dict[str, Any], profile_zone: str | None = None
) -> tuple[str | None, tuple[Flaw, ...]]:
    """Set the zones of a header's times; gives the zone for its parts, and what is wrong."""
    times = DOCUMENT_TIMES.get(document_type)
    if times is None:
        return profile_zone, NO_FLAWS
    sent_from = header.get("sender_port")
    created = profile_zone or (zone_of(sent_from) if sent_from else None)
    flaws = NO_FLAWS if created is None else _set("header", header, ("created_at",), created)
    ports = times.import_ports if _is_import(header) else times.header_ports
    zone, flaw = _zone(header, ports, "header", profile_zone)
    if zone is not None:
        return zone, flaws + _set("header", header, times.header, zone)
    needed = any(header.get(name) for name in times.header)
    return None, (*flaws, flaw) if needed and flaw else flaws


def zone_part(
    document_type: str,
    header: dict[str, Any],
    part: dict[str, Any],
    header_zone: str | None,
    profile_zone: str | None = None,
) -> tuple[Flaw, ...]:
    """Set the zones of a part's times: the profile's, else its own port's, else the header's.

    The header of an import has the zone of another port, so it does not stand in.
    """
    times = DOCUMENT_TIMES.get(document_type)
    if times is None:
        return NO_FLAWS
    zone, flaw = _zone(part, times.part_ports, "part", profile_zone)
    if zone is None and flaw is _UNSTATED["part"] and not _is_import(header):
        zone = header_zone
    if zone is not None:
        flaws = _set("part", part, times.part, zone)
        for box in part.get("containers", ()):
            flaws += _set("part", box, times.boxes, zone)
        return flaws
    needed = any(part.get(name) for name in times.part)
    return (flaw,) if needed and flaw else NO_FLAWS


def _is_import(header: dict[str, Any]) -> bool:
    return header.get("kind") == ManifestKind.IMPORT


def _zone(
    draft: dict[str, Any], ports: tuple[str, ...], root: str, profile_zone: str | None
) -> tuple[str | None, Flaw | None]:
    """The profile's zone, else that of the first port that is given by a code."""
    if profile_zone is not None:
        return profile_zone, None
    for port in ports:
        place = draft.get(port) or {}
        code = place.code if isinstance(place, CodeName) else place.get("code")
        # What is no code at all is a finding of its own (identifiers), and says nothing of a zone.
        if code is not None and len(code) == LOCODE_CHARACTERS:
            zone = zone_of(code)
            return zone, None if zone else Flaw((root, port, "code"), ZONE_UNKNOWN, code)
    return None, _UNSTATED[root]


def _set(root: str, draft: dict[str, Any], names: tuple[str, ...], zone: str) -> tuple[Flaw, ...]:
    """Give times the zone; tells of those that state one that is not known."""
    flaws = NO_FLAWS
    for name in names:
        time = draft.get(name)
        if time is None:
            continue
        wall, stated = time["wall"], time.get("zone")
        if stated is not None and stated != zone:
            told = on_clock(wall, stated, zone)
            if told is None:
                flaws += (Flaw((root, name), ZONE_NAME, stated),)
            wall = told or wall
        # Whoever stages a document looks into the times of its header.
        try:
            draft[name] = {"wall": wall, "zone": zone} if root == "header" else _time(wall, zone)
        except ValidationError:
            draft[name] = {"wall": wall, "zone": zone}
    return flaws


@lru_cache(maxsize=4096)
def _time(wall: str, zone: str) -> PortTime:
    """The time as a model, the same for all parts that say the same."""
    return PortTime(wall=wall, zone=zone)
