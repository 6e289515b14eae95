"""The account that the edge has signed in, as a FastAPI dependency."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from gateway.adapters.http import problem
from gateway.adapters.http.asgi import ACCOUNT
from gateway.pipeline.rows import AccountRef

# Only for the OpenAPI document; edge.py has looked at the key already.
_BEARER = HTTPBearer(auto_error=False, scheme_name="ApiKey", description="opaque API key")


def _account(request: Request) -> AccountRef:
    account: AccountRef | None = request.scope.get(ACCOUNT)
    if account is None:
        raise problem.unauthorized()
    return account


SignedIn = Annotated[AccountRef, Depends(_account)]
DOCUMENTED = [Security(_BEARER)]
