"""`/outbox` of one session: what waits for the partner, under its delivery file names.

Reading takes a snapshot; deleting means collected.  Nothing can be written here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from gateway import limits
from gateway.adapters.mailbox import Mailbox, NoContent
from gateway.pipeline.ports import Clock
from gateway.pipeline.rows import AccountRef, DeliveryRow


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file to be collected."""

    row: DeliveryRow
    size: int


class Outgoing:
    """An open file of the outbox."""

    def __init__(self, row: DeliveryRow, content: IO[bytes], size: int) -> None:
        self.row = row
        self.size = size
        self._content = content

    def read(self, offset: int, size: int) -> bytes:
        """At most `size` bytes; empty at the end."""
        if offset >= self.size:
            return b""
        self._content.seek(offset)
        return self._content.read(min(size, limits.SFTP_READ_BYTES_MAX))

    def close(self) -> None:
        """Safe to call twice."""
        self._content.close()


class Outbox:
    """Deliveries of the account's partner."""

    def __init__(self, mailbox: Mailbox, clock: Clock, account: AccountRef) -> None:
        self._mailbox = mailbox
        self._clock = clock
        self._partner = account.partner
        self._rows: dict[bytes, DeliveryRow] = {}
        self._rows_at = float("-inf")

    async def open(self, name: bytes) -> Outgoing | None:
        """The file, or None where nothing of that name waits."""
        row = await self._find(name)
        if row is None:
            return None
        try:
            content = await self._mailbox.open(row)
            return Outgoing(row, content, await self._mailbox.size(row))
        except NoContent:
            return None

    async def find(self, name: bytes) -> Waiting | None:
        """The file with its size."""
        row = await self._find(name)
        return None if row is None else await self._sized(row)

    async def listing(self) -> list[Waiting]:
        """Everything that waits, oldest first."""
        rows = [await self._sized(row) for row in (await self._current()).values()]
        return [each for each in rows if each is not None]

    async def collect(self, name: bytes) -> bool:
        """Durable when it returns; False where nothing of that name waits."""
        row = await self._find(name)
        if row is None:
            return False
        self._rows.pop(name, None)
        return await self._mailbox.collect(self._partner, row.id)

    async def _sized(self, row: DeliveryRow) -> Waiting | None:
        try:
            return Waiting(row, await self._mailbox.size(row))
        except NoContent:
            return None

    async def _find(self, name: bytes) -> DeliveryRow | None:
        return (await self._current()).get(name)

    async def _current(self) -> dict[bytes, DeliveryRow]:
        now = self._clock.monotonic()
        if now - self._rows_at > limits.SFTP_LISTING_SECONDS:
            rows = await self._mailbox.waiting(self._partner, limits.SFTP_LISTING_ENTRIES_MAX)
            self._rows = {row.file_name.encode(): row for row in rows}
            self._rows_at = now
        return dict(self._rows)
