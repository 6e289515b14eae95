"""What the pipeline asks of the world, as Protocols: store, archive, parsers, clock, secrets.

What it asks of the ways to partners stands in `channels`.

The store is a set of nouns inside one transaction (`Tx`).  A `write` runs one synchronous function
in one short transaction and returns after the commit is durable; the function does no I/O but `tx`
and may be run again from the start when the database asks for it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from gateway.canonical.partner import Account, Partner, Poll
from gateway.pipeline.audit import Audit
from gateway.pipeline.customs.ports import Customs
from gateway.pipeline.firms.ports import Firms
from gateway.pipeline.gate.ports import Gate
from gateway.pipeline.money.ports import Money
from gateway.pipeline.rows import (
    AccountRef,
    Arrival,
    AttemptRow,
    Batch,
    DeadLetter,
    DecisionRow,
    DeliveryRow,
    DocumentRow,
    HoldRow,
    InterchangeRow,
    Lease,
    NewDelivery,
    OutboxRow,
    Page,
    PartMark,
    PartRow,
    Receipt,
    TimerRow,
    Translated,
)

T = TypeVar("T")


class TransientError(Exception):
    """It may pass: try again later, under the same ids."""


class StoreUnavailable(TransientError):
    """The database is locked, full or gone."""


class Stale(Exception):
    """Somebody else acted meanwhile (fence, attempt, claim): drop this result quietly."""


class Clock(Protocol):
    """Time, injected: instants for records, monotonic seconds for durations."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...


class Interchanges(Protocol):
    """House.md 6, the only definition of duplicates, lives in `receive`."""

    def receive(self, arrival: Arrival) -> Receipt:
        """Insert with its outbox row (stage translate, lane = order_key), or answer a repeat.

        Order: idempotency key, source key, then same bytes as one of this account that is not
        rejected, quarantined or dead (a partial unique index decides races).  Same bytes as one of
        those: processed anew with `resend_of`.  A replay skips the bytes rule and is marked.
        """

    def find(self, interchange: str) -> InterchangeRow | None: ...

    def visible(self, partner: str, interchange: str) -> InterchangeRow | None:
        """As `find`, but only for its own partner."""

    def page(
        self, partner: str | None, cursor: str | None, limit: int, state: str | None = None
    ) -> Page:
        """Interchanges newest first; partner None only for operators."""

    def usage(self, account: str, since: datetime) -> tuple[int, int]:
        """(files, bytes) received since then."""

    def recent(self, account: str, since: datetime) -> list[tuple[str, int, datetime]]:
        """(name, size, received_at) of an account's accepted uploads, for SFTP stat and list."""

    def begin_attempt(self, interchange: str) -> int:
        """A new attempt number for staging; rows of older attempts are deleted.

        Raises Stale where the interchange is no longer `received`.
        """

    def stage(self, interchange: str, attempt: int, batch: Batch) -> None:
        """Insert staged documents and parts (with their search keys); Stale for an old attempt."""

    def translated(self, interchange: str, revision: int, attempt: int, end: Translated) -> None:
        """Make the attempt visible, state `translated`, outbox row for decide (or confirm).

        What waits behind an undecided one of its lane gets its row when that is decided.
        """

    def translated_at_once(
        self, row: InterchangeRow, batches: Sequence[Batch], end: Translated
    ) -> None:
        """The next attempt, all that it has staged, and `translated`, for a small file.

        Does nothing for whoever comes second.  Locks the lane first: several of them in one
        transaction go in order of their lanes.
        """

    def refuse(self, interchange: str, state: str, findings: list[dict[str, Any]]) -> None:
        """State `quarantined` or `dead`, with findings added; frees the order lane."""

    def decided(self, interchange: str, revision: int, outcome: str) -> None:
        """State `decided`; where the outcome is rejected the bytes may be sent again."""

    def earlier_undecided(self, order_key: str, seq: int) -> bool:
        """Whether an earlier interchange of the lane still has to be decided (locks the lane)."""

    def next_decidable(self, order_key: str, limit: int) -> list[InterchangeRow]:
        """The lane's first undecided interchanges that decide may go on with (locks the lane).

        As far as each is translated, no acknowledgement, and small (its bytes are not in the
        archive).  The rows come without their bytes.
        """

    def announce_next(self, order_key: str) -> None:
        """Put the event of the lane's first undecided interchange, if it is translated."""

    def outcome_changed(self, interchange: str, outcome: str) -> None:
        """A document of a decided interchange was decided again (its hold was released)."""

    def claim_reference(self, interchange: str, account: str, reference: str) -> str | None:
        """Claim an envelope reference; the interchange that holds it, when it is another one.

        A holder that was rejected, quarantined or dead gives it up.
        """

    def take_reference(self, interchange: str, account: str, reference: str) -> None:
        """Make the reference that interchange's, whoever had it."""

    def with_bytes(self, account: str, sha256: str) -> str | None:
        """The interchange that repeats of these bytes lead to (accepted or in progress)."""

    def refers_to(self, archive_ref: str) -> bool:
        """Whether bytes of an interchange stand under this reference (the archive's sweep)."""

    def reopen(self, interchange: str, stage: str) -> int:
        """Back to the state before `stage`, revision + 1; returns the revision (replay)."""


