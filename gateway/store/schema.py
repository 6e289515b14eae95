"""SCHEMA: the tables, one for both databases.  The sum of the migrations must equal it (a test).

Instants are microseconds since 1970 UTC; JSON is text; `seq` is the order of recording.  States:

- interchange: received → translated → decided; or quarantined, dead.
- delivery: due → leased → sent → confirmed | refused; waiting → collected; blocked, dead, skipped,
  superseded.
- outbox: new → published (relay) → gone.  dead_letter: open → replayed | skipped.

Conditions of partial indexes are constants here, and queries use the same ones, or no index serves.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    and_,
    literal_column,
)
from sqlalchemy.sql.elements import ColumnElement

from gateway.store.columns import Sequence, number, sequence, states, text

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
METADATA = MetaData(naming_convention=NAMES)


def one_of(column: Column[str], *states: str) -> ColumnElement[bool]:
    """`column IN (…)` with literals, for partial indexes and the queries that they serve."""
    return column.in_([literal_column(f"'{state}'", Text) for state in states])


def is_set(column: Column[int]) -> ColumnElement[bool]:
    """`column = 1` with a literal."""
    return column == literal_column("1", Integer)


def _partial(table: Table, name: str, where: ColumnElement[bool], *columns: str) -> Index:
    return Index(
        name, *(table.c[each] for each in columns), sqlite_where=where, postgresql_where=where
    )


# ---- Partners

partner_version = Table(
    "partner_version",
    METADATA,
    sequence(),
    text("code"),
    # NULL: removed with this version.
    text("document", null=True),
    Column("current", SmallInteger, nullable=False),
    number("applied_at"),
    text("applied_by"),
    sqlite_autoincrement=True,
)
CURRENT_VERSION = is_set(partner_version.c.current)
Index(
    "uq_partner_version_current",
    partner_version.c.code,
    unique=True,
    sqlite_where=CURRENT_VERSION,
    postgresql_where=CURRENT_VERSION,
)

account = Table(
    "account",
    METADATA,
    Column("name", Text, primary_key=True),
    text("partner"),
    Index(None, "partner"),
)

# ---- Interchanges

interchange = Table(
    "interchange",
    METADATA,
    sequence(),
    text("id"),
    text("partner"),
    text("account"),
    text("channel"),
    text("name"),
    Column("name_raw", LargeBinary, nullable=False),
    text("content_type", null=True),
    number("size"),
    text("sha256"),
    text("archive_ref", null=True),
    text("order_key"),
    number("received_at"),
    text("state"),
    text("outcome", null=True),
    Column("revision", Integer, nullable=False),
    # The attempt whose documents are visible, and the last one begun.
    Column("attempt", Integer, nullable=False),
    Column("staging", Integer, nullable=False),
    # 1 while the same bytes of this account are a repeat of this interchange.
    Column("live", SmallInteger, nullable=False),
    # The step after translate: decide, or confirm for acknowledgements.
    text("step"),
    text("syntax", null=True),
    text("format", null=True),
    text("sender", null=True),
    text("receiver", null=True),
    text("reference", null=True),
    text("encoding", null=True),
    Column("complete", Boolean, nullable=True),
    Column("test", Boolean, nullable=False),
    Column("documents", Integer, nullable=False),
    text("findings"),
    Column("findings_total", Integer, nullable=False),
    Column("errors_total", Integer, nullable=False),
    text("envelope"),
    text("resend_of", null=True),
    text("replay_of", null=True),
    Column("repeats", Integer, nullable=False),
    text("idempotency_key", null=True),
    text("source_key", null=True),
    UniqueConstraint("id"),
    states("received", "translated", "decided", "quarantined", "dead"),
    Index(None, "partner", "seq"),
    Index(None, "account", "received_at", "size"),
    sqlite_autoincrement=True,
)
LIVE = is_set(interchange.c.live)
NOT_LIVE = interchange.c.live == literal_column("0", Integer)
UNDECIDED = one_of(interchange.c.state, "received", "translated")
HAS_IDEMPOTENCY_KEY = interchange.c.idempotency_key.is_not(None)
HAS_SOURCE_KEY = interchange.c.source_key.is_not(None)
IN_ARCHIVE = interchange.c.archive_ref.is_not(None)
for _name, _where, _column in (
    ("uq_interchange_live_bytes", LIVE, "sha256"),
    ("uq_interchange_idempotency_key", HAS_IDEMPOTENCY_KEY, "idempotency_key"),
    ("uq_interchange_source_key", HAS_SOURCE_KEY, "source_key"),
):
    Index(
        _name,
        interchange.c.account,
        interchange.c[_column],
        unique=True,
        sqlite_where=_where,
        postgresql_where=_where,
    )
_partial(interchange, "ix_interchange_past_bytes", NOT_LIVE, "account", "sha256", "seq")
_partial(interchange, "ix_interchange_undecided", UNDECIDED, "order_key", "seq")
_partial(interchange, "ix_interchange_archived", IN_ARCHIVE, "archive_ref")
# Where operators look; what is decided is nearly everything, what is not is found by its lane.
for _state in ("quarantined", "dead"):
    _partial(interchange, f"ix_interchange_{_state}", one_of(interchange.c.state, _state), "seq")

# Beside its row, so that a change of state does not write the bytes again.
interchange_body = Table(
    "interchange_body",
    METADATA,
    Column("interchange", Text, ForeignKey("interchange.id", ondelete="CASCADE"), primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
)

envelope_reference = Table(
    "envelope_reference",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("reference", Text, primary_key=True),
    Column("interchange", Text, ForeignKey("interchange.id", ondelete="CASCADE"), nullable=False),
    Index(None, "interchange"),
)

# ---- Documents

document = Table(
    "document",
    METADATA,
    sequence(),
    text("id"),
    Column("interchange", Text, ForeignKey("interchange.id", ondelete="CASCADE"), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("ordinal", Integer, nullable=False),
    text("partner"),
    text("account"),
    text("type"),
    text("format"),
    text("versions"),
    text("function"),
    text("message_type"),
    text("message_reference", null=True),
    text("created_wall", null=True),
    text("key"),
    text("header"),
    Column("parts", Integer, nullable=False),
    Column("findings", Integer, nullable=False),
    Column("errors", Integer, nullable=False),
    text("state"),
    Column("revision", Integer, nullable=False),
    UniqueConstraint("id", "attempt"),
    UniqueConstraint("interchange", "attempt", "ordinal"),
    states("translated", "accepted", "partly", "rejected", "held", "review"),
    sqlite_autoincrement=True,
)

part = Table(
    "part",
    METADATA,
    Column("document", Sequence, ForeignKey("document.seq", ondelete="CASCADE"), primary_key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    text("key"),
    text("canonical"),
    text("findings"),
    Column("errors", Integer, nullable=False),
)

search_key = Table(
    "search_key",
    METADATA,
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("document", Sequence, ForeignKey("document.seq", ondelete="CASCADE"), primary_key=True),
    Index(None, "document", "kind", "value"),
    sqlite_with_rowid=False,
)

# Decisions outlive the rows of their document, which a replay translates anew.
decision = Table(
    "decision",
    METADATA,
    Column("document", Text, primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    text("partner"),
    text("outcome"),
    text("codes"),
    text("rules"),
    text("explanation"),
    text("findings"),
    text("facts"),
    number("decided_at"),
)

# Which documents are in force for a business key: the original first, then its amendments.
document_in_force = Table(
    "document_in_force",
    METADATA,
    sequence(),
    text("account"),
    text("type"),
    text("key"),
    text("document"),
    UniqueConstraint("account", "type", "key", "document"),
    sqlite_autoincrement=True,
)

hold = Table(
    "hold",
    METADATA,
    Column("document", Text, primary_key=True),
    Column("fact_kind", Text, primary_key=True),
    Column("fact_key", Text, primary_key=True),
    number("until_at", null=True),
    Index(None, "fact_kind", "fact_key"),
)

# ---- Events

outbox = Table(
    "outbox",
    METADATA,
    sequence(),
    text("stage"),
    text("subject"),
    Column("revision", Integer, nullable=False),
    text("lane"),
    number("created_at"),
    text("state"),
    states("new", "published"),
    sqlite_autoincrement=True,
)
NEW_EVENT = one_of(outbox.c.state, "new")
_partial(outbox, "ix_outbox_new", NEW_EVENT, "seq")
# Of a subject that has had its first step.
BEGUN_EVENT = and_(NEW_EVENT, outbox.c.stage != literal_column("'translate'", Text))
_partial(outbox, "ix_outbox_begun", BEGUN_EVENT, "seq")

claim = Table(
    "claim",
    METADATA,
    Column("stage", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    number("claimed_at"),
    sqlite_with_rowid=False,
)

dead_letter = Table(
    "dead_letter",
    METADATA,
    sequence(),
    text("stage"),
    text("subject"),
    Column("revision", Integer, nullable=False),
    text("partner"),
    text("lane"),
    text("code"),
    text("error"),
    text("trace"),
    number("first_at"),
    number("last_at"),
    Column("attempts", Integer, nullable=False),
    text("state"),
    text("owner", null=True),
    text("note", null=True),
    states("open", "replayed", "skipped"),
    Index(None, "state", "seq"),
    sqlite_autoincrement=True,
)
OPEN_LETTER = one_of(dead_letter.c.state, "open")
Index(
    "uq_dead_letter_open",
    dead_letter.c.stage,
    dead_letter.c.subject,
    dead_letter.c.revision,
    unique=True,
    sqlite_where=OPEN_LETTER,
    postgresql_where=OPEN_LETTER,
)

# ---- Deliveries

delivery = Table(
    "delivery",
    METADATA,
    sequence(),
    text("id"),
    text("partner"),
    text("route"),
    # partner/route in one column: the slots of a route are counted and skipped over by it.
    text("way"),
    text("kind"),
    text("lane"),
    text("subject_kind"),
    text("subject"),
    text("interchange"),
    text("event_type"),
    text("file_name"),
    text("content_type"),
    Column("body", LargeBinary, nullable=True),
    text("state"),
    Column("attempts", Integer, nullable=False),
    # Due again; of a leased one: when its lease ends.
    number("due_at"),
    number("created_at"),
    Column("fence", Integer, nullable=False),
    text("last_error", null=True),
    number("sent_at", null=True),
    Column("test", Boolean, nullable=False),
    number("acknowledge_by", null=True),
    # 1 where it is due or leased and no earlier one of its lane is open.
    Column("head", SmallInteger, nullable=False),
    text("leased_by", null=True),
    UniqueConstraint("id"),
    states(
        *("due", "leased", "sent", "confirmed", "refused", "waiting", "collected"),
        *("blocked", "dead", "skipped", "superseded"),
    ),
    Index(None, "interchange", "seq"),
    sqlite_autoincrement=True,
)
OPEN_DELIVERY = one_of(delivery.c.state, "due", "leased", "blocked", "dead")
LEASED = one_of(delivery.c.state, "leased")
WAITING = one_of(delivery.c.state, "waiting")
HEAD = is_set(delivery.c.head)
_partial(delivery, "ix_delivery_lane", OPEN_DELIVERY, "partner", "lane", "seq")
_partial(delivery, "ix_delivery_head", HEAD, "way", "due_at", "seq")
_partial(delivery, "ix_delivery_leased", LEASED, "way", "due_at")
_partial(delivery, "ix_delivery_waiting", WAITING, "partner", "seq")

delivery_attempt = Table(
    "delivery_attempt",
    METADATA,
    sequence(),
    Column("delivery", Text, ForeignKey("delivery.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    number("at"),
    text("outcome"),
    text("detail"),
    Column("status", Integer, nullable=True),
    # Microseconds, as every time here.
    number("duration"),
    Index(None, "delivery", "seq"),
    sqlite_autoincrement=True,
)

# ---- Time, turns, and what people did

timer = Table(
    "timer",
    METADATA,
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    number("due_at"),
    Index(None, "due_at"),
)

lease = Table(
    "lease",
    METADATA,
    Column("name", Text, primary_key=True),
    text("owner"),
    number("fence"),
    number("until_at"),
)

# Append-only: no statement of ours changes or removes a row.
audit_event = Table(
    "audit_event",
    METADATA,
    sequence(),
    number("at"),
    text("who"),
    text("what"),
    text("subject"),
    text("detail"),
    Index(None, "subject", "seq"),
    sqlite_autoincrement=True,
)

# Written by health checks: what else would show that a durable write goes through?
health = Table(
    "health",
    METADATA,
    Column("name", Text, primary_key=True),
    number("checked_at"),
)

# ---- Large bodies, where there is no folder (PostgreSQL)

archive_upload = Table(
    "archive_upload",
    METADATA,
    Column("id", Text, primary_key=True),
    # NULL until it is committed; then the reference under which it is read.
    text("ref", null=True),
    number("size"),
    number("created_at"),
    UniqueConstraint("ref"),
)

archive_chunk = Table(
    "archive_chunk",
    METADATA,
    Column("upload", Text, ForeignKey("archive_upload.id", ondelete="CASCADE"), primary_key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("bytes", LargeBinary, nullable=False),
)
