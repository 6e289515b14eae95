"""The reference platform on a loopback port, set up to call a gateway of the test's back."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import uvicorn

from examples.payment_provider.languages import (
    Aggregator,
    Alipay,
    Language,
    StandardWebhooks,
    UnionPay,
    WeChatPay,
)
from examples.payment_provider.server import Platform, application
from tests.contract.http_client import client_at
from tests.contract.inbound import HOST
from tests.contract.money import CASES, MoneyWorld
from tests.unit import callback_makers as make


def languages() -> dict[str, Language]:
    """With the keys that the gateway of `money_world` trusts."""
    return {
        "unionpay": UnionPay("777290058110048", make.UNION_SECRET),
        "alipay": Alipay("2088001", "2021001", make.key("a")),
        "wechatpay": WeChatPay(
            "1900000109", "wxd678efh567hg6787", make.key("a"), "PUB_KEY_ID_1", make.API_V3_KEY
        ),
        "aggregator": Aggregator("100200300", make.AGGREGATOR_SECRET),
        "standard-webhooks": StandardWebhooks(make.HOOK_SECRET),
    }


_PATHS = {
    "unionpay": ("frontTransReq.do", "unionpay"),
    "alipay": ("gateway.do", "alipay/gateway.do"),
    "wechatpay": ("", "wechatpay"),
    "aggregator": ("checkout", "aggregator"),
    "standard-webhooks": ("orders", "standard-webhooks"),
}


@dataclass
class Town:
    """A gateway, five platforms, and their addresses."""

    world: MoneyWorld
    gateway: httpx2.AsyncClient
    platforms: dict[str, Platform]
    url: str

    async def control(self, provider: str, act: str, **asked: Any) -> None:
        async with client_at(self.url) as client:
            answer = await client.post(f"{self.url}/control/{provider}/{act}", json=asked)
            assert answer.status_code == 200, answer.text

    async def quiet(self) -> None:
        """All callbacks have come and are settled."""
        for platform in self.platforms.values():
            await platform.quiet()
        await self.world.settle()

    async def check_out(self, form: dict[str, Any]) -> None:
        """What the payer's browser does with the answer of a checkout."""
        async with client_at(self.url) as client:
            given = {"content": form["body"]} if form["body"] else {"data": form["fields"]}
            answer = await client.request(
                form["method"], form["url"], headers=form["headers"], **given
            )
            assert answer.status_code == 200, answer.text


@contextlib.asynccontextmanager
async def town(world: MoneyWorld) -> AsyncIterator[Town]:
    """Everything on loopback ports."""
    async with world.http() as gateway:
        platforms = {
            name: Platform(
                name, language, f"{gateway.base_url}/v1/callbacks/payments/{name}", world.clock.now
            )
            for name, language in languages().items()
        }
        with socket.socket() as bound:
            bound.bind((HOST, 0))
            bound.listen()
            url = f"http://{HOST}:{bound.getsockname()[1]}"
            server = uvicorn.Server(
                uvicorn.Config(application(platforms), log_config=None, lifespan="off")
            )
            server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign]
            task = asyncio.create_task(server.serve(sockets=[bound]))
            for name, (page, api) in _PATHS.items():
                urls = {
                    "checkout": f"{url}/{name}/{page}",
                    "api": f"{url}/{api}",
                    "notify": platforms[name].notify_url,
                }
                world.configure(name, CASES[name]()["config"], urls=urls)
            try:
                yield Town(world, gateway, platforms, url)
            finally:
                for platform in platforms.values():
                    await platform.quiet()
                server.should_exit = True
                await task
