"""`/admin/interchanges`: what is kept in quarantine, and its release."""

from __future__ import annotations

from fastapi import APIRouter

from gateway.adapters.http.admin_partners import Reason
from gateway.adapters.http.firm_acts import write
from gateway.adapters.http.interchanges import Id
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.shapes import Shape
from gateway.adapters.http.signed_in import DOCUMENTED, SignedIn
from gateway.pipeline.firms.release import release


class Released(Shape):
    """The interchange on its way again, under its new revision."""

    id: str
    revision: int


def router(ports: HttpPorts) -> APIRouter:
    """Operators list by `GET /v1/interchanges?state=quarantined`, and release here."""
    routes = APIRouter(prefix="/admin/interchanges", tags=["admin"], dependencies=DOCUMENTED)

    @routes.post("/{interchange}/release")
    async def release_interchange(account: SignedIn, interchange: Id, reason: Reason) -> Released:
        """Read and decide a quarantined file anew, once its sender has been taken on."""
        revision = await write(
            ports, account.account, lambda act: release(act, interchange, reason.why)
        )
        return Released(id=interchange, revision=revision)

    return routes
