"""A state machine over gate appointments on a real SQLite store.

What may happen in any order: book, cancel, take another slot, a cut-off or ETB that moves, papers
that come, a truck that arrives, time that passes (no-shows, lapses), another quota, an officer's
word, and crashes: an act whose transaction dies before its commit, and a process that starts anew.

Invariants, after every step:

1. used of a slot = its appointments that are live, used or BREACHED; never above the quota.
2. A box has at most one live appointment per direction.
3. What was used, cancelled or rejected stays so; BREACHED can only turn out to be used.
4. Once events are through, no confirmed slot starts at or after the closing of the yard.
5. Once timers are through, nothing live is past its slot and grace.
6. Breaches that count = appointments in BREACHED; the suspension is the one they call for.
7. The history ends with the state that the appointment has, and never skips a revision.
8. A transaction that dies leaves nothing.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from gateway.adapters.archive import FolderArchive
from gateway.canonical.partner import Partner
from gateway.pipeline.gate import booking, life
from gateway.pipeline.gate.desk import TIMER, Desk
from gateway.pipeline.gate.rows import AppointmentFilter, AppointmentRow, NewSlot
from gateway.pipeline.gate.windows import CALL_SUBJECT
from gateway.pipeline.gate.wish import Wish, of_row
from gateway.pipeline.rows import AccountRef
from gateway.rules.gate_life import breach_count
from gateway.rules.gate_policy import GatePolicy
from gateway.store import migrate, open_store
from tests.contract.gate_world import LONG_AGO, SHIP, VOYAGE, at, partners, policy
from tests.contract.stores import Clock
from tests.services import sized

START = at("2026-11-28 08:00")
HOUR = timedelta(hours=1)
BOXES = ("CSQU3054383", "TSTU0000020", "MSKU0000006")
FLEETS = {"FLEET": AccountRef("FLEET", "fleet"), "RIVAL": AccountRef("RIVAL", "rival")}
LIVE = {"requested", "confirmed", "REVIEW"}
HOLDING = LIVE | {"used", "BREACHED"}
FINAL = {"used", "cancelled", "rejected"}
SLOTS = 4
WAY = "export_gate_in"
# Small spans, so that the few hours of a run see suspensions begin and end.
FIGURES = GatePolicy(
    grace_after=timedelta(minutes=30),
    suspended_after=2,
    breach_span=timedelta(hours=4),
    suspended_for=timedelta(hours=3),
)


class Crash(Exception):
    """The process dies before the commit."""


class _Directory:
    """The partners, as the directory of a running gateway gives them."""

    def __init__(self) -> None:
        self._known = {partner.code: partner for partner in partners()}

    def partner(self, code: str) -> Partner | None:
        return self._known.get(code)

    def partners(self) -> list[Partner]:
        return list(self._known.values())


@pytest.fixture(scope="module", autouse=True)
def _template(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A migrated file that every run copies."""
    GateMachine.template = tmp_path_factory.mktemp("gate") / "empty.db"
    migrate(f"sqlite:///{GateMachine.template}")


