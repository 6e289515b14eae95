"""CHILD: one process of the demonstration, started, heard, ended with it."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self

from gateway.cli.demo.plan import PAUSE_SECONDS, Drop, checkout
from gateway.cli.failure import Failure

if TYPE_CHECKING:
    from gateway.cli.demo.site import Site

_READY_SECONDS = 30.0
_STOP_SECONDS = 15.0
_LOG_END_CHARACTERS = 3_000


class Child:
    """A process with JSON lines on stdout; its stderr goes to a log file."""

    def __init__(self, name: str, arguments: Sequence[str], log: Path, stdin: str = "") -> None:
        self._name = name
        self._log = log
        self._lines: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        with log.open("ab") as errors:
            # A session of its own: Ctrl-C reaches us alone, and we end the others in order.
            self._process = subprocess.Popen(  # noqa: S603 - our own modules
                [sys.executable, "-m", *arguments],
                cwd=checkout(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
                start_new_session=True,
            )
        if self._process.stdin is not None:
            self._process.stdin.write(stdin)
            self._process.stdin.close()
        if self._process.stdout is not None:
            threading.Thread(target=self._hear, args=(self._process.stdout,), daemon=True).start()

    @classmethod
    def gateway(cls, site: Site) -> Child:
        """`gateway run` in this site."""
        arguments = ["gateway", "--config", str(site.config), "run"]
        return cls("gateway", arguments, site.folder / "gateway.log")

    @classmethod
    def terminal(cls, folder: Path) -> Child:
        """The reference terminal with its ledger (examples/receiver)."""
        from gateway.cli.demo.site import SIGNING_FILE

        arguments = ["examples.receiver", "--port", "0"]
        arguments += ["--ledger", str(folder / "terminal.sqlite")]
        arguments += ["--secret-file", str(folder / SIGNING_FILE)]
        return cls("terminal", arguments, folder / "terminal.log")

    @classmethod
    def platform(cls, folder: Path) -> Child:
        """The reference payment platform (examples/payment_provider)."""
        from gateway.cli.demo.site import PLATFORM_KEYS

        arguments = ["examples.payment_provider", "--port", "0"]
        arguments += ["--keys", str(folder / PLATFORM_KEYS)]
        return cls("platform", arguments, folder / "platform.log")

    @classmethod
    def agent(cls, site: Site, drops: Sequence[Drop]) -> Child:
        """The agent that drops the files (examples/demo/agent.py)."""
        orders = {
            "sftp": {
                "host": "127.0.0.1",
                "port": site.sftp_port,
                "username": site.account,
                "key": str(site.agent_ssh_key_file),
                "known_hosts": str(site.known_hosts_file),
            },
            "http": {"url": site.url, "api_key": site.agent_key},
            "drops": [
                {
                    "file": str(drop.file),
                    "name": drop.name,
                    "channel": drop.channel,
                    "pause": PAUSE_SECONDS,
                }
                for drop in drops
            ],
        }
        log = site.folder / "agent.log"
        return cls("agent", ["examples.demo.agent"], log, json.dumps(orders))

    def _hear(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                try:
                    value = json.loads(line)
                except ValueError:
                    continue
                if isinstance(value, dict):
                    self._lines.put(value)

    def lines(self) -> list[dict[str, Any]]:
        """What it has said since the last time."""
        said = []
        while not self._lines.empty():
            said.append(self._lines.get())
        return said

    def wait_ready(self) -> dict[str, Any]:
        """Its line `{"event": "ready", …}`; raises Failure with the end of its log."""
        ends = time.monotonic() + _READY_SECONDS
        while time.monotonic() < ends:
            for line in self.lines():
                if line.get("event") == "ready":
                    return line
            if self.ended:
                break
            time.sleep(0.05)
        raise Failure(f"the {self._name} did not start:\n{self.log_end()}")

    @property
    def ended(self) -> bool:
        """Whether it runs no more."""
        return self._process.poll() is not None

    @property
    def failed(self) -> bool:
        """Whether it ended with an error."""
        return bool(self._process.poll())

    def log_end(self) -> str:
        """The last it wrote to stderr."""
        try:
            text = self._log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            text = ""
        return text[-_LOG_END_CHARACTERS:]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
