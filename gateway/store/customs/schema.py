"""SCHEMA of customs applications; conventions as in gateway/store/schema.py.

States are the Chinese names of S2-36 (rules/customs_life.py).  History and answers of customs
outlive the draft that was deleted; numbers are given from a row per year and never given again.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
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
)

from gateway.store.columns import number, sequence, states, text
from gateway.store.schema import METADATA, one_of

_STATES = (
    "暂存",
    "申报",
    "未受理",
    "已受理",
    "预约成功",
    "退单",
    "已取消",
    "通关完成未反馈",
    "通关完成",
)


def _application(*, key: bool = False) -> Column[str]:
    return Column(
        "application",
        Text,
        ForeignKey("customs_application.number", ondelete="CASCADE"),
        primary_key=key,
        nullable=False,
    )


# The last serial of YTG + year that was given (S2-07).
customs_serial = Table(
    "customs_serial",
    METADATA,
    Column("year", Integer, primary_key=True, autoincrement=False),
    number("last"),
)

customs_application = Table(
    "customs_application",
    METADATA,
    sequence(),
    text("number"),
    text("partner"),
    text("account"),
    text("state"),
    # Rises with everything that is told to others.
    Column("revision", Integer, nullable=False),
    # The fields of S2-06 as canonical JSON.
    text("form"),
    # The firm's own reference.
    text("reference", null=True),
    # 申请编号, customs' own.
    text("application_number", null=True),
    number("start_at", null=True),
    number("created_at"),
    number("updated_at"),
    # 申请时间: submitted, before that created.
    number("applied_at"),
    number("submitted_at", null=True),
    number("fed_back_at", null=True),
    number("explained_at", null=True),
    # Customs' own time of the newest answer that was applied.
    number("answered_at", null=True),
    # The decision about the last submission: codes, rules, explanation, calendars.
    text("decision"),
    Column("test", Boolean, nullable=False),
    states(*_STATES),
    UniqueConstraint("number"),
    Index(None, "partner", "seq"),
    Index(None, "partner", "applied_at"),
    sqlite_autoincrement=True,
)
UNFED = one_of(customs_application.c.state, "通关完成未反馈")
HAS_REFERENCE = customs_application.c.reference.is_not(None)
Index(
    "ix_customs_application_unfed",
    customs_application.c.number,
    sqlite_where=UNFED,
    postgresql_where=UNFED,
)
Index(
    "uq_customs_application_reference",
    customs_application.c.partner,
    customs_application.c.reference,
    unique=True,
    sqlite_where=HAS_REFERENCE,
    postgresql_where=HAS_REFERENCE,
)

# The codes (customs 10, credit 18) of both firms, to find applications by.
customs_party = Table(
    "customs_party",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("side", Text, primary_key=True),
    _application(key=True),
    CheckConstraint("side IN ('declarant', 'consignee')", name="side"),
    Index(None, "application"),
    sqlite_with_rowid=False,
)

# Append-only; no foreign key: it stays when a draft is deleted.
customs_history = Table(
    "customs_history",
    METADATA,
    sequence(),
    text("application"),
    number("at"),
    text("event"),
    text("state"),
    text("who"),
    text("detail"),
    Index(None, "application", "seq"),
    sqlite_autoincrement=True,
)

customs_attachment = Table(
    "customs_attachment",
    METADATA,
    sequence(),
    _application(),
    text("purpose"),
    text("name"),
    number("size"),
    text("sha256"),
    # Bytes of each page written alone, a JSON list.
    text("pages"),
    Column("bytes", LargeBinary, nullable=True),
    text("archive_ref", null=True),
    number("created_at"),
    CheckConstraint("purpose IN ('application', 'explanation')", name="purpose"),
    # The same file again is the same attachment.
    UniqueConstraint("application", "purpose", "sha256"),
    Index(None, "archive_ref"),
    sqlite_autoincrement=True,
)

customs_declaration = Table(
    "customs_declaration",
    METADATA,
    _application(key=True),
    Column("number", Text, primary_key=True),
    Column("ordinal", Integer, nullable=False),
    text("declaration"),
    text("findings"),
    number("fed_back_at"),
)

# One row an application: an explanation is sent once (S2-32).
customs_explanation = Table(
    "customs_explanation",
    METADATA,
    _application(key=True),
    text("text"),
    number("explained_at"),
    text("who"),
)

# Every answer of customs, also one that was not applied; no foreign key: it stays, too.
customs_answer = Table(
    "customs_answer",
    METADATA,
    sequence(),
    text("document"),
    text("application"),
    text("partner"),
    text("state"),
    number("answered_at"),
    number("received_at"),
    text("application_number", null=True),
    text("reason"),
    Column("applied", SmallInteger, nullable=False),
    # Why it was not applied: repeat, late, contradictory.
    text("flag", null=True),
    UniqueConstraint("document"),
    Index(None, "application", "seq"),
    sqlite_autoincrement=True,
)

# POSTs that were answered: the same key again gets the same application.
customs_request = Table(
    "customs_request",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    text("action"),
    text("sha256"),
    text("application"),
    number("at"),
)

# What customs' register says of a firm, from a day on; the operator loads it.
customs_firm = Table(
    "customs_firm",
    METADATA,
    Column("customs_code", Text, primary_key=True),
    Column("from_day", Text, primary_key=True),
    text("credit_code"),
    text("name"),
    text("credit"),
    Column("qualified", Boolean, nullable=False),
    text("partner", null=True),
    Index(None, "credit_code", "from_day"),
    Index(None, "partner"),
)

# The classification list that goods are chosen from (S2-15); the operator loads it.
customs_goods_code = Table(
    "customs_goods_code",
    METADATA,
    Column("code", Text, primary_key=True),
    text("name"),
    sqlite_with_rowid=False,
)
