"""What the pipeline asks of the ways to and from partners, as Protocols."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.canonical.partner import Route


def _nothing_to_close() -> None:
    """Most parcels lie in memory or in the archive."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one delivery carries.  `chunks` may be taken more than once (a retry, a signature).

    Whoever asked for it closes it.  key: the business object that it is about, as its lane names it
    (`booking=…`).
    """

    delivery: str
    event_type: str
    source: str
    subject: str
    time: datetime
    content_type: str
    file_name: str
    size: int
    chunks: Callable[[], Iterator[bytes]]
    key: str = ""
    close: Callable[[], None] = _nothing_to_close


class PushOutcome(Protocol):
    """How one try went: outcome "sent", "retry" or "refused"; detail without secrets."""

    @property
    def outcome(self) -> str: ...
    @property
    def detail(self) -> str: ...
    @property
    def status(self) -> int | None: ...
    @property
    def retry_after_seconds(self) -> float | None: ...


class Pusher(Protocol):
    """One kind of route (http, sftp, folder).  Never raises for anything the other side does."""

    async def push(self, route: Route, parcel: Parcel) -> PushOutcome: ...


class RemoteFolder(Protocol):
    """A session on a partner's SFTP server, used in a thread (poll)."""

    def list(self, folder: str) -> Sequence[RemoteName]: ...

    def read_into(
        self, folder: str, name: str, sink: Callable[[bytes], None], max_bytes: int
    ) -> int: ...

    def move(self, folder: str, name: str, target_folder: str) -> str: ...

    def close(self) -> None: ...


class RemoteName(Protocol):
    """One listed file; `raw_name` where its bytes are not UTF-8."""

    @property
    def name(self) -> str: ...
    @property
    def raw_name(self) -> bytes | None: ...
    @property
    def size(self) -> int: ...
    @property
    def mtime(self) -> int: ...
