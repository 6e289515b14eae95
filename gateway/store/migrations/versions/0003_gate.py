"""Pools, slots and appointments of gate-in and pick-up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (
    "gate_appointment",
    "gate_breach",
    "gate_call",
    "gate_event",
    "gate_fact",
    "gate_slot",
    "gate_suspension",
    "gate_wait",
)


def upgrade() -> None:
    _appointment()
    _appointment_indexes()
    _breach()
    _call()
    _event()
    _fact()
    _slot()
    _suspension()
    _wait()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _seq() -> sa.Column[int]:
    return sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False)


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [_text(name) for name in names]


def _int(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=null)


def _long(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _partial(name: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(
        name,
        "gate_appointment",
        columns,
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def _appointment() -> None:
    op.create_table(
        "gate_appointment",
        _seq(),
        *_texts("id", "partner", "account"),
        _flag("test"),
        *_texts("terminal", "slot", "direction", "box"),
        _long("starts_at"),
        _long("ends_at"),
        _text("container"),
        *(
            _text(name, null=True)
            for name in (
                *("booking", "bill_of_lading", "delivery_order", "vessel", "voyage"),
                *("plate", "driver", "card"),
            )
        ),
        _flag("wait"),
        _text("state"),
        _int("revision"),
        _int("asked"),
        *_texts("codes", "rules", "findings", "explanation", "facts", "policy"),
        _text("idempotency_key", null=True),
        _text("digest"),
        _long("created_at"),
        _long("changed_at"),
        sa.CheckConstraint(
            "state IN ('requested', 'confirmed', 'REVIEW', 'used', 'BREACHED', 'cancelled', "
            "'rejected')",
            name=op.f("ck_gate_appointment_state"),
        ),
        _key("gate_appointment", "seq"),
        sa.UniqueConstraint("id", name=op.f("uq_gate_appointment_id")),
        sqlite_autoincrement=True,
    )


def _appointment_indexes() -> None:
    _index("gate_appointment", "partner", "seq")
    _index("gate_appointment", "terminal", "seq")
    _index("gate_appointment", "container", "seq")
    _index("gate_appointment", "slot")
    live = "state IN ('requested', 'confirmed', 'REVIEW')"
    keyed = (
        "idempotency_key IS NOT NULL AND "
        "state IN ('requested', 'confirmed', 'REVIEW', 'used', 'BREACHED', 'cancelled')"
    )
    _partial("uq_gate_appointment_live", ["container", "direction"], live, unique=True)
    _partial("uq_gate_appointment_key", ["account", "idempotency_key"], keyed, unique=True)
    _partial("ix_gate_appointment_live_voyage", ["voyage"], live)
    _partial("ix_gate_appointment_live_booking", ["booking"], live)


def _breach() -> None:
    op.create_table(
        "gate_breach",
        *_texts("appointment", "partner", "terminal"),
        _long("at"),
        sa.Column("counts", sa.SmallInteger(), nullable=False),
        _key("gate_breach", "appointment"),
    )
    _index("gate_breach", "partner", "at")


def _call() -> None:
    op.create_table(
        "gate_call",
        _seq(),
        *_texts("terminal", "vessel", "name", "voyage"),
        *(
            _long(name, null=True)
            for name in (
                *("etb", "open_at", "gate_close", "customs_close", "document_close"),
                *("plan_open", "plan_close"),
            )
        ),
        _int("plan_boxes", null=True),
        _int("revision"),
        *_texts("source", "partner"),
        _long("changed_at"),
        _key("gate_call", "seq"),
        sa.UniqueConstraint(
            "terminal", "vessel", "voyage", name=op.f("uq_gate_call_terminal_vessel_voyage")
        ),
        sqlite_autoincrement=True,
    )
    _index("gate_call", "voyage")


def _event() -> None:
    op.create_table(
        "gate_event",
        _seq(),
        _text("appointment"),
        _int("revision"),
        _long("at"),
        *_texts("state", "slot", "codes", "explanation", "by"),
        _key("gate_event", "seq"),
        sqlite_autoincrement=True,
    )
    _index("gate_event", "appointment", "seq")


def _fact() -> None:
    op.create_table(
        "gate_fact",
        *_texts("kind", "key", "value"),
        _long("at"),
        _text("source"),
        _key("gate_fact", "kind", "key"),
    )


def _slot() -> None:
    op.create_table(
        "gate_slot",
        *_texts("id", "terminal", "direction", "box"),
        _long("starts_at"),
        _long("ends_at"),
        _int("quota"),
        _int("used"),
        _long("released_at"),
        _text("partner"),
        _long("changed_at"),
        sa.CheckConstraint("used >= 0 AND used <= quota", name=op.f("ck_gate_slot_places")),
        _key("gate_slot", "id"),
    )
    _index("gate_slot", "terminal", "starts_at")


def _suspension() -> None:
    op.create_table(
        "gate_suspension",
        _text("partner"),
        _long("until_at"),
        _int("breaches"),
        _long("changed_at"),
        _key("gate_suspension", "partner"),
    )


def _wait() -> None:
    op.create_table(
        "gate_wait",
        *_texts("appointment", "kind", "key"),
        _key("gate_wait", "appointment", "kind", "key"),
    )
    _index("gate_wait", "kind", "key")
