"""The audit chain: who, when, before, after; a change, removal or insertion is found (F-17)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg
import pytest

from gateway.canonical.partner import Partner
from gateway.pipeline.audit import GENESIS, verify
from gateway.pipeline.sealing import SealingJob
from tests.contract.stores import Bench, bench, empty_sqlite

__all__ = ["bench", "empty_sqlite"]
KEY = "prefix123456:" + "0" * 64


def partner(**fields: Any) -> Partner:
    return Partner.model_validate_json(json.dumps({"code": "ACME", "name": "示例", **fields}))


async def filled(bench: Bench, events: int = 6) -> None:
    for n in range(events):
        bench.write(lambda tx, n=n: tx.audit.record("cli:me", "test.done", f"s{n}", {"n": n}))
        bench.clock.move(1)
    assert await SealingJob(bench.stores[0]).once() == events


def tamper(bench: Bench, statement: str) -> None:
    """Past the gateway, as somebody with the database in hand would."""
    if bench.sqlite:
        with closing(sqlite3.connect(bench.url.removeprefix("sqlite:///"))) as connection:
            connection.execute(statement)
            connection.commit()
        return
    with psycopg.connect(bench.url.replace("+psycopg", "")) as connection:
        connection.execute(statement)


async def test_a_whole_chain_has_no_flaw(bench: Bench) -> None:
    assert bench.read(verify).head == GENESIS
    await filled(bench)
    report = bench.read(verify)
    assert (report.sealed, report.waiting, report.flaws) == (6, 0, [])
    assert bench.read(lambda tx: verify(tx, [(6, report.head)])).flaws == []


async def test_what_is_recorded_waits_and_is_no_flaw(bench: Bench) -> None:
    await filled(bench, 2)
    bench.write(lambda tx: tx.audit.record("cli:me", "test.done", "s", {}))
    report = bench.read(verify)
    assert (report.sealed, report.waiting, report.flaws) == (2, 1, [])


@pytest.mark.parametrize(
    ("statement", "flaws"),
    [
        ("UPDATE audit_event SET who = 'cli:other' WHERE seq = 3", [("changed", 3, 3)]),
        ("UPDATE audit_event SET at = at + 1 WHERE seq = 3", [("changed", 3, 3)]),
        ("UPDATE audit_event SET detail = '{}' WHERE seq = 6", [("changed", 6, 6)]),
        ("DELETE FROM audit_event WHERE seq = 3", [("removed", 3, 3)]),
        ("DELETE FROM audit_seal WHERE number = 3", [("gap", 3, 0), ("inserted", 0, 3)]),
        (
            "INSERT INTO audit_event (at, who, what, subject, detail) VALUES (1, '', '', '', '{}')",
            [("inserted", 0, 7)],
        ),
        ("UPDATE audit_seal SET hash = 'f' WHERE number = 6", [("changed", 6, 6)]),
    ],
)
async def test_tampering_is_found(
    bench: Bench, statement: str, flaws: list[tuple[str, int, int]]
) -> None:
    await filled(bench)
    tamper(bench, statement)
    assert [(f.kind, f.number, f.event) for f in bench.read(verify).flaws] == flaws


async def test_a_chain_that_was_made_anew_is_found_by_a_noted_head(bench: Bench) -> None:
    await filled(bench)
    noted = bench.read(verify).head
    tamper(bench, "UPDATE audit_event SET who = 'cli:other' WHERE seq = 6")
    tamper(bench, "DELETE FROM audit_seal WHERE number = 6")
    tamper(bench, "INSERT INTO audit_unsealed (event) VALUES (6)")
    await SealingJob(bench.stores[0]).once()
    assert bench.read(verify).flaws == []
    flaws = bench.read(lambda tx: verify(tx, [(6, noted)])).flaws
    assert [each.kind for each in flaws] == ["head"]
    tamper(bench, "DELETE FROM audit_event WHERE seq = 6")
    tamper(bench, "DELETE FROM audit_seal WHERE number = 6")
    assert [f.kind for f in bench.read(lambda tx: verify(tx, [(6, noted)])).flaws] == ["head"]


async def test_two_sealers_make_one_chain(bench: Bench) -> None:
    await filled(bench, 3)
    other = bench.open()
    for n in range(4):
        bench.write(lambda tx, n=n: tx.audit.record("cli:me", "test.done", f"t{n}", {}))
        store: Any = (bench.stores[0], other)[n % 2]
        await SealingJob(store).once()
    report = bench.read(verify)
    assert (report.sealed, report.flaws) == (7, [])


def test_a_change_of_a_partner_has_before_and_after_without_secrets(bench: Bench) -> None:
    first = partner(accounts=[{"name": "acme", "api_keys": [KEY], "password_hash": "$argon2id$x"}])
    apply: Callable[[Partner], Any] = lambda p: bench.write(  # noqa: E731
        lambda tx: tx.partners.apply([p], "cli:me")
    )
    apply(first)
    apply(first.model_copy(update={"state": "suspended"}))
    newest, oldest = bench.read(lambda tx: tx.audit.events("ACME", 2**62, 10))
    assert json.loads(newest.detail) == {
        "before": {"state": None},
        "after": {"state": "suspended"},
    }
    assert newest.who == "cli:me"
    assert json.loads(oldest.detail)["before"] is None
    assert "prefix123456…" in oldest.detail
    assert "argon2" not in oldest.detail
    assert "000000" not in oldest.detail


def test_a_registration_number_belongs_to_one_firm(bench: Bench) -> None:
    one = partner(credit_code="9113000034801880XB")
    bench.write(lambda tx: tx.partners.apply([one], "t"))
    assert bench.read(lambda tx: tx.partners.with_number("9113000034801880XB")) == "ACME"
    other = one.model_copy(update={"code": "OTHER"})
    with pytest.raises(ValueError, match="belongs to ACME"):
        bench.write(lambda tx: tx.partners.apply([other], "t"))
    bench.write(lambda tx: tx.partners.apply([one.model_copy(update={"credit_code": None})], "t"))
    bench.write(lambda tx: tx.partners.apply([other], "t"))
