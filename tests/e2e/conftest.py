"""One gateway for the journeys of this folder: starting one costs more than most of them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.crash.configuration import Credentials
from tests.crash.world import World, running


@pytest.fixture(scope="session")
def other() -> Credentials:
    """A second sender, who must see nothing of the first."""
    return Credentials.make("other")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def port(tmp_path_factory, other) -> AsyncIterator[World]:
    """A running port with an agent, a second agent and a terminal."""
    folder = tmp_path_factory.mktemp("port")

    def more(site) -> None:
        site.add_agent(
            "AGENT2", name="Other agent", identities=["OTHER01"], accounts=[other.as_account()]
        )

    async with running(folder, more=more) as everything:
        yield everything
