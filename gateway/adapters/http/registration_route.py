"""`POST /v1/registrations`: a firm hands itself in; the one route of partners without a key."""

from __future__ import annotations

from fastapi import APIRouter, Request

from gateway import limits
from gateway.adapters.http import firm_shapes as shapes
from gateway.adapters.http.firm_acts import write
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.rate import Rates
from gateway.canonical.firm import Registration
from gateway.pipeline.api_key import new_api_key
from gateway.pipeline.firms.registration import register
from gateway.telemetry.events import emit

PATH = "/v1/registrations"
# Who acts, on record, where nobody is signed in.
_BY = "registration"


def router(ports: HttpPorts) -> APIRouter:
    """The route; a few registrations from one address, then 429."""
    routes = APIRouter(tags=["firm"])
    rates: list[Rates] = []

    @routes.post(PATH, status_code=201)
    async def register_firm(request: Request, form: Registration) -> shapes.Registered:
        """Hand a firm in: state `submitted`, with the key of its administrator, shown once.

        With that key the firm uploads its documents; what it sends is quarantined until the
        platform has reviewed and activated it (S0-23).
        """
        if not rates:
            rates.append(
                Rates(
                    ports.clock,
                    limits.FIRM_REGISTRATIONS_PER_SECOND,
                    limits.FIRM_REGISTRATIONS_BURST,
                )
            )
        rates[0].spend(request.client.host if request.client else "")
        key = new_api_key()
        made = await write(ports, _BY, lambda act: register(act, form, key, ports.firms.personal))
        emit("firm_registered", firm=made.code)
        return shapes.Registered(
            firm=made.code, account=made.accounts[0].name, state=made.state, api_key=key.text
        )

    return routes
