"""`POST /v1/interchanges`: a raw body becomes an interchange; 202 only after the commit.

A bare ASGI handler: this is the path that must keep up with every sender at once.
"""

from __future__ import annotations

import asyncio
import json
import re
from urllib.parse import unquote_to_bytes

from gateway import limits
from gateway.adapters.http import body, problem
from gateway.adapters.http.asgi import ACCOUNT, Receive, Scope, Send, answer, header
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.settings import HttpSettings
from gateway.adapters.refusal_memory import RefusalMemory
from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.receive import Upload, check_key, shown_name
from gateway.pipeline.refusal import Refusal
from gateway.pipeline.rows import AccountRef, Receipt
from gateway.telemetry.events import emit

UNNAMED = b"unnamed"
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,100}/[A-Za-z0-9!#$&^_.+-]{1,100}")
_FORMS = ("multipart/",)
# What curl says of --data-binary when nobody tells it better: the body is the file all the same.
_UNSAID = "application/x-www-form-urlencoded"
_CHANNEL = "http"


class IntakeRoute:
    """The handler; `accepting` are commits that a stop must wait for."""

    def __init__(self, ports: HttpPorts, settings: HttpSettings) -> None:
        self._ports = ports
        self._settings = settings
        self._refusals = RefusalMemory(ports.clock)
        self.accepting: set[asyncio.Task[Receipt]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One upload."""
        account: AccountRef = scope[ACCOUNT]
        try:
            receipt = await self._take(scope, receive, account)
        except Refusal as why:
            emit("upload_refused", channel=_CHANNEL, account=account.account, code=why.code)
            raise
        crash_point("http.before_answer")
        location = f"/v1/interchanges/{receipt.interchange}"
        members = {"id": receipt.interchange, "state": receipt.state, "repeat": receipt.repeat}
        headers = {"content-type": "application/json", "location": location}
        await answer(send, 202, headers, json.dumps(members).encode())

    async def _take(self, scope: Scope, receive: Receive, account: AccountRef) -> Receipt:
        content_type = content_type_of(scope)
        key = idempotency_key(scope)
        given = file_name(scope)
        name = given or UNNAMED
        size = body.declared_length(scope)
        if size is None and given:
            self._refusals.check(account.account, name)
        found = self._ports.directory.account(account.account)
        if found is None:
            raise problem.unauthorized()
        upload = await self._ports.intake.admit(account, found[1], name, size)
        try:
            async for chunk in body.chunks(receive, self._settings):
                upload.write(chunk)
        except BaseException as error:
            upload.close()
            if isinstance(error, Refusal) and given:
                self._refusals.note(account.account, name, error)
            raise
        return await self._accept(upload, account, name, content_type, key)

    async def _accept(
        self,
        upload: Upload,
        account: AccountRef,
        name: bytes,
        content_type: str | None,
        key: str | None,
    ) -> Receipt:
        size = upload.size
        task = asyncio.create_task(
            self._ports.intake.accept(
                upload, account, name, _CHANNEL, content_type=content_type, idempotency_key=key
            )
        )
        self.accepting.add(task)
        task.add_done_callback(self.accepting.discard)
        receipt = await asyncio.shield(task)
        emit(
            "upload_accepted",
            "debug",
            channel=_CHANNEL,
            account=account.account,
            interchange=receipt.interchange,
            size=size,
            repeat=receipt.repeat,
        )
        return receipt


def content_type_of(scope: Scope) -> str | None:
    """The declared media type, bounded; raises Problem 415 for what is not the file itself."""
    if header(scope, b"content-encoding") not in (None, b"identity"):
        raise problem.unsupported_type(
            "不接受压缩传输，请发送原始文件", "send the file itself, without Content-Encoding"
        )
    value = (header(scope, b"content-type") or b"").decode("latin-1").strip()
    if not value:
        return None
    media_type = value.partition(";")[0].strip().lower()
    if media_type == _UNSAID:
        return None
    if media_type.startswith(_FORMS):
        raise problem.unsupported_type(
            "不接受表单；请以 application/octet-stream 发送原始文件",
            "no forms: send the raw file as application/octet-stream",
        )
    if not _MEDIA_TYPE.fullmatch(media_type):
        raise problem.unsupported_type("Content-Type 无效", "Content-Type is not a media type")
    return media_type


def idempotency_key(scope: Scope) -> str | None:
    """The Idempotency-Key; raises Refusal for one that cannot be kept."""
    value = header(scope, b"idempotency-key")
    if value is None:
        return None
    key = value.decode("latin-1")
    check_key(key)
    return key


def file_name(scope: Scope) -> bytes | None:
    """X-Filename: raw bytes, or percent-encoded where a client cannot send them."""
    value = header(scope, b"x-filename")
    if value is None:
        return None
    return unquote_to_bytes(value[: 4 * limits.FILE_NAME_BYTES_MAX])


def shown_file_name(scope: Scope) -> str:
    """The same for people."""
    return shown_name(file_name(scope) or UNNAMED)
