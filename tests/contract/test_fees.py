"""From a manifest to what is due, paid, settled: the worked examples G.4 end to end on both stores.

The steps, the fold of payments and the store are the real ones; only the clock is moved.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from gateway.canonical.partner import Partner
from gateway.pipeline.answering import Answering
from gateway.pipeline.counsel import Counsel, Matter
from gateway.pipeline.decide import Decide
from gateway.pipeline.fees import goods
from gateway.pipeline.fees.answers import take
from gateway.pipeline.fees.desk import Desk, FeePolicy
from gateway.pipeline.fees.service import FeeService, NotPermitted
from gateway.pipeline.money.ledger import Office
from gateway.pipeline.money.orders import NewOrder, OrderDesk
from gateway.pipeline.money.provider import Providers, ProviderTerms
from gateway.pipeline.money.rows import EventRow, FilingRow, OrderRow, SettlementRow
from gateway.pipeline.money.settle import Settle
from gateway.pipeline.rows import AccountRef, Batch, StagedPart
from gateway.pipeline.writers import WRITERS
from gateway.rules.tariff import shipped
from tests.contract.stores import Bench, bench, decision, document, empty_sqlite, ending

__all__ = ["bench", "empty_sqlite"]

LEFT = datetime(2018, 5, 10, 0, 0, tzinfo=UTC)  # 08:00 in Tianjin
PROVIDER = "standard-webhooks"
_STRANGER = AccountRef("NOBODY", "nobody", operator=False)
_OFFICER = AccountRef("ACME", "acme", operator=True)
_serial = count(1)
_BOX = {"name": "box", "kind": "mailbox", "subscriptions": [{"document": "fee_notice"}]}


@dataclass
class _Partners:
    known: dict[str, Partner]

    def partner(self, code: str) -> Partner | None:
        return self.known.get(code)

    def partners(self) -> list[Partner]:
        return list(self.known.values())


class _Secrets:
    def resolve(self, reference: str) -> str:
        return "whsec_dGlhbmppbi1wb3J0LWdhdGV3YXktdGVzdC1rZXktMDE="


def _partner(**fields: object) -> Partner:
    return Partner.model_validate_json(json.dumps({"name": "Made up", **fields}))


@dataclass
class Port:
    """A port with its fee desk, on a store."""

    bench: Bench
    approver: str = "embedded"
    submit: str = "automatic"
    filed: bool = True
    service: FeeService = field(init=False)

    def __post_init__(self) -> None:
        wants = [{"document": "fee_declaration"}, {"document": "payment"}]
        authority = {"name": "msa", "kind": "folder", "folder": "msa", "subscriptions": wants}
        partners = [
            _partner(code="ACME", identities=["ACME"], routes=[_BOX]),
            _partner(code="MSA", routes=[authority]),
        ]
        self.bench.write(lambda tx: tx.partners.apply(partners, "tests"))
        self.directory = _Partners({each.code: each for each in partners})
        policy = FeePolicy(
            (shipped()["PCF"],),
            approver=self.approver,  # type: ignore[arg-type]
            submit=self.submit,  # type: ignore[arg-type]
        )
        store, clock = self.bench.stores[0], self.bench.clock
        self.service = FeeService(store, clock, self.directory, policy)  # type: ignore[arg-type]
        self.policy = policy
        if self.filed:
            row = FilingRow(
                "f1", "ACME", "", "TIANJIN", ["CNTXG"], ["declare"], "approved", 1, LEFT
            )
            self.bench.write(lambda tx: tx.money.filings.add(row))

    async def manifest(
        self, kind: str, bills: dict[str, list[str]], sailing: str = "2018-05-10T08:00", **more: Any
    ) -> str:
        """An accepted manifest; bills: size types by number.  Declared by the step."""
        name = self.bench.receive(**more.pop("envelope", {})).interchange
        header = {
            "message_type": "IFCSUM",
            "kind": kind,
            "vessel": {"imo": "9074729", "name": "TEST VESSEL"},
            "voyage": "0018E",
            "sailing": {"wall": sailing, "zone": "Asia/Shanghai"},
            "load_port": {"code": "CNTXG"},
        }
        staged = document(
            1,
            type="manifest",
            format="manifest/ifcsum-flat",
            message_type="IFCSUM",
            header=json.dumps(header),
            key=json.dumps({"vessel": "9074729", "voyage": "0018E", "kind": kind}),
            **more,
        )
        parts = [_part(n, bill, sizes) for n, (bill, sizes) in enumerate(bills.items(), 1)]
        self.bench.write(lambda tx: _stage(tx, name, staged, parts))
        accepted = decision(f"{name}-1")
        self.bench.write(lambda tx: tx.documents.decide(accepted, "accepted", "replace"))
        step = self.service.steps()["declare"]
        await step.run(f"{name}-1", 1)
        await step.run(f"{name}-1", 1)
        return f"{name}-1"

    def declarations(self, kind: str = "pre_stowage") -> dict[str, Any]:
        rows = self.bench.read(lambda tx: tx.money.declarations.page("ACME", None, 100).rows)
        return {row.bill_of_lading: row for row in rows if row.kind == kind}

    def due(self) -> dict[str, int]:
        rows = self.bench.read(lambda tx: tx.money.charges.bills_due("ACME"))
        return {row.bill_of_lading: row.amount_fen for row in rows}

    def receipts(self) -> list[SettlementRow]:
        return self.bench.read(lambda tx: tx.money.settlements.page("ACME", None, 100).rows)

    def work(self) -> list[str]:
        rows = self.bench.read(lambda tx: tx.money.work.page(None, 100, "open").rows)
        return sorted(row.kind for row in rows)

    async def pay(self, *bills: str) -> OrderRow:
        """An order of these bills, paid."""
        store, clock = self.bench.stores[0], self.bench.clock
        office = Office(self.directory.partners)
        terms = ProviderTerms(
            PROVIDER, {"secrets": ("env:X",)}, None, "Made up", {}, {}, None, None
        )
        desk = OrderDesk(store, clock, office, Providers([terms], _Secrets(), clock), {})
        order = await desk.create(_OFFICER, NewOrder(bills, PROVIDER, "Made up"))
        paid = {"order": order.number, "amount_fen": order.amount_fen, "currency": "CNY"}
        await self.happened(order.number, "payment_succeeded", **paid, transaction="T1")
        return self.order(order.number)

    async def happened(self, number: str, kind: str, **event: Any) -> None:
        store, clock = self.bench.stores[0], self.bench.clock
        name = f"e{next(_serial)}"
        told = {"kind": kind, "provider": PROVIDER, "event_id": name, **event}
        row = EventRow(PROVIDER, name, number, kind, told, name, clock.now())
        self.bench.write(lambda tx: tx.money.events.add(row))
        await Settle(store, clock, Office(self.directory.partners)).run(number, 1)

    def order(self, number: str) -> OrderRow:
        return self.bench.read(lambda tx: tx.money.orders.find(number))

    def desk(self, tx: Any) -> Desk:
        return Desk(tx, self.policy, self.directory.partners(), self.bench.clock.now())


def _part(ordinal: int, bill: str, sizes: Sequence[str]) -> StagedPart:
    boxes = [{"number": f"TSTU{n:07d}", "size_type": size} for n, size in enumerate(sizes)]
    canonical = {
        "number": bill,
        "load_port": {"code": "CNTXG"},
        "discharge_port": {"code": "KRPUS"},
        "containers": boxes,
    }
    key = json.dumps({"bill_of_lading": bill})
    keys = (("bill_of_lading", bill),)
    return StagedPart(ordinal, key, json.dumps(canonical), "[]", 0, keys)


def _stage(
    tx: Any, name: str, staged: Any, parts: Sequence[StagedPart], sender: str = "ACMEX"
) -> None:
    row = tx.interchanges.find(name)
    attempt = tx.interchanges.begin_attempt(name)
    tx.interchanges.stage(name, attempt, Batch((staged,), tuple((1, each) for each in parts)))
    tx.interchanges.translated(name, row.revision, attempt, ending(reference=name, sender=sender))


@pytest.fixture
def port(bench: Bench) -> Port:
    bench.clock.at = LEFT - timedelta(days=1)
    return Port(bench)


async def test_a_manifest_is_declared_rated_and_approved(port: Port) -> None:
    await port.manifest("pre_stowage", {"B1": ["22G1", "42G1", "45G1"], "B2": ["22G1"]})
    rows = port.declarations()
    assert {bill: row.state for bill, row in rows.items()} == {"B1": "approved", "B2": "approved"}
    assert rows["B1"].region == "TIANJIN"
    assert port.due() == {"B1": 25600, "B2": 6400}
    assert port.work() == []


SETTLEMENTS = [
    ("S1", ["22G1", "42G1", "42G1"], {"B1": ["22G1", "42G1", "42G1"]}, []),
    ("S2", ["42G1", "42G1"], {"B1": ["42G1"]}, [("B1", "退还差额", 9600, "")]),
    ("S3", ["22G1"], {"B1": ["42G1"]}, [("B1", "补收差额", 3200, "")]),
    ("S3-26", ["22G1"], {}, [("B1", "全额退款", 6400, "")]),
    ("S6", ["22G1"], {"B1": ["22G1"], "B9": ["42G1"]}, [("B9", "补收差额", 9600, "NEW_IN_CLEAN")]),
]


@pytest.mark.parametrize(
    ("sizes", "clean", "wanted"), [row[1:] for row in SETTLEMENTS], ids=[r[0] for r in SETTLEMENTS]
)
async def test_a_clean_manifest_settles_what_was_paid(port, sizes, clean, wanted) -> None:
    await port.manifest("pre_stowage", {"B1": sizes})
    paid = await port.pay("B1")
    assert paid.state == "PAID"
    port.bench.clock.at = LEFT + timedelta(hours=72)
    await port.manifest("clean", clean)
    found = [(r.bill_of_lading, r.kind, r.amount_fen, r.reason) for r in port.receipts()]
    assert found == wanted
    assert port.declarations()["B1"].state == "paid"


async def test_a_refund_goes_back_by_the_order_that_brought_it(port: Port) -> None:
    await port.manifest("pre_stowage", {"B1": ["42G1", "42G1"]})
    order = await port.pay("B1")
    port.bench.clock.at = LEFT + timedelta(hours=1)
    await port.manifest("clean", {"B1": ["42G1"]})
    receipt = port.receipts()[0]
    applied = await port.service.apply(_OFFICER, receipt.id)
    assert applied.state == "REFUNDING"
    refunds = port.bench.read(lambda tx: tx.money.refunds.of_order(order.number))
    assert [(r.id, r.amount_fen, r.settlement) for r in refunds] == [
        (applied.refund, 9600, receipt.id)
    ]
    call = port.bench.read(lambda tx: tx.money.calls.find("refund", applied.refund))
    assert call.state == "due"
    back = {"order": order.number, "refund": applied.refund, "amount_fen": 9600}
    await port.happened(order.number, "refund_succeeded", **back)
    assert [each.state for each in port.receipts()] == ["SETTLED"]
    now = port.order(order.number)
    assert (now.state, now.paid_fen, now.refunded_fen) == ("PART_REFUNDED", 9600, 9600)


async def test_an_extra_is_a_new_order(port: Port) -> None:
    await port.manifest("pre_stowage", {"B1": ["22G1"]})
    first = await port.pay("B1")
    await port.manifest("clean", {"B1": ["42G1"]})
    applied = await port.service.apply(_OFFICER, port.receipts()[0].id)
    assert applied.state == "ORDERED"
    assert port.due() == {"B1": 3200}
    second = await port.pay("B1")
    assert second.number != first.number
    assert second.amount_fen == 3200
    settled = port.receipts()[0]
    assert (settled.state, settled.extra_order) == ("SETTLED", second.number)


@pytest.mark.parametrize(("late", "works"), [(0, []), (1, ["CLEAN_LATE"])], ids=["S7", "S7-late"])
async def test_seventy_two_hours_to_the_second(port: Port, late: int, works: list[str]) -> None:
    await port.manifest("pre_stowage", {"B1": ["22G1", "42G1", "42G1"]})
    await port.pay("B1")
    port.bench.clock.at = LEFT + timedelta(hours=72, seconds=late)
    await port.manifest("clean", {"B1": ["42G1"]})
    assert port.work() == works
    assert len(port.receipts()) == 1 - late
    if late:
        clean = port.declarations("clean")["B1"].manifest
        assert await port.service.settle_anyway(clean) == ("REFUND_DIFFERENCE",)
        assert [each.amount_fen for each in port.receipts()] == [16000]


async def test_an_unpaid_bill_owes_what_was_loaded(port: Port) -> None:
    """S8."""
    await port.manifest("pre_stowage", {"B1": ["42G1", "42G1"]})
    assert port.due() == {"B1": 19200}
    await port.manifest("clean", {"B1": ["42G1"]})
    assert port.due() == {"B1": 9600}
    assert port.receipts() == []


async def test_a_resend_charges_nothing_twice_and_a_change_rates_anew(port: Port) -> None:
    await port.manifest("pre_stowage", {"B1": ["22G1"], "B2": ["22G1"]})
    await port.manifest("pre_stowage", {"B1": ["22G1"], "B2": ["22G1"]})
    assert port.due() == {"B1": 6400, "B2": 6400}
    await port.pay("B1")
    await port.manifest("pre_stowage", {"B1": ["42G1"], "B2": ["42G1"]})
    assert port.due() == {"B2": 9600}
    assert port.work() == ["BILL_CHANGED"]
    assert port.declarations()["B1"].state == "paid"


async def test_a_bill_that_a_new_manifest_leaves_out_is_taken_back(port: Port) -> None:
    await port.manifest("pre_stowage", {"B1": ["22G1"], "B2": ["22G1"]})
    await port.manifest("pre_stowage", {"B2": ["22G1"]})
    assert port.due() == {"B2": 6400}
    await port.manifest("pre_stowage", {"B1": ["42G1"], "B2": ["22G1"]})
    assert port.due() == {"B1": 9600, "B2": 6400}


async def test_abolished_bills_owe_nothing_and_wait_for_nobody(port: Port) -> None:
    port.bench.clock.at = datetime(2026, 11, 21, tzinfo=UTC)
    await port.manifest("pre_stowage", {"B1": ["22G1"]}, sailing="2026-11-22T08:00")
    row = port.declarations()["B1"]
    charges = port.bench.read(lambda tx: tx.money.charges.of_declaration(row.id))
    live = [(c.amount_fen, c.reason) for c in charges if c.state != "void"]
    assert (row.state, live) == ("approved", [(0, "ABOLISHED")])
    assert port.due() == {}
    assert port.bench.read(lambda tx: tx.gate.papers.fact("fees_paid", "B1")) is not None


async def test_no_filing_no_declaration(bench: Bench) -> None:
    bench.clock.at = LEFT - timedelta(days=1)
    port = Port(bench, filed=False)
    await port.manifest("pre_stowage", {"B1": ["22G1"]})
    assert port.declarations()["B1"].state == "draft"
    manifests = bench.read(lambda tx: tx.money.manifests.page("ACME", None, 10).rows)
    assert [(each.state, each.reason) for each in manifests] == [("draft", "NO_FILING")]
    filed = await port.service.file(_OFFICER, "", "TIANJIN", ["CNTXG"])
    assert filed is not None
    assert filed.state == "approved"
    assert await port.service.file(_OFFICER, "", "TIANJIN", ["CNTXG"]) is None


async def test_what_cannot_be_rated_stays_a_draft_with_its_reason(port: Port) -> None:
    await port.manifest("pre_stowage", {"B1": ["??"]})
    row = port.declarations()["B1"]
    assert (row.state, row.reason) == ("draft", "BOX_LENGTH")
    assert row.facts["findings"][0]["code"] == "BOX_LENGTH"
    told = port.bench.read(lambda tx: tx.deliveries.waiting("ACME", 10)).rows
    assert "BOX_LENGTH" in next(each.body.decode() for each in told if b"BOX_LENGTH" in each.body)
    with pytest.raises(goods.Refused) as refused:
        await port.service.submit(_OFFICER, row.id)
    assert [each.code for each in refused.value.findings] == ["BOX_LENGTH"]
    boxes = [{"number": "TSTU0000020", "size_type": "22G1", "length_ft": "20", "laden": True}]
    changed = await port.service.change(_OFFICER, row.id, {"facts": {"containers": boxes}})
    assert changed.reason is None
    assert (await port.service.submit(_OFFICER, row.id)).state == "approved"
    assert port.due() == {"B1": 6400}


async def test_states_bind_the_declarant(bench: Bench) -> None:
    """S3-17, S3-18, H-29, with an authority that takes its time."""
    bench.clock.at = LEFT - timedelta(days=1)
    port = Port(bench, approver="route")
    await port.manifest("pre_stowage", {"B1": ["22G1"]})
    row = port.declarations()["B1"]
    assert (row.state, port.due()) == ("submitted", {})
    with pytest.raises(goods.Refused):
        await port.service.change(_OFFICER, row.id, {})
    colleague = AccountRef("ACME", "other", operator=True)
    with pytest.raises(goods.Refused) as own:
        await port.service.withdraw(colleague, row.id)
    assert [each.code for each in own.value.findings] == ["NOT_OWN"]
    with pytest.raises(LookupError):
        await port.service.withdraw(AccountRef("MSA", "msa", operator=True), row.id)
    with pytest.raises(NotPermitted):
        await port.service.withdraw(_STRANGER, row.id)
    assert (await port.service.withdraw(_OFFICER, row.id)).state == "draft"
    assert (await port.service.submit(_OFFICER, row.id)).state == "submitted"


async def _answer(port: Port, *decisions: dict[str, Any]) -> None:
    name = port.bench.receive(partner="MSA", account="msa").interchange
    staged = document(1, type="authority_answer", header="{}", key=json.dumps({"reference": name}))
    parts = [
        StagedPart(n, "{}", json.dumps(each), "[]", 0, ()) for n, each in enumerate(decisions, 1)
    ]
    port.bench.write(lambda tx: _stage(tx, name, staged, parts))

    def apply(tx: Any) -> None:
        found = tx.documents.find(f"{name}-1")
        row = tx.interchanges.find(name)
        take(port.desk(tx), Matter(tx, row, found, None, port.bench.clock.now()))

    port.bench.write(apply)


async def test_the_authoritys_answer_moves_and_its_amount_binds(bench: Bench) -> None:
    bench.clock.at = LEFT - timedelta(days=1)
    port = Port(bench, approver="route")
    await port.manifest("pre_stowage", {"B1": ["22G1"], "B2": ["22G1"], "B3": ["22G1"]})
    rows = port.declarations()
    said = {"subject": "goods", "decision": "approved"}
    await _answer(
        port,
        {**said, "id": rows["B1"].id, "revision": rows["B1"].revision, "number": "N1"},
        {**said, "id": rows["B2"].id, "amount_fen": 5000},
        {**said, "id": rows["B3"].id, "decision": "rejected", "reason": "weight"},
        {**said, "id": "nobody"},
    )
    after = port.declarations()
    assert {bill: row.state for bill, row in after.items()} == {
        "B1": "approved", "B2": "approved", "B3": "rejected",
    }  # fmt: skip
    assert port.due() == {"B1": 6400, "B2": 5000}
    assert port.work() == ["AMOUNT_DIFFERS", "ANSWER_OUT_OF_TURN"]
    # The same answer again, late: kept as work, never applied.
    await _answer(port, {**said, "id": rows["B1"].id, "decision": "rejected"})
    assert port.declarations()["B1"].state == "approved"
    # A cancellation that the authority grants opens the bill again; one in an order stays.
    assert (
        await port.service.cancel(_OFFICER, rows["B1"].id, "typing")
    ).state == "cancel_requested"
    await _answer(port, {"subject": "cancellation", "id": rows["B1"].id, "decision": "approved"})
    assert port.declarations()["B1"].state == "draft"
    assert port.due() == {"B2": 5000}
    await port.pay("B2")
    with pytest.raises(goods.Refused):
        await port.service.cancel(_OFFICER, rows["B2"].id, None)


async def test_an_exemption_after_the_fact_refunds(bench: Bench) -> None:
    """2020-14: paid before the exemption was in the tariff, returned by it."""
    bench.clock.at = datetime(2020, 3, 2, tzinfo=UTC)
    port = Port(bench)
    await port.manifest("pre_stowage", {"B1": ["42G1"]}, sailing="2020-02-29T23:59")
    await port.pay("B1")
    row = port.declarations()["B1"]

    def exempt_time(tx: Any) -> None:
        found = tx.money.declarations.find(row.id)
        changed = {"ship_at": datetime(2020, 3, 1, tzinfo=UTC), "revision": found.revision + 1}
        tx.money.declarations.change(replace(found, **changed))

    port.bench.write(exempt_time)
    made = await port.service.exempt(row.id)
    assert [(each.kind, each.amount_fen, each.reason) for each in made] == [
        ("退还差额", 9600, "EXEMPT_2020_14")
    ]
    assert await port.service.exempt(row.id) == []


async def test_a_delivery_order_waits_for_the_fees_of_its_bill(port: Port) -> None:
    await port.manifest("pre_stowage", {"B1": ["22G1"]})
    agreed = [{"document": "delivery_order"}]
    line = _partner(code="ACME", identities=["ACME"], agreements=agreed)
    partners = _Partners({"ACME": line})
    store, clock = port.bench.stores[0], port.bench.clock
    answering = Answering(partners, WRITERS, "US")  # type: ignore[arg-type] - all it asks of them
    counsel = Counsel(port.service.advisers(), port.service.effects())
    step = Decide(store, partners, clock, answering, counsel)  # type: ignore[arg-type]
    name = port.bench.receive(order_key="acme/delivery_order").interchange
    staged = document(
        1, type="delivery_order", header="{}", key=json.dumps({"delivery_order": "D1"})
    )
    asked = StagedPart(1, "{}", json.dumps({"number": "D1", "bill_of_lading": "B1"}), "[]", 0, ())
    port.bench.write(lambda tx: _stage(tx, name, staged, [asked], sender="ACME"))
    await step.run(name, 1)
    held = port.bench.read(lambda tx: tx.documents.find(f"{name}-1"))
    codes = port.bench.read(lambda tx: tx.documents.decisions(held.id))[-1].codes
    assert (held.state, codes) == ("held", ["UNPAID"])
    await port.pay("B1")
    assert ("decide", held.id, 2) in port.bench.events()
    await step.run(held.id, 2)
    assert port.bench.read(lambda tx: tx.documents.find(held.id)).state == "accepted"
