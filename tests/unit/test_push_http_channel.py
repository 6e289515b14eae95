"""The number of connection pools is bounded, and one in use is never closed."""

import contextlib

import httpx2
import pytest

from gateway import limits
from gateway.adapters.push_http.channel import ChannelKey, Channels


@pytest.fixture
async def channels(monkeypatch):
    monkeypatch.setattr(limits, "PUSH_POOLS_MAX", 3)
    channels = Channels(slots=2)
    yield channels
    await channels.aclose()
    assert not channels._channels


def key(number, ca_file=None):
    return ChannelKey("https", f"p{number}.example", 443, ca_file)


async def use(channels, number):
    async with channels.slot(key(number)) as transport:
        return transport


async def test_the_pool_idle_longest_goes_first(channels):
    first = await use(channels, 0)
    await use(channels, 1)
    assert await use(channels, 0) is first
    await use(channels, 2)
    await use(channels, 3)
    assert [known.host for known in channels._channels] == [
        "p0.example",
        "p2.example",
        "p3.example",
    ]


async def test_pools_in_use_stay_and_the_surplus_goes_later(channels):
    async with contextlib.AsyncExitStack() as stack:
        for number in range(5):
            await stack.enter_async_context(channels.slot(key(number)))
        assert len(channels._channels) == 5
    await use(channels, 5)
    assert [known.host for known in channels._channels] == [
        "p3.example",
        "p4.example",
        "p5.example",
    ]


async def test_names_and_authorities_do_not_share_connections(channels, tmp_path):
    assert await use(channels, 0) is not await use(channels, 1)
    (tmp_path / "empty.pem").write_text("")
    with pytest.raises(OSError, match=r"PEM|no certificate|NO_CERTIFICATE"):
        async with channels.slot(key(0, str(tmp_path / "empty.pem"))):
            pass
    assert isinstance(await use(channels, 0), httpx2.AsyncHTTPTransport)
