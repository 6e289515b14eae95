"""docker-compose.yml: hardened, without default secrets, and every command of it starts.

Where no container engine is at hand the commands run as plain processes, with the environment that
the file gives them, against the test servers; only host names, ports and paths are translated.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh
import pytest
import yaml
from cryptography import x509

from tests import services
from tests.contract import kafka
from tests.contract.certificates import Authority
from tests.kafka.server import Kafka
from tests.services import REPO, free_port

FILE = REPO / "docker-compose.yml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
GATEWAY = [name for name, each in SERVICES.items() if each["image"] == "port-edi-gateway"]
ONE_SHOT = ("init", "partners")
MUST_BE_SET = re.compile(r"\$\{([A-Z_]+):\?\}")
START_SECONDS_MAX = 60

pytestmark = pytest.mark.xdist_group("kafka")


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_hardened(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    uid = service["user"].partition(":")[0]
    assert int(uid) > 0, "never root"
    assert "privileged" not in service
    health = service["healthcheck"]
    assert bool(health.get("disable")) is (name in ONE_SHOT)


def test_every_named_volume_and_secret_is_declared() -> None:
    volumes, secrets = set(), set()
    for service in SERVICES.values():
        volumes |= {each.partition(":")[0] for each in service.get("volumes", [])}
        secrets |= set(service.get("secrets", []))
    assert {each for each in volumes if not each.startswith(".")} == set(COMPOSE["volumes"])
    assert secrets == set(COMPOSE["secrets"])


def test_no_secret_has_a_default() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{[^}]*\}", text)) == {
        f"${{{name}:?}}" for name in MUST_BE_SET.findall(text)
    }
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|TOKEN", name):
                assert MUST_BE_SET.fullmatch(value), name


def test_the_kafka_of_the_file_is_the_one_that_is_tested() -> None:
    pom = (REPO / "tests/kafka/pom.xml").read_text(encoding="utf-8")
    version = re.search("<kafka.version>(.*)</kafka.version>", pom)
    assert version is not None
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{version.group(1)}"


def test_compose_itself_accepts_the_file(tmp_path: Path) -> None:
    command = _compose()
    values = {name: str(tmp_path / name) for name in MUST_BE_SET.findall(FILE.read_text())}
    done = subprocess.run(
        [*command, "-f", str(FILE), "config", "-q"],
        env={**os.environ, **values},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    bare = subprocess.run(
        [*command, "-f", str(FILE), "config", "-q"],
        env={name: value for name, value in os.environ.items() if name not in values},
        capture_output=True,
        text=True,
        check=False,
    )
    assert bare.returncode != 0, "it must not start without its secrets"


def _compose() -> list[str]:
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    if shutil.which("docker"):
        probe = ["docker", "compose", "version"]
        if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
            return ["docker", "compose"]
    pytest.skip("no docker-compose here")


def translated(text: str, names: Mapping[str, str]) -> str:
    """Names of containers as names of this machine."""
    for old, new in names.items():
        text = text.replace(old, new)
    return text


@dataclass
class Host:
    """This machine in the place of the containers."""

    folder: Path
    postgres_url: str
    admin_ports: dict[str, int] = field(default_factory=dict)

    def environment(self, name: str) -> dict[str, str]:
        """The service's environment, with names and paths of containers translated."""
        given = {k: str(v) for k, v in SERVICES[name].get("environment", {}).items()}
        port = self.admin_ports.setdefault(name, free_port())
        names = {
            "postgresql://gateway@postgres:5432/gateway": self.postgres_url.replace("+psycopg", ""),
            "kafka:9092": kafka.broker().servers,
            "/run/secrets": str(self.folder),
            "/etc/gateway/partners": str(self.folder / "partners"),
            "0.0.0.0": "127.0.0.1",
        }
        for key, value in given.items():
            given[key] = translated(MUST_BE_SET.sub("a-password", value), names)
        for key, value in (("GATEWAY_HTTP_ADMIN_PORT", port), ("GATEWAY_HTTP_PORT", free_port())):
            given[key] = str(value) if key in given else given.get(key, "")
        if "GATEWAY_SFTP_PORT" in given:
            given["GATEWAY_SFTP_PORT"] = str(free_port())
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("GATEWAY_", "PG"))}
        return kept | {k: v for k, v in given.items() if v}

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """The image's entry point with the service's command."""
        program = str(Path(sys.executable).with_name("gateway"))
        with (self.folder / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                [program, *SERVICES[name]["command"]],
                cwd=self.folder,
                env=self.environment(name),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def healthy(self, name: str) -> bool:
        """The service's own health check."""
        test = [str(each) for each in SERVICES[name]["healthcheck"]["test"][1:]]
        test = [each.replace(":8081/", f":{self.admin_ports[name]}/") for each in test]
        test[0] = sys.executable
        return subprocess.run(test, capture_output=True, check=False).returncode == 0

    def said(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")[-3000:]


@pytest.fixture
def host(tmp_path: Path, postgres_url: str) -> Host:
    (tmp_path / "partners").mkdir()
    for path in (REPO / "partners").glob("*.toml"):
        shutil.copy(path, tmp_path / "partners")
    Authority(tmp_path, "authority").context([x509.DNSName("localhost")])
    (chain,) = (each for each in tmp_path.glob("*.pem") if each.stem != "authority")
    for name in ("tls_certificate", "tls_key"):
        shutil.copy(chain, tmp_path / name)
    (tmp_path / "data").mkdir()
    return Host(tmp_path, postgres_url)


@pytest.mark.timeout(240)
def test_every_gateway_service_starts_and_becomes_healthy(host: Host) -> None:
    for name in ONE_SHOT:
        process = host.start(name)
        assert process.wait(START_SECONDS_MAX) == 0, host.said(name)
    running = {name: host.start(name) for name in GATEWAY if name not in ONE_SHOT}
    try:
        ends = time.monotonic() + START_SECONDS_MAX
        waiting = set(running)
        while waiting and time.monotonic() < ends:
            for name in sorted(waiting):
                assert running[name].poll() is None, f"{name}: {host.said(name)}"
                if host.healthy(name):
                    waiting.discard(name)
            time.sleep(0.2)
        assert not waiting, {name: host.said(name) for name in waiting}
        for process in running.values():
            process.terminate()
        ended = {name: process.wait(30) for name, process in running.items()}
        assert ended == dict.fromkeys(running, 0)
    finally:
        for process in running.values():
            with suppress(ProcessLookupError):
                process.kill()
            process.wait()


def test_a_process_refuses_sqlite(host: Host) -> None:
    for name in GATEWAY:
        if name in ONE_SHOT:
            continue
        environment = host.environment(name)
        environment["GATEWAY_STORE_URL"] = f"sqlite:///{host.folder}/x.sqlite"
        done = subprocess.run(
            [str(Path(sys.executable).with_name("gateway")), *SERVICES[name]["command"]],
            cwd=host.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 2, name
        assert "PostgreSQL" in done.stderr
        assert "Traceback" not in done.stderr


def test_the_broker_starts_with_the_settings_of_the_file(tmp_path: Path) -> None:
    """As the image does: KAFKA_NODE_ID is node.id."""
    services.require("kafka")
    given = SERVICES["kafka"]["environment"]
    broker = Kafka(tmp_path / "kafka", free_port(), free_port())
    broker.folder.mkdir()
    broker._prepare()
    names = {
        "0.0.0.0:9092": f"127.0.0.1:{broker.port}",
        "0.0.0.0:9093": f"127.0.0.1:{broker.controller_port}",
        "kafka:9092": f"127.0.0.1:{broker.port}",
        "kafka:9093": f"127.0.0.1:{broker.controller_port}",
        "/var/lib/kafka/data": str(broker.folder / "data"),
    }
    lines = [
        f"{name.removeprefix('KAFKA_').lower().replace('_', '.')}={translated(value, names)}"
        for name, value in given.items()
    ]
    (broker.folder / "server.properties").write_text("\n".join(lines), encoding="utf-8")
    try:
        broker._format()
        broker.serve()
    finally:
        broker.stop()


def test_the_partner_serves_files_with_openssh(tmp_path: Path) -> None:
    """The same script and configuration, as an ordinary user would run it."""
    services.require("openssh")
    home = tmp_path / "home"
    key = asyncssh.generate_private_key("ssh-ed25519")
    public = tmp_path / "partner_authorized_keys"
    key.write_public_key(public)
    config = tmp_path / "sshd_config"
    text = (REPO / "examples/compose/sshd_config").read_text(encoding="utf-8")
    text = text.replace("/srv/partner", str(home)).replace("/run/secrets", str(tmp_path))
    # The container's account is not root; a test that runs as root needs leave to sign in.
    config.write_text(text.replace("PermitRootLogin no", "PermitRootLogin prohibit-password"))
    port = free_port()
    environment = {
        **os.environ,
        "PARTNER_HOME": str(home),
        "PARTNER_CONFIG": str(config),
        "PARTNER_PORT": str(port),
    }
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    script = str(REPO / "examples/compose/partner.sh")
    process = subprocess.Popen([script], env=environment, stderr=subprocess.PIPE)
    try:
        names = asyncio.run(_list(port, key))
        assert {"in", "out", "archive"} <= set(names)
    finally:
        process.kill()
        process.communicate()


async def _list(port: int, key: Any) -> list[str]:
    for _ in range(50):
        with suppress(OSError):
            connection = asyncssh.connect(
                "127.0.0.1",
                port,
                username=getpass.getuser(),
                client_keys=[key],
                known_hosts=None,
                config=None,
                agent_path=None,
            )
            async with connection as opened, opened.start_sftp_client() as client:
                return [str(each) for each in await client.listdir(".")]
        await asyncio.sleep(0.1)
    raise AssertionError("sshd did not answer")
