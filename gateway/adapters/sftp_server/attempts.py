"""Who may try to sign in, how often (S-13).

A *guess* is one password that is about to be checked; it is counted before the check, so a client
that gives up half-way has spent it all the same, and given back when it was right.  A source is an
IPv4 address or an IPv6 /64.

Guesses at a user are limited over all sources, but not in a way that locks the user out: one source
can use up only half of them, and a source from which this user has signed in before is not held to
what strangers have spent.  Keys cannot be guessed and are never limited by user.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict, deque
from dataclasses import dataclass, field

from gateway import limits
from gateway.pipeline.ports import Clock


@dataclass(slots=True)
class _Source:
    guesses: deque[float] = field(default_factory=deque)
    strikes: int = 0
    struck_at: float = 0.0
    barred_until: float = 0.0


class Attempts:
    """The limiter of one server; bounded memory, monotonic time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sources: OrderedDict[str, _Source] = OrderedDict()
        self._users: OrderedDict[str, deque[tuple[float, str]]] = OrderedDict()
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    def barred(self, source: str) -> bool:
        """Whether a source that guessed wrong must still wait before it connects."""
        entry = self._sources.get(source)
        return entry is not None and self._clock.monotonic() < entry.barred_until

    def spend(self, source: str, user: str) -> bool:
        """Count a guess and say whether it may be checked."""
        now = self._clock.monotonic()
        entry = self._source(source)
        _older_than(entry.guesses, now - 60.0)
        if len(entry.guesses) >= limits.SFTP_GUESSES_PER_SOURCE_MINUTE_MAX:
            return False
        if (source, user) not in self._known and not self._spend_of_user(now, source, user):
            return False
        entry.guesses.append(now)
        return True

    def failed(self, source: str) -> None:
        """A connection guessed wrong (told once per connection): bar its source for a while."""
        now = self._clock.monotonic()
        entry = self._source(source)
        if now - entry.struck_at > limits.SFTP_PENALTY_SECONDS_MAX * 2:
            entry.strikes = 0
        entry.strikes += 1
        entry.struck_at = now
        doubled = limits.SFTP_PENALTY_SECONDS_MIN * 2.0 ** min(entry.strikes - 1, 16)
        entry.barred_until = now + min(doubled, limits.SFTP_PENALTY_SECONDS_MAX)

    def right(self, source: str, user: str) -> None:
        """The guess was the password: it was no guess, and nothing is spent."""
        entry = self._source(source)
        if entry.guesses:
            entry.guesses.pop()
        spent = self._users.get(user)
        for at in range(len(spent) - 1, -1, -1) if spent else ():
            if spent and spent[at][1] == source:
                del spent[at]
                break

    def succeeded(self, source: str, user: str) -> None:
        """The user signed in from here: what strangers spend does not count for this source."""
        self._known[source, user] = None
        self._known.move_to_end((source, user))
        _bounded(self._known)

    def _spend_of_user(self, now: float, source: str, user: str) -> bool:
        spent = self._users.setdefault(user, deque())
        self._users.move_to_end(user)
        _bounded(self._users)
        while spent and spent[0][0] < now - limits.SFTP_GUESSES_PER_USER_SECONDS:
            spent.popleft()
        own = sum(1 for _, by in spent if by == source)
        if len(spent) >= limits.SFTP_GUESSES_PER_USER_MAX:
            return False
        if own >= limits.SFTP_GUESSES_PER_USER_SOURCE_MAX:
            return False
        spent.append((now, source))
        return True

    def _source(self, source: str) -> _Source:
        entry = self._sources.setdefault(source, _Source())
        self._sources.move_to_end(source)
        _bounded(self._sources)
        return entry


def source_of(address: str) -> str:
    """What is counted as one source; an address that cannot be read counts as itself."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def _older_than(moments: deque[float], limit: float) -> None:
    while moments and moments[0] < limit:
        moments.popleft()


def _bounded(entries: OrderedDict) -> None:  # type: ignore[type-arg]
    while len(entries) > limits.SFTP_LIMITER_ENTRIES_MAX:
        entries.popitem(last=False)
