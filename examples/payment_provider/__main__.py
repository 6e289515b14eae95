"""`python -m examples.payment_provider --port 0 --secret-file FILE`: a platform for a demonstration.

It speaks Standard Webhooks.  Where it calls back is told by `POST /control/standard-webhooks/notify`.
"""

import argparse
import asyncio
import json
import signal
import socket
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from examples.payment_provider.languages import StandardWebhooks
from examples.payment_provider.server import Platform, application

NAME = "standard-webhooks"


def main() -> None:
    """Serves until SIGTERM or Ctrl-C; the first line on stdout says that it is ready and where."""
    options = _options()
    secret = options.secret_file.read_text(encoding="ascii").split()[0]
    platform = Platform(NAME, StandardWebhooks(secret), "", lambda: datetime.now(UTC))
    with socket.create_server((options.host, options.port)) as listener:
        config = uvicorn.Config(application({NAME: platform}), log_level="warning", lifespan="off")
        server = uvicorn.Server(config)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: setattr(server, "should_exit", True))
        print(json.dumps({"event": "ready", "port": listener.getsockname()[1]}), flush=True)
        asyncio.run(server.serve([listener]))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m examples.payment_provider")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--secret-file", type=Path, required=True, help="a whsec_… both sides know")
    return parser.parse_args()


if __name__ == "__main__":
    main()
