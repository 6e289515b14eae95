"""A private Apache Kafka on loopback: one KRaft node with a small heap, its log in its own folder.

`python -m tests.kafka.server` runs one until Ctrl-C and prints its address, for work by hand.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.services import free_port

FOLDER: Final = Path(__file__).resolve().parent
CACHE: Final = FOLDER / ".cache"
# A broker that goes on from a long log on a loaded machine takes its time.
START_SECONDS_MAX: Final = 120.0
_CLUSTER: Final = "Z2F0ZXdheS10ZXN0cy1rYQ"
# Small, quick to start, and no faster under load than a test needs.
_JVM: Final = (
    "-Xms96m",
    "-Xmx320m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xshare:auto",
    "-Djava.awt.headless=true",
    f"-Dlog4j2.configurationFile={FOLDER / 'log4j2.properties'}",
)


def jars() -> Path:
    """Return the folder with the jars of pom.xml; Maven fetches them once for each version."""
    wanted = hashlib.sha256((FOLDER / "pom.xml").read_bytes()).hexdigest()[:12]
    folder = CACHE / wanted
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            _fetch(folder)
    return folder


def _fetch(folder: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise RuntimeError("Maven is needed once to fetch Kafka (apt-get install maven)")
    part = folder.with_suffix(".part")
    command = [maven, "-q", "-B", "-f", str(FOLDER / "pom.xml"), "dependency:copy-dependencies"]
    command += [f"-DoutputDirectory={part}", "-DincludeScope=runtime"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode or not any(part.glob("kafka-clients-*.jar")):
        shutil.rmtree(part, ignore_errors=True)
        raise RuntimeError(f"Maven could not fetch Kafka: {(done.stdout + done.stderr)[-2000:]}")
    part.rename(folder)


@dataclass(slots=True)
class Kafka:
    """One broker; it keeps its port and its log over `kill` and `serve`."""

    folder: Path
    port: int
    controller_port: int
    _process: subprocess.Popen[bytes] | None = None
    _classpath: str = field(default="")

    @classmethod
    def start(cls) -> Kafka:
        """Format a new log folder and serve it; raises RuntimeError with the broker's own words."""
        broker = cls(Path(tempfile.mkdtemp(prefix="gateway-kafka-")), free_port(), free_port())
        broker._prepare()
        broker._format()
        broker.serve()
        return broker

    @property
    def servers(self) -> str:
        """The bootstrap address."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process that serves."""
        assert self._process is not None
        return self._process.pid

    def serve(self) -> None:
        """Start the broker and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._java(), "kafka.Kafka", str(self.folder / "server.properties")],
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_SECONDS_MAX
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
                self.kill()
                raise RuntimeError(f"kafka did not start: {said[-3000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End it at once, as a power cut of its machine would; the log stays."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        """Stop it from running without ending it: connections stay open and nothing answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen broker go on."""
        os.kill(self.pid, signal.SIGCONT)

    def forget(self) -> None:
        """Throw away everything it holds; only while it does not run."""
        shutil.rmtree(self.folder / "data", ignore_errors=True)
        self._format()

    def stop(self) -> None:
        """End it and remove its folder; nobody needs what it holds."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _prepare(self) -> None:
        self._classpath = f"{jars()}/*"
        self._configure()

    def _configure(self) -> None:
        settings = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{self.controller_port}",
            "listeners": (
                f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self.controller_port}"
            ),
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self.port}",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": str(self.folder / "data"),
            "auto.create.topics.enable": "false",
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "transaction.state.log.num.partitions": "2",
            # Tests join groups all the time, and kill members to see who takes over.
            "group.initial.rebalance.delay.ms": "0",
            "group.min.session.timeout.ms": "1000",
            "num.network.threads": "2",
            "num.io.threads": "2",
            "log.segment.bytes": str(8 * 1024 * 1024),
            "log.cleaner.dedupe.buffer.size": str(4 * 1024 * 1024),
        }
        text = "".join(f"{name}={value}\n" for name, value in settings.items())
        (self.folder / "server.properties").write_text(text, encoding="utf-8")

    def _format(self) -> None:
        command = [*self._java(), "kafka.tools.StorageTool", "format", "-t", _CLUSTER]
        command += ["-c", str(self.folder / "server.properties")]
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False
        )
        if done.returncode:
            raise RuntimeError(f"kafka could not format its log: {done.stdout}{done.stderr}")

    def _java(self) -> list[str]:
        return ["java", *_JVM, "-cp", self._classpath]

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True


def main() -> None:
    """Serve until Ctrl-C or SIGTERM."""
    broker = Kafka.start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        print(broker.servers, flush=True)
        signal.pause()
    except KeyboardInterrupt:
        return
    finally:
        broker.stop()


if __name__ == "__main__":
    main()
