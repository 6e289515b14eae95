"""KIND `callback`: is this callback the provider's, to us, now; and what does it say."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from gateway.canonical.model import Model
from gateway.limits import DECIDE_CASE_BYTES_MAX
from gateway.pipeline.decide_cases.shape import Answer, Instant, answer
from gateway.rules.callbacks.contract import Refusal, Verified
from gateway.rules.callbacks.registry import configure, verify
from gateway.rules.payment_event import Kind
from gateway.rules.verdict import Clause, Verdict

CLAUSES = (
    Clause("CALLBACK-SIGNATURE", "1", "D.1, D.3"),
    Clause("CALLBACK-WINDOW", "1", "D.1"),
    Clause("CALLBACK-MERCHANT", "1", "H-41"),
)
_ALIASES = {"wechat": "wechatpay", "standard_webhooks": "standard-webhooks"}


def _provider(value: object) -> object:
    return _ALIASES.get(value, value) if isinstance(value, str) else value


ProviderName = Annotated[
    Literal["unionpay", "alipay", "wechatpay", "aggregator", "standard-webhooks"],
    BeforeValidator(_provider),
]
UnixSeconds = Annotated[int, Field(ge=0, le=7_000_000_000)]
_TEXTS = {
    "TOO_LARGE": ("请求体超过上限", "the body is too large"),
    "MISSING": ("缺少必需的字段或头", "a header or field is missing"),
    "MALFORMED": ("内容不符合该平台的格式", "the content is not of this provider's form"),
    "SIGNATURE": ("签名不符", "the signature does not fit"),
    "KEY": ("没有与之对应的密钥", "no key of ours belongs to it"),
    "CERTIFICATE": ("证书链或证书名称不可信", "the certificate is not to be trusted"),
    "VERSION": ("签名版本不被接受", "this version of the signature is not accepted"),
    "STALE": ("时间戳超出允许窗口", "the timestamp is outside the window"),
    "DUPLICATE_KEYS": ("字段重复", "a field stands twice"),
    "AMOUNT": ("金额不是合法的数", "the amount is no amount"),
    "MERCHANT": ("商户、应用或卖家号不是本方", "merchant, application or seller is not ours"),
    "PROBE": ("探测流量，按规定拒绝", "a probe, refused as it should be"),
    "DECRYPT": ("密文无法解开", "the ciphertext cannot be opened"),
}


def _base64(text: str) -> str:
    base64.b64decode(text, validate=True)
    return text


class CallbackCase(Model):
    """The case.  config: as the provider's verifier takes it; body_base64: the raw bytes."""

    provider: ProviderName
    config: dict[str, Any]
    headers: dict[str, str] = Field(default_factory=dict)
    body_base64: Annotated[str, Field(max_length=DECIDE_CASE_BYTES_MAX), AfterValidator(_base64)]
    now: Instant | UnixSeconds

    @model_validator(mode="after")
    def _has_a_fitting_config(self) -> CallbackCase:
        configure(self.provider, self.config)
        return self

    @property
    def instant(self) -> datetime:
        """Now, with a zone."""
        if isinstance(self.now, datetime):
            return self.now
        return datetime.fromtimestamp(self.now, UTC)


class EventShape(Model):
    """What the provider said; with `at` added it is an event of kind `payment`."""

    kind: Kind
    provider: str
    event_id: str
    order: str | None = None
    merchant: str | None = None
    currency: str | None = None
    amount_fen: int | None = None
    transaction: str | None = None
    refund: str | None = None
    cumulative: bool = False
    occurred: str | None = None


class ReplyShape(Model):
    """What the provider is answered."""

    status: int
    body: str
    content_type: str


class CallbackAnswer(Answer):
    """verified: the bytes are the provider's, meant for us and in time."""

    verified: bool
    event: EventShape | None
    answer: ReplyShape


def decide(case: CallbackCase) -> CallbackAnswer:
    """Verify one callback."""
    config = configure(case.provider, case.config)
    body = base64.b64decode(case.body_base64)
    found = verify(case.provider, config, case.headers, body, case.instant)
    reply = found.reply
    event = EventShape(**found.event.as_json()) if isinstance(found, Verified) else None
    return answer(
        CallbackAnswer,
        _verdict(found),
        verified=event is not None,
        event=event,
        answer=ReplyShape(status=reply.status, body=reply.body, content_type=reply.content_type),
    )


def _verdict(found: Verified | Refusal) -> Verdict:
    if isinstance(found, Verified):
        said = {"zh": "签名与时间有效", "en": "signature and time are good"}
        return Verdict("accept", (), CLAUSES, said, ())
    zh, en = _TEXTS[found.why]
    return Verdict("reject", (found.why,), CLAUSES, {"zh": zh, "en": en}, ())
