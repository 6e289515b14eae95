"""REPLAY: our history again, on an operator's word; marked, and with its duplicate check.

A dead letter is tried again: a delivery under its own id, an interchange from the stage that
failed.  An interchange that is decided (or translated) again has a new revision, so that its
deliveries are new ones; a delivery that is sent again on purpose is revision + 1.  Each call is one
transaction: killed in the middle, nothing is half.
"""

from __future__ import annotations

from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.ports import Tx

STAGES = ("translate", "decide", "confirm")


class NotReplayable(Exception):
    """There is nothing to replay under that id, or it was settled already; the text says which."""


def replay_dead_letter(tx: Tx, number: int, by: str, note: str | None) -> str:
    """Try a dead letter again; returns what goes on its way (an interchange or a delivery)."""
    crash_point("replay.before_record")
    letter = tx.dead_letters.find(number)
    if letter is None or letter.state != "open":
        raise NotReplayable(f"dead letter {number} is not open")
    # A delivery is revived under its own id by the settling itself: it was never received.
    tx.dead_letters.settle(number, "replayed", by, note)
    if letter.stage in STAGES:
        replay_interchange(tx, letter.subject, letter.stage)
    elif letter.stage != "deliver":
        # A service's own stage (settle): its step knows by itself what is left to be done.
        tx.outbox.put(letter.stage, letter.subject, letter.revision, letter.lane or letter.subject)
    crash_point("replay.before_commit")
    return letter.subject


def replay_interchange(tx: Tx, interchange: str, stage: str = "decide") -> int:
    """Run an interchange again from a stage; returns its new revision."""
    row = tx.interchanges.find(interchange)
    if row is None or stage not in STAGES:
        raise NotReplayable(f"interchange {interchange} cannot be replayed from {stage}")
    revision = tx.interchanges.reopen(interchange, stage)
    tx.outbox.put(stage, interchange, revision, row.order_key)
    return revision


def skip_dead_letter(tx: Tx, number: int, by: str, note: str | None) -> None:
    """Give a dead letter up; its lane goes on."""
    letter = tx.dead_letters.find(number)
    if letter is None or letter.state != "open":
        raise NotReplayable(f"dead letter {number} is not open")
    tx.dead_letters.settle(number, "skipped", by, note)
