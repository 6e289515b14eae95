"""Standard Webhooks 1.0.0 and the CloudEvents envelope."""

import base64
import hashlib
import json

import pytest

from gateway import limits
from gateway.adapters.push_http.envelope import OutgoingDelivery, seal
from gateway.adapters.push_http.signing import Verification, decode_secret, sign, verify

# Vector 1 of the callback vectors (rules G.5).
SECRET = "whsec_dGlhbmppbi1wb3J0LWdhdGV3YXktdGVzdC1rZXktMDE="
BODY = (
    b'{"type":"payment.succeeded","timestamp":"2026-11-21T08:00:00Z",'
    b'"data":{"order_no":"PO20261121000001","amount_fen":25600,"currency":"CNY"}}'
)
STAMP = 1795248000
SIGNATURE = "v1,OdY8EsTofEUAQyBxTWfdyYyyxuZJf+3C/OUbk6LEMkc="
WRONG = SIGNATURE.replace("O", "P", 1)
HEADERS = {
    "webhook-id": "msg_test_0001",
    "webhook-timestamp": str(STAMP),
    "webhook-signature": SIGNATURE,
}
OTHER = "whsec_" + base64.b64encode(b"another-key-of-thirty-two-bytes!").decode()


def test_the_vector():
    assert len(BODY) == 138
    assert sign([SECRET], "msg_test_0001", STAMP, [BODY[:50], BODY[50:]]) == HEADERS
    assert verify([SECRET], HEADERS, BODY, STAMP) is Verification.VERIFIED


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"webhook-id": ""}, "missing_headers"),
        ({"webhook-timestamp": ""}, "missing_headers"),
        ({"webhook-signature": ""}, "missing_headers"),
        ({"webhook-timestamp": "1795248000.0"}, "malformed_headers"),
        ({"webhook-timestamp": " 1795248000"}, "malformed_headers"),
        ({"webhook-timestamp": "-1795248000"}, "malformed_headers"),
        ({"webhook-timestamp": "01795248000"}, "malformed_headers"),
        ({"webhook-timestamp": "１７９５２４８０００"}, "malformed_headers"),
        ({"webhook-timestamp": "9" * 5000}, "malformed_headers"),
        ({"webhook-id": "msg.test"}, "malformed_headers"),
        ({"webhook-id": "m" * 129}, "malformed_headers"),
        ({"webhook-signature": "v1"}, "malformed_headers"),
        ({"webhook-signature": "v1,***"}, "malformed_headers"),
        ({"webhook-signature": "v1,ÄÖÜ="}, "malformed_headers"),
        ({"webhook-signature": SIGNATURE.replace("v1,", "v1a,")}, "malformed_headers"),
        ({"webhook-signature": "v1,"}, "malformed_headers"),
        ({"webhook-signature": "v1,QQ=="}, "malformed_headers"),
        ({"webhook-signature": WRONG}, "no_signature_matches"),
        ({"webhook-id": "msg_test_0002"}, "no_signature_matches"),
        ({"webhook-timestamp": str(STAMP + 1)}, "no_signature_matches"),
        # A good one after bad ones counts.
        ({"webhook-signature": f"v1,*** nonsense v1a,abcd {SIGNATURE}"}, "verified"),
        # … within the number that is looked at.
        ({"webhook-signature": f"{WRONG} " * 16 + SIGNATURE}, "no_signature_matches"),
    ],
)
def test_headers(change, verdict):
    assert verify([SECRET], HEADERS | change, BODY, STAMP) == verdict


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        (300, "verified"),
        (301, "outside_time_window"),
        (-300, "verified"),
        (-300.5, "outside_time_window"),
    ],
)
def test_the_window(now, verdict):
    assert verify([SECRET], HEADERS, BODY, STAMP + now) == verdict


def test_another_body_or_key_is_forged():
    assert verify([SECRET], HEADERS, BODY + b" ", STAMP) is Verification.FORGED
    assert verify([OTHER], HEADERS, BODY, STAMP) is Verification.FORGED
    assert verify([], HEADERS, BODY, STAMP) is Verification.FORGED


