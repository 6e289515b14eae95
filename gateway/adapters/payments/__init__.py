"""PAYMENTS: what a payer needs at each platform, and our own calls to it (rules.md D.1).

Signing is on `cryptography`; calls go over TLS, except to this very machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from gateway.adapters.payments import aggregator, alipay, standard_webhooks, unionpay, wechatpay
from gateway.adapters.payments.connection import Connection
from gateway.pipeline.money.ports import PaymentClient, Till
from gateway.pipeline.money.provider import Providers


class Platform(Till, PaymentClient, Protocol):
    """Both sides of one provider."""


_PLATFORMS: Final[Mapping[str, Callable[[Providers, Connection], Platform]]] = {
    "unionpay": unionpay.UnionPay,
    "alipay": alipay.Alipay,
    "wechatpay": wechatpay.WeChatPay,
    "aggregator": aggregator.Aggregator,
    "standard-webhooks": standard_webhooks.StandardWebhooks,
}


def platforms(providers: Providers, connection: Connection) -> Mapping[str, Platform]:
    """The platforms that are set up."""
    return {name: _PLATFORMS[name](providers, connection) for name in providers.names()}
