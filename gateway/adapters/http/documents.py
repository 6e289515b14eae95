"""Search for documents by what people know: a container, a bill, a booking, a voyage."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from gateway import limits
from gateway.adapters.http import journey, problem, shapes
from gateway.adapters.http.firm_acts import permitted, read
from gateway.adapters.http.interchanges import Limit, PartnerCode, whose
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.signed_in import DOCUMENTED, SignedIn
from gateway.pipeline.firms.act import Act

# 信息查询: who may, the role tables say (S0-33, S0-43).
_FUNCTION = "information_query"
Term = Annotated[str | None, Query(min_length=1, max_length=64)]


@dataclass(frozen=True, slots=True)
class Terms:
    """All that are given must be there."""

    container: Term = None
    bill_of_lading: Term = None
    booking: Term = None
    vessel: Term = None
    voyage: Term = None


def router(ports: HttpPorts) -> APIRouter:
    """The route."""
    routes = APIRouter(prefix="/v1", tags=["documents"], dependencies=DOCUMENTED)

    @routes.get("/documents")
    async def search_documents(
        account: SignedIn,
        terms: Annotated[Terms, Depends()],
        partner: PartnerCode = None,
        limit: Limit = limits.HTTP_PAGE_DEFAULT,
    ) -> shapes.DocumentList:
        """Documents that carry all the given terms; at least one term."""
        owner = whose(account, partner)
        given = {name: value.strip() for name, value in asdict(terms).items() if value is not None}
        if not given or not all(value.isprintable() and value for value in given.values()):
            raise problem.invalid(
                "container",
                "请至少给出 container、bill_of_lading、booking、vessel、voyage 之一",
                "give at least one of container, bill_of_lading, booking, vessel, voyage",
            )

        def search(act: Act) -> shapes.DocumentList:
            permitted(act, account, _FUNCTION)
            rows = act.tx.documents.search(owner, given, limit)
            return shapes.DocumentList(items=[journey.document(act.tx, row) for row in rows])

        return await read(ports, search)

    return routes
