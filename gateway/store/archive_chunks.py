"""ARCHIVE IN CHUNKS: large bodies inside PostgreSQL, where many machines share no folder.

An upload is rows of 256 KiB under an id of its own, each in a short transaction, so none is open
while a client sends.  `commit` gives it its reference; the same content twice is kept once.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final, cast

import psycopg
from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gateway.limits import CHUNK_BYTES
from gateway.pipeline.ports import Clock, StoreUnavailable
from gateway.store.instant import to_micros
from gateway.store.postgres import borrowed, cause_of, engine
from gateway.store.query import POSTGRES, Query, columns_of, insert, number, number_in, text_in
from gateway.store.schema import archive_chunk, archive_upload
from gateway.store.session import Session

_u = archive_upload.c
_k = archive_chunk.c
_BEGIN: Final = Query(insert(archive_upload).inline().values(size=number(0)), ("id", "created_at"))
_WRITE: Final = Query(insert(archive_chunk).inline(), columns_of(archive_chunk))
_KNOWN: Final = Query(update(archive_upload).where(_u.ref == text_in("ref_")), ("created_at",))
_COMMIT: Final = Query(
    update(archive_upload).where(_u.id == text_in("id_")), ("ref", "size", "created_at")
)
_REMOVE: Final = Query(delete(archive_upload).where(_u.id == text_in("id_")))
_FIND: Final = Query(select(_u.id).where(_u.ref == text_in("ref_")))
_READ: Final = Query(
    select(_k.bytes).where(_k.upload == text_in("upload_"), _k.ordinal == number_in("ordinal_"))
)
_OLD: Final = Query(select(_u.id, _u.ref).where(_u.created_at < number_in("before_")))
_REMOVE_IF_OLD: Final = Query(
    delete(archive_upload).where(
        _u.id == text_in("id_"),
        _u.created_at < number_in("before_"),
        or_(_u.ref.is_(None), _u.ref == text_in("ref_")),
    )
)


class ChunkArchive:
    """The port `Archive` in the tables archive_upload and archive_chunk."""

    def __init__(self, url: str, clock: Clock, owner: str = "archive") -> None:
        self._engine = engine(url, owner)
        self._clock = clock

    def begin(self) -> ChunkWriter:
        """A new object; raises StoreUnavailable."""
        return ChunkWriter(self)

    def read(self, ref: str) -> Iterator[bytes]:
        """See the port.  The reference is looked up before the first chunk is asked for."""
        upload = self.run(lambda session: session.scalar(_FIND, ref_=ref))
        if upload is None:
            raise FileNotFoundError(f"no archive object {ref}")
        return self._chunks(str(upload))

    def _chunks(self, upload: str) -> Iterator[bytes]:
        ordinal = 0
        while (chunk := self._chunk(upload, ordinal)) is not None:
            yield chunk
            ordinal += 1

    def _chunk(self, upload: str, ordinal: int) -> bytes | None:
        chunk = self.run(lambda session: session.scalar(_READ, upload_=upload, ordinal_=ordinal))
        return None if chunk is None else bytes(chunk)

    def sweep(self, known: Callable[[str], bool], older_than: datetime) -> int:
        """See the port; uploads that were never committed are orphans too."""
        before = to_micros(older_than)
        old = self.run(lambda session: session.fetch(_OLD, before_=before))
        swept = 0
        for upload, ref in old:
            if ref is None or not known(ref):
                swept += self._remove(upload, ref or "", before)
        return swept

    def _remove(self, upload: str, ref: str, before: int) -> int:
        removed = self.run(
            lambda session: session.run(_REMOVE_IF_OLD, id_=upload, before_=before, ref_=ref)
        )
        return int(removed)

    def free_share(self) -> float:
        """The database server's disk is not ours to see; a full one refuses writes."""
        return 1.0

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def now(self) -> int:
        """The clock's instant in microseconds."""
        return to_micros(self._clock.now())

    def run(self, work: Callable[[Session], Any]) -> Any:  # noqa: ANN401  # what `work` answers
        """One short transaction; raises StoreUnavailable."""
        try:
            with borrowed(self._engine) as connection:
                cursor = cast("Any", connection.cursor())
                result = work(Session(cursor, POSTGRES, self._clock, "archive"))
                connection.commit()
                return result
        except (psycopg.Error, DBAPIError, PoolTimeout) as error:
            raise StoreUnavailable(cause_of(error)) from error


class ChunkWriter:
    """The port `ArchiveWriter`."""

    def __init__(self, archive: ChunkArchive) -> None:
        self._archive = archive
        self._id = uuid.uuid4().hex
        self._buffer = bytearray()
        self._ordinal = 0
        self._size = 0
        archive.run(lambda session: session.run(_BEGIN, id=self._id, created_at=archive.now()))

    def write(self, chunk: bytes) -> None:
        """Add bytes; whole chunks are stored at once."""
        self._buffer += chunk
        self._size += len(chunk)
        while len(self._buffer) >= CHUNK_BYTES:
            self._store(bytes(self._buffer[:CHUNK_BYTES]))
            del self._buffer[:CHUNK_BYTES]

    def _store(self, chunk: bytes) -> None:
        self._archive.run(
            lambda session: session.run(_WRITE, upload=self._id, ordinal=self._ordinal, bytes=chunk)
        )
        self._ordinal += 1

    def commit(self, sha256: str) -> str:
        """See the port; what is there already under this content is kept instead."""
        if self._buffer:
            self._store(bytes(self._buffer))
            self._buffer.clear()
        self._archive.run(lambda session: self._name(session, sha256))
        return sha256

    def _name(self, session: Session, ref: str) -> None:
        session.lock(f"archive/{ref}")
        now = self._archive.now()
        # Young again: a sweep must not take it before the new row refers to it.
        if session.run(_KNOWN, ref_=ref, created_at=now):
            session.run(_REMOVE, id_=self._id)
        else:
            session.run(_COMMIT, id_=self._id, ref=ref, size=self._size, created_at=now)

    def abort(self) -> None:
        """Remove what was stored; a sweep does it where this cannot."""
        self._buffer.clear()
        self._archive.run(lambda session: session.run(_REMOVE, id_=self._id))
