"""The payment providers, one line each; the path of a callback chooses, never its body.

To add a provider: a module with Config, `verify` and its three replies, a line here, its recorded
callbacks in tests (docs/howto/add-a-payment-provider.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType
from typing import Any

from pydantic import BaseModel, ValidationError

from gateway.limits import CALLBACK_BODY_BYTES_MAX
from gateway.rules.callbacks import aggregator, alipay, standard_webhooks, unionpay, wechatpay
from gateway.rules.callbacks.contract import Refusal, Refused, Reply, Request, Verified
from gateway.rules.payment_event import PaymentEvent


class BadConfig(ValueError):
    """Our own configuration of a provider is wrong; the text names places, never values."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider: its configuration, who verifies, and what it is answered."""

    config: type[BaseModel]
    verify: Callable[[Any, Request], PaymentEvent]
    accepted: Reply
    refused: Reply
    too_large: Reply


def _of(module: ModuleType) -> Provider:
    return Provider(module.Config, module.verify, module.ACCEPTED, module.REFUSED, module.TOO_LARGE)


PROVIDERS: Mapping[str, Provider] = {
    "unionpay": _of(unionpay),
    "alipay": _of(alipay),
    "wechatpay": _of(wechatpay),
    "aggregator": _of(aggregator),
    "standard-webhooks": _of(standard_webhooks),
}


def configure(provider: str, raw: Mapping[str, Any]) -> BaseModel:
    """The configuration of a provider; raises KeyError for an unknown one, else BadConfig."""
    try:
        return PROVIDERS[provider].config.model_validate(raw)
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False, include_context=False)
        places = (f"config.{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in told)
        raise BadConfig("; ".join(places)) from None


def verify(
    provider: str, config: BaseModel, headers: Mapping[str, str], body: bytes, now: datetime
) -> Verified | Refusal:
    """Who signed these bytes, and what they say.  config: from `configure`; now: with a zone.

    Nothing is parsed beyond what the signature needs before it was verified.
    """
    entry = PROVIDERS[provider]
    if len(body) > CALLBACK_BODY_BYTES_MAX:
        return Refusal("TOO_LARGE", f"{len(body)} bytes", entry.too_large)
    lowered = {name.lower(): value for name, value in headers.items()}
    try:
        event = entry.verify(config, Request(lowered, body, now))
    except Refused as refused:
        return Refusal(refused.why, refused.detail, entry.refused)
    accepted = entry.accepted
    word = getattr(config, "success", None)
    if word is not None:
        accepted = Reply(accepted.status, word, accepted.content_type)
    return Verified(event, accepted)
