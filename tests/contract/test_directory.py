"""The view of partners in memory: what changed is in force, what is gone ends."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from gateway.canonical.partner import Partner
from gateway.pipeline.directory import PartnerDirectory
from tests.contract.stores import Bench, bench, empty_sqlite

__all__ = ["bench", "empty_sqlite"]


def key(name: str) -> str:
    return f"{name:-<12}rest"


def entry(name: str) -> str:
    return f"{key(name)[:12]}:{hashlib.sha256(key(name).encode()).hexdigest()}"


def partner(code: str, *accounts: str, **fields: Any) -> Partner:
    own = [{"name": each, "api_keys": [entry(each)]} for each in accounts]
    values = {"code": code, "name": "示例", "accounts": own, **fields}
    return Partner.model_validate_json(json.dumps(values))


async def test_changes_come_and_removals_end(bench: Bench) -> None:
    directory = PartnerDirectory(bench.stores[0])

    async def apply(*partners: Partner, removed: tuple[str, ...] = ()) -> None:
        bench.write(lambda tx: tx.partners.apply(partners, "t", removed))
        await directory.refresh()

    def signed_in(name: str) -> str | None:
        found = directory.by_api_key(key(name))
        return found.partner if found else None

    await apply(partner("ONE", "a", "b"), partner("TWO", "c"))
    assert [signed_in(each) for each in "abc"] == ["ONE", "ONE", "TWO"]
    # An account that goes, one that comes, a state that changes; the other partner stays.
    await apply(partner("ONE", "a", "d", state="suspended"))
    assert [signed_in(each) for each in "abcd"] == ["ONE", None, "TWO", "ONE"]
    assert directory.account("b") is None
    assert directory.partner("ONE").state == "suspended"
    # An account that moves to another partner, in one look.
    await apply(partner("ONE", "a"), partner("TWO", "c", "d"))
    assert [signed_in(each) for each in "acd"] == ["ONE", "TWO", "TWO"]
    assert directory.account("d")[0].code == "TWO"
    await apply(removed=("TWO",))
    assert [signed_in(each) for each in "acd"] == ["ONE", None, None]
    assert [each.code for each in directory.partners()] == ["ONE"]
    # Who starts anew sees the same.
    other = PartnerDirectory(bench.stores[0])
    await other.refresh()
    assert [each.code for each in other.partners()] == ["ONE"]
    assert other.by_api_key(key("c")) is None


async def test_a_look_reads_only_what_changed(bench: Bench) -> None:
    many = [partner(f"P{n:04}", f"p{n}") for n in range(200)]
    bench.write(lambda tx: tx.partners.apply(many, "t"))
    directory = PartnerDirectory(bench.stores[0])
    await directory.refresh()
    version = bench.read(lambda tx: tx.partners.version())
    bench.write(lambda tx: tx.partners.apply([partner("P0007", "p7", "more")], "t"))
    assert set(bench.read(lambda tx: tx.partners.since(version))) == {"P0007"}
    untouched = directory.partner("P0008")
    await directory.refresh()
    assert directory.partner("P0008") is untouched
    assert directory.account("more")[0].code == "P0007"
