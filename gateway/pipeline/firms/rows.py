"""What crosses the port to the store about firms: plain frozen values.  Instants are UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StateRow:
    """One step of a firm's life: which state it entered, when, by whom and why."""

    partner: str
    state: str
    at: datetime
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class ContactRow:
    """Who stands behind an account; `sealed` under `key_id`, `shown` is masked JSON text."""

    partner: str
    account: str
    key_id: str
    sealed: bytes
    shown: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A qualification document without its bytes; kind: `business_licence` and others."""

    id: str
    partner: str
    kind: str
    name: str
    content_type: str
    size: int
    sha256: str
    uploaded_at: datetime
    uploaded_by: str


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """A terminal's word about a firm (S0-40); state: requested, approved, refused, withdrawn."""

    partner: str
    terminal: str
    state: str
    requested_at: datetime
    decided_at: datetime | None = None
    who: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class TruckRow:
    """A truck of a fleet; state: active, removed."""

    id: str
    partner: str
    plate: str
    state: str
    added_at: datetime
    removed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DriverRow:
    """A driver of a fleet; state: filed, removed, erased.

    identity_hash and licence_hash are keyed hashes, `sealed` the fields under `key_id`, all four
    None once erased; `shown` is masked JSON text.
    """

    id: str
    partner: str
    identity_hash: str | None
    licence_hash: str | None
    key_id: str | None
    sealed: bytes | None
    shown: str
    state: str
    filed_at: datetime
    erase_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CardRow:
    """A smart card (我的智能卡); for a truck or a driver, by id.

    state: applied → issued | refused; issued → cancelled.  number: what is printed on it.
    """

    id: str
    partner: str
    truck: str | None
    driver: str | None
    number: str | None
    state: str
    applied_at: datetime
    decided_at: datetime | None = None
    who: str | None = None