class Documents(Protocol):
    """Documents and parts of visible attempts."""

    def of_interchange(self, interchange: str, after: int, limit: int) -> list[DocumentRow]:
        """In order of ordinal."""

    def find(self, document: str) -> DocumentRow | None: ...

    def parts(self, document: str, after: int, limit: int) -> list[PartRow]:
        """In order of ordinal."""

    def part_marks(self, document: str, after: int, limit: int) -> list[PartMark]:
        """As `parts`, without the contents."""

    def part_findings(self, document: str, limit: int) -> list[str]:
        """The findings (JSON texts) of the first `limit` parts that have any."""

    def outcome(self, interchange: str, after: int = 0, last: int | None = None) -> str:
        """Over the documents' states: accepted, partly, rejected, held or review.

        Of all documents, or of those behind one ordinal up to another.
        """

    def current(self, account: str, type_: str, key: dict[str, str]) -> list[DocumentRow]:
        """The original in force for a business key and its accepted amendments, oldest first."""

    def held_keys(self, documents: Sequence[str], kind: str, values: Sequence[str]) -> set[str]:
        """Which of these search values are in force by the documents, oldest first.

        A value is, unless the newest document that carries it deletes it (function 3).
        """

    def decide(
        self, decision: DecisionRow, state: str, current: str, document: DocumentRow | None = None
    ) -> None:
        """Record a decision and its document's state.

        document: its row, where this transaction has read it.  current: "replace" (this document is
        now the one in force), "amend" (it joins the chain), "remove" (nothing is in force any
        more), "keep" (no change).
        """

    def decisions(self, document: str) -> list[DecisionRow]: ...

    def search(self, partner: str | None, terms: dict[str, str], limit: int) -> list[DocumentRow]:
        """By container, bill_of_lading, booking, vessel, voyage (all that are given)."""


class Deliveries(Protocol):
    """Everything that goes out; lanes keep order (house.md 4)."""

    def add(self, deliveries: Sequence[NewDelivery]) -> None:
        """Insert as `due` (mailbox: `waiting`); one that exists already is left alone."""

    def lease_due(
        self, now: datetime, until: datetime, owner: str, limit: int
    ) -> list[DeliveryRow]:
        """Lease due deliveries that head their lane, at most `slots` per route; fence + 1 each."""

    def next_due(self) -> datetime | None:
        """When the next delivery is due, to sleep until then."""

    def finish(
        self, delivery: str, fence: int, attempt: AttemptRow, due_at: datetime | None
    ) -> None:
        """Record a try: sent, due again at `due_at`, or dead (retry without `due_at`, refused).

        A dead one gets its dead letter and blocks its lane.  Raises Stale for an old fence.
        """

    def find(self, delivery: str) -> DeliveryRow | None: ...

    def numbered(self, seq: int) -> DeliveryRow | None:
        """The delivery of that number, as our control references name it."""

    def attempts(self, delivery: str) -> list[AttemptRow]: ...

    def of_interchange(self, interchange: str) -> list[DeliveryRow]: ...

    def waiting(self, partner: str, limit: int, cursor: str | None = None) -> Page:
        """The mailbox of a partner, oldest first."""

    def collect(self, partner: str, delivery: str) -> bool:
        """Mark as collected; false where there is none such."""

    def acknowledge(self, delivery: str, accepted: bool, detail: str) -> bool:
        """`sent` → confirmed or refused; false where that is no news."""

    def resend(self, delivery: str) -> str:
        """Send again on purpose: revision + 1, a new delivery; returns its id."""


