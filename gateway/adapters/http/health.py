"""`/livez`: the process answers.  `/readyz`: it would take a file, or why it would not."""

from __future__ import annotations

from fastapi import APIRouter, Response

from gateway.adapters.http import shapes
from gateway.adapters.http.ports import HttpPorts


def router(ports: HttpPorts, *, details: bool = False) -> APIRouter:
    """The routes.  Nobody signs in to them, so partners get the names of parts and nothing else."""
    routes = APIRouter(tags=["health"])

    @routes.get("/livez")
    async def livez() -> dict[str, str]:
        """200 while the event loop runs."""
        return {"status": "alive"}

    @routes.get("/readyz", responses={503: {"model": shapes.Readiness}})
    async def readyz(response: Response) -> shapes.Readiness:
        """200 when all is well, else 503 with the causes."""
        wrong = await ports.health()
        if wrong:
            response.status_code = 503
        return shapes.Readiness(
            status="not ready" if wrong else "ready",
            causes={part: cause if details else None for part, cause in wrong.items()},
        )

    return routes
