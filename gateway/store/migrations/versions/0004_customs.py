"""Applications for customs clearance by appointment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (
    "customs_serial",
    "customs_application",
    "customs_party",
    "customs_history",
    "customs_attachment",
    "customs_declaration",
    "customs_explanation",
    "customs_answer",
    "customs_request",
    "customs_firm",
    "customs_goods_code",
)


def upgrade() -> None:
    _serial()
    _application()
    _application_indexes()
    _party()
    _history()
    _attachment()
    _declaration()
    _explanation()
    _answer()
    _request()
    _firm()
    _goods_code()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _seq() -> sa.Column[int]:
    return sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False)


def _texts(*names: str, null: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=null) for name in names]


def _longs(*names: str, null: bool = False) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=null) for name in names]


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _of_application(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["application"],
        ["customs_application.number"],
        name=op.f(f"fk_{table}_application_customs_application"),
        ondelete="CASCADE",
    )


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _partial(name: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(
        name,
        "customs_application",
        columns,
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def _serial() -> None:
    op.create_table(
        "customs_serial",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        *_longs("last"),
        _key("customs_serial", "year"),
    )


def _application() -> None:
    op.create_table(
        "customs_application",
        _seq(),
        *_texts("number", "partner", "account", "state"),
        _int("revision"),
        *_texts("form"),
        *_texts("reference", "application_number", null=True),
        *_longs("start_at", null=True),
        *_longs("created_at", "updated_at", "applied_at"),
        *_longs("submitted_at", "fed_back_at", "explained_at", "answered_at", null=True),
        *_texts("decision"),
        sa.Column("test", sa.Boolean(), nullable=False),
        _check(
            "customs_application",
            "state",
            "state IN ('暂存', '申报', '未受理', '已受理', '预约成功', '退单', '已取消', "
            "'通关完成未反馈', '通关完成')",
        ),
        _key("customs_application", "seq"),
        _unique("customs_application", "number"),
        sqlite_autoincrement=True,
    )


def _application_indexes() -> None:
    _index("customs_application", "partner", "seq")
    _index("customs_application", "partner", "applied_at")
    _partial("ix_customs_application_unfed", ["number"], "state IN ('通关完成未反馈')")
    _partial(
        "uq_customs_application_reference",
        ["partner", "reference"],
        "reference IS NOT NULL",
        unique=True,
    )


def _party() -> None:
    op.create_table(
        "customs_party",
        *_texts("code", "side", "application"),
        _check("customs_party", "side", "side IN ('declarant', 'consignee')"),
        _of_application("customs_party"),
        _key("customs_party", "code", "side", "application"),
        sqlite_with_rowid=False,
    )
    _index("customs_party", "application")


def _history() -> None:
    op.create_table(
        "customs_history",
        _seq(),
        *_texts("application"),
        *_longs("at"),
        *_texts("event", "state", "who", "detail"),
        _key("customs_history", "seq"),
        sqlite_autoincrement=True,
    )
    _index("customs_history", "application", "seq")


def _attachment() -> None:
    op.create_table(
        "customs_attachment",
        _seq(),
        *_texts("application", "purpose", "name"),
        *_longs("size"),
        *_texts("sha256", "pages"),
        sa.Column("bytes", sa.LargeBinary(), nullable=True),
        *_texts("archive_ref", null=True),
        *_longs("created_at"),
        _check("customs_attachment", "purpose", "purpose IN ('application', 'explanation')"),
        _of_application("customs_attachment"),
        _key("customs_attachment", "seq"),
        _unique("customs_attachment", "application", "purpose", "sha256"),
        sqlite_autoincrement=True,
    )
    _index("customs_attachment", "archive_ref")


def _declaration() -> None:
    op.create_table(
        "customs_declaration",
        *_texts("application", "number"),
        _int("ordinal"),
        *_texts("declaration", "findings"),
        *_longs("fed_back_at"),
        _of_application("customs_declaration"),
        _key("customs_declaration", "application", "number"),
    )


def _explanation() -> None:
    op.create_table(
        "customs_explanation",
        *_texts("application", "text"),
        *_longs("explained_at"),
        *_texts("who"),
        _of_application("customs_explanation"),
        _key("customs_explanation", "application"),
    )


def _answer() -> None:
    op.create_table(
        "customs_answer",
        _seq(),
        *_texts("document", "application", "partner", "state"),
        *_longs("answered_at", "received_at"),
        *_texts("application_number", null=True),
        *_texts("reason"),
        sa.Column("applied", sa.SmallInteger(), nullable=False),
        *_texts("flag", null=True),
        _key("customs_answer", "seq"),
        _unique("customs_answer", "document"),
        sqlite_autoincrement=True,
    )
    _index("customs_answer", "application", "seq")


def _request() -> None:
    op.create_table(
        "customs_request",
        *_texts("account", "key", "action", "sha256", "application"),
        *_longs("at"),
        _key("customs_request", "account", "key"),
    )


def _firm() -> None:
    op.create_table(
        "customs_firm",
        *_texts("customs_code", "from_day", "credit_code", "name", "credit"),
        sa.Column("qualified", sa.Boolean(), nullable=False),
        *_texts("partner", null=True),
        _key("customs_firm", "customs_code", "from_day"),
    )
    _index("customs_firm", "credit_code", "from_day")
    _index("customs_firm", "partner")


def _goods_code() -> None:
    op.create_table(
        "customs_goods_code",
        *_texts("code", "name"),
        _key("customs_goods_code", "code"),
        sqlite_with_rowid=False,
    )
