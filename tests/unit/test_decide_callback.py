"""KIND `callback`: the vectors of G.5 byte for byte, the attacks of S-15, key rotation (S-16)."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from gateway.limits import CALLBACK_BODY_BYTES_MAX
from gateway.pipeline.decide_cases.registry import CaseUnfit, decide_case
from gateway.rules.callbacks import aggregator, unionpay, wechatpay
from gateway.rules.callbacks.registry import PROVIDERS
from tests.unit import callback_makers as make
from tests.unit.callback_makers import NOW, STAMP

VECTOR = (
    b'{"type":"payment.succeeded","timestamp":"2026-11-21T08:00:00Z","data":{"order_no":'
    b'"PO20261121000001","amount_fen":25600,"currency":"CNY"}}'
)


def decide(case):
    return decide_case("callback", json.dumps(case).encode())


def body_of(case):
    return base64.b64decode(case["body_base64"])


def with_body(case, raw):
    return {**case, "body_base64": base64.b64encode(raw).decode()}


def swapped(case, old, new):
    raw = body_of(case)
    assert old in raw
    return with_body(case, raw.replace(old, new, 1))


def with_headers(case, **headers):
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return {**case, "headers": {**case["headers"], **told}}


def without(case, *names):
    left = {k: v for k, v in case["headers"].items() if k.lower() not in names}
    return {**case, "headers": left}


def later(case, seconds):
    return {**case, "now": (NOW + timedelta(seconds=seconds)).isoformat()}


def unsigned(case, field="sign"):
    """The form without its signature."""
    parts = body_of(case).split(b"&")
    return with_body(case, b"&".join(p for p in parts if not p.startswith(field.encode() + b"=")))


# --- the vectors ----------------------------------------------------------------------------------


def test_standard_webhooks_vector_byte_for_byte():
    assert make.hook_body() == VECTOR
    assert len(VECTOR) == 138
    case = make.hook(VECTOR)
    signature = case["headers"]["webhook-signature"]
    assert signature == "v1,OdY8EsTofEUAQyBxTWfdyYyyxuZJf+3C/OUbk6LEMkc="
    said = decide(case)
    assert (said["verified"], said["event"]["amount_fen"]) == (True, 25600)
    assert decide({**case, "now": STAMP + 300})["verified"]
    assert decide({**case, "now": STAMP + 301})["codes"] == ["STALE"]


def test_aggregator_vector_byte_for_byte():
    sign = aggregator.sign
    assert (
        sign(make.AGGREGATOR, make.AGGREGATOR_SECRET, "MD5") == "D18B93E0BB692966C0C8CDE95787DCF3"
    )
    assert sign(make.AGGREGATOR, make.AGGREGATOR_SECRET, "HMAC-SHA256") == (
        "AFEAEC9C6E928CC53E82F338B67B145D7888F47978F0E4C8340011B8D3D09176"
    )


def test_unionpay_vector_byte_for_byte():
    assert unionpay.secret_signature(make.UNIONPAY, make.UNION_SECRET) == (
        "8e11c7ad6f316ec0bf06eabb5bb020aa0856aba701733c86cdb8fb1b348dbf2a"
    )
    by_rsa = {**make.UNIONPAY, "signMethod": "01"}
    assert unionpay.digest_to_sign(by_rsa) == (
        b"da1619f8b9fe16252a1250ff7acb117aa1cd0771fc9871a89ef5223edd5831d2"
    )


def test_wechat_vector_byte_for_byte():
    resource = {
        "nonce": "fixednonce12",
        "associated_data": "transaction",
        "ciphertext": CIPHERTEXT,
    }
    own = make.wechat()["config"]
    config = wechatpay.Config.model_validate(own)
    assert wechatpay.decrypt(config, resource) == PLAINTEXT
    said = decide(make.wechat(make.wechat_body(resource)))
    assert said["event"]["transaction"] == "1217752501201407033233368018"


CIPHERTEXT = (
    "EdmDG6duFKbB7IkSoNSFvwEaLLht1iU+Y/zF3LxVE5cDEXkXomvh4IMi+egJQ/a9eBuR5QvLwTH3yG0ReLZmRfql+3ak"
    "AslVs8dHb4MDaKT+MoSjnZfRxIF8TP6w0bAxnGs3eZl1pTcYo3zi/mREd9I8uFzcHxi2DGcCKrdXZZiQqGF5XUl7Acrf"
    "95EiP3A7sQHor1WiTUbxaoPD4aAccPJqR1WUGlZePsIr6b2NZEaUSatJ/csno0AODpxBvZnzHBjfl7Bof40zE3cmqvpr"
    "VCHZU0kb2HQ18fDCZ0bodRT33P37xleCybOb463pjOehW52LWx9rXlH0OIrE0Sg9nKo726KKsh8AdpyvtfSsh2hRdw2Y"
    "uF0Dyt/XNK9Wr4xkmrI+bohNXc2b+j/4/l4l1PHTBvwNnIQHzDwSaHjz32rGWLY="
)
PLAINTEXT = (
    b'{"mchid":"1900000109","appid":"wxd678efh567hg6787","out_trade_no":"PO20261121000001",'
    b'"transaction_id":"1217752501201407033233368018","trade_state":"SUCCESS","trade_type":'
    b'"NATIVE","success_time":"2026-11-21T16:00:00+08:00","amount":{"total":25600,'
    b'"payer_total":25600,"currency":"CNY","payer_currency":"CNY"}}'
)

# --- good ones ------------------------------------------------------------------------------------
MAKERS = {
    "standard-webhooks": make.hook,
    "aggregator": make.aggregator,
    "aggregator md5": lambda: make.aggregator(method="MD5"),
    "unionpay": make.unionpay,
    "unionpay rsa": make.unionpay_rsa,
    "alipay": make.alipay,
    "alipay gbk": lambda: make.alipay(charset="gbk"),
    "wechatpay": make.wechat,
    "wechatpay certificate": lambda: make.wechat(
        serial=SERIAL, config={"public_keys": {}, "certificates": [WECHAT_CERTIFICATE]}
    ),
}
_MADE = make.certificate("wechat", "a", "wechat", "a")
WECHAT_CERTIFICATE, SERIAL = make.as_pem(_MADE), format(_MADE.serial_number, "X")
SUCCESS = {
    "standard-webhooks": (204, ""),
    "aggregator": (200, "SUCCESS"),
    "unionpay": (200, "ok"),
    "alipay": (200, "success"),
    "wechatpay": (200, '{"code":"SUCCESS","message":"成功"}'),
}


@pytest.mark.parametrize("name", MAKERS)
def test_a_good_callback_is_the_orders_payment(name):
    said = decide(MAKERS[name]())
    assert (said["outcome"], said["codes"], said["verified"]) == ("accept", [], True)
    event = said["event"]
    assert (event["kind"], event["order"]) == ("payment_succeeded", make.ORDER)
    assert event["amount_fen"] == 25600
    assert event["currency"] in {"CNY", "156"}
    assert event["event_id"]
    answer = said["answer"]
    assert (answer["status"], answer["body"]) == SUCCESS[name.split()[0]]
    case = {
        "order": {"number": make.ORDER, "amount_fen": 25600, "merchant": event["merchant"]},
        "events": [{"at": NOW.isoformat(), **event}] * 5,
    }
    paid = decide_case("payment", json.dumps(case).encode())
    assert (paid["state"], [each["kind"] for each in paid["effects"]]) == ("PAID", ["PAID"])


@pytest.mark.parametrize("text", ["256.00", "256.0", "256"])
def test_k2_yuan_are_fen(text):
    assert decide(make.alipay(total_amount=text))["event"]["amount_fen"] == 25600


def test_k2_a_fen_short_is_acknowledged_and_is_the_orders_affair():
    said = decide(make.alipay(total_amount="255.99"))
    assert (said["event"]["amount_fen"], said["answer"]["body"]) == (25599, "success")


@pytest.mark.parametrize(
    ("fields", "kind", "fen", "cumulative"),
    [
        ({"trade_status": "TRADE_CLOSED"}, "payment_closed", 25600, False),
        ({"trade_status": "TRADE_CLOSED", "refund_fee": "256.00"}, "refund_succeeded", 25600, True),
        ({"refund_fee": "96.00", "out_biz_no": "R1"}, "refund_succeeded", 9600, True),
        ({"trade_status": "TRADE_FINISHED"}, "payment_succeeded", 25600, False),
    ],
)
def test_k5_alipay_tells_closes_and_refunds_at_one_address(fields, kind, fen, cumulative):
    event = decide(make.alipay(**fields))["event"]
    assert (event["kind"], event["amount_fen"], event["cumulative"]) == (kind, fen, cumulative)


@pytest.mark.parametrize(
    ("event_type", "status", "kind"),
    [
        ("REFUND.SUCCESS", "SUCCESS", "refund_succeeded"),
        ("REFUND.ABNORMAL", "ABNORMAL", "refund_abnormal"),
        ("REFUND.CLOSED", "CLOSED", "refund_closed"),
    ],
)
def test_k10_wechat_refunds(event_type, status, kind):
    plain = {**make.WECHAT_REFUND, "refund_status": status}
    event = decide(make.wechat(make.wechat_body(make.sealed(plain), event_type)))["event"]
    assert (event["kind"], event["amount_fen"], event["refund"]) == (kind, 9600, "R1")


def test_k11_the_back_urls_own_query_is_stripped_and_nothing_else():
    own = {"back_url_fields": ["x"]}
    assert decide(make.unionpay(config=own, extra="&x=y"))["verified"]
    assert not decide(make.unionpay(extra="&x=y"))["verified"]
    assert not decide(make.unionpay(config=own, extra="&x=y&z=1"))["verified"]


def test_unionpay_a6_waits_and_a_refund_names_its_payment():
    assert decide(make.unionpay(respCode="A6"))["event"]["kind"] == "payment_accepted"
    event = decide(make.unionpay(txnType="04", orderId="R1", origQryId="Q0"))["event"]
    assert (event["kind"], event["refund"], event["transaction"]) == (
        "refund_succeeded",
        "R1",
        "Q0",
    )


# --- attacks --------------------------------------------------------------------------------------
DOUBLE = b'"amount_fen":1,"amount_fen":25600'
OTHER_SECRET = "whsec_" + base64.b64encode(b"another secret of 24 bytes").decode()
LEAF_ELSE = make.as_pem(make.certificate(make.UNION_NAME, "leaf", "rogue", "rogue"))
LEAF_NAMED = make.chain("041@Z12@Somebody@1")[2]
LEAF_OLD = make.chain(days=(-10, -1))[2]
LEAF_OF_LEAF = make.as_pem(make.certificate(make.UNION_NAME, "evil", make.UNION_NAME, "leaf"))
SEALED = make.wechat_body(make.sealed(make.WECHAT))


def wechat_amount(value, **more):
    plain = json.dumps({**make.WECHAT, **more, "amount": {"total": "@", "currency": "CNY"}})
    return make.wechat(make.wechat_body(make.sealed(plain.replace('"@"', value).encode())))


def hook_amount(value):
    return make.hook(make.hook_body().replace(b":25600", b":" + value))


ATTACKS = {
    # Standard Webhooks
    "hook: no signature": (lambda: without(make.hook(), "webhook-signature"), "MISSING"),
    "hook: no id": (lambda: without(make.hook(), "webhook-id"), "MISSING"),
    "hook: no timestamp": (lambda: without(make.hook(), "webhook-timestamp"), "MISSING"),
    "hook: wrong secret": (lambda: make.hook(secret=OTHER_SECRET), "SIGNATURE"),
    "hook: other id": (lambda: with_headers(make.hook(), webhook_id="msg_2"), "SIGNATURE"),
    "hook: other time": (
        lambda: with_headers(make.hook(), webhook_timestamp=str(STAMP + 1)), "SIGNATURE",
    ),
    "hook: fraction of a second": (
        lambda: with_headers(make.hook(), webhook_timestamp=f"{STAMP}.5"), "MALFORMED",
    ),
    "hook: garbage signature": (
        lambda: with_headers(make.hook(), webhook_signature="garbage"), "MALFORMED",
    ),
    "hook: empty v1": (lambda: with_headers(make.hook(), webhook_signature="v1,"), "MALFORMED"),
    "hook: amount raised": (lambda: swapped(make.hook(), b"25600", b"25601"), "SIGNATURE"),
    "hook: other order": (lambda: swapped(make.hook(), b"0001", b"0002"), "SIGNATURE"),
    "hook: a space more": (lambda: with_body(make.hook(), VECTOR + b" "), "SIGNATURE"),
    "hook: re-serialised": (
        lambda: with_body(make.hook(), json.dumps(json.loads(VECTOR)).encode()), "SIGNATURE",
    ),
    "hook: empty body": (lambda: with_body(make.hook(), b""), "SIGNATURE"),
    "hook: 301 s late": (lambda: later(make.hook(), 301), "STALE"),
    "hook: 301 s early": (lambda: later(make.hook(), -301), "STALE"),
    "hook: a day late": (lambda: later(make.hook(), 86_400), "STALE"),
    "hook: signed duplicate key": (
        lambda: make.hook(VECTOR.replace(b'"amount_fen":25600', DOUBLE)), "DUPLICATE_KEYS",
    ),
    "hook: signed 1e3": (lambda: hook_amount(b"1e3"), "AMOUNT"),
    "hook: signed fraction": (lambda: hook_amount(b"25600.0"), "AMOUNT"),
    "hook: signed text": (lambda: hook_amount(b'"25600"'), "AMOUNT"),
    "hook: signed true": (lambda: hook_amount(b"true"), "AMOUNT"),
    "hook: signed negative": (lambda: hook_amount(b"-25600"), "AMOUNT"),
    "hook: signed NaN": (lambda: hook_amount(b"NaN"), "MALFORMED"),
    "hook: signed Infinity": (lambda: hook_amount(b"Infinity"), "MALFORMED"),
    "hook: signed 1e999": (lambda: hook_amount(b"1e999"), "AMOUNT"),
    "hook: signed endless number": (lambda: hook_amount(b"9" * 5000), "MALFORMED"),
    "hook: signed list": (lambda: make.hook(b"[]"), "MALFORMED"),
    "hook: signed depth": (lambda: make.hook(b"[" * 60_000), "MALFORMED"),
    "hook: signed other type": (
        lambda: make.hook(VECTOR.replace(b"payment.succeeded", b"user.created")), "MALFORMED",
    ),
    "hook: signed no utf-8": (lambda: make.hook(b'{"type":"\xff"}'), "MALFORMED"),
    "hook: other merchant": (
        lambda: make.hook(make.hook_body(merchant="M2"), merchant="M1"), "MERCHANT",
    ),
    "hook: 2 MB": (lambda: with_body(make.hook(), b"x" * (2 * 1024 * 1024)), "TOO_LARGE"),
    # Aggregator
    "aggregator: no sign": (lambda: unsigned(make.aggregator()), "SIGNATURE"),
    "aggregator: wrong key": (lambda: make.aggregator(secret="other"), "SIGNATURE"),
    "aggregator: amount": (
        lambda: swapped(make.aggregator(), b"total_fee=25600", b"total_fee=25601"), "SIGNATURE",
    ),
    "aggregator: order": (lambda: swapped(make.aggregator(), b"0001&", b"0002&"), "SIGNATURE"),
    "aggregator: weaker method than agreed": (
        lambda: {**make.aggregator(method="MD5"), "config": make.aggregator()["config"]},
        "SIGNATURE",
    ),
    "aggregator: field twice": (
        lambda: with_body(make.aggregator(), body_of(make.aggregator()) + b"&total_fee=1"),
        "DUPLICATE_KEYS",
    ),
    "aggregator: field more": (
        lambda: with_body(make.aggregator(), body_of(make.aggregator()) + b"&y=1"), "SIGNATURE",
    ),
    "aggregator: merchant": (lambda: make.aggregator(mch_id="1"), "MERCHANT"),
    "aggregator: signed 1e3": (lambda: make.aggregator(total_fee="1e3"), "AMOUNT"),
    "aggregator: signed +1": (lambda: make.aggregator(total_fee="+25600"), "AMOUNT"),
    "aggregator: signed full-width": (lambda: make.aggregator(total_fee="２５６００"), "AMOUNT"),
    "aggregator: signed zero first": (lambda: make.aggregator(total_fee="025600"), "AMOUNT"),
    "aggregator: signed yuan": (lambda: make.aggregator(total_fee="256.00"), "AMOUNT"),
    "aggregator: signed state": (lambda: make.aggregator(trade_state="MAYBE"), "MALFORMED"),
    "aggregator: outside the window": (
        lambda: later(make.aggregator(config={"window_seconds": 300}), 301), "STALE",
    ),
    "aggregator: no time in the window": (
        lambda: make.aggregator(config={"window_seconds": 300}, notify_time="99999999999999"),
        "MISSING",
    ),
    # UnionPay
    "unionpay: no signature": (lambda: unsigned(make.unionpay(), "signature"), "SIGNATURE"),
    "unionpay: wrong secret": (lambda: make.unionpay(secret="other"), "SIGNATURE"),
    "unionpay: amount": (
        lambda: swapped(make.unionpay(), b"txnAmt=25600", b"txnAmt=25601"), "SIGNATURE",
    ),
    "unionpay: respCode": (
        lambda: swapped(make.unionpay(respCode="05"), b"respCode=05", b"respCode=00"), "SIGNATURE",
    ),
    "unionpay: merchant": (lambda: make.unionpay(merId="1"), "MERCHANT"),
    "unionpay: old version": (lambda: make.unionpay(version="5.0.0"), "VERSION"),
    "unionpay: method without a key": (lambda: make.unionpay(signMethod="01"), "KEY"),
    "unionpay: unknown method": (lambda: make.unionpay(signMethod="12"), "KEY"),
    "unionpay: signed negative": (lambda: make.unionpay(txnAmt="-1"), "AMOUNT"),
    "unionpay: signed no id": (lambda: make.unionpay(queryId=""), "MISSING"),
    "unionpay: field twice": (lambda: make.unionpay(extra="&txnAmt=1"), "DUPLICATE_KEYS"),
    "unionpay: rsa by another key": (lambda: make.unionpay_rsa(signer="evil"), "SIGNATURE"),
    "unionpay: certificate of nobody": (lambda: make.unionpay_rsa(leaf=LEAF_ELSE), "CERTIFICATE"),
    "unionpay: certificate of another": (lambda: make.unionpay_rsa(leaf=LEAF_NAMED), "CERTIFICATE"),
    "unionpay: certificate of old": (lambda: make.unionpay_rsa(leaf=LEAF_OLD), "CERTIFICATE"),
    "unionpay: certificate by a leaf": (
        lambda: make.unionpay_rsa(
            leaf=LEAF_OF_LEAF, signer="evil", trusted=list(make.chain())
        ),
        "CERTIFICATE",
    ),
    "unionpay: certificate is none": (lambda: make.unionpay_rsa(leaf="x"), "CERTIFICATE"),
    "unionpay: root not trusted": (
        lambda: make.unionpay_rsa(trusted=[make.chain()[1]]), "CERTIFICATE",
    ),
    # Alipay
    "alipay: no sign": (lambda: unsigned(make.alipay()), "SIGNATURE"),
    "alipay: another key": (lambda: make.alipay(signer="evil"), "SIGNATURE"),
    "alipay: amount": (lambda: swapped(make.alipay(), b"256.00", b"256.01"), "SIGNATURE"),
    "alipay: refund added": (
        lambda: with_body(make.alipay(), body_of(make.alipay()) + b"&refund_fee=1"), "SIGNATURE",
    ),
    "alipay: RSA1": (lambda: make.alipay(sign_type="RSA"), "VERSION"),
    "alipay: seller": (lambda: make.alipay(seller_id="2088002"), "MERCHANT"),
    "alipay: app": (lambda: make.alipay(app_id="2"), "MERCHANT"),
    "alipay: signed three decimals": (lambda: make.alipay(total_amount="256.001"), "AMOUNT"),
    "alipay: signed 2.56e2": (lambda: make.alipay(total_amount="2.56e2"), "AMOUNT"),
    "alipay: signed NaN": (lambda: make.alipay(total_amount="NaN"), "AMOUNT"),
    "alipay: signed negative refund": (lambda: make.alipay(refund_fee="-1.00"), "AMOUNT"),
    "alipay: charset": (lambda: swapped(make.alipay(), b"utf-8", b"utf-7"), "MALFORMED"),
    "alipay: no form": (lambda: with_body(make.alipay(), b"{}"), "MALFORMED"),
    # WeChat Pay
    "wechat: K3 six minutes": (lambda: later(make.wechat(), 360), "STALE"),
    "wechat: six minutes early": (lambda: later(make.wechat(), -360), "STALE"),
    "wechat: no signature": (lambda: without(make.wechat(), "wechatpay-signature"), "MISSING"),
    "wechat: no nonce": (lambda: without(make.wechat(), "wechatpay-nonce"), "MISSING"),
    "wechat: another key": (lambda: make.wechat(signer="evil"), "SIGNATURE"),
    "wechat: other serial": (lambda: make.wechat(serial="PUB_KEY_ID_2"), "KEY"),
    "wechat: other nonce": (
        lambda: make.wechat(headers={"Wechatpay-Nonce": "other"}), "SIGNATURE",
    ),
    "wechat: other time": (
        lambda: make.wechat(headers={"Wechatpay-Timestamp": str(STAMP + 1)}), "SIGNATURE",
    ),
    "wechat: signature type": (
        lambda: make.wechat(headers={"Wechatpay-Signature-Type": "WECHATPAY2-SM2"}), "VERSION",
    ),
    "wechat: probe": (
        lambda: make.wechat(headers={"Wechatpay-Signature": "WECHATPAY/SIGNTEST/x"}), "PROBE",
    ),
    "wechat: bytes after signing": (lambda: with_body(make.wechat(), SEALED + b" "), "SIGNATURE"),
    "wechat: re-serialised": (
        lambda: with_body(make.wechat(), json.dumps(json.loads(SEALED), indent=1).encode()),
        "SIGNATURE",
    ),
    "wechat: wrong api key": (
        lambda: make.wechat(make.wechat_body(make.sealed(make.WECHAT, "x" * 32))), "DECRYPT",
    ),
    "wechat: wrong aad": (
        lambda: make.wechat(
            make.wechat_body({**make.sealed(make.WECHAT), "associated_data": "refund"})
        ),
        "DECRYPT",
    ),
    "wechat: wrong gcm nonce": (
        lambda: make.wechat(
            make.wechat_body({**make.sealed(make.WECHAT), "nonce": "fixednonce13"})
        ),
        "DECRYPT",
    ),
    "wechat: short gcm nonce": (
        lambda: make.wechat(make.wechat_body({**make.sealed(make.WECHAT), "nonce": "x"})),
        "DECRYPT",
    ),
    "wechat: merchant": (lambda: wechat_amount("25600", mchid="1"), "MERCHANT"),
    "wechat: app": (lambda: wechat_amount("25600", appid="1"), "MERCHANT"),
    "wechat: sealed 1e3": (lambda: wechat_amount("1e3"), "AMOUNT"),
    "wechat: sealed text": (lambda: wechat_amount('"25600"'), "AMOUNT"),
    "wechat: sealed NaN": (lambda: wechat_amount("NaN"), "MALFORMED"),
    "wechat: sealed negative": (lambda: wechat_amount("-1"), "AMOUNT"),
    "wechat: sealed duplicate key": (
        lambda: wechat_amount('1,"total":25600'), "DUPLICATE_KEYS",
    ),
    "wechat: not a success": (lambda: wechat_amount("1", trade_state="NOTPAY"), "MALFORMED"),
    "wechat: refund called a payment": (
        lambda: make.wechat(
            make.wechat_body(make.sealed(make.WECHAT_REFUND), "TRANSACTION.SUCCESS")
        ),
        "MALFORMED",
    ),
}  # fmt: skip
FAILURE = {
    "standard-webhooks": (401, ""),
    "aggregator": (401, "FAIL"),
    "unionpay": (400, "fail"),
    "alipay": (401, "fail"),
    "wechatpay": (401, '{"code":"FAIL","message":"失败"}'),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_in_the_providers_own_words(name):
    maker, why = ATTACKS[name]
    case = maker()
    said = decide(case)
    assert (said["outcome"], said["codes"]) == ("reject", [why])
    assert said["verified"] is False
    assert said["event"] is None
    status, body = FAILURE[case["provider"]]
    wanted = (413 if why == "TOO_LARGE" else status, body)
    assert (said["answer"]["status"], said["answer"]["body"]) == wanted


def test_there_are_enough_attacks_on_everybody():
    assert len(ATTACKS) >= 60
    assert {maker()["provider"] for maker, _ in ATTACKS.values()} == set(PROVIDERS)


def test_the_size_cap_is_exact():
    padded = make.hook(VECTOR[:-1] + b" " * (CALLBACK_BODY_BYTES_MAX - len(VECTOR)) + b"}")
    assert decide(padded)["verified"]
    assert decide(with_body(padded, body_of(padded) + b" "))["codes"] == ["TOO_LARGE"]


@pytest.mark.parametrize("name", MAKERS)
def test_no_flipped_byte_of_a_body_passes(name):
    case = MAKERS[name]()
    raw = body_of(case)
    for place in range(0, len(raw), max(1, len(raw) // 60)):
        flipped = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        said = decide(with_body(case, flipped))
        # A flip in the case of a percent escape leaves the same text: it says the same.
        assert not said["verified"] or said["event"] == decide(case)["event"]


# --- rotation (S-16) ------------------------------------------------------------------------------


def test_two_keys_in_force_refuse_no_good_callback():
    both = [make.HOOK_SECRET, OTHER_SECRET]
    cases = [make.hook(secret=each, secrets=both) for each in both]
    two = {"secrets": [make.AGGREGATOR_SECRET, "next"]}
    cases += [make.aggregator(secret=each, config=two) for each in two["secrets"]]
    two = {"secrets": [make.UNION_SECRET, "next"]}
    cases += [make.unionpay(secret=each, config=two) for each in two["secrets"]]
    two = {"public_keys": [make.pem(make.key("a")), make.pem(make.key("b"))]}
    cases += [make.alipay(signer=each, config=two) for each in "ab"]
    ids = {f"PUB_KEY_ID_{each}": make.pem(make.key(each)) for each in "ab"}
    by_id = {"public_keys": ids}
    cases += [make.wechat(signer=e, serial=f"PUB_KEY_ID_{e}", config=by_id) for e in "ab"]
    keys = {"api_v3_keys": ["n" * 32, make.API_V3_KEY]}
    sealed = [make.wechat_body(make.sealed(make.WECHAT, each)) for each in keys["api_v3_keys"]]
    cases += [make.wechat(each, config=keys) for each in sealed]
    # From certificates to the public key: both at once.
    mixed = {"certificates": [WECHAT_CERTIFICATE]}
    cases += [make.wechat(serial=each, config=mixed) for each in (SERIAL, "PUB_KEY_ID_1")]
    assert [decide(each)["codes"] for each in cases] == [[]] * len(cases)
    assert not decide(make.hook(secret=OTHER_SECRET))["verified"]


def test_one_key_may_stand_alone():
    case = make.hook()
    assert decide({**case, "config": {"secret": make.HOOK_SECRET}})["verified"]


@pytest.mark.parametrize(
    ("provider", "config"),
    [
        ("standard-webhooks", {}),
        ("standard-webhooks", {"secrets": []}),
        ("standard-webhooks", {"secrets": ["whsec_c2hvcnQ="]}),
        ("unionpay", {"merchant": "1"}),
        ("wechatpay", {"merchant": "1", "api_v3_keys": ["short"], "public_keys": {"a": "b"}}),
        ("wechatpay", {"merchant": "1", "api_v3_keys": ["x" * 32]}),
        ("aggregator", {"merchant": "1", "secrets": ["s3cret-value"], "sign_method": "NONE"}),
        ("nobody", {}),
    ],
)
def test_a_configuration_that_is_none_is_told_without_its_secrets(provider, config):
    case = {**make.hook(), "provider": provider, "config": config}
    with pytest.raises(CaseUnfit) as unfit:
        decide(case)
    assert "s3cret" not in str(unfit.value)
    assert "c2hvcnQ" not in str(unfit.value)


def test_aggregator_json():
    told = {k: v for k, v in make.AGGREGATOR.items() if k != "total_fee"} | {"total_fee": 25600}
    fields = {**make.AGGREGATOR}
    told["sign"] = aggregator.sign(fields, make.AGGREGATOR_SECRET, "HMAC-SHA256")
    case = with_body(make.aggregator(), json.dumps(told).encode())
    assert decide(case)["event"]["amount_fen"] == 25600
    odd = with_body(case, json.dumps({**told, "x": True}).encode())
    assert decide(odd)["codes"] == ["MALFORMED"]


def test_names_of_headers_have_no_case():
    case = make.hook()
    upper = {name.upper(): value for name, value in case["headers"].items()}
    assert decide({**case, "headers": upper})["verified"]


def test_a_form_of_too_many_fields_is_refused():
    raw = urlencode({f"f{n}": n for n in range(200)}).encode()
    assert decide(with_body(make.alipay(), raw))["codes"] == ["MALFORMED"]
