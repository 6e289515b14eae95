"""SCHEMA of slots and gate appointments; conventions as in gateway/store/schema.py.

- slot: used counts the appointments that hold a place (requested, confirmed, REVIEW) or had it
  (used, BREACHED); a check keeps it within the quota, whatever a program does.
- appointment: requested → confirmed → used | cancelled | REVIEW | BREACHED; rejected ones stay on
  record and hold nothing.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from gateway.store.columns import number, sequence, states, text
from gateway.store.schema import METADATA, is_set, one_of

# States that hold a place and a box (rules/gate_life.LIVE); in the words of partial indexes.
LIVE_STATES = ("requested", "confirmed", "REVIEW")
HOLDING_STATES = (*LIVE_STATES, "used", "BREACHED")
STATES = (*HOLDING_STATES, "cancelled", "rejected")


slot = Table(
    "gate_slot",
    METADATA,
    # terminal, direction, box and start in one word: the same slot published again is the same row.
    Column("id", Text, primary_key=True),
    text("terminal"),
    text("direction"),
    text("box"),
    number("starts_at"),
    number("ends_at"),
    Column("quota", Integer, nullable=False),
    Column("used", Integer, nullable=False),
    number("released_at"),
    text("partner"),
    number("changed_at"),
    CheckConstraint("used >= 0 AND used <= quota", name="places"),
    Index(None, "terminal", "starts_at"),
)

# What schedule and plan say of a voyage at a terminal; terminal "" where the schedule names none.
call = Table(
    "gate_call",
    METADATA,
    sequence(),
    text("terminal"),
    text("vessel"),
    text("name"),
    text("voyage"),
    number("etb", null=True),
    number("open_at", null=True),
    number("gate_close", null=True),
    number("customs_close", null=True),
    number("document_close", null=True),
    number("plan_open", null=True),
    number("plan_close", null=True),
    Column("plan_boxes", Integer, nullable=True),
    Column("revision", Integer, nullable=False),
    text("source"),
    text("partner"),
    number("changed_at"),
    UniqueConstraint("terminal", "vessel", "voyage"),
    Index(None, "voyage"),
    sqlite_autoincrement=True,
)

appointment = Table(
    "gate_appointment",
    METADATA,
    sequence(),
    text("id"),
    text("partner"),
    text("account"),
    Column("test", Boolean, nullable=False),
    text("terminal"),
    text("slot"),
    text("direction"),
    text("box"),
    number("starts_at"),
    number("ends_at"),
    text("container"),
    text("booking", null=True),
    text("bill_of_lading", null=True),
    text("delivery_order", null=True),
    text("vessel", null=True),
    text("voyage", null=True),
    text("plate", null=True),
    # Masked: the number itself is the driver's (rules/appointment_gate.py).
    text("driver", null=True),
    text("card", null=True),
    Column("wait", Boolean, nullable=False),
    text("state"),
    Column("revision", Integer, nullable=False),
    # How often a fact has asked for it: the revision of the next event of its stage.
    Column("asked", Integer, nullable=False),
    text("codes"),
    text("rules"),
    text("findings"),
    text("explanation"),
    text("facts"),
    text("policy"),
    text("idempotency_key", null=True),
    text("digest"),
    number("created_at"),
    number("changed_at"),
    UniqueConstraint("id"),
    states(*STATES),
    Index(None, "partner", "seq"),
    Index(None, "terminal", "seq"),
    Index(None, "container", "seq"),
    Index(None, "slot"),
    sqlite_autoincrement=True,
)
LIVE = one_of(appointment.c.state, *LIVE_STATES)
HOLDING = one_of(appointment.c.state, *HOLDING_STATES)
KEYED = appointment.c.idempotency_key.is_not(None) & one_of(
    appointment.c.state, *(state for state in STATES if state != "rejected")
)
for _name, _where, _columns in (
    ("uq_gate_appointment_live", LIVE, ("container", "direction")),
    ("uq_gate_appointment_key", KEYED, ("account", "idempotency_key")),
):
    Index(
        _name,
        *(appointment.c[each] for each in _columns),
        unique=True,
        sqlite_where=_where,
        postgresql_where=_where,
    )
for _column in ("voyage", "booking"):
    Index(
        f"ix_gate_appointment_live_{_column}",
        appointment.c[_column],
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )

# Append-only: how an appointment came to stand where it stands.
event = Table(
    "gate_event",
    METADATA,
    sequence(),
    text("appointment"),
    Column("revision", Integer, nullable=False),
    number("at"),
    text("state"),
    text("slot"),
    text("codes"),
    text("explanation"),
    text("by"),
    Index(None, "appointment", "seq"),
    sqlite_autoincrement=True,
)

breach = Table(
    "gate_breach",
    METADATA,
    Column("appointment", Text, primary_key=True),
    text("partner"),
    text("terminal"),
    number("at"),
    # 0 once a late gate move has shown that the truck was there.
    Column("counts", SmallInteger, nullable=False),
)
COUNTS = is_set(breach.c.counts)
Index("ix_gate_breach_partner_at", breach.c.partner, breach.c.at)

suspension = Table(
    "gate_suspension",
    METADATA,
    Column("partner", Text, primary_key=True),
    number("until_at"),
    Column("breaches", Integer, nullable=False),
    number("changed_at"),
)

# What other services know of a box or a bill: released by customs, paid.
fact = Table(
    "gate_fact",
    METADATA,
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    text("value"),
    number("at"),
    text("source"),
)

# Requests that wait for a fact.
wait = Table(
    "gate_wait",
    METADATA,
    Column("appointment", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Index(None, "kind", "key"),
)
