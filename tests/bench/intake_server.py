"""Only the HTTP intake of the gateway: durable as it is, or reading everything and dropping it.

`python -m tests.bench.intake_server CONFIG durable|drop`; the first line on stdout has the ports.
Both are the same app with the same checks; `drop` leaves out what makes a body durable.  Neither
translates or delivers, so that the two differ in nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from pathlib import Path

from gateway import bootstrap
from gateway.pipeline.health import Health
from gateway.pipeline.identity import new_id
from gateway.pipeline.receive import Intake
from gateway.pipeline.rows import Receipt
from gateway.settings import load
from gateway.telemetry.events import configure


async def _drop(self, upload, account, name, channel, **_):
    """All bytes have been counted and hashed by now; nothing of them is kept."""
    upload.close()
    return Receipt(new_id(), "received")


async def _serve(config: Path, mode: str) -> None:
    if mode == "drop":
        Intake.accept = _drop
    settings = load(config)
    configure("warning")
    gateway = bootstrap.build(settings)
    await gateway.directory.refresh()
    health = Health(gateway.store, list)
    async with contextlib.AsyncExitStack() as listeners:
        ports = await bootstrap.listen(gateway, health.causes, listeners, {"http"})
        print(json.dumps(ports), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), sys.argv[2]))