def test_rotation_loses_nothing():
    """Both sides may hold old, old and new, or new; neighbours always understand each other."""
    stages = [[SECRET], [SECRET, OTHER], [OTHER]]
    for ours in stages:
        headers = sign(ours, "m-1-0", STAMP, [BODY])
        for theirs in stages:
            understood = verify(theirs, headers, BODY, STAMP) is Verification.VERIFIED
            assert understood == bool(set(ours) & set(theirs))


@pytest.mark.parametrize(
    "secret",
    ["", "whsec_", "dGlhbmppbi1wb3J0LWdhdGV3YXktdGVzdC1rZXktMDE=", "whsec_!!!!", "whsec_QUJD",
     "whsec_" + base64.b64encode(b"x" * 65).decode()],
)  # fmt: skip
def test_a_bad_secret_is_named_without_its_text(secret):
    with pytest.raises(ValueError, match=r"^a webhook (secret|key) ") as caught:
        decode_secret(secret)
    text = secret.removeprefix("whsec_")
    assert not text or text not in str(caught.value)


@pytest.mark.parametrize("webhook_id", ["", "a.b", "a b", "a\r\nb", "ä", "a" * 129])
def test_an_id_that_signs_ambiguously_is_refused(webhook_id):
    with pytest.raises(ValueError, match="a webhook id is"):
        sign([SECRET], webhook_id, STAMP, [b""])


def delivery(content_type="application/json", body=b'{"a":1.10}', **changes):
    fields = {
        "delivery_id": "m1-1-0",
        "event_type": "edi.port.manifest.accepted",
        "source": "/gateway/demo",
        "subject": "提单/MAEU1",
        "time": "2026-11-21T08:00:00Z",
    }
    return OutgoingDelivery(**(fields | changes), content_type=content_type, body=body)


def test_json_is_embedded_byte_for_byte():
    envelope = seal(delivery())
    raw = b"".join(envelope.pieces())
    assert raw.endswith(b',"data":{"a":1.10}}')
    assert json.loads(raw) == {
        "specversion": "1.0",
        "id": "m1-1-0",
        "source": "/gateway/demo",
        "type": "edi.port.manifest.accepted",
        "subject": "提单/MAEU1",
        "time": "2026-11-21T08:00:00Z",
        "datacontenttype": "application/json",
        "data": {"a": 1.10},
    }


@pytest.mark.parametrize(
    ("content_type", "body", "embedded"),
    [
        ("application/json; charset=utf-8", b"[]", True),
        ("application/vnd.port.manifest+json", b'"x"', True),
        ("APPLICATION/JSON", b"null", True),
        ("application/edifact", b"UNB+UNOA:1'", False),
        ("text/plain; charset=gb18030", "00:IFCSUM:天津'".encode("gb18030"), False),
        ("application/json", b'{"a":', False),
        ("application/json", b'{"a":NaN}', False),
        ("application/json", b'{"a":1}}', False),
        ("application/json", b"\xef\xbb\xbf{}", False),
        ("application/json", "{}".encode("utf-16"), False),
        ("application/json", b"\xff", False),
        ("application/json", b"", False),
        ("application/json", b"[" * 200_000, False),
        ("application/json", b'"' + b"x" * limits.PUSH_JSON_EMBED_BYTES_MAX + b'"', False),
    ],
)
def test_what_is_embedded_and_what_is_base64(content_type, body, embedded):
    envelope = seal(delivery(content_type, body))
    raw = b"".join(envelope.pieces())
    read = json.loads(raw)
    assert len(raw) == envelope.length_bytes
    assert ("data" in read, "data_base64" in read) == (embedded, not embedded)
    if not embedded:
        assert base64.b64decode(read["data_base64"], validate=True) == body


def test_a_big_body_is_base64_in_pieces_without_a_copy():
    body = hashlib.shake_256(b"seed").digest(1_000_003)
    envelope = seal(delivery("application/octet-stream", body))
    pieces = list(envelope.pieces())
    assert max(map(len, pieces)) <= 4 * 64 * limits.KIB
    assert base64.b64decode(json.loads(b"".join(pieces))["data_base64"]) == body
    assert envelope.length_bytes == sum(map(len, pieces))


def test_an_empty_subject_is_left_out_and_a_bad_id_is_refused():
    assert b"subject" not in seal(delivery(subject="")).head
    with pytest.raises(ValueError, match="a delivery id is"):
        delivery(delivery_id="m1:1:0")
