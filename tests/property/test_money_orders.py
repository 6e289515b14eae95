"""S-15: an order in the real store ends the same for all orders of the same provider events.

A state machine drives one order with callbacks, resends, our own closes and refunds; at the end the
same events reach four twins in other orders (250 × 4 = 1,000), and all must be equal to the fen.
A local close counts when it was committed: only what came between two closes is shuffled.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gateway.adapters.archive import FolderArchive
from gateway.pipeline.money.callbacks import NOBODY, digest, record
from gateway.pipeline.money.ledger import Office, event_of, refold
from gateway.pipeline.money.orders import OrderRefused, happened
from gateway.pipeline.money.refunding import Back, refund
from gateway.pipeline.money.rows import ChargeRow, DeclarationRow, OrderBill, OrderRow
from gateway.pipeline.money.settle import Settle
from gateway.rules.payment_event import Kind, PaymentEvent
from gateway.store import migrate, open_store
from tests import services
from tests.services import sized

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
FEN = 25600
OFFICE = Office(lambda: ())
_numbers = itertools.count(1)


class Clock:
    """It stands still."""

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0


class Ledgers:
    """One database for all examples, SQLite where no URL is given; each has orders of its own."""

    def __init__(self, url: str = "") -> None:
        # Thousands of commits; what a power cut would do is another test's question.
        memory = Path("/dev/shm")
        where = memory if memory.is_dir() else None
        folder = Path(tempfile.mkdtemp(prefix="gateway-orders-", dir=where))
        url = url or f"sqlite:///{folder}/gateway.db"
        migrate(url)
        archive = FolderArchive(folder / "archive")
        self.store: Any = open_store(url, archive, Clock(), "tests")
        self.settle = Settle(self.store, Clock(), OFFICE)

    def order(self) -> str:
        """A new order of one bill."""
        number = f"PO{next(_numbers):014}"
        declaration = DeclarationRow(
            f"d{number}", f"m{number}", "AGENT", "agent", None, f"B{number}", "pre_stowage",
            "AGENT", "TJ", "CNTXG", "JPTYO", "export", "foreign", None, None, "container", {},
            "approved", 1, NOW,
        )  # fmt: skip
        charge = ChargeRow(
            f"c{number}", declaration.id, declaration.bill_of_lading, "AGENT", "PCF", "foreign/20",
            "1", "box", "4", "64.00", FEN, "RATED", "ordered", 1, 1, NOW, number,
        )  # fmt: skip
        row = OrderRow(
            number, "AGENT", "agent", FEN, "CNY", "alipay", None, "样例", "pick_up", {}, "CREATED",
            FEN, NOW,
        )  # fmt: skip

        def put(tx: Any) -> None:
            tx.money.declarations.add(declaration)
            tx.money.charges.add([charge])
            tx.money.orders.add(row, [OrderBill(declaration.id, declaration.bill_of_lading, FEN)])

        self.store.write_now(put)
        return number

    def tell(self, event: PaymentEvent) -> None:
        """A callback and its settling, in one transaction for speed."""

        def write(tx: Any) -> None:
            record(tx, event.provider or "", event, Clock())
            self.settle._settle(event.order or NOBODY, tx)

        self.store.write_now(write)

    def close(self, number: str) -> None:
        """As the desk does it."""

        def write(tx: Any) -> None:
            order = tx.money.orders.find(number)
            if order.closed_at is not None:
                return
            happened(tx, number, PaymentEvent(Kind.CLOSE), NOW)
            fresh = refold(tx, order, OFFICE, NOW)
            if fresh.due_fen == 0:
                raise OrderRefused("PAID", "", "")

        with suppress(OrderRefused):
            self.store.write_now(write)

    def refund(self, number: str, fen: int) -> None:
        back = Back(fen, "OFFICER", "tests")
        with suppress(OrderRefused):
            self.store.write_now(lambda tx: refund(tx, number, back, OFFICE, NOW))

    def ours(self, number: str, event: PaymentEvent) -> None:
        """A local event as it was."""

        def write(tx: Any) -> None:
            order = tx.money.orders.find(number)
            happened(tx, number, event, NOW)
            refold(tx, order, OFFICE, NOW)

        self.store.write_now(write)

    def told(self, number: str) -> list[PaymentEvent]:
        rows = self.store.read_now(lambda tx: tx.money.events.of_order(number, 1_000))
        return [event_of(row) for row in rows]

    def end(self, number: str) -> dict[str, Any]:
        """Everything about an order that people see, without its own number."""

        def read(tx: Any) -> dict[str, Any]:
            order = tx.money.orders.find(number)
            work = tx.money.work.of_order(number)
            return {
                "state": order.state,
                "fen": (order.due_fen, order.paid_fen, order.refunding_fen, order.refunded_fen),
                "held": (order.held_fen, order.returned_fen),
                "closed": order.closed_at,
                "charges": [each.state for each in tx.money.charges.of_order(number)],
                "bill": tx.money.declarations.find(f"d{number}").state,
                "work": sorted(
                    each.key.replace(number, "").replace(number[2:], "")
                    for each in work
                    if each.state == "open"
                ),
            }

        return dict(self.store.read_now(read))


_ledgers: list[Ledgers] = []


def ledgers() -> Ledgers:
    if not _ledgers:
        _ledgers.append(Ledgers())
    return _ledgers[0]


KINDS = st.sampled_from(
    [Kind.PAYMENT_SUCCEEDED] * 3
    + [Kind.REFUND_SUCCEEDED] * 2
    + [Kind.REFUND_ABNORMAL, Kind.REFUND_CLOSED, Kind.PAYMENT_CLOSED, Kind.PAYMENT_ACCEPTED]
)
AMOUNTS = st.sampled_from([FEN, FEN, 25599, 9600, 16000, 19200])


class OneOrder(RuleBasedStateMachine):
    """An order, whatever may happen to it."""

    where = staticmethod(ledgers)

    @initialize()
    def make(self) -> None:
        self.ledgers = self.where()
        self.number = self.ledgers.order()
        self.sent: list[PaymentEvent] = []

    @rule(
        kind=KINDS, fen=AMOUNTS, provider=st.sampled_from(["alipay", "wechatpay"]),
        name=st.sampled_from(["1", "2"]),
    )  # fmt: skip
    def callback(self, kind: Kind, fen: int, provider: str, name: str) -> None:
        of_refund = kind.value.startswith("refund")
        event = PaymentEvent(
            kind, provider, f"{self.number}/{kind}/{name}/{fen}", self.number, None, "CNY", fen,
            transaction=f"T{name}{self.number}" if not of_refund else None,
            refund=f"R{name}{self.number}" if of_refund else None,
        )  # fmt: skip
        self.sent.append(event)
        self.ledgers.tell(event)

    @rule(data=st.data())
    def resend(self, data: Any) -> None:
        if self.sent:
            self.ledgers.tell(data.draw(st.sampled_from(self.sent)))

    @rule()
    def close(self) -> None:
        self.ledgers.close(self.number)

    @rule(fen=AMOUNTS)
    def refund(self, fen: int) -> None:
        self.ledgers.refund(self.number, fen)

    @invariant()
    def every_fen_is_in_one_place(self) -> None:
        if not hasattr(self, "number"):
            return
        end = self.ledgers.end(self.number)
        assert sum(end["fen"]) == FEN
        assert min(end["fen"]) >= 0
        assert min(end["held"]) >= 0
        paid = end["charges"] == ["paid"]
        # No release without the whole amount; what goes back for a closed order was no payment.
        assert paid == (end["bill"] == "paid")
        assert not paid or end["fen"][0] == 0
        assert paid or end["state"] in {
            "CREATED", "PENDING", "CLOSED", "AMOUNT_MISMATCH", "LATE_PAID", "REFUNDED",
        }  # fmt: skip

    def teardown(self) -> None:
        if not hasattr(self, "number"):
            return
        end = self.ledgers.end(self.number)
        for arrange in ARRANGEMENTS:
            twin = self.ledgers.order()
            for event in _shuffled(self.ledgers.told(self.number), self.number, twin, arrange):
                if event.is_local:
                    self.ledgers.ours(twin, event)
                else:
                    self.ledgers.tell(event)
            assert self.ledgers.end(twin) == end


Events = list[PaymentEvent]
# Four other orders of what the providers said; their digests owe nothing to their arrival.
ARRANGEMENTS: tuple[Callable[[Events], Events], ...] = (
    lambda events: events[::-1],
    lambda events: sorted(events, key=digest),
    lambda events: sorted(events, key=lambda event: digest(event)[::-1]),
    lambda events: events[len(events) // 2 :] + events[: len(events) // 2],
)


def _shuffled(
    events: Events, number: str, twin: str, arrange: Callable[[Events], Events]
) -> Events:
    """The events as the twin's own; shuffled between two closes."""
    ended: Events = []
    part: Events = []
    for event in events:
        moved = replace(
            event,
            event_id=(event.event_id or "").replace(number, twin) or None,
            order=twin if event.order else None,
            transaction=(event.transaction or "").replace(number, twin) or None,
            refund=(event.refund or "").replace(number[2:], twin[2:]) or None,
            at=None,
        )
        if event.kind is Kind.CLOSE:
            ended += [*_mixed(part, arrange), moved]
            part = []
        else:
            part.append(moved)
    return ended + _mixed(part, arrange)


def _mixed(part: Events, arrange: Callable[[Events], Events]) -> Events:
    """Ours keep their order among themselves, and stand first."""
    ours = [event for event in part if event.is_local]
    return ours + arrange([event for event in part if not event.is_local])


OneOrder.TestCase.settings = settings(
    max_examples=sized(250, 2500, brief=60),
    stateful_step_count=7,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestOneOrder = OneOrder.TestCase


class OneOrderOnPostgres(OneOrder):
    """The same in the other database, whose transactions run side by side."""


OneOrderOnPostgres.TestCase.settings = settings(
    OneOrder.TestCase.settings, max_examples=sized(40, 500)
)


class TestOneOrderOnPostgres(OneOrderOnPostgres.TestCase):
    """A cluster of its own for the class."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.cluster = services.Postgres.start(services.require("postgres"))
        there = Ledgers(cls.cluster.url(cls.cluster.create()))
        OneOrderOnPostgres.where = staticmethod(lambda: there)
        cls.there = there

    @classmethod
    def tearDownClass(cls) -> None:
        asyncio.run(cls.there.store.close())
        cls.cluster.stop()
