"""What a gateway under test is configured with: one TOML file and one folder of partners.

The one place that knows the settings' and the partners' keys; everything else asks a `Site`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import asyncssh

from tests.crash.files import AGENT, RECEIVER
from tests.services import free_port

HOST: Final = "127.0.0.1"
LOOPBACK: Final = ["127.0.0.0/8"]
TERMINAL: Final = "TERM1"
DOCUMENTS: Final = ("manifest", "booking")


@dataclass(frozen=True, slots=True)
class Credentials:
    """One account: how it signs in over SFTP and over HTTP."""

    account: str
    ssh_key: asyncssh.SSHKey
    api_key: str

    @classmethod
    def make(cls, account: str) -> Credentials:
        """The key is derived from the name: a failed run can be repeated."""
        key = "gw_" + hashlib.sha256(f"test key of {account}".encode()).hexdigest()[:40]
        return cls(account, asyncssh.generate_private_key("ssh-ed25519"), key)

    def as_account(self) -> dict[str, Any]:
        """The account's table in a partner file."""
        public = self.ssh_key.export_public_key().decode().strip()
        digest = hashlib.sha256(self.api_key.encode()).hexdigest()
        return {
            "name": self.account,
            "ssh_keys": [public],
            "api_keys": [f"{self.api_key[:12]}:{digest}"],
        }


@dataclass(slots=True)
class Site:
    """A folder with everything of one gateway; ports stay the same over restarts."""

    folder: Path
    agent: Credentials = field(default_factory=lambda: Credentials.make("agent"))
    terminal: Credentials = field(default_factory=lambda: Credentials.make("terminal"))
    http_port: int = field(default_factory=free_port)
    admin_port: int = field(default_factory=free_port)
    sftp_port: int = field(default_factory=free_port)
    secret: str = "whsec_" + base64.b64encode(b"tianjin-port-gateway-kill-key-01").decode()
    settings: dict[str, Any] = field(default_factory=dict)
    partners: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.http_port}"

    @property
    def admin_url(self) -> str:
        return f"http://{HOST}:{self.admin_port}"

    @property
    def database(self) -> Path:
        url = self.settings.get("store", {}).get("url", "")
        return Path(url.removeprefix("sqlite:///") or self.folder / "data" / "gateway.sqlite")

    @property
    def folder_leg(self) -> Path:
        return self.folder / "data" / "folders" / "terminal"

    @property
    def file(self) -> Path:
        return self.folder / "gateway.toml"

    @property
    def partners_folder(self) -> Path:
        return self.folder / "partners"

    def write(self) -> None:
        """Write all files; may be called again after changes."""
        self.database.parent.mkdir(parents=True, exist_ok=True)
        self.partners_folder.mkdir(parents=True, exist_ok=True)
        self.folder_leg.mkdir(parents=True, exist_ok=True)
        self.file.write_text(toml(self._settings()), encoding="utf-8")
        for code, partner in self.partners.items():
            path = self.partners_folder / f"{code}.toml"
            path.write_text(toml({"code": code, **partner}), encoding="utf-8")

    def _settings(self) -> dict[str, Any]:
        settings: dict[str, dict[str, Any]] = {
            "http": {
                "host": HOST,
                "port": self.http_port,
                "admin_port": self.admin_port,
                # Tests send faster than one partner may.
                "requests_per_second": 100_000,
            },
            "sftp": {"host": HOST, "port": self.sftp_port},
            # Quick enough that what a kill left behind is done within the test.
            "delivery": {
                "retry_seconds": [0.3, 0.5, 1.0, 1.0, 2.0, *[3.0] * 15],
                "call_seconds": 3.0,
                "lease_seconds": 4.0,
            },
        }
        top = {name: value for name, value in self.settings.items() if not _is_table(value)}
        for name, value in self.settings.items():
            if _is_table(value):
                settings.setdefault(name, {}).update(value)
        return {**top, **settings}

    def add_agent(self, code: str = "AGENT1", **changes: Any) -> None:
        """A partner that sends manifests and bookings."""
        self.partners[code] = {
            "name": "Demo agent",
            "identities": [AGENT],
            "accounts": [self.agent.as_account()],
            "agreements": [{"document": document} for document in DOCUMENTS],
            "routes": [{"name": "answers", "kind": "mailbox"}],
            **changes,
        }

    def add_terminal(
        self, receiver_port: int, ship: dict[str, Any] | None = None, code: str = TERMINAL
    ) -> None:
        """A partner that receives everything over three legs: HTTP, folder, mailbox; `ship` too."""
        secret_file = self.folder / "terminal.secret"
        secret_file.write_text(self.secret, encoding="ascii")
        subscriptions = [{"document": document} for document in DOCUMENTS]
        http = {
            "kind": "http",
            "url": f"http://{HOST}:{receiver_port}/deliveries",
            "secrets": [f"file:{secret_file}"],
            "allow_networks": LOOPBACK,
            # Sets a timer for every delivery.
            "acknowledged": True,
        }
        legs = {
            "push": http,
            "drop": {"kind": "folder", "folder": "terminal", "payload": "original"},
            "box": {"kind": "mailbox"},
        }
        routes = [
            {"name": name, "subscriptions": subscriptions, **leg} for name, leg in legs.items()
        ]
        if ship is not None:
            routes.append({"name": "ship", "subscriptions": subscriptions, **ship})
        self.partners[code] = {
            "name": "Demo terminal",
            "identities": [RECEIVER],
            "agreements": [{"document": "acknowledgement"}],
            "accounts": [self.terminal.as_account()],
            "routes": routes,
        }

    def sftp_partner(self, port: int, host_key: str, password: str) -> dict[str, Any]:
        """What a route or a poll says about a partner's SFTP server."""
        secret = self.folder / "partner.password"
        secret.write_text(password, encoding="ascii")
        return {
            "host": HOST,
            "port": port,
            "username": "gateway",
            "password": f"file:{secret}",
            "host_keys": [host_key],
        }

    def ship(self, partner: dict[str, Any]) -> dict[str, Any]:
        """A route over SFTP."""
        return {"kind": "sftp", "folder": "/in", "payload": "original", **partner}

    def poll(self, partner: dict[str, Any]) -> dict[str, Any]:
        """A poll of the same server, as often as is allowed."""
        return {
            "name": "fetch",
            "account": self.agent.account,
            "folder": "/out",
            "archive": "/archive",
            "every_seconds": 5,
            "minimum_age_seconds": 0,
            **partner,
        }


def toml(values: Mapping[str, Any]) -> str:
    """TOML of texts, numbers, booleans, arrays and (arrays of) tables."""
    return "\n".join(_lines(values, ())) + "\n"


def _lines(values: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
    lines = [
        f"{name} = {_value(value)}"
        for name, value in values.items()
        if not (_is_table(value) or _is_tables(value))
    ]
    for name, value in values.items():
        inner = (*path, name)
        if _is_table(value):
            lines += [f"[{'.'.join(inner)}]", *_lines(value, inner)]
        elif _is_tables(value):
            for table in value:
                lines += [f"[[{'.'.join(inner)}]]", *_lines(table, inner)]
    return lines


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_table, value))


def _value(value: object) -> str:
    # JSON's texts, numbers, booleans and arrays are TOML's.
    return json.dumps(value, ensure_ascii=False)
