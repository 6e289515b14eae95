"""The checker: three ledgers, compared; it knows nothing of the gateway's code.

1. what the senders were told OK (clients.Ledger),
2. the gateway's database, read with plain sqlite3 (`read_gateway` names the few columns),
3. the receivers' ledgers (terminal.Effect per leg).

Lost: a sender was told OK, and after faults end and everything has drained, a leg has no effect
and no dead letter gives a reason.  Duplicate: two effects for one delivery id, or two deliveries
of one leg with the effect of one and the same file (reliability.md 2.5).
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from tests.crash.clients import Told
from tests.crash.terminal import Effect

LEGS: Final = ("push", "drop", "box")
_UNFINISHED: Final = frozenset({"due", "leased", "blocked"})


@dataclass(frozen=True, slots=True)
class Interchange:
    """A received unit as the gateway's database has it."""

    id: str
    sha256: str
    state: str
    outcome: str | None
    resend_of: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as the gateway's database has it."""

    id: str
    interchange: str
    route: str
    state: str
    subject_kind: str
    attempts: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What waits for a person; `subject` is an interchange, document or delivery id."""

    stage: str
    subject: str
    code: str
    trace: str
    state: str


@dataclass(slots=True)
class GatewayLedger:
    """The gateway's own record, and whether the file itself is whole."""

    interchanges: list[Interchange] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    events: int = 0
    faults: list[str] = field(default_factory=list)

    def unfinished(self) -> int:
        """What still has to move: events, undecided interchanges, open deliveries."""
        open_interchanges = sum(i.state in ("received", "translated") for i in self.interchanges)
        return (
            self.events + open_interchanges + sum(d.state in _UNFINISHED for d in self.deliveries)
        )


@dataclass(slots=True)
class Verdict:
    """What is wrong, each line with its names; and how often things were repeated."""

    lost: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    corrupt: list[str] = field(default_factory=list)
    phantoms: list[str] = field(default_factory=list)
    undrained: list[str] = field(default_factory=list)
    told: int = 0
    effects: int = 0
    buried: int = 0

    @property
    def faults(self) -> list[str]:
        """Everything that must not be, labelled; empty is a pass."""
        kinds = {
            "not drained": self.undrained,
            "corrupt": self.corrupt,
            "duplicate": self.duplicates,
            "phantom": self.phantoms,
            "lost": self.lost,
        }
        return [f"{kind}: {line}" for kind, lines in kinds.items() for line in lines]

    def demand_clean(self) -> None:
        """AssertionError that shows the first faults, each by its name."""
        count = len(self.faults)
        assert not count, "\n".join([f"{count} faults:", *self.faults[:30]])


def _connect(database: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)
    connection.execute("BEGIN")
    return connection


def read_gateway(database: Path, check_file: bool = True) -> GatewayLedger:
    """The gateway's database in one snapshot, read only; works beside a running gateway."""
    with closing(_connect(database)) as connection:
        read = connection.execute
        ledger = GatewayLedger(
            [
                Interchange(*row)
                for row in read(
                    "SELECT id, sha256, state, outcome, resend_of, name FROM interchange"
                )
            ],
            [
                Delivery(*row)
                for row in read(
                    "SELECT id, interchange, route, state, subject_kind, attempts FROM delivery"
                )
            ],
            [
                DeadLetter(*row)
                for row in read("SELECT stage, subject, code, trace, state FROM dead_letter")
            ],
            read("SELECT count(*) FROM outbox WHERE state = 'new'").fetchone()[0],
        )
        if check_file:
            checks = [row[0] for row in read("PRAGMA integrity_check")]
            ledger.faults += [f"integrity_check: {line}" for line in checks if line != "ok"]
            ledger.faults += [
                f"foreign_key_check: {row}" for row in read("PRAGMA foreign_key_check")
            ]
    return ledger


def unfinished(database: Path, mailbox_of: str) -> int:
    """How much still has to move; a cheap look while a gateway drains and a mailbox is emptied."""
    with closing(_connect(database)) as connection:
        (count,) = connection.execute(
            "SELECT (SELECT count(*) FROM outbox WHERE state = 'new')"
            " + (SELECT count(*) FROM interchange WHERE state IN ('received', 'translated'))"
            " + (SELECT count(*) FROM delivery WHERE state IN ('due', 'leased', 'blocked')"
            " OR (state = 'waiting' AND partner = ?))",
            (mailbox_of,),
        ).fetchone()
    return int(count)


