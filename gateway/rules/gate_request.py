"""What a gate appointment looks at: slot, call of the vessel, box, papers, firm, truck."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gateway.rules.calendar import PORT_ZONE
from gateway.rules.gate_policy import DEFAULT_POLICY, GatePolicy
from gateway.rules.permission import ADMINISTRATOR, AccountFacts, FirmFacts
from gateway.rules.permission_tables import Profile

Direction = Literal["export_gate_in", "import_pickup"]
DIRECTIONS = {
    "export_gate_in": ("集港预约", "gate-in"),
    "import_pickup": ("提箱预约", "pick-up"),
}


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot of a pool 集港预约池.  released: when its places are given out, None if they are."""

    start: datetime
    end: datetime
    quota: int
    used: int
    released: datetime | None = None


@dataclass(frozen=True, slots=True)
class VesselCall:
    """What the schedule says of a call: berthing, 开港, 截港; None while it does not."""

    etb: datetime | None = None
    open: datetime | None = None
    gate_close: datetime | None = None


@dataclass(frozen=True, slots=True)
class GateFacts:
    """What was found for the box; the number of what was found, or True, is "there".

    The last four are told only where they are False: None is a case that does not ask for them.
    """

    booking: str | bool | None = None
    eclp: str | bool | None = None
    vgm: str | bool | None = None
    delivery_order: str | bool | None = None
    customs_released: str | bool | None = None
    fees_paid: str | bool | None = None
    live_appointment: str | bool | None = None
    in_yard: str | bool | None = None
    truck_owned: str | bool | None = None
    driver_filed: str | bool | None = None
    card_active: str | bool | None = None


@dataclass(frozen=True, slots=True)
class GateRequest:
    """One request.  plate, driver: checked where they are given; driver is an identity number."""

    direction: Direction
    requested: datetime
    slot: Slot
    container: str
    facts: GateFacts
    firm: FirmFacts
    account: AccountFacts = ADMINISTRATOR
    vessel_call: VesselCall | None = None
    terminal: str | None = None
    profile: Profile = "merged"
    suspended_until: datetime | None = None
    policy: GatePolicy = DEFAULT_POLICY
    plate: str | None = None
    driver: str | None = None


def shown(instant: datetime) -> str:
    """An instant for people, on the port's clock."""
    return f"{instant.astimezone(PORT_ZONE):%Y-%m-%d %H:%M}"


def receiving_window(
    call: VesselCall | None, policy: GatePolicy
) -> tuple[datetime, datetime] | None:
    """[opens, closes) of an export call: ETB - 7 d, or 开港 where it is later; closes with 截港.

    None where the schedule does not say enough.
    """
    if call is None or call.gate_close is None:
        return None
    starts = [call.open] if call.open else []
    if call.etb:
        starts.append(call.etb - policy.window_before_etb)
    return (max(starts), call.gate_close) if starts else None
