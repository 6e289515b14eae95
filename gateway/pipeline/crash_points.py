"""CRASH POINTS: named places where a test ends the process, to prove that nothing is lost (R-02).

`crash_point("receive.before_commit")` costs one comparison while nothing is armed.  `arm` takes
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
    "receive.before_durable": "all bytes are here, the large ones not yet durable",
    "receive.before_write": "the bytes are durable, no row speaks of them",
    "receive.before_commit": "the rows are written, not committed",
    "receive.committed": "committed, the adapter does not know yet",
    "sftp.before_answer": "committed, close or rename has not been answered",
    "http.before_answer": "committed, 202 has not been sent",
    # Archive: the order of write, fsync, rename, fsync of the folder.
    "archive.chunk_written": "a part of a large body is written",
    "archive.before_fsync": "a large body is written, not durable",
    "archive.fsynced": "durable under its working name",
    "archive.renamed": "under its own name, the folder not durable",
    "archive.folder_fsynced": "durable, no row refers to it",
    "archive.before_sweep": "an orphan is about to be removed",
    # Store: the writer commits many results at once, a savepoint each.
    "store.before_commit": "results of several steps wait for one commit",
    "store.committed": "committed, nobody has been told",
    # Runner: events are taken, brought to their step and marked done.
    "runner.taken": "events are taken, no step has begun",
    "runner.before_done": "a step has ended, its event is not marked",
    "runner.done": "the event is marked done",
    # Translate: attempts are thrown away, or visible as a whole.
    "translate.leased": "nothing has been done",
    "translate.before_stage": "the attempt has its number, the parser has sent parts",
    "translate.staged": "a batch is recorded, the attempt is not visible",
    "translate.parsed": "the parser has come to the end",
    "translate.before_commit": "the attempt is visible, not committed",
    "translate.recorded": "committed, the next step is not awake",
    # Decide: decisions, deliveries and answers stand in one transaction.
    "decide.leased": "nothing has been done",
    "decide.before_record": "facts are gathered, nothing is recorded",
    "decide.decision_written": "the decision is written, the deliveries are not",
    "decide.before_commit": "the deliveries are written, not committed",
    "decide.recorded": "committed, the deliverer is not awake",
    # Deliver: sent but not recorded is sent again under the same key.
    "deliver.before_lease": "due, not leased",
    "deliver.leased": "leased, not begun",
    "deliver.http.before_push": "the parcel is made, nothing has been sent",
    "deliver.http.pushed": "the receiver has answered, nothing is recorded",
    "deliver.sftp.before_push": "the parcel is made, no session is open",
    "deliver.sftp.part_written": "the remote `.part` is whole, not renamed",
    "deliver.sftp.pushed": "renamed on the partner's server, nothing is recorded",
    "deliver.folder.before_push": "the parcel is made, no file is begun",
    "deliver.folder.part_written": "the `.part` is durable, not renamed",
    "deliver.folder.pushed": "renamed, nothing is recorded",
    "deliver.before_commit": "the try is written, not committed",
    "deliver.recorded": "committed, the lane goes on",
    "collect.before_record": "a mailbox file was read, it is still there",
    "collect.recorded": "marked as collected, the receiver does not know",
    # Dead letters and replay: never half.
    "bury.before_record": "a step has failed for good, its event is still new",
    "bury.recorded": "the dead letter is kept",
    "replay.before_record": "the dead letter is open",
    "replay.before_commit": "reopened, not committed",
    "replay.recorded": "committed, nobody has been told",
    # Confirm: the receiver's word about a delivery.
    "confirm.leased": "an acknowledgement is read, nothing is recorded",
    "confirm.before_commit": "the delivery is confirmed or refused, not committed",
    "confirm.recorded": "committed",
    # Poll: the partner's file is moved only after our commit.
    "poll.read": "fetched, not recorded",
    "poll.accepted": "recorded, still in the partner's folder",
    "poll.moved": "in the partner's archive",
    # Timers: each deadline once.
    "timers.before_record": "due, not recorded",
    "timers.recorded": "recorded",
    # Callback: the provider hears "success" only after the commit.
    "callback.verified": "the signature is good, nothing is recorded",
    "callback.before_commit": "the event and its outbox row are written, not committed",
    "callback.recorded": "committed, the provider has not been answered",
    # Declare: a page of a manifest's bills in one transaction.
    "declare.before_commit": "a page of bills is declared, not committed",
    "declare.recorded": "a page of bills is declared, the next one is not",
    # Settle: state, ledger, charges, releases, notices and work in one transaction.
    "settle.leased": "events are there, nothing is folded",
    "settle.charges_paid": "the charges are paid, nobody has been told",
    "settle.before_commit": "the order is settled, not committed",
    "settle.recorded": "committed, the deliverer is not awake",
    # Refund: asked for under one number as often as needed.
    "refund.before_request": "nothing says that money goes back",
    "refund.requested": "the refund and its call are written, not committed",
    "refund.leased": "the call is leased, the provider knows nothing",
    "refund.called": "the provider has answered, nothing is recorded",
    "refund.before_commit": "the answer is written, not committed",
    "refund.recorded": "committed",
    # Query: what became of an order.
    "query.leased": "the call is leased, the provider has not been asked",
    "query.answered": "the provider has answered, nothing is recorded",
    "query.recorded": "its events are recorded",
    # Operation: resumable or rolled back.
    "partners.before_record": "the files are read and checked",
    "partners.before_commit": "the versions are written, not committed",
    "partners.recorded": "committed, the running gateway does not know",
    "migrate.before_upgrade": "the old schema",
    "migrate.before_commit": "a revision has run, not committed",
    "migrate.upgraded": "the new schema",
    "backup.begun": "nothing is copied",
    "backup.database_copied": "the database is copied, the archive is not",
    "backup.before_rename": "everything is copied under a working name",
    "restore.begun": "nothing has been put back",
    "restore.before_rename": "everything is there under a working name",
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
