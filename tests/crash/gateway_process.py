"""The gateway as a process: started, awaited, killed, frozen, stopped; its logs are kept."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.crash.configuration import Site

# One that takes longer hangs.  The goal of 3 s is judged over all starts of a run: `starts`.
READY_SECONDS_MAX: Final = 30.0
STOP_SECONDS_MAX: Final = 30.0
COMMAND_SECONDS_MAX: Final = 60.0
_POLL_SECONDS: Final = 0.05
_TRACEBACK: Final = re.compile(r"Traceback \(most recent call last\)|^\w*Error: ", re.MULTILINE)


class GatewayDied(Exception):
    """The process ended before it was ready; the text has the end of its log."""


@dataclass(slots=True)
class GatewayProcess:
    """`gateway run` with the configuration of one site."""

    site: Site
    environment: dict[str, str] = field(default_factory=dict)
    starts: list[float] = field(default_factory=list)
    _process: subprocess.Popen[bytes] | None = None
    _runs: int = 0

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def logs(self) -> list[Path]:
        return sorted((self.site.folder / "logs").glob("*.log"))

    def command(self, *arguments: str) -> list[str]:
        """A command line of the gateway with this site's configuration."""
        program = Path(sys.executable).with_name("gateway")
        return [str(program), *arguments, "--config", str(self.site.file)]

    def run(
        self, *arguments: str, crash_at: str = "", expect: Sequence[int] = (0,)
    ) -> subprocess.CompletedProcess[str]:
        """Run one command to its end; AssertionError for another exit code than expected."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.site.folder,
            env=self._environment(crash_at),
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS_MAX,
            check=False,
        )
        with self._log(f"{arguments[0]}").open("a", encoding="utf-8") as log:
            log.write(done.stdout + done.stderr)
        assert done.returncode in expect, f"{arguments}: {done.returncode}\n{done.stderr[-3000:]}"
        return done

    def prepare(self) -> None:
        """Make the database and load the partners."""
        self.site.write()
        self.run("init")
        self.run("partners", "apply")

    def spawn(self, crash_at: str = "") -> None:
        """Start it and do not wait."""
        assert not self.alive
        self._runs += 1
        with self._log(f"run-{self._runs:05d}").open("wb") as log:
            self._process = subprocess.Popen(
                self.command("run"),
                cwd=self.site.folder,
                env=self._environment(crash_at),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def start(self, crash_at: str = "") -> float:
        """Start it, wait until it is ready and return how long that took.

        Raises GatewayDied; TimeoutError when it is alive and not ready in time.
        """
        started = time.monotonic()
        self.spawn(crash_at)
        self.wait_ready()
        took = time.monotonic() - started
        self.starts.append(took)
        return took

    def wait_ready(self, seconds_max: float = READY_SECONDS_MAX) -> None:
        """Until /readyz says 200."""
        ends = time.monotonic() + seconds_max
        last: object = "no answer"
        while time.monotonic() < ends:
            if not self.alive:
                raise GatewayDied(self.log_text()[-4000:])
            status, last = self.health("/readyz")
            if status == 200:
                return
            time.sleep(_POLL_SECONDS)
        raise TimeoutError(f"not ready after {seconds_max} s: {last}\n{self.log_text()[-4000:]}")

    def health(self, path: str) -> tuple[int, Any]:
        """(status, body) of a health page; status 0 where nobody answers."""
        for base in (self.site.url, self.site.admin_url):
            status, body = self.ask(base + path)
            if status not in (0, 404):
                return status, body
        return 0, None

    @staticmethod
    def ask(address: str) -> tuple[int, Any]:
        """(status, body) of a page; status 0 where nobody answers."""
        try:
            with urllib.request.urlopen(address, timeout=4) as answer:
                return answer.status, _json(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, _json(error.read())
        except OSError:
            return 0, None

    def wait_dead(self, seconds_max: float) -> bool:
        """Whether it ended by itself within that time."""
        if self._process is None:
            return True
        try:
            self._process.wait(seconds_max)
        except subprocess.TimeoutExpired:
            return False
        return True

    @property
    def returncode(self) -> int | None:
        return self._process.poll() if self._process else None

    def kill(self, whole_group: bool = True) -> None:
        """SIGKILL: the process alone, or with its parser children as a power cut would."""
        if self._process is None:
            return
        if self.alive:
            if whole_group:
                os.killpg(self.pid, signal.SIGKILL)
            else:
                os.kill(self.pid, signal.SIGKILL)
        self._process.wait()

    def children(self) -> list[int]:
        """Its parser children and whatever else it started."""
        return [pid for pid in session_members(self.pid) if pid != self.pid]

    def orphans(self, seconds_max: float) -> list[int]:
        """What a dead gateway has left running after that time."""
        ends = time.monotonic() + seconds_max
        while (left := self.children()) and time.monotonic() < ends:
            time.sleep(_POLL_SECONDS)
        return left

    def pause(self) -> None:
        os.killpg(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.killpg(self.pid, signal.SIGCONT)

    def stop(self) -> float:
        """SIGTERM, the polite way; seconds until it ended.  Kills it when that takes too long."""
        if not self.alive:
            return 0.0
        assert self._process is not None
        started = time.monotonic()
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        return time.monotonic() - started

    def close(self) -> None:
        """End everything that is left of it, whatever state it is in."""
        if self._process is None:
            return
        if self.alive:
            self.kill()
        for pid in session_members(self.pid):
            os.kill(pid, signal.SIGKILL)

    def log_text(self) -> str:
        """The log of the current or last run."""
        path = self._log(f"run-{self._runs:05d}")
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def tracebacks(self) -> list[str]:
        """Every place in any log that looks like a traceback."""
        texts = ((p.name, p.read_text(encoding="utf-8", errors="replace")) for p in self.logs)
        return [
            f"{name}: {text[match.start() : match.start() + 600]}"
            for name, text in texts
            for match in _TRACEBACK.finditer(text)
        ]

    def events(self) -> list[dict[str, Any]]:
        """The structured log lines of all runs."""
        events = []
        for path in self.logs:
            for line in path.read_bytes().splitlines():
                event = _json(line)
                if isinstance(event, dict):
                    events.append(event)
        return events

    def _log(self, name: str) -> Path:
        folder = self.site.folder / "logs"
        folder.mkdir(exist_ok=True)
        return folder / f"{name}.log"

    def _environment(self, crash_at: str) -> Mapping[str, str]:
        kept = {name: value for name, value in os.environ.items() if name[:8] != "GATEWAY_"}
        armed = {"GATEWAY_CRASH_AT": crash_at} if crash_at else {}
        return {**kept, **self.environment, **armed}


def session_members(session: int) -> list[int]:
    """Processes of a session, zombies not counted: what a killed gateway has left behind."""
    members = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended while we looked
        if fields[0] != "Z" and int(fields[3]) == session:
            members.append(int(folder.name))
    return members


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None
