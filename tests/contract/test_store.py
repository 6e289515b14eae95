"""One suite for both databases: arrivals, translation, decisions, order, and the small nouns."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from gateway.canonical.partner import Account, Partner
from gateway.pipeline.ports import Stale
from gateway.pipeline.rows import Batch, HoldRow, StoredBody, TimerRow
from tests.contract.stores import (
    START,
    Bench,
    arrival,
    bench,
    body,
    decision,
    document,
    empty_sqlite,
    ending,
    part,
)

__all__ = ["bench", "empty_sqlite"]

# ---- Arrivals: the table of house.md 6


def test_an_arrival_is_recorded_with_its_event(bench: Bench):
    one = arrival(b"hello", name="a\x00b\udc80.edi")
    receipt = bench.write(lambda tx: tx.interchanges.receive(one))
    assert (receipt.interchange, receipt.state, receipt.repeat) == (one.id, "received", None)
    row = bench.read(lambda tx: tx.interchanges.find(one.id))
    assert (row.inline, row.size, row.received_at) == (b"hello", 5, one.received_at)
    assert (row.state, row.revision, row.attempt, row.complete) == ("received", 1, 0, None)
    assert bench.events() == [("translate", one.id, 1)]


def test_large_bodies_are_referred_to(bench: Bench):
    large = StoredBody(70_000, "ab" * 32, None, "ab" * 32, b"head")
    name = bench.receive(body=large).interchange
    row = bench.read(lambda tx: tx.interchanges.find(name))
    assert (row.inline, row.archive_ref, row.size) == (None, "ab" * 32, 70_000)
    assert not bench.read(lambda tx: tx.interchanges.refers_to("cd" * 32))
    assert bench.read(lambda tx: tx.interchanges.refers_to("ab" * 32))


def test_the_same_key_is_the_same_interchange_whatever_became_of_it(bench: Bench):
    first = bench.receive(b"one", idempotency_key="k")
    bench.write(lambda tx: tx.interchanges.refuse(first.interchange, "quarantined", []))
    again = bench.receive(b"one", idempotency_key="k")
    assert (again.interchange, again.repeat, again.mismatch, again.state) == (
        first.interchange,
        "key",
        False,
        "quarantined",
    )
    other = bench.receive(b"two", idempotency_key="k")
    assert (other.interchange, other.mismatch) == (first.interchange, True)
    assert bench.receive(b"three", idempotency_key="k", account="other").repeat is None


def test_the_same_polled_file_is_the_same_interchange(bench: Bench):
    first = bench.receive(b"one", source_key="p/1")
    again = bench.receive(b"one", source_key="p/1")
    assert (again.interchange, again.repeat) == (first.interchange, "source")
    # The same bytes under another path are still the same bytes.
    assert bench.receive(b"one", source_key="p/2").repeat == "bytes"


@pytest.mark.parametrize("outcome", ["accepted", "partly", "held"])
def test_bytes_that_were_accepted_are_a_repeat(bench: Bench, outcome):
    first = bench.journey(content=b"same", outcome=outcome)
    again = bench.receive(b"same")
    assert (again.interchange, again.repeat, again.state) == (first, "bytes", "decided")
    assert bench.read(lambda tx: tx.interchanges.find(first)).repeats == 1
    assert bench.receive(b"same", account="other").repeat is None


@pytest.mark.parametrize("end", ["rejected", "quarantined", "dead", "buried"])
def test_bytes_that_were_refused_are_processed_anew(bench: Bench, end):
    first = bench.receive(b"same").interchange
    if end == "rejected":
        bench.translated(first, document(1))
        bench.write(lambda tx: tx.interchanges.decided(first, 1, "rejected"))
    elif end == "buried":
        bench.write(lambda tx: tx.dead_letters.bury("translate", first, 1, ValueError("x"), "t", 1))
    else:
        bench.write(lambda tx: tx.interchanges.refuse(first, end, []))
    again = bench.receive(b"same")
    assert again.repeat is None
    row = bench.read(lambda tx: tx.interchanges.find(again.interchange))
    assert row.resend_of == first
    assert bench.receive(b"same").interchange == again.interchange


def test_a_replay_skips_the_bytes_rule(bench: Bench):
    first = bench.journey(content=b"same")
    replay = bench.receive(b"same", replay_of=first)
    assert (replay.repeat, replay.interchange != first) == (None, True)
    assert bench.receive(b"same").interchange == first


def test_the_same_arrival_again_is_no_repeat(bench: Bench):
    """A commit whose answer was lost is run once more from its start."""
    one = arrival(b"x")
    for _round in range(2):
        receipt = bench.write(lambda tx: tx.interchanges.receive(one))
        assert (receipt.interchange, receipt.repeat) == (one.id, None)
    assert len(bench.events()) == 1


async def test_fifty_receives_of_the_same_bytes_make_one_interchange(bench: Bench):
    store = bench.stores[0]
    second = bench.open()
    arrivals = [arrival(b"same") for _ in range(50)]
    receipts = await asyncio.gather(
        *(
            (store if number % 2 else second).write(lambda tx, a=one: tx.interchanges.receive(a))
            for number, one in enumerate(arrivals)
        )
    )
    assert len({receipt.interchange for receipt in receipts}) == 1
    assert [receipt.repeat for receipt in receipts].count(None) == 1
    assert len(bench.events()) == 1
    assert bench.read(lambda tx: tx.interchanges.find(receipts[0].interchange)).repeats == 49


def test_pages_usage_and_visibility(bench: Bench):
    names = [bench.receive().interchange for _ in range(5)]
    bench.receive(partner="OTHER", account="other")
    page = bench.read(lambda tx: tx.interchanges.page("ACME", None, 3))
    assert [row.id for row in page.rows] == names[:1:-1]
    page = bench.read(lambda tx: tx.interchanges.page("ACME", page.cursor, 3))
    assert ([row.id for row in page.rows], page.cursor) == (names[1::-1], None)
    assert len(bench.read(lambda tx: tx.interchanges.page(None, None, 50)).rows) == 6
    bench.write(lambda tx: tx.interchanges.refuse(names[0], "dead", []))
    for state, count in (("received", 4), ("dead", 1), ("quarantined", 0), ("nonsense", 0)):
        rows = bench.read(lambda tx, s=state: tx.interchanges.page("ACME", None, 50, s)).rows
        assert len(rows) == count
    assert bench.read(lambda tx: tx.interchanges.visible("OTHER", names[0])) is None
    assert bench.read(lambda tx: tx.interchanges.visible("ACME", names[0])).id == names[0]
    files, size = bench.read(lambda tx: tx.interchanges.usage("acme", START))
    assert (files, size > 5) == (5, True)
    later = START + timedelta(hours=1)
    assert bench.read(lambda tx: tx.interchanges.usage("acme", later)) == (0, 0)
    recent = bench.read(lambda tx: tx.interchanges.recent("acme", START))
    assert len(recent) == 5
    assert recent[0][2] < recent[-1][2]


# ---- Translation


def test_documents_appear_with_their_attempt(bench: Bench):
    name = bench.receive().interchange
    first = bench.write(lambda tx: tx.interchanges.begin_attempt(name))
    bench.write(
        lambda tx: tx.interchanges.stage(name, first, Batch((document(1),), ((1, part(1)),)))
    )
    assert bench.read(lambda tx: tx.documents.of_interchange(name, 0, 10)) == []
    # That process died; its attempt is thrown away.
    second = bench.write(lambda tx: tx.interchanges.begin_attempt(name))
    batch = Batch((document(1), document(2)), ((1, part(1, ("container", "ABCU1234560"))),))
    bench.write(lambda tx: tx.interchanges.stage(name, second, batch))
    found = '[{"code":"X"},{"code":"Y"}]'
    more = Batch((), ((1, part(2, findings=found, errors=1)), (2, part(1))))
    bench.write(lambda tx: tx.interchanges.stage(name, second, more))
    with pytest.raises(Stale):
        bench.write(lambda tx: tx.interchanges.stage(name, first, batch))
    with pytest.raises(Stale):
        bench.write(lambda tx: tx.interchanges.translated(name, 1, first, ending()))
    bench.write(lambda tx: tx.interchanges.translated(name, 1, second, ending(documents=2)))
    rows = bench.read(lambda tx: tx.documents.of_interchange(name, 0, 10))
    assert [(row.id, row.parts, row.findings, row.errors) for row in rows] == [
        (f"{name}-1", 2, 2, 1),
        (f"{name}-2", 1, 0, 0),
    ]
    assert list(rows[0].key) == ["number", "carrier"]
    row = bench.read(lambda tx: tx.interchanges.find(name))
    assert (row.state, row.reference, row.envelope, row.complete) == (
        "translated",
        "REF1",
        {"count": 1},
        True,
    )
    assert bench.events()[-1] == ("decide", name, 1)
    _reads_parts(bench, f"{name}-1", found)


def _reads_parts(bench: Bench, name: str, found: str) -> None:
    parts = bench.read(lambda tx: tx.documents.parts(name, 0, 1))
    assert [(each.ordinal, each.key) for each in parts] == [(1, {"box": "X"})]
    marks = bench.read(lambda tx: tx.documents.part_marks(name, 1, 10))
    assert [(each.ordinal, each.errors) for each in marks] == [(2, 1)]
    assert bench.read(lambda tx: tx.documents.part_findings(name, 5)) == [found]


def test_a_translation_is_recorded_once(bench: Bench):
    name = bench.receive().interchange
    number = bench.translated(name, document(1))
    with pytest.raises(Stale):
        bench.write(lambda tx: tx.interchanges.translated(name, 1, number, ending()))
    with pytest.raises(Stale):
        bench.write(lambda tx: tx.interchanges.begin_attempt(name))
    assert not bench.write(lambda tx: tx.outbox.claim("translate", name, 1))


@pytest.mark.parametrize(
    ("types", "stage"),
    [
        ((), "decide"),
        (("acknowledgement",), "confirm"),
        (("acknowledgement", "booking"), "decide"),
    ],
)
def test_acknowledgements_go_to_confirm(bench: Bench, types, stage):
    name = bench.receive().interchange
    bench.translated(name, *(document(n, type=type_) for n, type_ in enumerate(types, 1)))
    assert bench.events()[-1] == (stage, name, 1)


def test_a_replay_translates_anew_and_keeps_the_old_until_then(bench: Bench):
    name = bench.journey()
    bench.write(lambda tx: tx.documents.decide(decision(f"{name}-1"), "accepted", "replace"))
    assert bench.write(lambda tx: tx.interchanges.reopen(name, "translate")) == 2
    number = bench.write(lambda tx: tx.interchanges.begin_attempt(name))
    assert len(bench.read(lambda tx: tx.documents.of_interchange(name, 0, 9))) == 1
    two = Batch((document(1), document(2)), ())
    bench.write(lambda tx: tx.interchanges.stage(name, number, two))
    bench.write(lambda tx: tx.interchanges.translated(name, 2, number, ending(documents=2)))
    rows = bench.read(lambda tx: tx.documents.of_interchange(name, 0, 9))
    assert [row.state for row in rows] == ["translated", "translated"]
    assert len(bench.read(lambda tx: tx.documents.decisions(f"{name}-1"))) == 1
    assert len(bench.read(lambda tx: tx.documents.current("acme", "booking", KEY))) == 1


def test_reopening_for_decide_needs_a_translation(bench: Bench):
    name = bench.receive().interchange
    with pytest.raises(Stale):
        bench.write(lambda tx: tx.interchanges.reopen(name, "decide"))
    with pytest.raises(LookupError):
        bench.write(lambda tx: tx.interchanges.reopen("nothing", "decide"))
    bench.translated(name, document(1))
    bench.write(lambda tx: tx.interchanges.decided(name, 1, "accepted"))
    assert bench.write(lambda tx: tx.interchanges.reopen(name, "decide")) == 2
    with pytest.raises(Stale):
        bench.write(lambda tx: tx.interchanges.decided(name, 1, "accepted"))
    bench.write(lambda tx: tx.interchanges.decided(name, 2, "accepted"))


def test_a_reopened_one_leaves_the_bytes_to_their_resend(bench: Bench):
    first = bench.receive(b"same").interchange
    bench.write(lambda tx: tx.interchanges.refuse(first, "dead", []))
    second = bench.receive(b"same").interchange
    bench.write(lambda tx: tx.interchanges.reopen(first, "translate"))
    assert bench.receive(b"same").interchange == second


# ---- Order of decisions


def test_a_lane_is_decided_in_order_of_arrival(bench: Bench):
    first, second = (bench.receive().interchange for _ in range(2))
    other = bench.receive(order_key="acme/manifest").interchange
    bench.translated(second, document(1))
    rows = {n: bench.read(lambda tx, n=n: tx.interchanges.find(n)) for n in (first, second, other)}
    lane = "acme/booking"

    def earlier(name: str) -> bool:
        row = rows[name]
        return bench.write(lambda tx: tx.interchanges.earlier_undecided(row.order_key, row.seq))

    def announced() -> list[tuple[str, str, int]]:
        before = len(bench.events())
        bench.write(lambda tx: tx.interchanges.announce_next(lane))
        return bench.events()[before:]

    assert [earlier(name) for name in (first, second, other)] == [False, True, False]
    assert announced() == []
    bench.translated(first, document(1))
    assert announced() == [("decide", first, 1)]
    bench.write(lambda tx: tx.interchanges.decided(first, 1, "accepted"))
    assert not earlier(second)
    assert announced() == [("decide", second, 1)]


@pytest.mark.parametrize("how", ["refuse", "bury"])
def test_what_leaves_a_lane_announces_the_next(bench: Bench, how):
    first, second = (bench.receive().interchange for _ in range(2))
    bench.translated(second, document(1))
    bench.write(lambda tx: tx.outbox.done([row.id for row in tx.outbox.take(10)]))
    if how == "refuse":
        finding = [{"code": "F", "severity": "error"}]
        bench.write(lambda tx: tx.interchanges.refuse(first, "quarantined", finding))
        row = bench.read(lambda tx: tx.interchanges.find(first))
        assert (row.state, row.findings, row.errors_total) == ("quarantined", finding, 1)
    else:
        error = ValueError("a\x00b")
        bench.write(lambda tx: tx.dead_letters.bury("translate", first, 1, error, "trace", 2))
        assert bench.read(lambda tx: tx.interchanges.find(first)).state == "dead"
    assert bench.events() == [("decide", second, 1)]
    with pytest.raises(Stale):
        bench.write(lambda tx: tx.interchanges.refuse(first, "dead", []))


def test_a_reference_belongs_to_the_first_unless_it_was_refused(bench: Bench):
    first, second, third = (bench.receive().interchange for _ in range(3))

    def claim(name: str) -> str | None:
        return bench.write(lambda tx: tx.interchanges.claim_reference(name, "acme", "R"))

    assert claim(first) is None
    assert claim(first) is None
    assert claim(second) == first
    bench.translated(first, document(1))
    bench.write(lambda tx: tx.interchanges.decided(first, 1, "rejected"))
    assert claim(second) is None
    assert claim(third) == second
    row = bench.read(lambda tx: tx.interchanges.find(second))
    replay = bench.receive(row.inline, replay_of=second).interchange
    assert claim(replay) is None


# ---- Documents

KEY = {"carrier": "EXM", "number": "B1"}


def test_documents_in_force_form_a_chain(bench: Bench):
    names = [f"{bench.journey()}-1" for _ in range(3)]

    def decide(name: str, current: str) -> list[str]:
        bench.write(lambda tx: tx.documents.decide(decision(name), "accepted", current))
        rows = bench.read(lambda tx: tx.documents.current("acme", "booking", KEY))
        return [row.id for row in rows]

    assert decide(names[0], "replace") == names[:1]
    assert decide(names[1], "amend") == names[:2]
    assert decide(names[2], "keep") == names[:2]
    rows = bench.read(lambda tx: tx.documents.decisions(names[0]))
    assert rows == [decision(names[0])]
    found = bench.read(lambda tx: tx.documents.find(names[0]))
    assert (found.state, found.revision, found.key) == ("accepted", 1, KEY)
    newest = f"{bench.journey()}-1"
    assert decide(newest, "replace") == [newest]
    last = f"{bench.journey()}-1"
    assert decide(last, "remove") == []
    with pytest.raises(LookupError):
        bench.write(lambda tx: tx.documents.decide(decision("none-1"), "accepted", "keep"))


@pytest.mark.parametrize(
    ("states", "outcome"),
    [
        (("accepted", "accepted"), "accepted"),
        (("rejected",), "rejected"),
        (("accepted", "rejected"), "partly"),
        (("partly", "accepted"), "partly"),
        (("held", "rejected"), "held"),
        (("review", "accepted"), "review"),
        ((), "rejected"),
    ],
)
def test_the_outcome_of_an_interchange(bench: Bench, states, outcome):
    name = bench.receive().interchange
    bench.translated(name, *(document(n) for n in range(1, len(states) + 1)))

    def work(tx):
        for n, state in enumerate(states, 1):
            tx.documents.decide(decision(f"{name}-{n}"), state, "keep")
        return tx.documents.outcome(name)

    assert bench.write(work) == outcome


def test_search_by_several_terms_and_partner(bench: Bench):
    def staged(content: str, *keys: tuple[str, str], **fields: str) -> str:
        name = bench.receive(content.encode(), **fields).interchange
        number = bench.write(lambda tx: tx.interchanges.begin_attempt(name))
        batch = Batch((document(1),), ((1, part(1, *keys)), (1, part(2, *keys))))
        bench.write(lambda tx: tx.interchanges.stage(name, number, batch))
        bench.write(lambda tx: tx.interchanges.translated(name, 1, number, ending()))
        return f"{name}-1"

    one = staged("1", ("vessel", "EXAMPLE"), ("voyage", "1E"), ("container", "ABCU1234560"))
    two = staged("2", ("vessel", "EXAMPLE"), ("voyage", "2E"))
    far = staged("3", ("vessel", "EXAMPLE"), partner="OTHER", account="other")

    def search(partner: str | None, **terms: str) -> list[str]:
        rows = bench.read(lambda tx: tx.documents.search(partner, terms, 10))
        return [row.id for row in rows]

    assert search("ACME", vessel="EXAMPLE") == [two, one]
    assert search(None, vessel="EXAMPLE") == [far, two, one]
    assert search("ACME", vessel="EXAMPLE", voyage="1E") == [one]
    assert search("ACME", booking="EXAMPLE") == []
    assert search("ACME") == []
    values = [f"NONE{n}" for n in range(700)] + ["ABCU1234560"]
    held = bench.read(lambda tx: tx.documents.held_keys([one, two], "container", values))
    assert held == {"ABCU1234560"}
    assert bench.read(lambda tx: tx.documents.held_keys([], "container", values)) == set()


def test_parts_are_in_force_until_they_are_deleted(bench: Bench):
    def staged(function: str, *boxes: str) -> str:
        name = bench.receive().interchange
        number = bench.write(lambda tx: tx.interchanges.begin_attempt(name))
        parts = tuple((1, part(n, ("container", box))) for n, box in enumerate(boxes, 1))
        batch = Batch((document(1, function=function),), parts)
        bench.write(lambda tx: tx.interchanges.stage(name, number, batch))
        bench.write(lambda tx: tx.interchanges.translated(name, 1, number, ending()))
        return f"{name}-1"

    chain = [staged("9", "A", "B", "C"), staged("3", "A", "B"), staged("2", "A")]

    def held(documents: list[str]) -> set[str]:
        return bench.read(lambda tx: tx.documents.held_keys(documents, "container", list("ABCD")))

    assert held(chain[:1]) == {"A", "B", "C"}
    assert held(chain[:2]) == {"C"}
    assert held(chain) == {"A", "C"}


# ---- Outbox, claims, dead letters


def test_events_are_taken_in_order_until_they_are_done(bench: Bench):
    bench.write(lambda tx: [tx.outbox.put("decide", f"s{n}", 1, "lane") for n in range(5)])
    rows = bench.read(lambda tx: tx.outbox.take(3))
    assert [row.subject for row in rows] == ["s0", "s1", "s2"]
    assert rows[0].created_at == START
    bench.write(lambda tx: tx.outbox.done([rows[0].id, rows[2].id]))
    assert [row.subject for row in bench.read(lambda tx: tx.outbox.take(9))] == ["s1", "s3", "s4"]
    assert bench.read(lambda tx: tx.outbox.backlog()) == {"decide": 3}


def test_what_has_begun_is_taken_first_and_leaves_room_for_the_rest(bench: Bench):
    def put(tx):
        for n in range(20):
            tx.outbox.put("translate", f"new{n}", 1, "lane")
            tx.outbox.put("settle" if n % 2 else "decide", f"begun{n}", 1, "lane")

    def subjects(limit: int, known: set[int]) -> list[str]:
        rows = bench.read(lambda tx: tx.outbox.take_fresh(limit, known))
        return [row.subject for row in rows]

    bench.write(put)
    assert subjects(8, set()) == [*(f"begun{n}" for n in range(6)), "new0", "new1"]
    known = {row.id for row in bench.read(lambda tx: tx.outbox.take_fresh(8, set()))}
    assert subjects(4, known) == ["begun6", "begun7", "begun8", "new2"]
    assert len(subjects(99, known)) == 40 - 8
    done = [row.id for row in bench.read(lambda tx: tx.outbox.take(99)) if row.stage != "translate"]
    bench.write(lambda tx: tx.outbox.done(done))
    assert subjects(4, set()) == ["new0", "new1", "new2", "new3"]


async def test_of_two_claims_one_wins(bench: Bench):
    stores = [bench.stores[0], bench.open()]
    won = await asyncio.gather(
        *(
            store.write(lambda tx: tx.outbox.claim("decide", "x", 1))
            for store in stores
            for _ in range(10)
        )
    )
    assert won.count(True) == 1
    assert bench.write(lambda tx: tx.outbox.claim("decide", "x", 2))


def test_dead_letters_are_kept_counted_and_settled(bench: Bench):
    name = bench.receive().interchange

    def bury(attempts: int) -> int:
        error = RuntimeError("broken " + "x" * 5000)
        return bench.write(
            lambda tx: tx.dead_letters.bury("decide", name, 1, error, "trace", attempts)
        )

    number = bury(1)
    bench.clock.move(60)
    assert bury(3) == number
    letter = bench.read(lambda tx: tx.dead_letters.find(number))
    assert (letter.code, letter.partner, letter.lane, letter.attempts, letter.state) == (
        "RuntimeError",
        "ACME",
        "acme/booking",
        3,
        "open",
    )
    assert letter.last_at - letter.first_at == timedelta(seconds=60)
    assert len(letter.error) == 2000
    assert [row.id for row in bench.read(lambda tx: tx.dead_letters.page("open", None, 5)).rows]
    bench.write(lambda tx: tx.dead_letters.settle(number, "skipped", "operator", "no use"))
    assert bench.read(lambda tx: tx.dead_letters.page("open", None, 5)).rows == []
    with pytest.raises(Stale):
        bench.write(lambda tx: tx.dead_letters.settle(number, "replayed", "operator", None))
    with pytest.raises(LookupError):
        bench.write(lambda tx: tx.dead_letters.settle(999, "skipped", "operator", None))
    assert bury(1) != number


# ---- Partners, timers, holds, leases


def partner(code: str, *accounts: str, name: str = "Example") -> Partner:
    return Partner(code=code, name=name, accounts=tuple(Account(name=each) for each in accounts))


def test_partners_are_versions(bench: Bench):
    def apply(*partners: Partner, removed: tuple[str, ...] = ()) -> list[str]:
        return bench.write(lambda tx: tx.partners.apply(partners, "tests", removed))

    version = bench.read(lambda tx: tx.partners.version())
    assert apply(partner("ACME", "acme"), partner("TERM", "term")) == ["ACME", "TERM"]
    assert apply(partner("ACME", "acme"), partner("TERM", "term")) == []
    grown = bench.read(lambda tx: tx.partners.version())
    assert grown > version
    with pytest.raises(ValueError, match="acme"):
        apply(partner("THIEF", "acme"))
    assert bench.read(lambda tx: tx.partners.find("THIEF")) is None
    # An account may move in one go.
    assert apply(partner("ACME", "acme2"), partner("TERM", "term", "acme")) == ["ACME", "TERM"]
    assert apply(removed=("ACME", "NOBODY")) == ["ACME"]
    assert [each.code for each in bench.read(lambda tx: tx.partners.all())] == ["TERM"]
    assert bench.read(lambda tx: tx.partners.version()) > grown
    assert apply(partner("ACME", "acme2")) == ["ACME"]


def test_timers_move_fire_and_are_cancelled(bench: Bench):
    def due() -> list[str]:
        return [row.key for row in bench.read(lambda tx: tx.timers.due(bench.clock.now(), 10))]

    later = START + timedelta(seconds=10)
    bench.write(lambda tx: tx.timers.set(TimerRow("k", "a", START)))
    bench.write(lambda tx: tx.timers.set(TimerRow("k", "a", later)))
    bench.write(lambda tx: tx.timers.set(TimerRow("k", "b", later)))
    assert due() == []
    bench.clock.move(10)
    assert due() == ["a", "b"]
    bench.write(lambda tx: tx.timers.fired("k", "a"))
    bench.write(lambda tx: tx.timers.cancel("k", "b"))
    assert due() == []


def test_a_fact_releases_its_holds(bench: Bench):
    name = bench.journey()
    held = f"{name}-1"
    bench.write(lambda tx: tx.holds.place(HoldRow(held, "vessel", "EX/1", None)))
    bench.write(lambda tx: tx.holds.place(HoldRow(held, "vessel", "EX/1", START)))
    assert bench.write(lambda tx: tx.holds.release("vessel", "OTHER")) == []
    assert bench.write(lambda tx: tx.holds.release("vessel", "EX/1")) == [held]
    assert bench.events()[-1] == ("decide", held, 2)
    assert bench.write(lambda tx: tx.holds.release("vessel", "EX/1")) == []


def test_a_lease_changes_hands_with_a_higher_fence(bench: Bench):
    def acquire(owner: str, seconds: int = 10):
        now = bench.clock.now()
        until = now + timedelta(seconds=seconds)
        return bench.write(lambda tx: tx.leases.acquire("poll", owner, now, until))

    first = acquire("a")
    assert first.fence == 1
    assert acquire("b") is None
    until = START + timedelta(seconds=20)
    assert bench.write(lambda tx: tx.leases.renew(first, until))
    bench.clock.move(15)
    assert acquire("b") is None
    bench.clock.move(5)
    second = acquire("b")
    assert second.fence > first.fence
    assert not bench.write(lambda tx: tx.leases.renew(first, until))
    bench.write(lambda tx: tx.leases.release(first))
    assert acquire("a") is None
    bench.write(lambda tx: tx.leases.release(second))
    assert acquire("a").fence > second.fence


# ---- The store itself


def test_what_work_raises_rolls_back(bench: Bench):
    def work(tx):
        tx.outbox.put("decide", "x", 1, "lane")
        raise KeyError("no")

    with pytest.raises(KeyError):
        bench.write(work)
    assert bench.events() == []


async def test_reads_cannot_write(bench: Bench):
    with pytest.raises(Exception, match="read.?only"):
        await bench.stores[0].read(lambda tx: tx.outbox.put("decide", "x", 1, "lane"))
    assert bench.events() == []


async def test_listeners_hear_of_news_from_here_and_elsewhere(bench: Bench):
    store = bench.stores[0]
    loop = asyncio.get_running_loop()
    heard = asyncio.Event()
    store.on_write(lambda: loop.call_soon_threadsafe(heard.set))
    await store.write(lambda tx: tx.outbox.put("decide", "x", 1, "lane"))
    await asyncio.wait_for(heard.wait(), 2)
    await asyncio.sleep(1)
    heard.clear()
    # A command line in its own process, told apart only by its connection.
    await asyncio.to_thread(bench.open().write_now, lambda tx: tx.outbox.put("d", "y", 1, "l"))
    await asyncio.wait_for(heard.wait(), 2)


async def test_checks_write(bench: Bench):
    await bench.stores[0].check()
    await bench.stores[0].check()
    assert body(b"x").size == 1
