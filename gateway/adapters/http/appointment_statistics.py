"""Statistics 预约统计 of a terminal's slots, as JSON or csv."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from gateway.adapters.http import appointments_shapes as shapes
from gateway.adapters.http.appointments import whose
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.signed_in import DOCUMENTED, SignedIn
from gateway.adapters.http.slots import Span
from gateway.pipeline.gate.rows import SlotFilter
from gateway.pipeline.gate.statistics import COLUMNS, Line, statistics
from gateway.pipeline.rows import AccountRef

Form = Annotated[Literal["json", "csv"], Query(alias="format")]
CSV = "text/csv; charset=utf-8"
# Spreadsheets take a text that begins so for UTF-8.
_BOM = "\ufeff"


def router(ports: HttpPorts) -> APIRouter:
    """The route."""
    routes = APIRouter(prefix="/v1", tags=["gate appointments"], dependencies=DOCUMENTED)

    @routes.get(
        "/appointment-statistics",
        response_model=shapes.Statistics,
        responses={200: {"content": {"text/csv": {}}}},
    )
    async def appointment_statistics(
        account: SignedIn,
        wanted: Annotated[Span, Depends()],
        form: Form = "json",
    ) -> Response:
        """Per slot and fleet: quota, booked, used, breached; a firm sees its own share only."""
        lines, more = await _lines(ports, account, wanted.filter(ports.clock))
        if form == "csv":
            headers = {"content-disposition": 'attachment; filename="appointments.csv"'}
            return Response(_csv(lines), 200, headers, CSV)
        told = shapes.Statistics(
            items=[shapes.StatisticsLine.model_validate(asdict(line)) for line in lines],
            truncated=more,
        )
        return Response(told.model_dump_json(), 200, media_type="application/json")

    return routes


async def _lines(
    ports: HttpPorts, account: AccountRef, wanted: SlotFilter
) -> tuple[list[Line], bool]:
    partner, terminal = whose(ports.desk, account, None, wanted.terminal)
    span = SlotFilter(wanted.since, wanted.until, terminal, wanted.direction)
    return await ports.store.read(lambda tx: statistics(tx, span, partner))


def _csv(lines: Sequence[Line]) -> str:
    """Nothing in it can be taken for a formula: codes, dates and numbers of our own making."""
    out = io.StringIO(_BOM, newline="")
    out.seek(0, io.SEEK_END)
    rows = csv.writer(out)
    rows.writerow(COLUMNS)
    rows.writerows([getattr(line, name) for name in COLUMNS] for line in lines)
    return out.getvalue()
