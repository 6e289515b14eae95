"""The embedded runner alone, until it is killed: `python tests/bench/steps.py gateway.toml`.

What `gateway run` does from received to decided, without its listeners and without deliveries:
streams.py measures the steps, and its peer sends nothing either.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from gateway import interpreter
from gateway.bootstrap import build
from gateway.settings import load


async def run(config: Path) -> None:
    """Drive every stage; nothing else is started."""
    gateway = build(load(config))
    interpreter.prepare()
    await gateway.directory.refresh()
    await gateway.parsers.start()
    await gateway.runner.run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1])))
