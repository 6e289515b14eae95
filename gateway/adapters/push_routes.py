"""Routes of partners, brought to the adapters that push: one small class for each kind.

Here a route's references become secrets, at the moment of the push, so that they can rotate.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gateway import limits
from gateway.adapters.push_folder import push_folder
from gateway.adapters.push_http.push import HttpPusher, HttpTarget, OutgoingDelivery
from gateway.adapters.push_result import PushResult
from gateway.adapters.push_sftp import push_sftp
from gateway.adapters.sftp_client import driver
from gateway.adapters.sftp_client.contract import SftpEndpoint, SftpSession, SftpTimeouts
from gateway.canonical.partner import Poll, Route
from gateway.pipeline.channels import Parcel
from gateway.pipeline.ports import Secrets

_SFTP_GRACE_SECONDS = 6.0


@dataclass(frozen=True)
class _Password:
    """The shape that the SFTP drivers ask for: a value that does not print itself."""

    value: str = field(repr=False)

    def get_secret_value(self) -> str:
        return self.value


class HttpRoutes:
    """kind = "http": CloudEvents, Standard Webhooks.  Large bodies go one by one."""

    def __init__(self, pusher: HttpPusher, secrets: Secrets, call_seconds: float) -> None:
        self._pusher = pusher
        self._secrets = secrets
        self._call_seconds = min(call_seconds, limits.DELIVERY_CALL_SECONDS)
        self._large = asyncio.Semaphore(1)

    async def push(self, route: Route, parcel: Parcel) -> PushResult:
        """One attempt."""
        try:
            target = self._target(route)
        except LookupError as error:
            return PushResult("retry", f"a secret is missing: {error}")
        except ValueError as error:
            return PushResult("refused", f"the route cannot be used: {error}")
        if parcel.size <= limits.PARCEL_MEMORY_BYTES_MAX:
            return await self._push(target, parcel)
        async with self._large:
            return await self._push(target, parcel)

    async def _push(self, target: HttpTarget, parcel: Parcel) -> PushResult:
        body = await asyncio.to_thread(lambda: b"".join(parcel.chunks()))
        delivery = OutgoingDelivery(
            delivery_id=parcel.delivery,
            event_type=parcel.event_type,
            source=parcel.source,
            subject=parcel.subject,
            time=parcel.time.isoformat().replace("+00:00", "Z"),
            content_type=parcel.content_type,
            body=body,
        )
        return await self._pusher.push(target, delivery)

    def _target(self, route: Route) -> HttpTarget:
        resolve = self._secrets.resolve
        return HttpTarget(
            url=route.url or "",
            secrets=tuple(resolve(each) for each in route.secrets),
            allow_networks=tuple(route.allow_networks),
            timeout_seconds=self._call_seconds,
            ca_file=route.ca_file,
            bearer=resolve(route.bearer) if route.bearer else None,
        )


class SftpRoutes:
    """kind = "sftp": a partner's SFTP server, by the driver that the route names."""

    def __init__(self, secrets: Secrets, call_seconds: float) -> None:
        self._secrets = secrets
        # The session must be over before the call's own deadline: a lease waits for neither.
        self._timeouts = SftpTimeouts(total=max(1.0, call_seconds - _SFTP_GRACE_SECONDS))

    async def push(self, route: Route, parcel: Parcel) -> PushResult:
        """One attempt."""
        try:
            endpoint = endpoint_of(route, self._secrets, self._timeouts)
        except LookupError as error:
            return PushResult("retry", f"a secret is missing: {error}")
        return await push_sftp(
            driver(route.driver),
            endpoint,
            route.folder or "",
            parcel.file_name,
            parcel.chunks(),
            parcel.size,
        )


class FolderRoutes:
    """kind = "folder": a folder below the configured root, or an absolute one that exists."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def push(self, route: Route, parcel: Parcel) -> PushResult:
        """One attempt."""
        folder = self._root / (route.folder or "")
        if not (route.folder or "").startswith("/"):
            # Folders below our own root are ours to make; a foreign mount must be there.
            folder.mkdir(parents=True, exist_ok=True)
        return await push_folder(folder, parcel.file_name, parcel.chunks(), parcel.size)


def endpoint_of(
    where: Route | Poll, secrets: Secrets, timeouts: SftpTimeouts | None = None
) -> SftpEndpoint:
    """Where a partner's server is and who we are there; LookupError for a missing secret."""
    password = secrets.resolve(where.password) if where.password else None
    return SftpEndpoint(
        host=where.host or "",
        port=where.port,
        username=where.username or "",
        host_keys=tuple(where.host_keys),
        password=_Password(password) if password else None,
        private_key=secrets.resolve(where.private_key) if where.private_key else None,
        timeouts=timeouts or SftpTimeouts(),
    )


def remote_folders(secrets: Secrets) -> Callable[[Poll], SftpSession]:
    """How the poll job opens a session; for a thread."""

    def open_session(poll: Poll) -> SftpSession:
        return driver(poll.driver).open(endpoint_of(poll, secrets))

    return open_session
