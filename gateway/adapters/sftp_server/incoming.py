"""One file on its way in: SFTP's writes at offsets become one stream of bytes, without gaps.

Clients send in order; threads of one client may overtake each other a little, so what comes ahead
of its turn waits in a small window.  Whatever cannot become part of such a stream (a resume from
the middle, a second write to the same bytes, a hole) makes the file fail for good: better no file
than one that is not what the sender has.
"""

from __future__ import annotations

from gateway import limits
from gateway.pipeline.receive import Upload
from gateway.pipeline.refusal import Refusal, RefusalCode


class Incoming:
    """An open upload under one name; `failure` is why it will not be accepted."""

    def __init__(self, name: bytes, upload: Upload) -> None:
        self.name = name
        self.upload = upload
        self.failure: Refusal | None = None
        # Whether its place among the account's uploads has been given back.
        self.left = False
        self._early: dict[int, bytes] = {}
        self._early_bytes = 0

    @property
    def size(self) -> int:
        """Bytes taken so far, without those ahead of their turn."""
        return self.upload.size

    def write(self, offset: int, data: bytes) -> None:
        """Take a piece; raises the Refusal that ends this upload, the same one from then on."""
        if self.failure is not None:
            raise self.failure
        if not data:
            return
        try:
            self._take(offset, data)
        except Refusal as refusal:
            self._fail(refusal)
            raise

    def complete(self) -> None:
        """The client says that this was all; raises Refusal where it cannot have been."""
        if self.failure is not None:
            raise self.failure
        if self._early:
            self._fail(_hole(self.size))
            raise _hole(self.size)

    def abort(self) -> None:
        """Nothing of it remains; safe to call twice."""
        self._early.clear()
        self.upload.close()

    def _take(self, offset: int, data: bytes) -> None:
        if offset < self.size:
            raise _rewritten(offset)
        if offset > self.size:
            self._keep(offset, data)
            return
        self.upload.write(data)
        while self._early and self.size in self._early:
            data = self._early.pop(self.size)
            self._early_bytes -= len(data)
            self.upload.write(data)
        if self._early and min(self._early) < self.size:
            raise _rewritten(min(self._early))

    def _keep(self, offset: int, data: bytes) -> None:
        if offset in self._early:
            raise _rewritten(offset)
        if offset + len(data) - self.size > limits.SFTP_REORDER_BYTES_MAX:
            raise _hole(self.size)
        self._early[offset] = data
        self._early_bytes += len(data)
        if self._early_bytes > limits.SFTP_REORDER_BYTES_MAX:
            raise _hole(self.size)

    def _fail(self, refusal: Refusal) -> None:
        self.failure = refusal
        self.abort()


def _hole(offset: int) -> Refusal:
    return Refusal(
        RefusalCode.UNSUPPORTED,
        f"第 {offset} 字节处缺少数据；不支持断点续传，请整份重新上传",
        f"bytes are missing from offset {offset}; resuming is not supported, send the whole file",
    )


def _rewritten(offset: int) -> Refusal:
    return Refusal(
        RefusalCode.UNSUPPORTED,
        f"第 {offset} 字节被重复写入；请从头顺序写入",
        f"offset {offset} was written twice; write the file in order, once",
    )
