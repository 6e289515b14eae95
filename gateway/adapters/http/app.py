"""The applications: the one that partners reach, and the one that stays on this machine."""

from __future__ import annotations

import re

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from gateway import limits
from gateway.adapters.http import (
    admin,
    admin_audit,
    admin_partners,
    admin_release,
    appointment_statistics,
    appointments,
    appointments_breaches,
    callbacks,
    customs_appointments,
    declarations,
    documents,
    firm,
    firm_accounts,
    firm_approvals,
    firm_fleet,
    firm_papers,
    health,
    interchanges,
    orders,
    outbox,
    problem,
    reconciliation,
    registration_route,
    settlements,
    slots,
    work_items,
    working_time,
)
from gateway.adapters.http import (
    settings as http_settings,
)
from gateway.adapters.http.asgi import REQUEST_ID, App
from gateway.adapters.http.check_route import CheckRoute
from gateway.adapters.http.customs_appointments_papers import UPLOADS
from gateway.adapters.http.edge import Edge, EdgeRules
from gateway.adapters.http.intake_route import IntakeRoute
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.problem import Problem
from gateway.adapters.http.rate import Rates
from gateway.adapters.http.settings import HttpSettings
from gateway.pipeline.ports import TransientError
from gateway.pipeline.refusal import Refusal
from gateway.telemetry.events import emit, emit_seldom

TITLE = "Port EDI gateway"
VERSION = "1"
_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


def build_app(ports: HttpPorts, settings: HttpSettings) -> Edge:
    """The application for partners, ready for `serve_http`; raises ListenerError."""
    http_settings.check(settings)
    rates = Rates(ports.clock, settings.requests_per_second, settings.requests_burst)
    rules = EdgeRules(
        allowed_hosts=tuple(host.lower() for host in settings.allowed_hosts),
        open=(callbacks.PREFIX, registration_route.PATH),
        streams={
            **_callbacks(ports, settings),
            ("POST", "/v1/interchanges"): IntakeRoute(ports, settings),
            ("POST", "/v1/check"): CheckRoute(ports, settings),
            ("POST", "/v1/firm/papers"): firm_papers.PaperRoute(ports, settings),
        },
        larger=((re.compile(UPLOADS), limits.CUSTOMS_UPLOAD_BYTES_MAX),),
    )
    return Edge(queries(ports), ports.directory, rates, rules)


def _callbacks(ports: HttpPorts, settings: HttpSettings) -> dict[tuple[str, str], App]:
    """Payment platforms sign instead of signing in, and have rates of their own."""
    if ports.money is None:
        return {}
    rates = Rates(ports.clock, limits.CALLBACKS_PER_SECOND, limits.CALLBACKS_BURST)
    return callbacks.streams(ports.money.callbacks, rates, settings)


def build_admin_app(ports: HttpPorts, settings: HttpSettings) -> Edge:
    """The application for this machine; its host names keep other sites' scripts out."""
    app = _bare("Port EDI gateway, administration")
    app.include_router(admin.metrics_router())
    app.include_router(admin.router(ports))
    for module in (admin_partners, admin_release, admin_audit):
        app.include_router(module.router(ports))
    app.include_router(settlements.admin_router(ports))
    app.include_router(work_items.router(ports))
    app.include_router(reconciliation.router(ports))
    app.include_router(health.router(ports, details=True))
    rates = Rates(ports.clock, settings.requests_per_second, settings.requests_burst)
    files = re.compile("/admin/reconciliations")
    rules = EdgeRules(
        ("/admin/",),
        ("/admin/",),
        _LOOPBACK_NAMES,
        larger=((files, limits.RECONCILIATION_BYTES_MAX),),
    )
    return Edge(app, ports.directory, rates, rules)


def queries(ports: HttpPorts) -> FastAPI:
    """Everything but the two streams."""
    app = _bare(TITLE)
    gate = (appointments, appointments_breaches, slots, appointment_statistics)
    fees = (declarations, settlements)
    customs = (customs_appointments, working_time)
    firms = (firm, firm_accounts, firm_approvals, firm_fleet, firm_papers, registration_route)
    for module in (interchanges, documents, orders, outbox, health, *firms, *gate, *fees, *customs):
        app.include_router(module.router(ports))
    return app


def _bare(title: str) -> FastAPI:
    """FastAPI without documentation pages (they load from a CDN), redirects or its own errors."""
    app = FastAPI(
        title=title,
        version=VERSION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers={
            Problem: _on_problem,
            Refusal: _on_refusal,
            RequestValidationError: _on_invalid,
            HTTPException: _on_http,
            TransientError: _on_transient,
            Exception: _on_fault,
        },
    )
    app.router.redirect_slashes = False
    return app


def _answer(request: Request, error: Problem) -> Response:
    request_id: str = request.scope.get(REQUEST_ID, "")
    return Response(error.body(request_id), error.status, error.all_headers())


async def _on_problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        raise error
    return _answer(request, error)


async def _on_refusal(request: Request, error: Exception) -> Response:
    if not isinstance(error, Refusal):
        raise error
    return _answer(request, problem.of_refusal(error))


async def _on_invalid(request: Request, error: Exception) -> Response:
    """The first parameter that does not fit, by name; its value is not repeated."""
    where = "request"
    if isinstance(error, RequestValidationError):
        faults = error.errors()
        where = str(faults[0]["loc"][-1])[:40] if faults and faults[0].get("loc") else where
    if where in ("interchange", "delivery", "letter"):
        return _answer(request, problem.not_found())
    return _answer(request, problem.invalid(where, "参数无效", "a parameter is not valid"))


async def _on_http(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        return _answer(request, problem.method_not_allowed(allowed))
    return _answer(request, problem.not_found())


async def _on_transient(request: Request, error: Exception) -> Response:
    emit_seldom("http_waits", cause=type(error).__name__)
    return _answer(request, problem.unavailable())


async def _on_fault(request: Request, error: Exception) -> Response:
    request_id = request.scope.get(REQUEST_ID)
    emit("http_fault", "error", error=type(error).__name__, request=request_id)
    return _answer(request, problem.internal())