class Outbox(Protocol):
    """Events for the runners."""

    def put(self, stage: str, subject: str, revision: int, lane: str) -> None: ...

    def take(self, limit: int, after: int = 0) -> list[OutboxRow]:
        """New rows in order of id (relay); by state, never by high-water mark.

        after: within one round, to look beyond rows that another relay will take.
        """

    def take_fresh(self, limit: int, known: Collection[int]) -> list[OutboxRow]:
        """New rows for the embedded runner; what has had its first step goes before what has not.

        So the first of a thousand files is answered before the last one is read.  Rows of one stage
        stand in order of id.  known: ids of rows that the caller has in hand.
        """

    def published(self, ids: Sequence[int]) -> None:
        """Rows that Kafka has confirmed; they stay until they are done, so that it may forget."""

    def requeue(self, before: datetime) -> int:
        """New again: rows published before then and not done; how many."""

    def done(self, ids: Sequence[int]) -> None:
        """Rows that a runner has brought to their end."""

    def claim(self, stage: str, subject: str, revision: int) -> bool:
        """Once per (stage, subject, revision); false when it was recorded before."""

    def backlog(self) -> dict[str, int]:
        """New rows per stage."""


class DeadLetters(Protocol):
    """What needs a person."""

    def bury(
        self,
        stage: str,
        subject: str,
        revision: int,
        error: BaseException,
        trace: str,
        attempts: int,
    ) -> int:
        """Keep an event whose step failed; interchanges become `dead` and free their lane."""

    def page(self, state: str | None, cursor: str | None, limit: int) -> Page: ...

    def find(self, dead_letter: int) -> DeadLetter | None: ...

    def settle(self, dead_letter: int, state: str, by: str, note: str | None) -> None:
        """`replayed` or `skipped`; the lane of a delivery goes on."""


class Partners(Protocol):
    """Dated versions of partner files; at run time only the database is read."""

    def apply(self, partners: Sequence[Partner], by: str, removed: Sequence[str] = ()) -> list[str]:
        """Load versions that differ; returns the codes that changed.  Raises on account clashes."""

    def all(self) -> list[Partner]: ...

    def find(self, code: str) -> Partner | None: ...

    def locked(self, code: str) -> Partner | None:
        """As `find`, holding off every other change of partners until the end."""

    def with_number(self, number: str) -> str | None:
        """The code of the firm that has this credit code or taxpayer number."""

    def since(self, version: int) -> dict[str, Partner | None]:
        """What changed after a version, by code; None: removed."""

    def version(self) -> int:
        """Grows with every change, in the order of commits; caches compare it."""


class Timers(Protocol):
    """Deadlines."""

    def set(self, timer: TimerRow) -> None:
        """Insert or move."""

    def cancel(self, kind: str, key: str) -> None: ...

    def due(self, now: datetime, limit: int) -> list[TimerRow]: ...

    def fired(self, kind: str, key: str) -> None: ...


class Holds(Protocol):
    """Documents waiting for facts."""

    def place(self, hold: HoldRow) -> None: ...

    def release(self, fact_kind: str, fact_key: str) -> list[str]:
        """Documents to decide again; their outbox rows are put in the same transaction."""


class Leases(Protocol):
    """Where only one may act (poller, relay, timers)."""

    def acquire(self, name: str, owner: str, now: datetime, until: datetime) -> Lease | None: ...

    def renew(self, lease: Lease, until: datetime) -> bool: ...

    def release(self, lease: Lease) -> None: ...


