"""`python -m examples.receiver --port 0 --ledger FILE.sqlite --secret-file FILE`."""

import argparse
import json
import signal
import threading
from pathlib import Path

from examples.receiver.ledger import Ledger
from examples.receiver.server import ReceiverServer
from gateway.adapters.push_http.signing import decode_secret


def main() -> None:
    """Serves until SIGTERM or Ctrl-C; the first line on stdout says that it is ready and where."""
    options = _options()
    ledger = Ledger(options.ledger)
    server = ReceiverServer((options.host, options.port), ledger, _secrets(options))
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        # From another thread: shutdown() waits for the loop that this thread is running.
        signal.signal(signal_number, lambda *_: threading.Thread(target=server.shutdown).start())
    print(json.dumps({"event": "ready", "port": server.server_address[1]}), flush=True)
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    ledger.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m examples.receiver", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--ledger", type=Path, required=True, help="the SQLite file")
    parser.add_argument("--secret", action="append", default=[], help="whsec_…; shows in `ps`")
    parser.add_argument("--secret-file", type=Path, help="one whsec_… a line")
    options = parser.parse_args()
    try:
        for secret in _secrets(options):
            decode_secret(secret)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if not _secrets(options):
        parser.error("--secret or --secret-file is required")
    return options


def _secrets(options: argparse.Namespace) -> list[str]:
    lines = options.secret_file.read_text().split() if options.secret_file else []
    return [*options.secret, *lines]


if __name__ == "__main__":
    main()
