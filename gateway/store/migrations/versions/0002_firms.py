"""Enterprises, their accounts and fleets, and the audit chain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (
    "audit_unsealed",
    "audit_seal",
    "firm_number",
    "firm_state",
    "firm_contact",
    "firm_paper",
    "firm_approval",
    "truck",
    "driver",
    "smart_card",
)


def upgrade() -> None:
    _audit()
    _firm()
    _firm_paper()
    _firm_approval()
    _truck()
    _driver()
    _smart_card()
    # What was recorded before there was a chain is sealed, too.
    op.execute("INSERT INTO audit_unsealed (event) SELECT seq FROM audit_event")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _seq() -> sa.Column[int]:
    return sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False)


def _position(name: str) -> sa.Column[int]:
    return sa.Column(name, SEQUENCE, autoincrement=False, nullable=False)


def _texts(*names: str, null: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=null) for name in names]


def _longs(*names: str, null: bool = False) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=null) for name in names]


def _bytes(name: str, *, null: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=null)


def _states(table: str, *states: str) -> sa.CheckConstraint:
    words = ", ".join(map(repr, states))
    return sa.CheckConstraint(f"state IN ({words})", name=op.f(f"ck_{table}_state"))


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _unique(table: str, column: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(column, name=op.f(f"uq_{table}_{column}"))


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _partial(
    name: str, table: str, columns: list[str], where: str, *, unique: bool = False
) -> None:
    condition = sa.text(where)
    op.create_index(
        name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition
    )


def _audit() -> None:
    op.create_table("audit_unsealed", _position("event"), _key("audit_unsealed", "event"))
    op.create_table(
        "audit_seal",
        _position("number"),
        *_longs("event", "sealed_at"),
        *_texts("hash"),
        _key("audit_seal", "number"),
        _unique("audit_seal", "event"),
    )


def _firm() -> None:
    op.create_table("firm_number", *_texts("number", "partner"), _key("firm_number", "number"))
    _index("firm_number", "partner")
    op.create_table(
        "firm_state",
        _seq(),
        *_texts("partner", "state"),
        *_longs("at"),
        *_texts("who", "why"),
        _states("firm_state", "submitted", "review", "active", "suspended"),
        _key("firm_state", "seq"),
        sqlite_autoincrement=True,
    )
    _index("firm_state", "partner", "seq")
    op.create_table(
        "firm_contact",
        *_texts("partner", "account", "key_id"),
        _bytes("sealed"),
        *_texts("shown"),
        *_longs("changed_at"),
        _key("firm_contact", "partner", "account"),
    )


def _firm_paper() -> None:
    op.create_table(
        "firm_paper",
        _seq(),
        *_texts("id", "partner", "kind", "name", "content_type"),
        *_longs("size"),
        *_texts("sha256"),
        _bytes("bytes"),
        *_longs("uploaded_at"),
        *_texts("uploaded_by"),
        _key("firm_paper", "seq"),
        _unique("firm_paper", "id"),
        sqlite_autoincrement=True,
    )
    _index("firm_paper", "partner", "seq")


def _firm_approval() -> None:
    op.create_table(
        "firm_approval",
        *_texts("partner", "terminal", "state"),
        *_longs("requested_at"),
        *_longs("decided_at", null=True),
        *_texts("who", "why", null=True),
        _states("firm_approval", "requested", "approved", "refused", "withdrawn"),
        _key("firm_approval", "partner", "terminal"),
    )
    _index("firm_approval", "terminal", "state", "partner")


def _truck() -> None:
    op.create_table(
        "truck",
        _seq(),
        *_texts("id", "partner", "plate", "state"),
        *_longs("added_at"),
        *_longs("removed_at", null=True),
        _states("truck", "active", "removed"),
        _key("truck", "seq"),
        _unique("truck", "id"),
        sqlite_autoincrement=True,
    )
    _index("truck", "partner", "seq")
    _partial("uq_truck_active", "truck", ["partner", "plate"], "state IN ('active')", unique=True)


def _driver() -> None:
    op.create_table(
        "driver",
        _seq(),
        *_texts("id", "partner"),
        *_texts("identity_hash", "licence_hash", "key_id", null=True),
        _bytes("sealed", null=True),
        *_texts("shown", "state"),
        *_longs("filed_at"),
        *_longs("erase_at", null=True),
        _states("driver", "filed", "removed", "erased"),
        _key("driver", "seq"),
        _unique("driver", "id"),
        sqlite_autoincrement=True,
    )
    _index("driver", "partner", "seq")
    filed = "state IN ('filed')"
    _partial("uq_driver_filed", "driver", ["partner", "identity_hash"], filed, unique=True)
    _partial("ix_driver_removed", "driver", ["erase_at"], "state IN ('removed')")


def _smart_card() -> None:
    op.create_table(
        "smart_card",
        _seq(),
        *_texts("id", "partner"),
        *_texts("truck", "driver", "number", null=True),
        *_texts("state"),
        *_longs("applied_at"),
        *_longs("decided_at", null=True),
        *_texts("who", null=True),
        _states("smart_card", "applied", "issued", "refused", "cancelled"),
        _key("smart_card", "seq"),
        _unique("smart_card", "id"),
        _unique("smart_card", "number"),
        sqlite_autoincrement=True,
    )
    _index("smart_card", "partner", "seq")
