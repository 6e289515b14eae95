"""REFERENCES: who used the reference or the bytes of a file first (house.md 6).

An interchange is one file, or an archive of files; each has an envelope of its own and is compared
as if it had come alone.  Names (references, digests of packed files) are claimed under the
interchange; its envelope tells which of its files uses one, the documents of that file whether it
was rejected and so has given the name up.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from gateway.pipeline.ports import Tx
from gateway.pipeline.rows import FileFacts, InterchangeRow


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that a document came in.

    holder: who used its reference before, for other bytes.  repeats: where the same bytes came
    before, and had their effect.
    """

    file: FileFacts
    holder: str | None = None
    repeats: str | None = None


class References:
    """The files of one interchange, inside one transaction of its decision."""

    def __init__(self, tx: Tx, row: InterchangeRow) -> None:
        self._tx = tx
        self._row = row
        self._own = _Files(row)
        self._other = self._own
        self._known: tuple[int, Origin] | None = None

    @property
    def files(self) -> list[FileFacts]:
        """In the order of their documents."""
        return self._own.files

    def origin(self, ordinal: int) -> Origin:
        """Of the document of that ordinal; the first of its file claims the reference."""
        at = self._own.of(ordinal)
        if self._known is None or self._known[0] != at:
            self._known = (at, self._origin(at))
        return self._known[1]

    def _origin(self, at: int) -> Origin:
        file = self.files[at]
        repeats = self._same_bytes(at) if self._own.packed else None
        reference = _reference(file)
        if repeats or reference is None:
            return Origin(file, None, repeats)
        first = self._first(at, reference)
        if first is None:
            return Origin(file)
        where, earlier = first
        if earlier.sha256 != file.sha256:
            return Origin(file, where)
        # An operator who replays what an archive has brought means it.
        return Origin(file, None, None if self._row.replay_of else where)

    def _same_bytes(self, at: int) -> str | None:
        """Where the bytes of a packed file came before: alone, in this archive, in another one."""
        file = self.files[at]
        alone = self._tx.interchanges.with_bytes(self._row.account, file.sha256)
        if alone is not None:
            return alone
        first = self._first(at, _bytes(file))
        return first[0] if first else None

    def _first(self, at: int, name: str) -> tuple[str, FileFacts] | None:
        """Who has the name, in words and as a file; claimed for this interchange where nobody."""
        row, interchanges = self._row, self._tx.interchanges
        if (earlier := self._own.standing(self._tx, name, at)) is not None:
            return f"{row.id} {earlier.name}", earlier
        holder = interchanges.claim_reference(row.id, row.account, name)
        if holder is None:
            return None
        if self._other.id != holder and (held := interchanges.find(holder)) is not None:
            self._other = _Files(held)
        if (earlier := self._other.standing(self._tx, name)) is not None:
            return f"{holder} {earlier.name}".rstrip(), earlier
        interchanges.take_reference(row.id, row.account, name)
        return None


class _Files:
    """The files of an archive in order, or the interchange as its only one; who uses which name."""

    def __init__(self, row: InterchangeRow) -> None:
        told = row.envelope.get("files")
        alone = FileFacts("", row.sender, row.reference, row.sha256, row.documents)
        self.id = row.id
        self.packed = told is not None
        self.files = [alone] if told is None else [FileFacts(*each) for each in told]
        self._last = [each.last for each in self.files]
        self._using: dict[str, list[int]] = {}
        for at, file in enumerate(self.files):
            for name in (_reference(file), _bytes(file)):
                if name is not None:
                    self._using.setdefault(name, []).append(at)

    def of(self, ordinal: int) -> int:
        """The file of a document."""
        return bisect_left(self._last, ordinal)

    def standing(self, tx: Tx, name: str, before: int | None = None) -> FileFacts | None:
        """The first file that uses the name and was not rejected, of those before that one."""
        for at in self._using.get(name, ()):
            if before is not None and at >= before:
                return None
            after = self._last[at - 1] if at else 0
            if tx.documents.outcome(self.id, after, self._last[at]) != "rejected":
                return self.files[at]
        return None


def _reference(file: FileFacts) -> str | None:
    return f"{file.sender}|{file.reference}" if file.reference else None


def _bytes(file: FileFacts) -> str:
    """No reference looks like this: they all have a bar."""
    return f"sha256:{file.sha256}"
