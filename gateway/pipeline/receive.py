"""RECEIVE: bytes and envelope durable in one transaction, then the answer (house.md 3, 1–2).

An adapter asks `admit` before the first byte, writes into an `Upload` while the client sends (no
transaction is open), and `accept`s it at the end; only then may it answer OK.  A `Refusal` goes
into the answer; after `abort` nothing remains.
"""

from __future__ import annotations

import asyncio
import hashlib
import unicodedata
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from gateway.canonical.partner import Account
from gateway.limits import (
    BODY_INLINE_BYTES_MAX,
    FILE_NAME_BYTES_MAX,
    IDEMPOTENCY_KEY_CHARACTERS_MAX,
    INTERCHANGE_BYTES_MAX,
    SNIFF_BYTES,
    UPLOADS_OPEN_MAX,
)
from gateway.pipeline import refusal
from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.identity import new_id
from gateway.pipeline.ports import ArchiveWriter, Clock, Store, StoreUnavailable, Tx
from gateway.pipeline.rows import AccountRef, Arrival, Receipt, StoredBody

# Where the archive's file system is fuller than this, nothing is accepted.
FREE_SHARE_MIN = 0.10


class Upload:
    """Bytes on their way: in memory while small, in the archive's work folder beyond."""

    def __init__(self, store: Store, bytes_max: int, closed: Callable[[], None]) -> None:
        self._store = store
        self._bytes_max = bytes_max
        self._closed = closed
        self._hash = hashlib.sha256()
        self._memory = bytearray()
        self._writer: ArchiveWriter | None = None
        self.size = 0
        self.head = b""
        self.open = True

    def write(self, chunk: bytes) -> None:
        """Take the next bytes; raises Refusal beyond the limit or on a full disk."""
        self.size += len(chunk)
        if self.size > self._bytes_max:
            raise refusal.too_large(self._bytes_max)
        self._hash.update(chunk)
        if len(self.head) < SNIFF_BYTES:
            self.head += chunk[: SNIFF_BYTES - len(self.head)]
        try:
            self._keep(chunk)
        except OSError as error:
            raise refusal.disk_full() from error

    def _keep(self, chunk: bytes) -> None:
        if self._writer is None:
            self._memory += chunk
            if len(self._memory) <= BODY_INLINE_BYTES_MAX:
                return
            self._writer = self._store.archive.begin()
            chunk, self._memory = bytes(self._memory), bytearray()
        self._writer.write(chunk)

    def commit(self) -> StoredBody:
        """Make the bytes durable (or ready to be durable with the row)."""
        digest = self._hash.hexdigest()
        if self._writer is None:
            return StoredBody(self.size, digest, bytes(self._memory), None, self.head)
        try:
            reference = self._writer.commit(digest)
        except OSError as error:
            raise refusal.disk_full() from error
        self._writer = None
        return StoredBody(self.size, digest, None, reference, self.head)

    def close(self) -> None:
        """Forget what was not committed; safe to call twice."""
        if not self.open:
            return
        self.open = False
        self._memory = bytearray()
        writer, self._writer = self._writer, None
        self._closed()
        if writer is not None:
            writer.abort()


