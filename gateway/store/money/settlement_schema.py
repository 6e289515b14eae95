"""SCHEMA of 补退清算 (S3-22 … S3-30): a receipt per bill, as gateway/rules/settlement_life goes."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint

from gateway.store.columns import count, number, sequence, states, text
from gateway.store.schema import METADATA, one_of

settlement = Table(
    "settlement",
    METADATA,
    sequence(),
    text("id"),
    # The declarant.
    text("partner"),
    text("bill_of_lading"),
    # The paid pre-stow declaration; the clean one (NULL: the bill is absent from the clean one).
    text("declaration", null=True),
    text("clean_declaration", null=True),
    # The order that collected (refunds go back by it); "" for 补收差额.
    text("payment_order"),
    # 退还差额, 补收差额 or 全额退款; why (FULL_REFUND, NEW_IN_CLEAN, an exemption).
    text("kind"),
    number("amount_fen"),
    text("reason"),
    text("state"),
    count("revision"),
    text("authority_number", null=True),
    text("note", null=True),
    text("refund", null=True),
    text("extra_order", null=True),
    number("created_at"),
    number("applied_at", null=True),
    number("decided_at", null=True),
    number("settled_at", null=True),
    UniqueConstraint("id"),
    CheckConstraint("amount_fen > 0", name="amount"),
    states("RECEIPT", "APPLIED", "REJECTED", "REFUNDING", "ORDERED", "SETTLED"),
    Index(None, "partner", "seq"),
    Index(None, "bill_of_lading"),
    Index(None, "refund"),
    Index(None, "extra_order"),
    sqlite_autoincrement=True,
)
# One receipt of a kind per bill and order, as long as none was settled or it was made anew.
UNSETTLED = one_of(settlement.c.state, "RECEIPT", "APPLIED", "REJECTED", "REFUNDING", "ORDERED")
Index(
    "uq_settlement_unsettled",
    settlement.c.partner,
    settlement.c.bill_of_lading,
    settlement.c.payment_order,
    settlement.c.kind,
    unique=True,
    sqlite_where=UNSETTLED,
    postgresql_where=UNSETTLED,
)