class Archive(Protocol):
    """Content-addressed bytes beside the database, for bodies larger than the row takes."""

    def begin(self) -> ArchiveWriter: ...

    def read(self, ref: str) -> Iterator[bytes]:
        """Chunks of at most CHUNK_BYTES; raises FileNotFoundError for an unknown reference."""

    def sweep(self, known: Callable[[str], bool], older_than: datetime) -> int:
        """Remove orphans; returns how many."""

    def free_share(self) -> float:
        """Free space as a share of the whole (R-08)."""


class ArchiveWriter(Protocol):
    """One object in the making; nothing of it exists under its reference before `commit`."""

    def write(self, chunk: bytes) -> None: ...

    def commit(self, sha256: str) -> str:
        """Durable (fsync, rename, fsync directory) before it returns the reference."""

    def abort(self) -> None: ...


class Tx(Protocol):
    """One transaction."""

    @property
    def interchanges(self) -> Interchanges: ...
    @property
    def documents(self) -> Documents: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def dead_letters(self) -> DeadLetters: ...
    @property
    def partners(self) -> Partners: ...
    @property
    def timers(self) -> Timers: ...
    @property
    def holds(self) -> Holds: ...
    @property
    def leases(self) -> Leases: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def firms(self) -> Firms: ...
    @property
    def gate(self) -> Gate: ...
    @property
    def customs(self) -> Customs: ...
    @property
    def money(self) -> Money: ...


class Store(Protocol):
    """The database, the only truth (house.md 5)."""

    async def write(self, work: Callable[[Tx], T]) -> T:
        """Durable when it returns.  Raises StoreUnavailable; what `work` raises rolls back."""

    async def read(self, work: Callable[[Tx], T]) -> T:
        """A consistent snapshot; writes are refused."""

    def write_now(self, work: Callable[[Tx], T]) -> T:
        """As `write`, for a command line that has no loop."""

    def read_now(self, work: Callable[[Tx], T]) -> T:
        """As `read`, without a loop."""

    def on_write(self, wake: Callable[[], None]) -> None:
        """Call `wake` (from any thread) after every commit that put outbox rows or deliveries."""

    @property
    def archive(self) -> Archive: ...

    async def check(self) -> None:
        """Raises StoreUnavailable with its cause when a durable write would fail now."""

    async def close(self) -> None: ...


class Parsers(Protocol):
    """Parser children: separate processes that never open the database (house.md 4)."""

    def parse(
        self, row: InterchangeRow, partner: Partner | None
    ) -> AsyncIterator[Batch | Translated]:
        """Batches as they come, then one Translated.  Raises ParserDied (counted as poison)."""

    async def parse_small(
        self, files: Sequence[tuple[InterchangeRow, Partner | None]]
    ) -> list[tuple[list[Batch], Translated]]:
        """The same for files whose bytes stand in their rows, all at once; ParserDied for all."""

    async def close(self) -> None: ...


class ParserDied(Exception):
    """The child was killed, fell silent or ran out of memory on this file."""


class Step(Protocol):
    """One stage of the journey: lease, work, record; running it twice records once.

    A step whose `side_by_side` is true keeps the order of its lane itself: the embedded runner then
    brings it many events of one lane at once.
    """

    async def run(self, subject: str, revision: int) -> None:
        """Raises TransientError to be tried again, ParserDied for poison, anything else: dead."""


class Secrets(Protocol):
    """Secrets by reference (`env:NAME`, `file:path`); raises LookupError for a missing one."""

    def resolve(self, reference: str) -> str: ...


class Directory(Protocol):
    """Signed-in accounts: a cached view of the partners table, refreshed when it changes."""

    def by_api_key(self, key: str) -> AccountRef | None:
        """Constant-time in the key; None for an unknown or revoked one."""

    def account(self, name: str) -> tuple[Partner, Account] | None: ...

    def partner(self, code: str) -> Partner | None: ...

    def partners(self) -> Sequence[Partner]:
        """All of them; the same object as long as none has changed."""

    def polls(self) -> Sequence[tuple[Partner, Poll]]: ...

    async def refresh(self) -> None: ...
