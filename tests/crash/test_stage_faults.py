"""R-03: an exception in every stage ends in a dead letter with code and trace, others go on."""

from __future__ import annotations

import asyncio

import pytest

from tests import services
from tests.crash.checker import read_gateway
from tests.crash.clients import Senders
from tests.crash.files import sample
from tests.crash.world import world

SEED = 20261123
# Where a step fails for good: outside a transaction, and inside one (only its savepoint may go).
STAGES = ("translate.leased", "translate.before_commit", "decide.leased", "decide.before_commit")
LEGS = {"deliver.http.before_push": "push", "deliver.folder.before_push": "drop"}
FEW_TRIES = {"delivery": {"retry_seconds": [0.1, 0.1]}}


@pytest.mark.reliability
@pytest.mark.timeout(120 if not services.full_size() else 1_200)
@pytest.mark.parametrize("point", STAGES)
async def test_every_second_file_fails_and_none_is_skipped(point, tmp_path):
    files = 2 * services.sized(20, 500)
    async with world(tmp_path) as port:
        await port.start_gateway(f"{point}:2:raise")
        async with Senders(port.site, SEED) as senders:
            senders.feed(sample(number) for number in range(files))
            await senders.done()
        await port.drain()
        letters = read_gateway(port.site.database).dead_letters
        # About every second: a write that fails makes the others of its group pass the point again.
        assert files // 4 <= len(letters) <= files * 3 // 4
        assert {letter.stage for letter in letters} == {point.partition(".")[0]}
        assert all(letter.code and "ArmedFault" in letter.trace for letter in letters)
        verdict = port.verdict(senders.ledger)
        # Those are excused on each leg, all others have arrived: none is skipped.
        verdict.demand_clean()
        assert verdict.buried == len(letters) * len(port.legs)
        await _replay_all(port, senders)


@pytest.mark.reliability
@pytest.mark.timeout(120 if not services.full_size() else 1_200)
@pytest.mark.parametrize(("point", "leg"), LEGS.items())
async def test_a_leg_that_always_breaks_harms_no_other(point, leg, tmp_path):
    files = services.sized(20, 500)
    async with world(tmp_path, **FEW_TRIES) as port:
        await port.start_gateway(f"{point}:1:raise")
        async with Senders(port.site, SEED) as senders:
            senders.feed(sample(number) for number in range(files))
            await senders.done()
        await port.drain()
        letters = read_gateway(port.site.database).dead_letters
        assert len(letters) == files
        assert {letter.stage for letter in letters} == {"deliver"}
        assert all(letter.code and letter.trace for letter in letters)
        verdict = port.verdict(senders.ledger)
        verdict.demand_clean()
        assert verdict.buried == files
        assert leg not in {effect.leg for effect in port.effects()}
        await _replay_all(port, senders)


async def _replay_all(port, senders):
    """The fault mended, everything is replayed, and all of it arrives once."""
    await asyncio.to_thread(port.gateway.stop)
    await port.start_gateway()
    await asyncio.to_thread(port.gateway.run, "replay", "dead-letters")
    await port.drain()
    verdict = port.verdict(senders.ledger)
    verdict.demand_clean()
    assert verdict.buried == 0