def check(
    told: Sequence[Told],
    gateway: GatewayLedger,
    effects: Iterable[Effect],
    legs: Sequence[str] = LEGS,
) -> Verdict:
    """Compare the three; every told file, acknowledgements apart, is expected on every leg."""
    tokens_of = _tokens(told, gateway)
    everything = [
        effect if effect.token else replace(effect, token=tokens_of.get(effect.delivery))
        for effect in effects
    ]
    verdict = Verdict(told=len(told), effects=len(everything), corrupt=list(gateway.faults))
    tokens = {each.token for each in told}
    if len(tokens) != len(told):
        verdict.corrupt.append("the test itself sent two files with one token")
    _check_gateway(told, gateway, verdict)
    delivered = [each for each in told if each.kind != "acknowledgement"]
    by_leg: dict[str, list[Effect]] = defaultdict(list)
    for effect in everything:
        by_leg[effect.leg].append(effect)
    reasons = _reasons(gateway, legs)
    for leg in legs:
        _check_leg(leg, delivered, by_leg[leg], verdict, reasons)
        _check_bytes(leg, delivered, by_leg[leg], verdict)
    return verdict


def _check_gateway(told: Sequence[Told], gateway: GatewayLedger, verdict: Verdict) -> None:
    """Each told file is exactly one interchange; nothing else is there, nothing still moves."""
    by_bytes = Counter(each.sha256 for each in gateway.interchanges)
    for each in told:
        if by_bytes[each.sha256] == 0:
            verdict.lost.append(f"{each.name} was told OK and is not in the database")
        # An acknowledgement that fits nothing is rejected, and what is rejected may come again.
        if by_bytes[each.sha256] > 1 and each.kind != "acknowledgement":
            verdict.duplicates.append(f"{each.name} is {by_bytes[each.sha256]} interchanges")
    ids = {each.id for each in gateway.interchanges}
    for each in told:
        if each.interchange is not None and each.interchange not in ids:
            verdict.lost.append(f"{each.name} was told {each.interchange}, which is not there")
    sent = {each.sha256 for each in told}
    verdict.phantoms += [f"{i.name} ({i.id})" for i in gateway.interchanges if i.sha256 not in sent]
    if gateway.unfinished():
        states = Counter(each.state for each in gateway.deliveries)
        verdict.undrained.append(
            f"{gateway.events} events, interchanges "
            f"{dict(Counter(i.state for i in gateway.interchanges))}, deliveries {dict(states)}"
        )


def _tokens(told: Sequence[Told], gateway: GatewayLedger) -> dict[str, str]:
    """By delivery id, for receivers that do not look into a large document."""
    token_of = {each.sha256: each.token for each in told}
    bytes_of = {each.id: each.sha256 for each in gateway.interchanges}
    found = {
        each.id: token_of.get(bytes_of.get(each.interchange, "")) for each in gateway.deliveries
    }
    return {delivery: token for delivery, token in found.items() if token}


def _reasons(gateway: GatewayLedger, legs: Sequence[str]) -> dict[str, set[str]]:
    """By the bytes' sha256: the legs that a dead letter with a code and a trace excuses."""
    bytes_of = {each.id: each.sha256 for each in gateway.interchanges}
    delivery_of = {each.id: each for each in gateway.deliveries}
    reasons: dict[str, set[str]] = defaultdict(set)
    for letter in gateway.dead_letters:
        if letter.state != "open" or not (letter.code and letter.trace):
            continue
        delivery = delivery_of.get(letter.subject)
        if delivery is not None:
            reasons[bytes_of.get(delivery.interchange, "")].add(delivery.route)
        else:
            interchange = letter.subject.partition("-")[0]
            found = bytes_of.get(letter.subject) or bytes_of.get(interchange, "")
            reasons[found].update(legs)
    return reasons


def _check_leg(
    leg: str,
    told: Sequence[Told],
    effects: Sequence[Effect],
    verdict: Verdict,
    reasons: dict[str, set[str]],
) -> None:
    deliveries = Counter(each.delivery for each in effects)
    verdict.duplicates += [
        f"{leg}: {count} effects of delivery {delivery}"
        for delivery, count in deliveries.items()
        if count > 1
    ]
    arrived = Counter(each.token for each in effects)
    for each in told:
        count = arrived.pop(each.token, 0)
        if count > 1:
            verdict.duplicates.append(f"{leg}: {count} effects of {each.name} ({each.token})")
        if count == 0 and leg in reasons[each.sha256]:
            verdict.buried += 1
        elif count == 0:
            verdict.lost.append(f"{leg}: {each.name} ({each.token}) never arrived")
    verdict.phantoms += [f"{leg}: {count} effects of {token}" for token, count in arrived.items()]


def _check_bytes(
    leg: str, told: Sequence[Told], effects: Sequence[Effect], verdict: Verdict
) -> None:
    """The drop leg carries the original bytes: they must be the very ones that were sent."""
    if leg != "drop":
        return
    sent = {each.token: each.sha256 for each in told}
    verdict.corrupt += [
        f"{leg}: {each.delivery} carries other bytes than were sent"
        for each in effects
        if each.token in sent and sent[each.token] != each.sha256
    ]


def leftovers(folder: Path, older_than: float) -> list[Path]:
    """`.part` files in a receiver's folder or the archive from before that instant."""
    return [
        path
        for path in folder.rglob("*")
        if path.suffix == ".part" and path.is_file() and path.stat().st_mtime < older_than
    ]
