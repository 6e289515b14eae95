"""`/v1/firm/papers`: qualification documents; a bare handler takes the upload: it is large."""

from __future__ import annotations

import json
from typing import Annotated, get_args
from urllib.parse import parse_qs

from fastapi import APIRouter, Path
from fastapi.responses import Response

from gateway import limits
from gateway.adapters.http import body, content, problem
from gateway.adapters.http import firm_shapes as shapes
from gateway.adapters.http.asgi import ACCOUNT, Receive, Scope, Send, answer
from gateway.adapters.http.firm_acts import administered, read, write
from gateway.adapters.http.intake_route import content_type_of, shown_file_name
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.settings import HttpSettings
from gateway.adapters.http.signed_in import DOCUMENTED, SignedIn
from gateway.canonical.firm import PaperKind
from gateway.pipeline.firms.act import Act
from gateway.pipeline.firms.papers import keep_paper
from gateway.pipeline.firms.refusal import not_found
from gateway.pipeline.firms.rows import PaperRow
from gateway.pipeline.rows import AccountRef

Id = Annotated[str, Path(min_length=1, max_length=40, pattern=r"^[0-9a-z]+$")]
KINDS: tuple[str, ...] = get_args(PaperKind)


def router(ports: HttpPorts) -> APIRouter:
    """List and read one's own documents."""
    routes = APIRouter(prefix="/v1/firm/papers", tags=["firm"], dependencies=DOCUMENTED)

    @routes.get("")
    async def list_papers(account: SignedIn) -> shapes.PaperList:
        """The documents that the firm handed in, for its administrator."""

        def work(act: Act) -> list[PaperRow]:
            return act.tx.firms.papers(administered(act, account).code)

        rows = await read(ports, work)
        return shapes.PaperList(items=[shapes.Paper.model_validate(row) for row in rows])

    @routes.get(
        "/{paper}",
        response_class=Response,
        responses={200: {"content": {content.OCTETS: {}}}},
    )
    async def read_paper(account: SignedIn, paper: Id) -> Response:
        """The scan itself, for the administrator."""
        row, scan = await read(
            ports, lambda act: found(act, administered(act, account).code, paper)
        )
        return sent(row, scan)

    return routes


class PaperRoute:
    """`POST /v1/firm/papers?kind=…`: the raw scan; only the administrator may (S0-25)."""

    def __init__(self, ports: HttpPorts, settings: HttpSettings) -> None:
        self._ports = ports
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One upload."""
        content_type_of(scope)
        account: AccountRef = scope[ACCOUNT]
        kind = _kind(scope)
        await read(self._ports, lambda act: administered(act, account))
        scan = await self._gather(scope, receive)
        name = shown_file_name(scope)

        def work(act: Act) -> PaperRow:
            return keep_paper(act, administered(act, account).code, kind, name, scan)

        row = await write(self._ports, account.account, work)
        text = json.dumps({"id": row.id, "kind": row.kind, "sha256": row.sha256})
        headers = {"content-type": "application/json", "location": f"/v1/firm/papers/{row.id}"}
        await answer(send, 201, headers, text.encode())

    async def _gather(self, scope: Scope, receive: Receive) -> bytes:
        most = limits.FIRM_PAPER_BYTES_MAX
        if (body.declared_length(scope) or 0) > most:
            raise problem.body_too_large(most)
        gathered = bytearray()
        async for chunk in body.chunks(receive, self._settings):
            gathered += chunk
            if len(gathered) > most:
                raise problem.body_too_large(most)
        return bytes(gathered)


def found(act: Act, firm: str, paper: str) -> tuple[PaperRow, bytes]:
    """A document of that firm; raises FirmRefusal."""
    known = act.tx.firms.paper(firm, paper)
    if known is None:
        raise not_found("没有该文件", "there is no such document")
    return known


def sent(row: PaperRow, scan: bytes) -> Response:
    """The scan as a download, never shown inside a page of ours."""
    return content.attachment([scan], len(scan), row.name)


def _kind(scope: Scope) -> str:
    query: bytes = scope["query_string"]
    given = parse_qs(query.decode("latin-1")).get("kind", ["other"])[0]
    if given not in KINDS:
        raise problem.invalid("kind", "文件种类无效", f"kind is one of {', '.join(KINDS)}")
    return given
