"""Fixtures for every test: the reference material and the real servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import services

# The suite gives the same answer every time; `make reliability` looks further, each time elsewhere.
settings.register_profile(
    "suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "full", parent=settings.get_profile("suite"), derandomize=False, max_examples=2000
)


def pytest_configure() -> None:
    """Refuse a misspelt service at once, before it could silently demand nothing."""
    services.required()
    settings.load_profile("full" if services.full_size() else "suite")


_NAME_MAX = 80


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Long values, some made anew by each process, are no names: workers must agree on them."""
    return argname if isinstance(val, str | bytes) and len(val) > _NAME_MAX else None


# Of the crash tests, what everybody's run keeps: kills at random moments, at a small size.
_KEPT = frozenset({"test_kill.py"})
_LONG = pytest.mark.skip(
    reason=f"minutes long: runs where {services.REQUIRE} names servers (.ci/run), and in"
    " `make reliability`"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A stranger's `make test` ends within minutes; CI leaves nothing out."""
    if services.required() or services.full_size():
        return
    for item in items:
        crashes = item.path.parent.name == "crash" and item.path.name not in _KEPT
        if crashes and item.get_closest_marker("reliability"):
            item.add_marker(_LONG)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference material; the test is skipped where it is absent."""
    return services.shared_folder()


@pytest.fixture(scope="session")
def postgres() -> Iterator[services.Postgres]:
    """A private PostgreSQL server for this session."""
    cluster = services.Postgres.start(services.require("postgres"))
    yield cluster
    cluster.stop()


@pytest.fixture
def postgres_url(postgres: services.Postgres) -> Iterator[str]:
    """The URL of an empty database of this test's own."""
    name = postgres.create()
    yield postgres.url(name)
    postgres.drop(name)
