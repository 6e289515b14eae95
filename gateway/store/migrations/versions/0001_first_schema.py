"""The first schema: interchanges, documents, events, deliveries, and what stands around them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (
    "account",
    "archive_upload",
    "audit_event",
    "claim",
    "dead_letter",
    "decision",
    "delivery",
    "document_in_force",
    "health",
    "hold",
    "interchange",
    "lease",
    "outbox",
    "partner_version",
    "timer",
    "archive_chunk",
    "delivery_attempt",
    "document",
    "envelope_reference",
    "interchange_body",
    "part",
    "search_key",
)


def upgrade() -> None:
    _account()
    _archive_upload()
    _audit_event()
    _claim()
    _dead_letter()
    _decision()
    _delivery()
    _delivery_indexes()
    _document_in_force()
    _health()
    _hold()
    _interchange()
    _interchange_indexes()
    _lease()
    _outbox()
    _partner_version()
    _timer()
    _archive_chunk()
    _delivery_attempt()
    _document()
    _envelope_reference()
    _interchange_body()
    _part()
    _search_key()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _seq() -> sa.Column[int]:
    return sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False)


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _int(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=null)


def _long(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [_text(name) for name in names]


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _parent(name: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(name), ondelete="CASCADE")


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _partial(
    name: str, table: str, columns: list[str], where: str, *, unique: bool = False
) -> None:
    condition = sa.text(where)
    op.create_index(
        name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition
    )


def _account() -> None:
    op.create_table("account", *_texts("name", "partner"), _key("account", "name"))
    _index("account", "partner")


def _archive_upload() -> None:
    op.create_table(
        "archive_upload",
        _text("id"),
        _text("ref", null=True),
        _long("size"),
        _long("created_at"),
        _key("archive_upload", "id"),
        sa.UniqueConstraint("ref", name=op.f("uq_archive_upload_ref")),
    )


def _audit_event() -> None:
    op.create_table(
        "audit_event",
        _seq(),
        _long("at"),
        *_texts("who", "what", "subject", "detail"),
        _key("audit_event", "seq"),
        sqlite_autoincrement=True,
    )
    _index("audit_event", "subject", "seq")


def _claim() -> None:
    op.create_table(
        "claim",
        *_texts("stage", "subject"),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        _long("claimed_at"),
        _key("claim", "stage", "subject", "revision"),
        sqlite_with_rowid=False,
    )


def _dead_letter() -> None:
    op.create_table(
        "dead_letter",
        _seq(),
        *_texts("stage", "subject"),
        _int("revision"),
        *_texts("partner", "lane", "code", "error", "trace"),
        _long("first_at"),
        _long("last_at"),
        _int("attempts"),
        _text("state"),
        _text("owner", null=True),
        _text("note", null=True),
        sa.CheckConstraint(
            "state IN ('open', 'replayed', 'skipped')", name=op.f("ck_dead_letter_state")
        ),
        _key("dead_letter", "seq"),
        sqlite_autoincrement=True,
    )
    _index("dead_letter", "state", "seq")
    _partial(
        "uq_dead_letter_open",
        "dead_letter",
        ["stage", "subject", "revision"],
        "state IN ('open')",
        unique=True,
    )


def _decision() -> None:
    op.create_table(
        "decision",
        _text("document"),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        *_texts("partner", "outcome", "codes", "rules", "explanation", "findings", "facts"),
        _long("decided_at"),
        _key("decision", "document", "revision"),
    )


def _delivery() -> None:
    op.create_table(
        "delivery",
        _seq(),
        *_texts(
            "id",
            "partner",
            "route",
            "way",
            "kind",
            "lane",
            "subject_kind",
            "subject",
            "interchange",
            "event_type",
            "file_name",
            "content_type",
        ),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        _text("state"),
        _int("attempts"),
        _long("due_at"),
        _long("created_at"),
        _int("fence"),
        _text("last_error", null=True),
        _long("sent_at", null=True),
        sa.Column("test", sa.Boolean(), nullable=False),
        _long("acknowledge_by", null=True),
        sa.Column("head", sa.SmallInteger(), nullable=False),
        _text("leased_by", null=True),
        sa.CheckConstraint(
            "state IN ('due', 'leased', 'sent', 'confirmed', 'refused', 'waiting', 'collected', "
            "'blocked', 'dead', 'skipped', 'superseded')",
            name=op.f("ck_delivery_state"),
        ),
        _key("delivery", "seq"),
        sa.UniqueConstraint("id", name=op.f("uq_delivery_id")),
        sqlite_autoincrement=True,
    )


def _delivery_indexes() -> None:
    _partial("ix_delivery_head", "delivery", ["way", "due_at", "seq"], "head = 1")
    _index("delivery", "interchange", "seq")
    _partial(
        "ix_delivery_lane",
        "delivery",
        ["partner", "lane", "seq"],
        "state IN ('due', 'leased', 'blocked', 'dead')",
    )
    _partial("ix_delivery_leased", "delivery", ["way", "due_at"], "state IN ('leased')")
    _partial("ix_delivery_waiting", "delivery", ["partner", "seq"], "state IN ('waiting')")


def _document_in_force() -> None:
    op.create_table(
        "document_in_force",
        _seq(),
        *_texts("account", "type", "key", "document"),
        _key("document_in_force", "seq"),
        sa.UniqueConstraint(
            "account",
            "type",
            "key",
            "document",
            name=op.f("uq_document_in_force_account_type_key_document"),
        ),
        sqlite_autoincrement=True,
    )


def _health() -> None:
    op.create_table("health", _text("name"), _long("checked_at"), _key("health", "name"))


def _hold() -> None:
    op.create_table(
        "hold",
        *_texts("document", "fact_kind", "fact_key"),
        _long("until_at", null=True),
        _key("hold", "document", "fact_kind", "fact_key"),
    )
    _index("hold", "fact_kind", "fact_key")


def _interchange() -> None:
    op.create_table(
        "interchange",
        _seq(),
        *_texts("id", "partner", "account", "channel", "name"),
        sa.Column("name_raw", sa.LargeBinary(), nullable=False),
        _text("content_type", null=True),
        _long("size"),
        _text("sha256"),
        _text("archive_ref", null=True),
        _text("order_key"),
        _long("received_at"),
        _text("state"),
        _text("outcome", null=True),
        _int("revision"),
        _int("attempt"),
        _int("staging"),
        sa.Column("live", sa.SmallInteger(), nullable=False),
        _text("step"),
        _text("syntax", null=True),
        _text("format", null=True),
        _text("sender", null=True),
        _text("receiver", null=True),
        _text("reference", null=True),
        _text("encoding", null=True),
        sa.Column("complete", sa.Boolean(), nullable=True),
        sa.Column("test", sa.Boolean(), nullable=False),
        _int("documents"),
        _text("findings"),
        _int("findings_total"),
        _int("errors_total"),
        _text("envelope"),
        _text("resend_of", null=True),
        _text("replay_of", null=True),
        _int("repeats"),
        _text("idempotency_key", null=True),
        _text("source_key", null=True),
        sa.CheckConstraint(
            "state IN ('received', 'translated', 'decided', 'quarantined', 'dead')",
            name=op.f("ck_interchange_state"),
        ),
        _key("interchange", "seq"),
        sa.UniqueConstraint("id", name=op.f("uq_interchange_id")),
        sqlite_autoincrement=True,
    )


def _interchange_indexes() -> None:
    _index("interchange", "account", "received_at", "size")
    _partial("ix_interchange_archived", "interchange", ["archive_ref"], "archive_ref IS NOT NULL")
    _partial("ix_interchange_dead", "interchange", ["seq"], "state IN ('dead')")
    _index("interchange", "partner", "seq")
    _partial("ix_interchange_past_bytes", "interchange", ["account", "sha256", "seq"], "live = 0")
    _partial("ix_interchange_quarantined", "interchange", ["seq"], "state IN ('quarantined')")
    _partial(
        "ix_interchange_undecided",
        "interchange",
        ["order_key", "seq"],
        "state IN ('received', 'translated')",
    )
    _partial(
        "uq_interchange_idempotency_key",
        "interchange",
        ["account", "idempotency_key"],
        "idempotency_key IS NOT NULL",
        unique=True,
    )
    _partial(
        "uq_interchange_live_bytes", "interchange", ["account", "sha256"], "live = 1", unique=True
    )
    _partial(
        "uq_interchange_source_key",
        "interchange",
        ["account", "source_key"],
        "source_key IS NOT NULL",
        unique=True,
    )


def _lease() -> None:
    op.create_table(
        "lease", *_texts("name", "owner"), _long("fence"), _long("until_at"), _key("lease", "name")
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        _seq(),
        *_texts("stage", "subject"),
        _int("revision"),
        _text("lane"),
        _long("created_at"),
        _text("state"),
        sa.CheckConstraint("state IN ('new', 'published')", name=op.f("ck_outbox_state")),
        _key("outbox", "seq"),
        sqlite_autoincrement=True,
    )
    _partial("ix_outbox_new", "outbox", ["seq"], "state IN ('new')")


def _partner_version() -> None:
    op.create_table(
        "partner_version",
        _seq(),
        _text("code"),
        _text("document", null=True),
        sa.Column("current", sa.SmallInteger(), nullable=False),
        _long("applied_at"),
        _text("applied_by"),
        _key("partner_version", "seq"),
        sqlite_autoincrement=True,
    )
    _partial("uq_partner_version_current", "partner_version", ["code"], "current = 1", unique=True)


def _timer() -> None:
    op.create_table("timer", *_texts("kind", "key"), _long("due_at"), _key("timer", "kind", "key"))
    _index("timer", "due_at")


def _archive_chunk() -> None:
    op.create_table(
        "archive_chunk",
        _text("upload"),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        _parent("fk_archive_chunk_upload_archive_upload", "upload", "archive_upload.id"),
        _key("archive_chunk", "upload", "ordinal"),
    )


def _delivery_attempt() -> None:
    op.create_table(
        "delivery_attempt",
        _seq(),
        _text("delivery"),
        _int("number"),
        _long("at"),
        *_texts("outcome", "detail"),
        _int("status", null=True),
        _long("duration"),
        _parent("fk_delivery_attempt_delivery_delivery", "delivery", "delivery.id"),
        _key("delivery_attempt", "seq"),
        sqlite_autoincrement=True,
    )
    _index("delivery_attempt", "delivery", "seq")


def _document() -> None:
    op.create_table(
        "document",
        _seq(),
        *_texts("id", "interchange"),
        _int("attempt"),
        _int("ordinal"),
        *_texts("partner", "account", "type", "format", "versions", "function", "message_type"),
        _text("message_reference", null=True),
        _text("created_wall", null=True),
        *_texts("key", "header"),
        _int("parts"),
        _int("findings"),
        _int("errors"),
        _text("state"),
        _int("revision"),
        sa.CheckConstraint(
            "state IN ('translated', 'accepted', 'partly', 'rejected', 'held', 'review')",
            name=op.f("ck_document_state"),
        ),
        _parent("fk_document_interchange_interchange", "interchange", "interchange.id"),
        _key("document", "seq"),
        sa.UniqueConstraint("id", "attempt", name=op.f("uq_document_id_attempt")),
        sa.UniqueConstraint(
            "interchange",
            "attempt",
            "ordinal",
            name=op.f("uq_document_interchange_attempt_ordinal"),
        ),
        sqlite_autoincrement=True,
    )


def _envelope_reference() -> None:
    op.create_table(
        "envelope_reference",
        *_texts("account", "reference", "interchange"),
        _parent("fk_envelope_reference_interchange_interchange", "interchange", "interchange.id"),
        _key("envelope_reference", "account", "reference"),
    )
    _index("envelope_reference", "interchange")


def _interchange_body() -> None:
    op.create_table(
        "interchange_body",
        _text("interchange"),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        _parent("fk_interchange_body_interchange_interchange", "interchange", "interchange.id"),
        _key("interchange_body", "interchange"),
    )


def _part() -> None:
    op.create_table(
        "part",
        sa.Column("document", SEQUENCE, nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        *_texts("key", "canonical", "findings"),
        _int("errors"),
        _parent("fk_part_document_document", "document", "document.seq"),
        _key("part", "document", "ordinal"),
    )


def _search_key() -> None:
    op.create_table(
        "search_key",
        *_texts("kind", "value"),
        sa.Column("document", SEQUENCE, nullable=False),
        _parent("fk_search_key_document_document", "document", "document.seq"),
        _key("search_key", "kind", "value", "document"),
        sqlite_with_rowid=False,
    )
    _index("search_key", "document", "kind", "value")
