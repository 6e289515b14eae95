"""CRASH POINTS: named places where a test ends the process, to prove that nothing is lost (R-02).

`crash_point("receive.before-commit")` costs one comparison while nothing is armed.  `arm` takes
`name:n` (SIGKILL at the n-th passing, exactly as a power cut would: no handler, no flush) or
`name:n:raise` (an exception at each n-th passing, for R-03).  Reading the environment is settings'
part, and a process that is not armed cannot be armed from outside.
"""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import dataclass, field
from typing import Final, Literal

_POINTS: Final = {
    # Receive: nothing is promised before the commit; afterwards the sender may hear OK or not.
    "receive.admitted": "the sender may send, no byte has come",
    "receive.before-durable": "all bytes are here, the large ones not yet durable",
    "receive.before-write": "the bytes are durable, no row speaks of them",
    "receive.in-write": "the rows are written, not committed",
    "receive.after-commit": "committed, the adapter does not know yet",
    "sftp.before-answer": "committed, close or rename has not been answered",
    "http.before-answer": "committed, 202 has not been sent",
    # Archive: the order of write, fsync, rename, fsync of the folder.
    "archive.after-chunk": "a part of a large body is written",
    "archive.before-fsync": "a large body is written, not durable",
    "archive.after-fsync": "durable under its working name",
    "archive.after-rename": "under its own name, the folder not durable",
    "archive.after-folder-fsync": "durable, no row refers to it",
    "archive.before-sweep": "an orphan is about to be removed",
    # Store: the writer commits many results at once, a savepoint each.
    "store.before-commit": "results of several steps wait for one commit",
    "store.after-commit": "committed, nobody has been told",
    # Runner: events are taken, brought to their step and marked done.
    "runner.after-take": "events are taken, no step has begun",
    "runner.before-done": "a step has ended, its event is not marked",
    "runner.after-done": "the event is marked done",
    # Translate and stage: attempts are thrown away, or visible as a whole.
    "translate.before-begin": "nothing has been done",
    "translate.after-begin": "the attempt has its number",
    "stage.before-batch": "the parser has sent parts, none recorded",
    "stage.after-batch": "a batch is recorded, the attempt is not visible",
    "translate.before-record": "all parts are staged",
    "translate.in-record": "the attempt is visible, not committed",
    "translate.after-record": "committed, the next step is not awake",
    # Decide: decisions, deliveries and answers stand in one transaction.
    "decide.before-record": "facts are gathered, nothing is recorded",
    "decide.in-record": "the decision is written, the deliveries are not",
    "decide.after-deliveries": "the deliveries are written, not committed",
    "decide.after-record": "committed, the deliverer is not awake",
    # Deliver: sent but not recorded is sent again under the same key.
    "deliver.before-lease": "due, not leased",
    "deliver.after-lease": "leased, not begun",
    "deliver.http.before-send": "nothing has been sent",
    "deliver.http.after-send": "the receiver has answered, nothing is recorded",
    "deliver.sftp.before-send": "no session is open",
    "deliver.sftp.after-part": "the remote `.part` is whole, not renamed",
    "deliver.sftp.after-send": "renamed on the partner's server, nothing is recorded",
    "deliver.folder.before-send": "no file is begun",
    "deliver.folder.after-part": "the `.part` is durable, not renamed",
    "deliver.folder.after-send": "renamed, nothing is recorded",
    "deliver.before-record": "a try has ended, nothing is recorded",
    "deliver.in-record": "the try is written, not committed",
    "deliver.after-record": "committed, the lane goes on",
    "collect.before-record": "a mailbox file was read, it is still there",
    "collect.after-record": "marked as collected, the receiver does not know",
    # Dead letters and replay: never half.
    "dead-letter.before-bury": "a step has failed for good, the event is still new",
    "dead-letter.after-bury": "buried, the event is marked",
    "replay.before-record": "the dead letter is open",
    "replay.in-record": "reopened, not committed",
    "replay.after-record": "committed, nobody has been told",
    # Confirm: the receiver's word about a delivery.
    "confirm.before-record": "an acknowledgement is read, nothing is recorded",
    "confirm.after-record": "the delivery is confirmed or refused",
    # Poll: the partner's file is moved only after our commit.
    "poll.after-fetch": "fetched, not recorded",
    "poll.after-commit": "recorded, still in the partner's folder",
    "poll.after-move": "in the partner's archive",
    # Timers: each deadline once.
    "timers.before-record": "due, not recorded",
    "timers.after-record": "recorded",
    # Operation: resumable or rolled back.
    "partners.before-record": "the files are read and checked",
    "partners.in-record": "the versions are written, not committed",
    "partners.after-record": "committed, the running gateway does not know",
    "migrate.before-upgrade": "the old schema",
    "migrate.in-upgrade": "a revision has run, not committed",
    "migrate.after-upgrade": "the new schema",
    "backup.before-database": "nothing is copied",
    "backup.after-database": "the database is copied, the archive is not",
    "backup.before-rename": "everything is copied under a working name",
    "restore.before-database": "nothing has been put back",
    "restore.before-rename": "everything is there under a working name",
    "stop.draining": "told to stop, work is under way",
}


class ArmedFault(RuntimeError):
    """The exception of an armed `name:n:raise`; nobody catches it by name."""


@dataclass
class _Armed:
    name: str
    passing: int
    action: Literal["kill", "raise"]
    passed: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def strike(self) -> None:
        with self.lock:
            self.passed += 1
            passed = self.passed
        if self.action == "raise" and passed % self.passing == 0:
            raise ArmedFault(f"armed fault at {self.name}")
        if self.action == "kill" and passed == self.passing:
            os.kill(os.getpid(), signal.SIGKILL)


_armed: _Armed | None = None


def crash_point(name: str) -> None:
    """Pass a place by its name; see the module."""
    if _armed is not None and _armed.name == name:
        _armed.strike()


def known() -> tuple[str, ...]:
    """All names, grouped by step."""
    return tuple(_POINTS)


def meaning(name: str) -> str:
    """What holds at this point; raises KeyError for an unknown name."""
    return _POINTS[name]


def arm(spec: str) -> None:
    """Arm `name:n` or `name:n:raise`, n from 1; an empty text disarms.  Raises ValueError."""
    global _armed  # noqa: PLW0603  # one process, one armed point: it must cost nothing elsewhere
    _armed = _parse(spec) if spec else None


def _parse(spec: str) -> _Armed:
    name, _, rest = spec.partition(":")
    number, _, action = rest.partition(":")
    if name not in _POINTS:
        raise ValueError(f"no crash point is called {name!r}")
    if not (number.isascii() and number.isdigit() and int(number) > 0):
        raise ValueError(f"crash point {name}: {number!r} is no passing, count from 1")
    if action not in ("", "raise"):
        raise ValueError(f"crash point {name}: {action!r} is not 'raise'")
    return _Armed(name, int(number), "raise" if action == "raise" else "kill")
