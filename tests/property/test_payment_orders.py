"""The end of a payment does not depend on the order in which its events came; fen never vanish."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.rules.payment import fold
from gateway.rules.payment_event import Kind, PaymentEvent
from gateway.rules.payment_ledger import Order, State
from tests.services import sized

AMOUNT = 25600
ORDER = Order("PO1", AMOUNT, merchant="M1")
FEN = st.sampled_from([1, 9600, 16000, 19200, 25599, AMOUNT])
PROVIDER = st.sampled_from(["alipay", "wechatpay"])


def event(kind, provider, name, fen, **more):
    key = f"{kind}/{name}/{fen}"
    return PaymentEvent(Kind(kind), provider, key, "PO1", "M1", "CNY", fen, **more)


payments = st.builds(
    lambda provider, fen, name: event(
        "payment_succeeded", provider, name, fen, transaction=name
    ),
    PROVIDER, st.sampled_from([AMOUNT, AMOUNT, 25599]), st.sampled_from([None, "T1", "T2"]),
)  # fmt: skip
refunds = st.builds(
    lambda kind, provider, fen, name: event(kind, provider, name, fen, refund=name),
    st.sampled_from(["refund_succeeded", "refund_abnormal", "refund_closed"]),
    PROVIDER, FEN, st.sampled_from(["R1", "R2", "R3"]),
)  # fmt: skip
totals = st.builds(
    lambda fen: event("refund_succeeded", "alipay", "total", fen, cumulative=True), FEN
)
others = st.builds(
    lambda kind, provider: event(kind, provider, "x", AMOUNT),
    st.sampled_from(["payment_closed", "payment_failed", "payment_accepted"]), PROVIDER,
)  # fmt: skip
foreign = st.just(PaymentEvent(Kind.PAYMENT_SUCCEEDED, "alipay", "f", "PO1", "M2", "CNY", AMOUNT))
orphans = st.just(PaymentEvent(Kind.PAYMENT_SUCCEEDED, "alipay", "o", "PO2", "M1", "CNY", AMOUNT))
events = st.lists(
    st.one_of(payments, payments, refunds, refunds, totals, others, foreign, orphans), max_size=8
)
requests = st.lists(
    st.builds(
        lambda name, fen: PaymentEvent(Kind.REFUND_REQUEST, refund=name, amount_fen=fen),
        st.sampled_from(["R1", "R4"]), FEN,
    ),
    max_size=2,
)  # fmt: skip


def conserved(folded, told):
    """Each fen of the order is in one place, and each fen that came in is told of."""
    ledger = folded.ledger
    moved = ledger.paid_fen + ledger.refunding_fen + ledger.refunded_fen
    assert ledger.due_fen + moved == AMOUNT
    assert moved in (0, AMOUNT)
    assert min(ledger.due_fen, ledger.paid_fen, ledger.refunding_fen, ledger.refunded_fen) >= 0
    assert ledger.held_fen >= 0
    assert ledger.returned_fen >= 0
    paid = any(
        each.kind is Kind.PAYMENT_SUCCEEDED and each.amount_fen == AMOUNT
        for each in told
        if each.merchant == "M1" and each.order == "PO1"
    )
    assert (moved == AMOUNT) == paid
    assert [note.kind for note in folded.effects].count("PAID") <= 1
    assert ("PAID" in {note.kind for note in folded.effects}) <= paid
    keys = [note.key for note in (*folded.effects, *folded.work_items)]
    assert len(set(keys)) == len(keys)


@settings(max_examples=sized(1000, 10_000, brief=200), deadline=None)
@given(st.data(), events, requests)
def test_every_order_of_the_same_provider_events_ends_the_same(data, told, ours):
    """Our own events keep their order among themselves; the provider's come as they like."""
    wanted = fold(ORDER, [*told, *ours])
    shuffled = data.draw(st.permutations(told))
    for own in reversed(ours):
        shuffled.insert(data.draw(st.integers(0, len(shuffled))), own)
    positions = [shuffled.index(own) for own in ours]
    in_order = positions == sorted(positions)
    found = fold(ORDER, shuffled if in_order else [*ours, *[e for e in shuffled if e not in ours]])
    assert found == wanted
    conserved(found, told)


@settings(max_examples=sized(300, 3000, brief=60), deadline=None)
@given(st.data(), events)
def test_resends_change_nothing(data, told):
    wanted = fold(ORDER, told)
    again = data.draw(st.lists(st.sampled_from(told), max_size=20)) if told else []
    assert fold(ORDER, [*told, *again]) == wanted


@settings(max_examples=sized(300, 3000, brief=60), deadline=None)
@given(events, events)
def test_after_our_close_a_success_never_releases(before, after):
    folded = fold(ORDER, [*before, PaymentEvent(Kind.CLOSE), *after])
    conserved(folded, [*before, *after])
    paid_before = fold(ORDER, before).ledger.due_fen == 0
    released = "PAID" in {note.kind for note in folded.effects}
    assert released == paid_before
    late = folded.ledger.due_fen == 0 and not paid_before
    assert not late or folded.state in {State.LATE_PAID, State.REFUNDED}
    assert not late or folded.ledger.paid_fen == 0
