"""`POST /v1/check`: the findings of a file, and nothing stored."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import IO, Any

from gateway import limits
from gateway.adapters.http import body, problem
from gateway.adapters.http.asgi import ACCOUNT, Receive, Scope, Send, answer
from gateway.adapters.http.intake_route import content_type_of, file_name, shown_file_name
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.settings import HttpSettings
from gateway.pipeline import refusal
from gateway.pipeline.receive import check_name
from gateway.pipeline.rows import AccountRef


class CheckRoute:
    """The handler; a few checks at a time."""

    def __init__(self, ports: HttpPorts, settings: HttpSettings) -> None:
        self._ports = ports
        self._settings = settings
        self._places = asyncio.Semaphore(limits.HTTP_CHECKS_MAX)
        self._waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One check."""
        content_type_of(scope)
        name = file_name(scope)
        if name is not None:
            check_name(name)
        if (body.declared_length(scope) or 0) > limits.INTERCHANGE_BYTES_MAX:
            raise problem.body_too_large(limits.INTERCHANGE_BYTES_MAX)
        if self._waiting >= limits.HTTP_CHECKS_MAX + limits.HTTP_CHECKS_WAITING_MAX:
            raise refusal.overloaded()
        self._waiting += 1
        try:
            found = await self._check(scope, receive)
        finally:
            self._waiting -= 1
        text = json.dumps(found, ensure_ascii=False).encode()
        await answer(send, 200, {"content-type": "application/json"}, text)

    async def _check(self, scope: Scope, receive: Receive) -> dict[str, Any]:
        account: AccountRef = scope[ACCOUNT]
        partner = self._ports.directory.partner(account.partner)
        with tempfile.NamedTemporaryFile(prefix="gateway-check-") as file:
            content = await self._gather(receive, file)
            async with self._places:
                return await self._ports.checker(content, shown_file_name(scope), partner)

    async def _gather(self, receive: Receive, file: IO[bytes]) -> bytes | Path:
        """The whole body: in memory while small, else in the file."""
        memory = bytearray()
        size = 0
        async for chunk in body.chunks(receive, self._settings):
            size += len(chunk)
            if size > limits.INTERCHANGE_BYTES_MAX:
                raise problem.body_too_large(limits.INTERCHANGE_BYTES_MAX)
            if size <= limits.HTTP_CHECK_MEMORY_BYTES:
                memory += chunk
            else:
                file.write(bytes(memory) + chunk)
                memory.clear()
        if size == 0:
            raise refusal.empty()
        if size <= limits.HTTP_CHECK_MEMORY_BYTES:
            return bytes(memory)
        file.flush()
        return Path(file.name)
