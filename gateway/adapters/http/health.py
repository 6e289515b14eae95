"""`/livez`: the process answers.  `/readyz`: it would take a file, or why it would not."""

from __future__ import annotations

import inspect

from fastapi import APIRouter, Response

from gateway.adapters.http import shapes
from gateway.adapters.http.ports import HttpPorts


def router(ports: HttpPorts) -> APIRouter:
    """The routes; nobody signs in to them, so they tell names of causes and nothing else."""
    routes = APIRouter(tags=["health"])

    @routes.get("/livez")
    async def livez() -> dict[str, str]:
        """200 while the event loop runs."""
        return {"status": "alive"}

    @routes.get("/readyz", responses={503: {"model": shapes.Readiness}})
    async def readyz(response: Response) -> shapes.Readiness:
        """200 when every check is well, else 503 with the causes."""
        asked = ports.health()
        checks = dict(await asked if inspect.isawaitable(asked) else asked)
        ready = all(checks.values())
        if not ready:
            response.status_code = 503
        return shapes.Readiness(status="ready" if ready else "not ready", checks=checks)

    return routes
