"""SITE of the demonstration: one folder with configuration, keys and partners, ready to run."""

from __future__ import annotations

import base64
import json
import secrets
import socket
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.cli import install
from gateway.cli.api_key import new_api_key
from gateway.cli.configuration import store_of
from gateway.cli.demo.plan import checkout
from gateway.cli.failure import Failure

if TYPE_CHECKING:
    from gateway.cli.demo.processes import Child
    from gateway.settings import Settings

HOST = "127.0.0.1"
MARK = ".gateway-demo"
SIGNING_FILE = "terminal.whsec"
PLATFORM_KEYS = "platform"
_AGENT, _TERMINAL = "TJAGENT01", "TJTERM01"
# The usual ports where they are free, so that what the README says can be typed.
_PORTS = {"http": 8080, "admin": 8081, "sftp": 2222}


@dataclass(slots=True)
class Site:
    """Where everything is; the ports are known when the gateway says that it is ready."""

    folder: Path
    account: str
    admin_key: str
    agent_key: str
    receiver_url: str
    platform_url: str
    http_port: int = 0
    admin_port: int = 0
    sftp_port: int = 0

    def learn(self, ports: Mapping[str, int]) -> None:
        """The ports that the gateway listens on, and with them how to know its SFTP server."""
        self.http_port = ports["http"]
        self.admin_port = ports["admin"]
        self.sftp_port = ports["sftp"]
        public = _public_key(self.folder / "data" / "ssh_host_ed25519_key")
        self.known_hosts_file.write_text(f"[{HOST}]:{self.sftp_port} {public}\n", encoding="ascii")

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.http_port}"

    @property
    def admin_url(self) -> str:
        return f"http://{HOST}:{self.admin_port}"

    @property
    def config(self) -> Path:
        return self.folder / "gateway.toml"

    @property
    def files(self) -> Path:
        return checkout() / "examples" / "files"

    @property
    def known_hosts_file(self) -> Path:
        return self.folder / "known_hosts"

    @property
    def agent_ssh_key_file(self) -> Path:
        return self.folder / "agent.ssh-key"

    @property
    def agent_api_key_file(self) -> Path:
        return self.folder / "agent.api-key"


def prepare(
    folder: Path, start_terminal: Callable[[], Child], start_platform: Callable[[], Child]
) -> Site:
    """Configuration, keys, partners, database: what `init` and `partners apply` do."""
    from gateway.settings import load

    (folder / MARK).write_text("made by `gateway demo`; replaced by the next one\n")
    _private(folder / SIGNING_FILE, _webhook_secret())
    receiver_port = int(start_terminal().wait_ready()["port"])
    _private(folder / "agent.ssh-key", "")
    (folder / "agent.ssh-key").unlink()
    install.make_host_key(folder / "agent.ssh-key")
    platform = f"http://{HOST}:{start_platform().wait_ready()['port']}"
    # Both sides know it; the platform has made it.
    settings = _settings(platform, folder / PLATFORM_KEYS / "webhooks.secret")
    (folder / "gateway.toml").write_text(toml(settings), encoding="utf-8")
    loaded = load(folder / "gateway.toml")
    install.make_folders(loaded)
    install.make_host_key(loaded.sftp.host_key)
    install.migrate_database(loaded)
    agent_key = new_api_key()
    _private(folder / "agent.api-key", agent_key.text)
    _write_partners(folder, receiver_port, agent_key.entry)
    admin_key = _apply(loaded)
    _private(folder / "admin.api-key", admin_key)
    receiver = f"http://{HOST}:{receiver_port}"
    return Site(folder, _AGENT.lower(), admin_key, agent_key.text, receiver, platform)


def _settings(platform: str, secret: Path) -> dict[str, Any]:
    """The usual ports, any others where those are taken; quick retries, to be watched."""
    ports = {name: port if _is_free(port) else 0 for name, port in _PORTS.items()}
    return {
        "http": {"host": HOST, "port": ports["http"], "admin_port": ports["admin"]},
        "sftp": {"host": HOST, "port": ports["sftp"]},
        "delivery": {"retry_seconds": [1, 2, 5, 10, 30]},
        # The authority of this port approves what it is told.
        "fees": {"tariffs": ["PCF", "CARGO_DUES"], "approver": "embedded"},
        "payments": {
            "standard-webhooks": {
                "merchant": "DEMO0001",
                "merchant_name": "示例港口 Example Port",
                "secrets": [f"file:{secret}"],
                "api_url": f"{platform}/standard-webhooks",
            }
        },
    }


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _write_partners(folder: Path, receiver_port: int, api_key_entry: str) -> None:
    """The example partners, with keys that exist and the address of the terminal of the day."""
    target = folder / "partners"
    for path in sorted((checkout() / "partners").glob("*.toml")):
        partner = tomllib.loads(path.read_text(encoding="utf-8"))
        if partner["code"] == _AGENT:
            public = _public_key(folder / "agent.ssh-key")
            partner["accounts"][0] |= {"ssh_keys": [public], "api_keys": [api_key_entry]}
            # An agent that pays for its customers, and hands out delivery orders.
            partner |= {"types": ["船代", "货代"], "terminal_approved": [_TERMINAL]}
            partner["agreements"].append({"document": "delivery_order"})
        if partner["code"] == _TERMINAL:
            for route in partner["routes"]:
                if route["kind"] == "http":
                    route["subscriptions"].append({"document": "delivery_order"})
                    route["url"] = f"http://{HOST}:{receiver_port}/"
                    route["secrets"] = [f"file:{folder / SIGNING_FILE}"]
        (target / path.name).write_text(toml(partner), encoding="utf-8")


def _apply(settings: Settings) -> str:
    """Partners and an administrator into the database; the administrator's key."""
    from gateway.cli.partner_files import load_folder

    partners = [checked.partner for checked in load_folder(settings.partners).values()]
    good = [partner for partner in partners if partner is not None]
    if len(good) < len(partners):
        raise Failure("a partner file of the demonstration has errors: `gateway partners check`")
    with store_of(settings) as store:
        store.write(lambda tx: tx.partners.apply(good, "demo"))
        return install.make_administrator(store, settings.name) or ""


def _public_key(path: Path) -> str:
    from gateway.adapters.sftp_server.host_key import load

    return load([path])[0].export_public_key().decode("ascii").strip()


def _webhook_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode("ascii")


def _private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="ascii")


def toml(values: Mapping[str, Any], path: tuple[str, ...] = ()) -> str:
    """TOML of texts, numbers, booleans, arrays and (arrays of) tables; JSON's values are TOML's."""
    plain, tables = [], []
    for name, value in values.items():
        inner = (*path, name)
        if isinstance(value, Mapping):
            tables.append(f"\n[{'.'.join(inner)}]\n{toml(value, inner)}")
        elif value and isinstance(value, list) and isinstance(value[0], Mapping):
            tables += [f"\n[[{'.'.join(inner)}]]\n{toml(each, inner)}" for each in value]
        else:
            plain.append(f"{name} = {json.dumps(value, ensure_ascii=False)}\n")
    return "".join(plain + tables)
