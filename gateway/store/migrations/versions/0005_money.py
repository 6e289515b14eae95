"""Declarations, charges, orders, payment events, refunds, settlements."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (
    "fee_filing",
    "manifest_declaration",
    "declaration",
    "charge",
    "payment_order",
    "order_counter",
    "order_bill",
    "payment_event",
    "payment_effect",
    "refund",
    "payment_call",
    "settlement",
    "work_item",
    "reconciliation",
    "reconciliation_row",
)


def upgrade() -> None:
    _fee_filing()
    _manifest_declaration()
    _declaration()
    _charge()
    _payment_order()
    _order_counter()
    _order_bill()
    _payment_event()
    _payment_effect()
    _refund()
    _payment_call()
    _settlement()
    _work_item()
    _reconciliation()
    _reconciliation_row()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _seq() -> sa.Column[int]:
    return sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False)


def _texts(*names: str, null: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=null) for name in names]


def _longs(*names: str, null: bool = False) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=null) for name in names]


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _ints(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _fee_filing() -> None:
    op.create_table(
        "fee_filing",
        _seq(),
        *_texts("id", "partner", "account", "region", "ports", "rights", "state"),
        *_ints("revision"),
        *_texts("authority_number", "reason", null=True),
        *_longs("created_at"),
        *_longs("decided_at", null=True),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'rejected')",
            name=op.f("ck_fee_filing_state"),
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_fee_filing")),
        sa.UniqueConstraint("id", name=op.f("uq_fee_filing_id")),
        sa.UniqueConstraint(
            "partner", "account", "region", name=op.f("uq_fee_filing_partner_account_region")
        ),
        sqlite_autoincrement=True,
    )


def _manifest_declaration() -> None:
    op.create_table(
        "manifest_declaration",
        _seq(),
        *_texts("id", "partner", "account"),
        *_texts("document", null=True),
        *_texts("kind", "vessel", "voyage", "region", "direction", "trade"),
        *_longs("ship_at", null=True),
        *_texts("ship_time", null=True),
        *_longs("departed_at", null=True),
        *_texts("facts", "state"),
        *_ints("revision"),
        *_texts("authority_number", "reason", null=True),
        *_longs("created_at"),
        *_longs("submitted_at", "decided_at", null=True),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'failed', 'rejected', 'deleted')",
            name=op.f("ck_manifest_declaration_state"),
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_manifest_declaration")),
        sa.UniqueConstraint("id", name=op.f("uq_manifest_declaration_id")),
        sa.UniqueConstraint(
            "partner",
            "kind",
            "vessel",
            "voyage",
            "region",
            name=op.f("uq_manifest_declaration_partner_kind_vessel_voyage_region"),
        ),
        sqlite_autoincrement=True,
    )
    _index("manifest_declaration", "document")


def _declaration() -> None:
    op.create_table(
        "declaration",
        _seq(),
        *_texts("id", "manifest", "partner", "account"),
        *_texts("document", null=True),
        *_texts(
            "bill_of_lading",
            "kind",
            "payer",
            "region",
            "load_port",
            "discharge_port",
            "direction",
            "trade",
        ),
        *_longs("ship_at", null=True),
        *_texts("ship_time", null=True),
        *_texts("goods_form", "facts", "state"),
        *_ints("revision"),
        *_texts("authority_number", null=True),
        *_longs("authority_fen", null=True),
        *_texts("reason", null=True),
        *_longs("created_at"),
        *_longs("submitted_at", "decided_at", null=True),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'rejected', 'cancel_requested', "
            "'paid', 'deleted')",
            name=op.f("ck_declaration_state"),
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_declaration")),
        sa.UniqueConstraint("id", name=op.f("uq_declaration_id")),
        sa.UniqueConstraint(
            "manifest", "bill_of_lading", name=op.f("uq_declaration_manifest_bill_of_lading")
        ),
        sqlite_autoincrement=True,
    )
    _index("declaration", "bill_of_lading")
    _index("declaration", "partner", "seq")
    _index("declaration", "payer", "state", "seq")


def _charge() -> None:
    op.create_table(
        "charge",
        _seq(),
        *_texts(
            "id",
            "declaration",
            "bill_of_lading",
            "partner",
            "tariff",
            "tariff_row",
            "tariff_version",
            "basis",
            "quantity",
            "rate",
        ),
        *_longs("amount_fen"),
        *_texts("reason", "state"),
        *_ints("revision", "line"),
        *_texts("payment_order", "settlement", null=True),
        *_longs("created_at"),
        *_longs("paid_at", null=True),
        sa.CheckConstraint(
            "state IN ('due', 'ordered', 'paid', 'void')", name=op.f("ck_charge_state")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_charge")),
        sa.UniqueConstraint(
            "declaration", "revision", "line", name=op.f("uq_charge_declaration_revision_line")
        ),
        sa.UniqueConstraint("id", name=op.f("uq_charge_id")),
        sqlite_autoincrement=True,
    )
    _index("charge", "partner", "state", "seq")
    _index("charge", "payment_order")


def _payment_order() -> None:
    op.create_table(
        "payment_order",
        _seq(),
        *_texts("number", "partner", "account"),
        *_longs("amount_fen"),
        *_texts("currency", "provider"),
        *_texts("merchant", null=True),
        *_texts("invoice_title", "delivery_method", "recipient", "state"),
        *_longs("due_fen", "paid_fen", "refunding_fen", "refunded_fen", "held_fen", "returned_fen"),
        *_texts("transaction_id", null=True),
        *_ints("revision"),
        *_texts("idempotency_key", "request_sha256", null=True),
        *_longs("created_at"),
        *_longs("checkout_at", "paid_at", "closed_at", null=True),
        sa.CheckConstraint(
            "state IN ('CREATED', 'PENDING', 'PAID', 'REFUNDING', 'PART_REFUNDED', "
            "'REFUNDED', 'CLOSED', 'AMOUNT_MISMATCH', 'LATE_PAID')",
            name=op.f("ck_payment_order_state"),
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_payment_order_amount")),
        sa.CheckConstraint(
            "due_fen >= 0 AND paid_fen >= 0 AND refunding_fen >= 0 AND refunded_fen >= 0 AND "
            "due_fen + paid_fen + refunding_fen + refunded_fen = amount_fen",
            name=op.f("ck_payment_order_conserved"),
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_payment_order")),
        sa.UniqueConstraint("number", name=op.f("uq_payment_order_number")),
        sqlite_autoincrement=True,
    )
    _index("payment_order", "partner", "seq")
    _index("payment_order", "provider", "paid_at")
    op.create_index(
        "uq_payment_order_idempotency_key",
        "payment_order",
        ["partner", "idempotency_key"],
        unique=True,
        sqlite_where=sa.text("idempotency_key IS NOT NULL"),
        postgresql_where=sa.text("idempotency_key IS NOT NULL"),
    )


def _order_counter() -> None:
    op.create_table(
        "order_counter",
        *_texts("day"),
        *_longs("last"),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_order_counter")),
    )


def _order_bill() -> None:
    op.create_table(
        "order_bill",
        *_texts("payment_order", "declaration", "bill_of_lading"),
        *_longs("amount_fen"),
        sa.Column("bill_open", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_order"],
            ["payment_order.number"],
            name=op.f("fk_order_bill_payment_order_payment_order"),
        ),
        sa.PrimaryKeyConstraint("payment_order", "declaration", name=op.f("pk_order_bill")),
    )
    _index("order_bill", "declaration")
    op.create_index(
        "uq_order_bill_open",
        "order_bill",
        ["declaration"],
        unique=True,
        sqlite_where=sa.text("bill_open = 1"),
        postgresql_where=sa.text("bill_open = 1"),
    )


def _payment_event() -> None:
    op.create_table(
        "payment_event",
        _seq(),
        *_texts("provider", "event_id", "payment_order", "kind", "event", "content_sha256"),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        *_texts("headers"),
        *_longs("received_at"),
        sa.Column("folded", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_payment_event")),
        sa.UniqueConstraint(
            "provider", "event_id", name=op.f("uq_payment_event_provider_event_id")
        ),
        sqlite_autoincrement=True,
    )
    _index("payment_event", "payment_order", "seq")
    op.create_index(
        "ix_payment_event_unfolded",
        "payment_event",
        ["payment_order", "seq"],
        unique=False,
        sqlite_where=sa.text("folded = 0"),
        postgresql_where=sa.text("folded = 0"),
    )


def _payment_effect() -> None:
    op.create_table(
        "payment_effect",
        *_texts("key", "payment_order", "kind"),
        *_longs("amount_fen", null=True),
        *_texts("reference", null=True),
        *_longs("applied_at"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_payment_effect")),
    )
    _index("payment_effect", "payment_order")


def _refund() -> None:
    op.create_table(
        "refund",
        _seq(),
        *_texts("id", "payment_order", "partner", "provider"),
        *_longs("amount_fen"),
        *_texts("reason", "state"),
        *_texts("settlement", "transaction_id", "provider_refund", null=True),
        *_texts("requested_by"),
        *_longs("created_at"),
        *_longs("finished_at", null=True),
        sa.CheckConstraint(
            "state IN ('requested', 'sent', 'succeeded', 'abnormal', 'closed', 'refused')",
            name=op.f("ck_refund_state"),
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_refund_amount")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_refund")),
        sa.UniqueConstraint("id", name=op.f("uq_refund_id")),
        sqlite_autoincrement=True,
    )
    _index("refund", "payment_order")


def _payment_call() -> None:
    op.create_table(
        "payment_call",
        *_texts("kind", "subject", "provider", "state"),
        *_ints("attempts"),
        *_longs("due_at"),
        *_ints("fence"),
        *_texts("leased_by", "last_error", null=True),
        sa.CheckConstraint(
            "state IN ('due', 'leased', 'done', 'dead')", name=op.f("ck_payment_call_state")
        ),
        sa.PrimaryKeyConstraint("kind", "subject", name=op.f("pk_payment_call")),
    )
    op.create_index(
        "ix_payment_call_open",
        "payment_call",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('due', 'leased')"),
        postgresql_where=sa.text("state IN ('due', 'leased')"),
    )


def _settlement() -> None:
    op.create_table(
        "settlement",
        _seq(),
        *_texts("id", "partner", "bill_of_lading"),
        *_texts("declaration", "clean_declaration", null=True),
        *_texts("payment_order", "kind"),
        *_longs("amount_fen"),
        *_texts("reason", "state"),
        *_ints("revision"),
        *_texts("authority_number", "note", "refund", "extra_order", null=True),
        *_longs("created_at"),
        *_longs("applied_at", "decided_at", "settled_at", null=True),
        sa.CheckConstraint(
            "state IN ('RECEIPT', 'APPLIED', 'REJECTED', 'REFUNDING', 'ORDERED', 'SETTLED')",
            name=op.f("ck_settlement_state"),
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_settlement_amount")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_settlement")),
        sa.UniqueConstraint("id", name=op.f("uq_settlement_id")),
        sqlite_autoincrement=True,
    )
    _index("settlement", "bill_of_lading")
    _index("settlement", "extra_order")
    _index("settlement", "partner", "seq")
    _index("settlement", "refund")
    op.create_index(
        "uq_settlement_unsettled",
        "settlement",
        ["partner", "bill_of_lading", "payment_order", "kind"],
        unique=True,
        sqlite_where=sa.text("state IN ('RECEIPT', 'APPLIED', 'REJECTED', 'REFUNDING', 'ORDERED')"),
        postgresql_where=sa.text(
            "state IN ('RECEIPT', 'APPLIED', 'REJECTED', 'REFUNDING', 'ORDERED')"
        ),
    )


def _work_item() -> None:
    op.create_table(
        "work_item",
        _seq(),
        *_texts("key", "kind", "owner"),
        *_texts("partner", "payment_order", "bill_of_lading", "provider", "reference", null=True),
        *_longs("amount_fen", null=True),
        *_texts("detail", "state"),
        *_texts("note", "resolved_by", null=True),
        *_longs("created_at"),
        *_longs("resolved_at", null=True),
        sa.CheckConstraint("state IN ('open', 'resolved')", name=op.f("ck_work_item_state")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_work_item")),
        sa.UniqueConstraint("key", name=op.f("uq_work_item_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_work_item_open",
        "work_item",
        ["seq"],
        unique=False,
        sqlite_where=sa.text("state IN ('open')"),
        postgresql_where=sa.text("state IN ('open')"),
    )
    _index("work_item", "payment_order")


def _reconciliation() -> None:
    op.create_table(
        "reconciliation",
        _seq(),
        *_texts("id", "provider", "day", "file_name", "file_sha256"),
        *_longs("matched", "missing", "surplus", "different", "platform_fen", "own_fen"),
        *_texts("imported_by"),
        *_longs("imported_at"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_reconciliation")),
        sa.UniqueConstraint("id", name=op.f("uq_reconciliation_id")),
        sa.UniqueConstraint(
            "provider",
            "day",
            "file_sha256",
            name=op.f("uq_reconciliation_provider_day_file_sha256"),
        ),
        sqlite_autoincrement=True,
    )


def _reconciliation_row() -> None:
    op.create_table(
        "reconciliation_row",
        *_texts("run"),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        *_texts("kind", "outcome", "payment_order", "reference", "transaction_id"),
        *_longs("platform_fen", "own_fen", "fee_fen", null=True),
        sa.Column("file_line", sa.Integer(), nullable=True),
        *_texts("occurred", null=True),
        sa.CheckConstraint(
            "outcome IN ('matched', 'missing', 'surplus', 'different')",
            name=op.f("ck_reconciliation_row_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["run"],
            ["reconciliation.id"],
            name=op.f("fk_reconciliation_row_run_reconciliation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("run", "ordinal", name=op.f("pk_reconciliation_row")),
    )
    _index("reconciliation_row", "payment_order")
