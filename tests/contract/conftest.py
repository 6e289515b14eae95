"""Fixtures of the contract suite."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from gateway.adapters.http import app as http_app

_build = http_app.queries


class Lent:
    """The ports of the application that was built last."""

    ports: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ports, name)


@pytest.fixture(scope="session", autouse=True)
def _routes_are_built_once() -> Iterator[None]:
    """FastAPI takes 0.1 s for the routes of an application; a test has one at a time."""
    lent = Lent()
    built: list[FastAPI] = []

    def queries(ports: Any) -> FastAPI:
        if ports is None:
            return _build(ports)
        lent.ports = ports
        if not built:
            built.append(_build(lent))  # type: ignore[arg-type]  # it stands for ports
        return built[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(http_app, "queries", queries)
        yield


@pytest.fixture
def own_routes(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of what a route remembers."""
    monkeypatch.setattr(http_app, "queries", _build)
