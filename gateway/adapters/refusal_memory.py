"""What was refused a while ago, so that a retry storm is answered before its bytes travel (R-20).

Only TOO_LARGE is remembered: other refusals cost nothing to find out.  The first repeats go
through, since the sender may have corrected the file and kept its name.
"""

from __future__ import annotations

from collections import OrderedDict

from gateway import limits
from gateway.pipeline.ports import Clock
from gateway.pipeline.refusal import Refusal, RefusalCode

_Key = tuple[str, bytes]


class RefusalMemory:
    """Refusals by account and name; bounded, forgotten after ten minutes without a new one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: OrderedDict[_Key, tuple[float, int, Refusal]] = OrderedDict()

    def note(self, account: str, name: bytes, refusal: Refusal) -> None:
        """Remember a refusal that cost a transfer."""
        if refusal.code is not RefusalCode.TOO_LARGE:
            return
        times = self._times(account, name) + 1
        self._seen[account, name] = (self._clock.monotonic(), times, refusal)
        self._seen.move_to_end((account, name))
        while len(self._seen) > limits.REFUSAL_MEMORY_ENTRIES_MAX:
            self._seen.popitem(last=False)

    def check(self, account: str, name: bytes) -> None:
        """Raise the remembered Refusal where the same name has been refused again and again."""
        if self._times(account, name) >= limits.REFUSAL_MEMORY_TIMES:
            raise self._seen[account, name][2]

    def forget(self, account: str, name: bytes) -> None:
        """The name was accepted."""
        self._seen.pop((account, name), None)

    def _times(self, account: str, name: bytes) -> int:
        at, times, _ = self._seen.get((account, name), (0.0, 0, None))
        if times and self._clock.monotonic() - at > limits.REFUSAL_MEMORY_SECONDS:
            del self._seen[account, name]
            return 0
        return times
