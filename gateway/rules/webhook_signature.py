"""Standard Webhooks 1.0.0: signing and verifying, with the standard library only.

A request is signed over `{webhook-id}.{webhook-timestamp}.{body}` with HMAC-SHA256; the header
`webhook-signature` carries one `v1,<base64>` for every secret in force, separated by spaces, so a
secret is changed without losing a delivery: add the new one, wait for the receiver, drop the old.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

from gateway import limits

_PREFIX = "whsec_"
_TIMESTAMP = re.compile(r"[1-9][0-9]{0,14}\Z", re.ASCII)
# No full stop: it separates the signed parts, an id with one could be read in two ways.
_ID = re.compile(r"[A-Za-z0-9_\-]+\Z", re.ASCII)


class Verification(StrEnum):
    """What the signature check of a request came to; only `VERIFIED` lets it in."""

    VERIFIED = "verified"
    MISSING = "missing_headers"
    MALFORMED = "malformed_headers"
    EXPIRED = "outside_time_window"
    FORGED = "no_signature_matches"


def is_webhook_id(text: str) -> bool:
    """True for an id that fits the headers, the signed text and a file name."""
    return len(text) <= limits.WEBHOOK_ID_CHARACTERS_MAX and _ID.match(text) is not None


def decode_secret(secret: str) -> bytes:
    """The key behind `whsec_<base64>`: 24 to 64 bytes.

    Raises ValueError, without the secret in its text, for anything else.
    """
    if not secret.startswith(_PREFIX):
        raise ValueError(f"a webhook secret starts with {_PREFIX}")
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:
        raise ValueError("a webhook secret is base64 after its prefix") from None
    if not limits.WEBHOOK_KEY_BYTES_MIN <= len(key) <= limits.WEBHOOK_KEY_BYTES_MAX:
        raise ValueError(
            f"a webhook key has {limits.WEBHOOK_KEY_BYTES_MIN} to"
            f" {limits.WEBHOOK_KEY_BYTES_MAX} bytes"
        )
    return key


def sign(
    secrets: Sequence[str], webhook_id: str, timestamp: int, body: Iterable[bytes]
) -> dict[str, str]:
    """The three headers of a request, its body given in pieces.

    Raises ValueError for a bad secret, no secret, or an id that cannot be signed unambiguously.
    """
    if not secrets:
        raise ValueError("a webhook needs at least one secret")
    if not is_webhook_id(webhook_id):
        raise ValueError("a webhook id is 1 to 128 letters, digits, '-' and '_'")
    macs = [hmac.new(decode_secret(secret), digestmod=hashlib.sha256) for secret in secrets]
    for piece in (f"{webhook_id}.{timestamp}.".encode(), *body):
        for mac in macs:
            mac.update(piece)
    signatures = [f"v1,{base64.b64encode(mac.digest()).decode()}" for mac in macs]
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def verify(
    secrets: Sequence[str],
    headers: Mapping[str, str],
    body: bytes,
    now: float,
    tolerance_seconds: int = limits.WEBHOOK_TOLERANCE_SECONDS,
) -> Verification:
    """Check a request: `headers` with lower-case names, `body` as received, `now` in Unix seconds.

    A signature that cannot be read or is of another kind (`v1a`) is passed over, so a good one
    after it counts.  All pairs of secret and signature are compared, each in constant time.
    Raises ValueError only for secrets of ours that are no secrets.
    """
    webhook_id = headers.get("webhook-id", "")
    stamp = headers.get("webhook-timestamp", "")
    signature_list = headers.get("webhook-signature", "")
    if not (webhook_id and stamp and signature_list):
        return Verification.MISSING
    if _TIMESTAMP.match(stamp) is None or not is_webhook_id(webhook_id):
        return Verification.MALFORMED
    if abs(now - int(stamp)) > tolerance_seconds:
        return Verification.EXPIRED
    given = list(_v1_digests(signature_list))
    if not given:
        return Verification.MALFORMED
    signed = b".".join((webhook_id.encode(), stamp.encode(), body))
    wanted = [hmac.digest(decode_secret(secret), signed, hashlib.sha256) for secret in secrets]
    matches = [hmac.compare_digest(one, other) for one in wanted for other in given]
    return Verification.VERIFIED if any(matches) else Verification.FORGED


def _v1_digests(signature_list: str) -> Iterator[bytes]:
    for item in signature_list.split(" ")[: limits.WEBHOOK_SIGNATURES_MAX]:
        version, _, text = item.partition(",")
        if version != "v1" or not text.isascii():
            continue
        try:
            digest = base64.b64decode(text, validate=True)
        except binascii.Error:
            continue
        if len(digest) == hashlib.sha256().digest_size:
            yield digest
