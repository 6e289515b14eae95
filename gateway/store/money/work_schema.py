"""SCHEMA of work for people, and of the day's books."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from gateway.store.columns import number, sequence, states, text
from gateway.store.schema import METADATA, one_of

work_item = Table(
    "work_item",
    METADATA,
    sequence(),
    text("key"),
    text("kind"),
    # The queue that it belongs to, until somebody takes it.
    text("owner"),
    text("partner", null=True),
    text("payment_order", null=True),
    text("bill_of_lading", null=True),
    text("provider", null=True),
    text("reference", null=True),
    number("amount_fen", null=True),
    # JSON: what else is known.
    text("detail"),
    text("state"),
    text("note", null=True),
    text("resolved_by", null=True),
    number("created_at"),
    number("resolved_at", null=True),
    UniqueConstraint("key"),
    states("open", "resolved"),
    Index(None, "payment_order"),
    sqlite_autoincrement=True,
)
OPEN_WORK = one_of(work_item.c.state, "open")
Index(
    "ix_work_item_open",
    work_item.c.seq,
    sqlite_where=OPEN_WORK,
    postgresql_where=OPEN_WORK,
)

reconciliation = Table(
    "reconciliation",
    METADATA,
    sequence(),
    text("id"),
    text("provider"),
    # The platform's day, YYYY-MM-DD.
    text("day"),
    text("file_name"),
    text("file_sha256"),
    number("matched"),
    number("missing"),
    number("surplus"),
    number("different"),
    number("platform_fen"),
    number("own_fen"),
    text("imported_by"),
    number("imported_at"),
    UniqueConstraint("id"),
    UniqueConstraint("provider", "day", "file_sha256"),
    sqlite_autoincrement=True,
)

# A row of the platform's file, of our ledger, or of both.
reconciliation_row = Table(
    "reconciliation_row",
    METADATA,
    Column("run", Text, ForeignKey("reconciliation.id", ondelete="CASCADE"), primary_key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    # payment or refund; matched, missing (ours alone), surplus (theirs alone), different.
    text("kind"),
    text("outcome"),
    text("payment_order"),
    text("reference"),
    text("transaction_id"),
    # NULL where one side has no such row; theirs includes no fee of the platform.
    number("platform_fen", null=True),
    number("own_fen", null=True),
    number("fee_fen", null=True),
    # Line of the platform's file, and when the platform says that it was.
    Column("file_line", Integer, nullable=True),
    text("occurred", null=True),
    CheckConstraint("outcome IN ('matched', 'missing', 'surplus', 'different')", name="outcome"),
    Index(None, "payment_order"),
)
