"""SCHEMA of the ledger; conventions as in gateway/store/schema.py, amounts are whole fen.

- payment_order: as gateway/rules/payment_ledger; `bill_open` is 1 until it is paid or closed.
- refund: requested → sent → succeeded; abnormal, closed, refused.
- payment_call: due → leased → done | dead.

What is declared and due, receipts and work stand in modules of their own beside this one.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)

from gateway.store.columns import count, number, sequence, states, text
from gateway.store.money import declaration_schema as _declarations
from gateway.store.money import settlement_schema as _settlements
from gateway.store.money import work_schema as _work
from gateway.store.schema import METADATA, is_set, one_of

payment_order = Table(
    "payment_order",
    METADATA,
    sequence(),
    text("number"),
    # The payer.
    text("partner"),
    text("account"),
    number("amount_fen"),
    text("currency"),
    text("provider"),
    text("merchant", null=True),
    text("invoice_title"),
    # pick_up, post or electronic; JSON: who gets the posted receipt.
    text("delivery_method"),
    text("recipient"),
    text("state"),
    number("due_fen"),
    number("paid_fen"),
    number("refunding_fen"),
    number("refunded_fen"),
    number("held_fen"),
    number("returned_fen"),
    # The provider's number of the payment that paid it.
    text("transaction_id", null=True),
    count("revision"),
    text("idempotency_key", null=True),
    text("request_sha256", null=True),
    number("created_at"),
    number("checkout_at", null=True),
    number("paid_at", null=True),
    number("closed_at", null=True),
    UniqueConstraint("number"),
    CheckConstraint("amount_fen > 0", name="amount"),
    CheckConstraint(
        "due_fen >= 0 AND paid_fen >= 0 AND refunding_fen >= 0 AND refunded_fen >= 0"
        " AND due_fen + paid_fen + refunding_fen + refunded_fen = amount_fen",
        name="conserved",
    ),
    states(
        *("CREATED", "PENDING", "PAID", "REFUNDING", "PART_REFUNDED", "REFUNDED", "CLOSED"),
        *("AMOUNT_MISMATCH", "LATE_PAID"),
    ),
    Index(None, "partner", "seq"),
    Index(None, "provider", "paid_at"),
    sqlite_autoincrement=True,
)
HAS_IDEMPOTENCY_KEY = payment_order.c.idempotency_key.is_not(None)
Index(
    "uq_payment_order_idempotency_key",
    payment_order.c.partner,
    payment_order.c.idempotency_key,
    unique=True,
    sqlite_where=HAS_IDEMPOTENCY_KEY,
    postgresql_where=HAS_IDEMPOTENCY_KEY,
)

# The running number of a day's orders; the port's day.
order_counter = Table(
    "order_counter",
    METADATA,
    Column("day", Text, primary_key=True),
    number("last"),
)

order_bill = Table(
    "order_bill",
    METADATA,
    Column("payment_order", Text, ForeignKey("payment_order.number"), primary_key=True),
    Column("declaration", Text, primary_key=True),
    text("bill_of_lading"),
    number("amount_fen"),
    # 1 until the order is paid or closed.
    Column("bill_open", SmallInteger, nullable=False),
    Index(None, "declaration"),
)
BILL_OPEN = is_set(order_bill.c.bill_open)
Index(
    "uq_order_bill_open",
    order_bill.c.declaration,
    unique=True,
    sqlite_where=BILL_OPEN,
    postgresql_where=BILL_OPEN,
)

# ---- What happened to the money

payment_event = Table(
    "payment_event",
    METADATA,
    sequence(),
    # `local` for events of our own.
    text("provider"),
    text("event_id"),
    # As the event names it; an order of ours, or of nobody (ORPHAN).  "" where it names none.
    text("payment_order"),
    text("kind"),
    # The event as rules read it, JSON, and a digest of all that it says.
    text("event"),
    text("content_sha256"),
    # The callback as it came: what the signature was over.  NULL for what no callback brought.
    Column("raw", LargeBinary, nullable=True),
    text("headers"),
    number("received_at"),
    Column("folded", SmallInteger, nullable=False),
    UniqueConstraint("provider", "event_id"),
    Index(None, "payment_order", "seq"),
    sqlite_autoincrement=True,
)

UNFOLDED = payment_event.c.folded == literal_column("0", Integer)
Index(
    "ix_payment_event_unfolded",
    payment_event.c.payment_order,
    payment_event.c.seq,
    sqlite_where=UNFOLDED,
    postgresql_where=UNFOLDED,
)

# Which effects, work and questions of a fold have been recorded: each key once.
payment_effect = Table(
    "payment_effect",
    METADATA,
    Column("key", Text, primary_key=True),
    text("payment_order"),
    text("kind"),
    number("amount_fen", null=True),
    text("reference", null=True),
    number("applied_at"),
    Index(None, "payment_order"),
)

refund = Table(
    "refund",
    METADATA,
    sequence(),
    # Our number, which the provider is given.
    text("id"),
    text("payment_order"),
    text("partner"),
    text("provider"),
    number("amount_fen"),
    # LATE_PAID, SETTLEMENT, EXEMPTION, OFFICER.
    text("reason"),
    text("state"),
    text("settlement", null=True),
    # The payment that goes back, and the provider's number of the refund.
    text("transaction_id", null=True),
    text("provider_refund", null=True),
    text("requested_by"),
    number("created_at"),
    number("finished_at", null=True),
    UniqueConstraint("id"),
    CheckConstraint("amount_fen > 0", name="amount"),
    states("requested", "sent", "succeeded", "abnormal", "closed", "refused"),
    Index(None, "payment_order"),
    sqlite_autoincrement=True,
)

# Calls to providers, made between transactions: what is asked (query) or asked for (refund).
payment_call = Table(
    "payment_call",
    METADATA,
    # query or refund; an order's number or a refund's id.
    Column("kind", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    text("provider"),
    text("state"),
    count("attempts"),
    # Due again; of a leased one: when its lease ends.
    number("due_at"),
    count("fence"),
    text("leased_by", null=True),
    text("last_error", null=True),
    states("due", "leased", "done", "dead"),
)
OPEN_CALL = one_of(payment_call.c.state, "due", "leased")
Index(
    "ix_payment_call_open",
    payment_call.c.due_at,
    sqlite_where=OPEN_CALL,
    postgresql_where=OPEN_CALL,
)

del _declarations, _settlements, _work
