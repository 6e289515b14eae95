"""What the steps and jobs ask of the store about enterprises and what belongs to them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from gateway.pipeline.firms.rows import (
    ApprovalRow,
    CardRow,
    ContactRow,
    DriverRow,
    PaperRow,
    StateRow,
    TruckRow,
)


class Fleet(Protocol):
    """Trucks, drivers and smart cards; every question names the firm whose they are."""

    def add_truck(self, row: TruckRow) -> bool:
        """False where the firm has an active truck of that plate."""

    def trucks(self, partner: str, after: str, limit: int) -> list[TruckRow]:
        """Active ones, in order of id, behind an id."""

    def truck(self, partner: str, plate: str) -> TruckRow | None:
        """The active truck of that plate."""

    def truck_count(self, partner: str) -> int: ...

    def remove_truck(self, partner: str, truck: str, at: datetime) -> bool:
        """False where there is no active one of that id."""

    def file_driver(self, row: DriverRow) -> bool:
        """False where the firm has filed a driver with that identity number."""

    def drivers(self, partner: str, after: str, limit: int) -> list[DriverRow]:
        """Filed ones, in order of id, behind an id."""

    def driver(self, partner: str, driver: str) -> DriverRow | None:
        """A filed driver by id."""

    def driver_with(self, partner: str, identity_hash: str) -> DriverRow | None:
        """The filed driver with that identity number."""

    def driver_count(self, partner: str) -> int: ...

    def remove_driver(self, partner: str, driver: str, erase_at: datetime) -> bool:
        """False where there is no filed one of that id."""

    def remove_all(self, partner: str, at: datetime) -> None:
        """Every truck and driver; the drivers' personal data may be erased at once."""

    def drivers_not_under(self, key_id: str, limit: int) -> list[DriverRow]:
        """Drivers of any firm, not erased, whose data are sealed under another key."""

    def reseal_driver(self, driver: str, key_id: str, sealed: bytes) -> None: ...

    def erase_drivers(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """Erase the personal data of removed drivers whose time has come: (partner, driver)."""

    def apply_card(self, row: CardRow) -> None: ...

    def cards(self, partner: str, after: str, limit: int) -> list[CardRow]:
        """In order of id, behind an id."""

    def card(self, partner: str, card: str) -> CardRow | None:
        """A card by id."""

    def card_numbered(self, partner: str, number: str) -> CardRow | None:
        """The firm's issued card with that number."""

    def card_count(self, partner: str) -> int: ...

    def decide_card(self, row: CardRow) -> bool:
        """Keep state, number, who and when; false where another card has that number."""


class Firms(Protocol):
    """Enterprises and what belongs to them, inside one transaction."""

    @property
    def fleet(self) -> Fleet: ...

    def entered(self, row: StateRow) -> None:
        """Add a step of a firm's life."""

    def states(self, partner: str) -> list[StateRow]:
        """Its life, oldest step first."""

    def registrations_open(self) -> int:
        """Firms whose last step is `submitted`."""

    def keep_contact(self, row: ContactRow) -> None:
        """Insert or replace."""

    def contact(self, partner: str, account: str) -> ContactRow | None: ...

    def contacts_not_under(self, key_id: str, limit: int) -> list[ContactRow]:
        """Contacts of any firm that are sealed under another key."""

    def forget(self, partner: str) -> None:
        """Remove contacts and papers of a registration that came to nothing."""

    def forget_contact(self, partner: str, account: str) -> None: ...

    def add_paper(self, row: PaperRow, content: bytes) -> None: ...

    def papers(self, partner: str) -> list[PaperRow]:
        """Oldest first."""

    def paper(self, partner: str, paper: str) -> tuple[PaperRow, bytes] | None:
        """A document with its bytes."""

    def keep_approval(self, row: ApprovalRow) -> None:
        """Insert or replace."""

    def approval(self, partner: str, terminal: str) -> ApprovalRow | None: ...

    def approvals(self, partner: str) -> list[ApprovalRow]:
        """What terminals said about a firm."""

    def asked_of(self, terminal: str, state: str, after: str, limit: int) -> list[ApprovalRow]:
        """Firms that a terminal has to answer (or answered), in order of their code."""