class GateMachine(RuleBasedStateMachine):
    """One terminal, one voyage, a few slots and boxes, two fleets."""

    template: Path
    booked = False

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="gate-machine-"))
        shutil.copyfile(self.template, self.folder / "gateway.db")
        self.clock = Clock(START)
        self.desk = Desk(
            clock=self.clock,
            directory=_Directory(),  # type: ignore[arg-type] - what it asks of them
            policies=policy(FIGURES),
        )
        self.seen: dict[str, tuple[str, int]] = {}
        self.last_by: dict[str, str] = {}
        self.open()
        self.write(self._set_up)
        boxes = len(BOXES) if self.booked else 0
        for number, fleet in enumerate((*FLEETS, *FLEETS)[:boxes]):
            self.book(fleet, BOXES[number], number + 1, wait=True, key=None)

    def open(self) -> None:
        archive = FolderArchive(self.folder / "archive")
        self.store: Any = open_store(
            f"sqlite:///{self.folder}/gateway.db", archive, self.clock, "machine"
        )

    def _set_up(self, tx: Any) -> None:
        tx.gate.slots.publish([self._slot(number, 2) for number in range(SLOTS)])
        call = {"terminal": "T1", "vessel": SHIP, "name": "", "voyage": VOYAGE}
        times = {"etb": START + 24 * HOUR, "gate_close": START + 12 * HOUR}
        self.call = tx.gate.calls.put({**call, **times, "source": "x", "partner": "AGENT"}, None)
        for box in BOXES:
            for kind in ("booking", "eclp", "vgm"):
                tx.gate.fact(kind, box)

    def _slot(self, number: int, quota: int) -> NewSlot:
        start = START + (2 + 2 * number) * HOUR
        return NewSlot("T1", "export_gate_in", "ANY", start, start + HOUR, quota, LONG_AGO, "T1")

    def write(self, work: Callable[[Any], Any]) -> Any:
        return self.store.write_now(work)

    def read(self, work: Callable[[Any], Any]) -> Any:
        return self.store.read_now(work)

    def rows(self) -> list[AppointmentRow]:
        rows = self.read(lambda tx: tx.gate.appointments.page(AppointmentFilter(), None, 500).rows)
        return list(reversed(rows))

    def pick(self, number: int, *states: str) -> AppointmentRow | None:
        fitting = [row for row in self.rows() if row.state in states]
        return fitting[number % len(fitting)] if fitting else None

    def events(self) -> None:
        """What the step does with every event, without a runner."""
        from gateway.pipeline.gate.step import Gate  # noqa: PLC0415

        step = Gate(self.store, self.desk)
        for row in self.read(lambda tx: tx.outbox.take(1000)):
            if row.subject.startswith(CALL_SUBJECT):
                self.write(lambda tx, row=row: step._page(row.subject, row.revision, 0, tx))
            else:
                self.write(lambda tx, row=row: step._again(row.subject, row.revision, tx))
            self.write(lambda tx, row=row: tx.outbox.done([row.id]))

    def timers(self) -> None:
        now = self.clock.now()
        for timer in self.read(lambda tx: tx.timers.due(now, 100)):
            if timer.kind == TIMER:
                self.write(lambda tx, key=timer.key: life.slot_over(self.desk, tx, key))
                self.write(lambda tx, key=timer.key: tx.timers.fired(TIMER, key))

    # --- what may happen --------------------------------------------------------------------------

    @rule(
        fleet=st.sampled_from(sorted(FLEETS)),
        box=st.sampled_from(BOXES),
        slot=st.integers(0, SLOTS - 1),
        wait=st.booleans(),
        key=st.none() | st.integers(0, 3).map(str),
    )
    def book(self, fleet: str, box: str, slot: int, *, wait: bool, key: str | None) -> None:
        wish = self._wish(box, slot, wait=wait)

        def work(tx: Any) -> Any:
            try:
                return booking.request(self.desk, tx, FLEETS[fleet], wish, key)
            except booking.KeyReused:
                return None

        self.write(work)

    def _wish(self, box: str, slot: int, *, wait: bool = False) -> Wish:
        start = START + (2 + 2 * slot) * HOUR
        return Wish(
            "T1", "export_gate_in", box, starts_at=start, vessel=SHIP, voyage=VOYAGE, wait=wait
        )

    @rule(number=st.integers(0, 20))
    def cancel(self, number: int) -> None:
        row = self.pick(number, *LIVE)
        if row is not None:
            self.write(lambda tx: life.cancel(self.desk, tx, row, "fleet"))

    @rule(number=st.integers(0, 20), slot=st.integers(0, SLOTS - 1))
    def change_slot(self, number: int, slot: int) -> None:
        row = self.pick(number, *LIVE)
        if row is None:
            return
        wish = of_row(row).elsewhere(None, START + (2 + 2 * slot) * HOUR, None)
        self.write(lambda tx: booking.move(self.desk, tx, row, wish, "fleet"))

    @rule(hours=st.integers(3, 14), etb=st.integers(20, 200))
    def schedule_moves(self, hours: int, etb: int) -> None:
        times = {"gate_close": START + hours * HOUR, "etb": START + etb * HOUR}

        def work(tx: Any) -> None:
            tx.gate.calls.put(times, self.call)
            revision = tx.gate.calls.find(self.call).revision
            tx.outbox.put("gate", f"{CALL_SUBJECT}{self.call}", revision, "gate")

        self.write(work)
        self.events()

    @rule(box=st.sampled_from(BOXES), there=st.booleans())
    def paper_comes_or_goes(self, box: str, *, there: bool) -> None:
        self.write(lambda tx: tx.gate.fact("vgm", box, "true" if there else ""))
        self.events()

    @rule(box=st.sampled_from(BOXES), minutes=st.integers(0, 240))
    def truck_arrives(self, box: str, minutes: int) -> None:
        """Told now, or late: the move was up to four hours ago."""
        when = self.clock.now() - timedelta(minutes=minutes)
        way = (box, "export_gate_in")
        self.write(lambda tx: life.arrived(self.desk, tx, "T1", way, when))

    @precondition(lambda self: any(row.state == "BREACHED" for row in self.rows()))
    @rule(number=st.integers(0, 20), minutes=st.integers(-60, 120))
    def a_breach_was_none(self, number: int, minutes: int) -> None:
        """A gate move of then is told only now; outside the span it changes nothing."""
        row = self.pick(number, "BREACHED")
        assert row is not None
        when = min(row.starts_at + timedelta(minutes=minutes), self.clock.now())
        way = (row.container, row.direction)
        self.write(lambda tx: life.arrived(self.desk, tx, "T1", way, when))

    @rule(
        fleet=st.sampled_from(sorted(FLEETS)),
        box=st.sampled_from(BOXES),
        slot=st.integers(0, SLOTS - 1),
    )
    def booked_and_never_came(self, fleet: str, box: str, slot: int) -> None:
        """The clock goes to the end of the slot and its grace, and a moment beyond."""
        self.book(fleet, box, slot, wait=False, key=None)
        over = self._slot(slot, 0).ends_at + FIGURES.grace_after + timedelta(seconds=1)
        self.clock.at = max(self.clock.at, over)
        self.timers()

    @rule(minutes=st.integers(1, 90))
    def time_passes(self, minutes: int) -> None:
        self.clock.at += timedelta(minutes=minutes)
        self.timers()

    @rule(slot=st.integers(0, SLOTS - 1), quota=st.integers(0, 3))
    def publish_again(self, slot: int, quota: int) -> None:
        self.write(lambda tx: tx.gate.slots.publish([self._slot(slot, quota)]))

    @precondition(lambda self: any(row.state == "REVIEW" for row in self.rows()))
    @rule(number=st.integers(0, 20), keep=st.booleans())
    def officer_decides(self, number: int, *, keep: bool) -> None:
        row = self.pick(number, "REVIEW")
        assert row is not None
        self.write(lambda tx: life.review(self.desk, tx, row, keep=keep, by="t1"))
        self.events()

    @rule(
        box=st.sampled_from(BOXES),
        slot=st.integers(0, SLOTS - 1),
        number=st.integers(0, 20),
        act=st.sampled_from(["book", "cancel", "move", "arrive", "breach"]),
    )
    def crash_before_the_commit(self, box: str, slot: int, number: int, act: str) -> None:
        before = self.rows(), self.places()
        row = self.pick(number, *LIVE)

        def work(tx: Any) -> None:
            if act == "book" or row is None:
                booking.request(self.desk, tx, FLEETS["RIVAL"], self._wish(box, slot))
            elif act == "cancel":
                life.cancel(self.desk, tx, row, "fleet")
            elif act == "move":
                booking.move(self.desk, tx, row, self._wish(row.container, slot), "fleet")
            elif act == "arrive":
                life.arrived(self.desk, tx, "T1", (box, row.direction), self.clock.now())
            else:
                life.slot_over(self.desk, tx, row.id)
            raise Crash

        with pytest.raises(Crash):
            self.write(work)
        assert (self.rows(), self.places()) == before

    @rule()
    def start_anew(self) -> None:
        self._close()
        self.open()
        self.events()
        self.timers()

    # --- what always holds ------------------------------------------------------------------------

    def places(self) -> dict[str, tuple[int, int]]:
        def work(tx: Any) -> dict[str, tuple[int, int]]:
            starts = [self._slot(number, 0).starts_at for number in range(SLOTS)]
            found = [s for start in starts for s in tx.gate.slots.at("T1", WAY, start)]
            return {each.id: (each.used, each.quota) for each in found}

        return dict(self.read(work))

    @invariant()
    def everything_holds(self) -> None:
        rows, places = self.rows(), self.places()
        self.places_are_counted(rows, places)
        self.what_is_over_stays_over(rows)
        self.the_history_tells_it(rows)
        self.windows_and_time_are_kept(rows)
        self.breaches_and_suspensions_agree(rows)

    def places_are_counted(
        self, rows: list[AppointmentRow], places: dict[str, tuple[int, int]]
    ) -> None:
        held = Counter(row.slot for row in rows if row.state in HOLDING)
        for slot, (used, quota) in places.items():
            assert used == held[slot], slot
            assert used <= quota
        live = Counter(row.container for row in rows if row.state in LIVE)
        assert all(count == 1 for count in live.values())

    def what_is_over_stays_over(self, rows: list[AppointmentRow]) -> None:
        for row in rows:
            before, _ = self.seen.get(row.id, ("", 0))
            if before in FINAL:
                assert row.state == before
            elif before == "BREACHED":
                assert row.state in ("BREACHED", "used")

    def the_history_tells_it(self, rows: list[AppointmentRow]) -> None:
        for row in rows:
            if self.seen.get(row.id) == (row.state, row.revision):
                continue
            steps = self.read(lambda tx, row=row: tx.gate.appointments.history(row.id))
            assert steps[-1].state == row.state
            assert [step.revision for step in steps] == list(range(1, row.revision + 1))
            self.seen[row.id] = (row.state, row.revision)
            self.last_by[row.id] = steps[-1].by

    def windows_and_time_are_kept(self, rows: list[AppointmentRow]) -> None:
        """An officer's word stands against the schedule until the schedule changes again."""
        close = self.read(lambda tx: tx.gate.calls.find(self.call).gate_close)
        for row in rows:
            if row.state == "confirmed" and self.last_by[row.id] != "t1":
                assert row.starts_at < close
            if row.state in LIVE:
                assert row.ends_at + FIGURES.grace_after + timedelta(seconds=1) > self.clock.now()

    def breaches_and_suspensions_agree(self, rows: list[AppointmentRow]) -> None:
        ends: dict[str, list[datetime]] = defaultdict(list)
        for row in rows:
            if row.state == "BREACHED":
                ends[row.partner].append(row.ends_at + FIGURES.grace_after)
        since, now = START - timedelta(days=1), self.clock.now()
        for fleet in FLEETS:
            counted = self.read(lambda tx, who=fleet: tx.gate.breaches.instants(who, since))
            assert counted == sorted(ends[fleet])
            untils = [breach_count(counted[: n + 1], FIGURES)[1] for n in range(len(counted))]
            due = max((until for until in untils if until), default=None)
            said = self.read(lambda tx, who=fleet: tx.gate.breaches.suspended_until(who))
            assert (said if said and said > now else None) == (due if due and due > now else None)

    def _close(self) -> None:
        import asyncio  # noqa: PLC0415

        asyncio.run(self.store.close())

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self._close()
            shutil.rmtree(self.folder, ignore_errors=True)


class BookedMachine(GateMachine):
    """The same with something to cancel, move, miss and close from the first step on."""

    booked = True


TestGateMachine = GateMachine.TestCase
TestGateMachine.settings = settings(max_examples=sized(25, 300, brief=8), stateful_step_count=30)
TestBookedMachine = BookedMachine.TestCase
TestBookedMachine.settings = settings(max_examples=sized(15, 300, brief=5), stateful_step_count=30)