class Intake:
    """The one door: every adapter that brings files comes through here."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        order_key: Callable[[str, bytes], str],
        bytes_max: int = INTERCHANGE_BYTES_MAX,
        uploads_max: int = UPLOADS_OPEN_MAX,
    ) -> None:
        self._store = store
        self._clock = clock
        self._order_key = order_key
        self._bytes_max = bytes_max
        self._uploads_max = uploads_max
        self._uploads_open = 0

    async def admit(
        self, account: AccountRef, terms: Account, name: bytes, size: int | None = None
    ) -> Upload:
        """An open upload, or the Refusal that the sender gets instead."""
        check_name(name)
        if size is not None and size > self._bytes_max:
            raise refusal.too_large(self._bytes_max)
        if self._uploads_open >= self._uploads_max:
            raise refusal.overloaded()
        if self._store.archive.free_share() < FREE_SHARE_MIN:
            raise refusal.disk_full()
        await self._check_quota(account, terms)
        self._uploads_open += 1
        crash_point("receive.admitted")
        return Upload(self._store, self._bytes_max, self._release)

    async def accept(  # noqa: PLR0913 - the envelope of an arrival
        self,
        upload: Upload,
        account: AccountRef,
        name: bytes,
        channel: str,
        *,
        content_type: str | None = None,
        idempotency_key: str | None = None,
        source_key: str | None = None,
    ) -> Receipt:
        """Record the arrival; durable when it returns.  Closes the upload in every case."""
        try:
            if upload.size == 0:
                raise refusal.empty()
            check_key(idempotency_key)
            # fsync and rename of a large body block; small ones only touch memory.
            large = upload.size > BODY_INLINE_BYTES_MAX
            crash_point("receive.before_durable")
            body = await asyncio.to_thread(upload.commit) if large else upload.commit()
            arrival = Arrival(
                id=new_id(),
                partner=account.partner,
                account=account.account,
                channel=channel,
                name=shown_name(name),
                name_raw=name,
                content_type=content_type,
                body=body,
                order_key=self._order_key(account.account, body.head),
                received_at=self._clock.now(),
                idempotency_key=idempotency_key,
                source_key=source_key,
            )
            crash_point("receive.before_write")
            receipt = await self._store.write(partial(_record, arrival))
            crash_point("receive.committed")
        except StoreUnavailable as error:
            raise refusal.unavailable() from error
        finally:
            upload.close()
        if receipt.mismatch:
            raise refusal.key_reused()
        return receipt

    async def _check_quota(self, account: AccountRef, terms: Account) -> None:
        if terms.quota_files_per_day is None and terms.quota_bytes_per_day is None:
            return
        since = self._clock.now() - timedelta(days=1)
        files, size = await self._store.read(
            lambda tx: tx.interchanges.usage(account.account, since)
        )
        if terms.quota_files_per_day is not None and files >= terms.quota_files_per_day:
            raise refusal.over_quota(
                f"24 小时内 {terms.quota_files_per_day} 个文件",
                f"{terms.quota_files_per_day} files in 24 hours",
            )
        if terms.quota_bytes_per_day is not None and size >= terms.quota_bytes_per_day:
            raise refusal.over_quota(
                f"24 小时内 {terms.quota_bytes_per_day} 字节",
                f"{terms.quota_bytes_per_day} bytes in 24 hours",
            )

    def _release(self) -> None:
        self._uploads_open -= 1


def _record(arrival: Arrival, tx: Tx) -> Receipt:
    receipt = tx.interchanges.receive(arrival)
    crash_point("receive.before_commit")
    return receipt


def check_key(key: str | None) -> None:
    """Visible ASCII, bounded; raises Refusal."""
    if key is None:
        return
    if not (0 < len(key) <= IDEMPOTENCY_KEY_CHARACTERS_MAX and key.isascii() and key.isprintable()):
        raise refusal.bad_key()


def check_name(name: bytes) -> None:
    """A file name that can be kept, shown and answered (S-10); raises Refusal."""
    if not name or name in (b".", b".."):
        raise refusal.bad_name("不能为空", "it is empty or a dot name")
    if len(name) > FILE_NAME_BYTES_MAX:
        raise refusal.bad_name("太长", f"longer than {FILE_NAME_BYTES_MAX} bytes")
    text = shown_name(name)
    if any(mark in text for mark in '/\\:*?"<>|'):
        raise refusal.bad_name("含有 / \\ : * ? 等字符", "it contains / \\ : * ? or the like")
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in text):
        raise refusal.bad_name("含有控制字符", "it contains control characters")


def shown_name(name: bytes) -> str:
    """UTF-8, else GB18030, else escaped bytes; the raw bytes are kept beside it."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("ascii", "backslashreplace").replace("\\", "%")
