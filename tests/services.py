"""The real servers and programs that tests talk to: found, demanded, started and stopped.

A developer's machine may lack some of them: their tests are skipped and say what to install. CI
names those that it has installed in GATEWAY_TEST_REQUIRE (for instance `openssh,lftp,postgres`);
there a missing one is a failure.
"""

from __future__ import annotations

import os
import pwd
import random
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg
import pytest
from psycopg import sql

REPO: Final = Path(__file__).resolve().parent.parent
REQUIRE: Final = "GATEWAY_TEST_REQUIRE"
RELIABILITY: Final = "GATEWAY_RELIABILITY"
START_SECONDS_MAX: Final = 30.0
SYSTEM_PATH: Final = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class Service:
    """A program that tests need: what to look for, and the Debian package that has it."""

    program: str
    package: str
    required_as: str


SERVICES: Final = {
    "openssh": Service("sshd", "openssh-server", "openssh"),
    "sftp": Service("sftp", "openssh-client", "openssh"),
    "ssh-keygen": Service("ssh-keygen", "openssh-client", "openssh"),
    "lftp": Service("lftp", "lftp", "lftp"),
    "postgres": Service("initdb", "postgresql", "postgres"),
    "kafka": Service("java", "openjdk-17-jre-headless maven", "kafka"),
}


def required() -> frozenset[str]:
    """Return the services that must be there, as the environment names them."""
    words = os.environ.get(REQUIRE, "").replace(",", " ").split()
    if unknown := set(words) - set(SERVICES):
        raise pytest.UsageError(f"{REQUIRE} names unknown services: {', '.join(sorted(unknown))}")
    return frozenset(words)


def find(service: str) -> Path | None:
    """Return the program of `service`, or None where it is not installed."""
    program = SERVICES[service].program
    if service == "postgres" and (folder := _postgres_folder()):
        return folder / program
    if service == "kafka" and not _kafka_can_be_fetched():
        return None
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}")
    return Path(found) if found else None


def require(service: str) -> Path:
    """Return the program of `service`; where it is missing skip, where it was promised fail."""
    if found := find(service):
        return found
    wanted = SERVICES[service]
    reason = f"{service} is not installed (apt-get install {wanted.package})"
    if {service, wanted.required_as} & required():
        pytest.fail(f"{reason}, but {REQUIRE} names it", pytrace=False)
    pytest.skip(reason)


def shared_folder() -> Path:
    """Return the reference material beside the repository; skip the test where it is absent."""
    folder = REPO.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the reference material is not beside this checkout (../shared)")
    return folder


def full_size() -> bool:
    """Tell whether this is `make reliability`, which runs at full size."""
    return os.environ.get(RELIABILITY) == "full"


def sized(ci: int, full: int, brief: int | None = None) -> int:
    """Return the rounds of a test: `ci` in the suite, `full` in `make reliability`.

    `brief`: in a run that demands no server, which is to end within minutes.
    """
    if full_size():
        return full
    return ci if brief is None or required() else brief


# Below the ports that the kernel gives to outgoing calls: none of those can take it meanwhile.
_PORTS = range(20_000, 32_000)


def free_port() -> int:
    """Return a loopback port that was free just now; where a server can tell its own, use 0."""
    while True:
        port = random.SystemRandom().choice(_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _kafka_can_be_fetched() -> bool:
    """Kafka itself comes from Maven, once; where it has come, Java alone is enough."""
    jars = (REPO / "tests/kafka/.cache").glob("*/kafka-clients-*")
    return bool(shutil.which("mvn") or list(jars))


def _postgres_folder() -> Path | None:
    """Debian keeps the server programs, which are not on PATH, in one folder per major version."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(folders, key=lambda path: float(path.parent.name), default=None)


def _unprivileged() -> dict[str, object]:
    """Return what makes a child process run as somebody, since initdb refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    person = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}


@dataclass(slots=True)
class Postgres:
    """A private PostgreSQL on a loopback port: real durability settings, gone at the end."""

    folder: Path
    port: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _made: int = 0
    _templates: dict[str, str] = field(default_factory=dict)

    @classmethod
    def start(cls, initdb: Path) -> Postgres:
        """Make a cluster and serve it; raises RuntimeError with the server's words if it fails."""
        cluster = cls(Path(tempfile.mkdtemp(prefix="gateway-postgres-")))
        somebody = _unprivileged()
        if somebody:
            os.chown(cluster.folder, int(str(somebody["user"])), int(str(somebody["group"])))
        data = str(cluster.folder / "data")
        command = [str(initdb), "-D", data, "-U", "gateway", "--auth=trust", "--encoding=UTF8"]
        command += ["--locale=C", "--no-sync"]
        made = subprocess.run(
            command, cwd=cluster.folder, capture_output=True, text=True, check=False, **somebody
        )
        if made.returncode:
            shutil.rmtree(cluster.folder, ignore_errors=True)
            raise RuntimeError(f"initdb failed: {made.stderr}")
        cluster._serve(initdb.parent / "postgres", somebody)
        return cluster

    def _serve(self, program: Path, somebody: dict[str, object]) -> None:
        self.port = self.port or free_port()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
            "fsync": "on",
            "synchronous_commit": "on",
            "max_connections": "240",
            "shared_buffers": "32MB",
        }
        command = [str(program), "-D", str(self.folder / "data")]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=self.folder, stdout=log, stderr=subprocess.STDOUT, **somebody
            )
        deadline = time.monotonic() + START_SECONDS_MAX
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
                self.stop()
                raise RuntimeError(f"postgres did not start: {said}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._address("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _address(self, name: str) -> str:
        return f"postgresql://gateway@127.0.0.1:{self.port}/{name}"

    def url(self, name: str) -> str:
        """Return the SQLAlchemy URL of the database `name`."""
        return f"postgresql+psycopg://gateway@127.0.0.1:{self.port}/{name}"

    def _execute(self, statement: str, *names: str) -> None:
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def create(self, template: str = "template1") -> str:
        """Make a database as a copy of `template` and return its name."""
        self._made += 1
        name = f"test_{self._made}"
        self._execute("CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def drop(self, name: str) -> None:
        """Drop the database `name`, whoever is still connected."""
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def template(self, key: str, prepare: Callable[[str], None]) -> str:
        """Return the name of a database that `prepare(url)` has filled once, for `create` to copy.

        `prepare` must close its connections: PostgreSQL copies no database that is in use.
        """
        if key not in self._templates:
            name = self.create()
            prepare(self.url(name))
            self._templates[key] = name
        return self._templates[key]

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
