"""Only the HTTP side of the gateway: callbacks verified as they are, or believed as they come.

`python -m tests.bench.callbacks_server CONFIG verified|believed`; the first line on stdout has the
ports.  Both are the same app with the same parsing and the same durable insert; `believed` leaves
out keys and signatures.  Neither settles, so that the two differ in nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from pathlib import Path

from gateway import bootstrap, limits
from gateway.pipeline.health import Health
from gateway.rules.callbacks import alipay
from gateway.settings import load
from gateway.telemetry.events import configure


async def _serve(config: Path, mode: str) -> None:
    limits.CALLBACKS_PER_SECOND = None
    if mode == "believed":
        alipay.public_key = lambda _text: None
        alipay.signed_by = lambda _keys, _signature, _signed: True
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
