"""The servers of the tests are what they say they are."""

from __future__ import annotations

import psycopg
import pytest

from tests import services


def _fetch(url: str, query: str) -> str:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return str(row[0])


def test_each_test_gets_a_database_of_its_own(postgres, postgres_url):
    assert _fetch(postgres_url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0"
    other = postgres.create()
    assert _fetch(postgres.url(other), "SELECT current_database()") == other
    assert other not in postgres_url
    postgres.drop(other)


def test_postgres_commits_are_durable(postgres_url):
    assert _fetch(postgres_url, "SHOW fsync") == "on"
    assert _fetch(postgres_url, "SHOW synchronous_commit") == "on"


def test_a_template_is_filled_once_and_copied(postgres):
    filled = []

    def fill(url: str) -> None:
        filled.append(url)
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute("CREATE TABLE box AS SELECT 7 AS number")

    first, second = (postgres.create(postgres.template("boxes", fill)) for _ in range(2))
    assert len(filled) == 1
    assert [_fetch(postgres.url(name), "SELECT number FROM box") for name in (first, second)] == [
        "7",
        "7",
    ]


def test_a_missing_service_skips_here_and_fails_where_it_was_promised(monkeypatch):
    monkeypatch.setattr(services, "find", lambda _service: None)
    monkeypatch.delenv(services.REQUIRE, raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt-get install lftp"):
        services.require("lftp")
    monkeypatch.setenv(services.REQUIRE, "openssh, lftp")
    with pytest.raises(pytest.fail.Exception, match="lftp"):
        services.require("lftp")
    with pytest.raises(pytest.fail.Exception, match="sftp"):
        services.require("sftp")


def test_a_misspelt_service_is_refused(monkeypatch):
    monkeypatch.setenv(services.REQUIRE, "postgresql")
    with pytest.raises(pytest.UsageError, match="postgresql"):
        services.required()
