"""What forms are filled in with: the working time of a port, codes of the classification list."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from gateway import limits
from gateway.adapters.http import customs_appointments_shapes as shapes
from gateway.adapters.http.customs_appointments_access import desk
from gateway.adapters.http.customs_appointments_problems import of_verdict
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.signed_in import DOCUMENTED, SignedIn
from gateway.pipeline.customs.asking import WorkingTime
from gateway.rules.calendar import clock

Prefix = Annotated[
    str,
    Query(pattern=rf"^[0-9]{{{limits.CUSTOMS_GOODS_PREFIX_MIN},10}}$", description="of an HS code"),
]


def router(ports: HttpPorts) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/v1", tags=["customs appointments"], dependencies=DOCUMENTED)

    @routes.get("/port-working-time")
    async def port_working_time(
        _account: SignedIn,
        port: Annotated[str, Query(pattern=r"^[0-9A-Z]{4,5}$")],
        first: Annotated[date, Query(alias="from")],
        last: Annotated[date, Query(alias="to")],
    ) -> shapes.PortWorkingTime:
        """Working days of a port's customs in at most 15 days."""
        found = desk(ports).working_hours(port, (first, last))
        if found.verdict.outcome == "reject":
            raise of_verdict(found.verdict)
        return _shown(found)

    @routes.get("/customs-goods-codes")
    async def customs_goods_codes(_account: SignedIn, prefix: Prefix) -> shapes.GoodsCodes:
        """Codes of the classification list that begin so."""
        most = limits.CUSTOMS_GOODS_CODES_MAX
        rows = await desk(ports).goods_codes(prefix, most + 1)
        items = [shapes.GoodsCode.model_validate(row) for row in rows[:most]]
        return shapes.GoodsCodes(items=items, more=len(rows) > most)

    return routes


def _shown(found: WorkingTime) -> shapes.PortWorkingTime:
    said = found.verdict.findings
    return shapes.PortWorkingTime(
        port=found.port,
        name=found.name,
        days=[
            shapes.WorkingDay(date=day, open=clock(each.opens), close=clock(each.closes))
            for day, hours in found.days
            for each in hours
        ],
        zh="；".join(finding.zh for finding in said),
        en="; ".join(finding.en for finding in said),
    )
