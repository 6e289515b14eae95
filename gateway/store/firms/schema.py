"""SCHEMA of enterprises and what belongs to them; conventions as in gateway/store/schema.py.

Terms of a firm (types, services, approvals, accounts) stand in its partner document, dated versions
of which the partners' table keeps.  Here stands what is no term.  States:

- firm_state: one row for each step of submitted → review → active → suspended.
- firm_approval: requested → approved | refused; approved → withdrawn.
- truck: active → removed.  driver: filed → removed → erased.  smart_card: applied → issued |
  refused; issued → cancelled.

Personal data are sealed (pipeline/firms/personal.py): `sealed` under the key named in `key_id`,
`shown` is the same masked, hashes are keyed and serve to match.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from gateway.store.columns import number, sequence, states, text
from gateway.store.schema import METADATA, one_of


def _bytes(name: str, *, null: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=null)


# Which firm a registration number belongs to; one number, one firm (S0-10).
firm_number = Table(
    "firm_number",
    METADATA,
    Column("number", Text, primary_key=True),
    text("partner"),
    Index(None, "partner"),
)

firm_state = Table(
    "firm_state",
    METADATA,
    sequence(),
    text("partner"),
    text("state"),
    number("at"),
    text("who"),
    text("why"),
    states("submitted", "review", "active", "suspended"),
    Index(None, "partner", "seq"),
    sqlite_autoincrement=True,
)

# Who stands behind an account: of the administrator S0-22, of a sub-account S0-26.
firm_contact = Table(
    "firm_contact",
    METADATA,
    Column("partner", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    text("key_id"),
    _bytes("sealed"),
    text("shown"),
    number("changed_at"),
)

# Qualification documents: scans with the firm's seal (S0-15).
firm_paper = Table(
    "firm_paper",
    METADATA,
    sequence(),
    text("id"),
    text("partner"),
    text("kind"),
    text("name"),
    text("content_type"),
    number("size"),
    text("sha256"),
    _bytes("bytes"),
    number("uploaded_at"),
    text("uploaded_by"),
    UniqueConstraint("id"),
    Index(None, "partner", "seq"),
    sqlite_autoincrement=True,
)

firm_approval = Table(
    "firm_approval",
    METADATA,
    Column("partner", Text, primary_key=True),
    Column("terminal", Text, primary_key=True),
    text("state"),
    number("requested_at"),
    number("decided_at", null=True),
    text("who", null=True),
    text("why", null=True),
    states("requested", "approved", "refused", "withdrawn"),
    Index(None, "terminal", "state", "partner"),
)

truck = Table(
    "truck",
    METADATA,
    sequence(),
    text("id"),
    text("partner"),
    text("plate"),
    text("state"),
    number("added_at"),
    number("removed_at", null=True),
    UniqueConstraint("id"),
    states("active", "removed"),
    Index(None, "partner", "seq"),
    sqlite_autoincrement=True,
)
ACTIVE_TRUCK = one_of(truck.c.state, "active")
Index(
    "uq_truck_active",
    truck.c.partner,
    truck.c.plate,
    unique=True,
    sqlite_where=ACTIVE_TRUCK,
    postgresql_where=ACTIVE_TRUCK,
)

driver = Table(
    "driver",
    METADATA,
    sequence(),
    text("id"),
    text("partner"),
    # NULL once erased, all four.
    text("identity_hash", null=True),
    text("licence_hash", null=True),
    text("key_id", null=True),
    _bytes("sealed", null=True),
    text("shown"),
    text("state"),
    number("filed_at"),
    # When a removed driver's personal data are erased.
    number("erase_at", null=True),
    UniqueConstraint("id"),
    states("filed", "removed", "erased"),
    Index(None, "partner", "seq"),
    sqlite_autoincrement=True,
)
FILED_DRIVER = one_of(driver.c.state, "filed")
REMOVED_DRIVER = one_of(driver.c.state, "removed")
Index(
    "uq_driver_filed",
    driver.c.partner,
    driver.c.identity_hash,
    unique=True,
    sqlite_where=FILED_DRIVER,
    postgresql_where=FILED_DRIVER,
)
Index(
    "ix_driver_removed",
    driver.c.erase_at,
    sqlite_where=REMOVED_DRIVER,
    postgresql_where=REMOVED_DRIVER,
)

smart_card = Table(
    "smart_card",
    METADATA,
    sequence(),
    text("id"),
    text("partner"),
    # What the card is for: a truck or a driver of the firm, by id.
    text("truck", null=True),
    text("driver", null=True),
    # Printed on the card; known when it is issued.
    text("number", null=True),
    text("state"),
    number("applied_at"),
    number("decided_at", null=True),
    text("who", null=True),
    UniqueConstraint("id"),
    UniqueConstraint("number"),
    states("applied", "issued", "refused", "cancelled"),
    Index(None, "partner", "seq"),
    sqlite_autoincrement=True,
)
