"""The CloudEvents 1.0 envelope of a delivery, in structured JSON."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass

from gateway import limits
from gateway.adapters.push_http.signing import is_webhook_id

# A multiple of 3, so that base64 pieces join without padding in between.
_BASE64_CHUNK = 3 * 64 * limits.KIB


@dataclass(frozen=True)
class OutgoingDelivery:
    """One delivery, the same at every attempt.

    `delivery_id` is `{message}-{leg}-{revision}`; `time` is RFC 3339 text; `source` and
    `event_type` are the CloudEvents attributes of those names; `body` is of `content_type`.
    """

    delivery_id: str
    event_type: str
    source: str
    subject: str
    time: str
    content_type: str
    body: bytes

    def __post_init__(self) -> None:
        if not is_webhook_id(self.delivery_id):
            raise ValueError("a delivery id is 1 to 128 letters, digits, '-' and '_'")


@dataclass(frozen=True)
class Envelope:
    """A CloudEvents 1.0 envelope in structured JSON, produced in pieces.

    A body of 120 MB costs no second copy.  `data_base64` says in which member the body travels.
    The pieces of one delivery are the same bytes at every attempt.
    """

    head: bytes
    body: bytes
    tail: bytes
    data_base64: bool

    @property
    def length_bytes(self) -> int:
        """The length of all pieces together."""
        size = len(self.body)
        return len(self.head) + (4 * -(-size // 3) if self.data_base64 else size) + len(self.tail)

    def pieces(self) -> Iterator[bytes]:
        """The envelope's bytes in order."""
        yield self.head
        if self.data_base64:
            for start in range(0, len(self.body), _BASE64_CHUNK):
                yield base64.b64encode(self.body[start : start + _BASE64_CHUNK])
        else:
            yield self.body
        yield self.tail


def seal(delivery: OutgoingDelivery) -> Envelope:
    """The envelope of a delivery.

    A body of a JSON type is embedded as it is (`data`) when it is valid JSON of at most 1 MiB;
    anything else travels as `data_base64`, which gives the receiver the exact bytes.
    """
    attributes = {
        "specversion": "1.0",
        "id": delivery.delivery_id,
        "source": delivery.source,
        "type": delivery.event_type,
        "subject": delivery.subject,
        "time": delivery.time,
        "datacontenttype": delivery.content_type,
    }
    given = {name: value for name, value in attributes.items() if value}
    head = json.dumps(given, separators=(",", ":")).encode()[:-1]
    if _embeddable(delivery):
        return Envelope(head + b',"data":', delivery.body, b"}", data_base64=False)
    return Envelope(head + b',"data_base64":"', delivery.body, b'"}', data_base64=True)


def _embeddable(delivery: OutgoingDelivery) -> bool:
    media_type = delivery.content_type.partition(";")[0].strip().lower()
    if not (media_type == "application/json" or media_type.endswith("+json")):
        return False
    if len(delivery.body) > limits.PUSH_JSON_EMBED_BYTES_MAX:
        return False
    try:
        # Decoded by ourselves: `loads` would guess UTF-16, which cannot stand inside UTF-8.
        json.loads(delivery.body.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
