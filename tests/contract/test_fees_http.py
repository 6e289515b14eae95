"""The rows of G.1 as goods declarations over HTTP: rated, handed in, payable, in whole fen."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from gateway.pipeline.fees.desk import FeePolicy
from gateway.pipeline.fees.service import FeeService
from gateway.pipeline.money.rows import FilingRow, ManifestRow
from gateway.rules.rating_case import Options
from gateway.rules.tariff import shipped
from tests.contract.money import MoneyWorld, key_of, money_world
from tests.contract.stores import Bench, bench, empty_sqlite
from tests.unit.test_decide_fee import G1, MAY_2018

__all__ = ["bench", "empty_sqlite"]
AGENT, OTHER, OPERATOR = key_of("agent"), key_of("other"), key_of("operator")
_SIZES = {20: "22G1", 40: "42G1", 45: "L5G1", 25: "25GP", 30: "30GP"}


@pytest.fixture
async def world(bench: Bench):
    async with money_world(bench) as made:
        yield made


def fees(world: MoneyWorld, case: dict[str, Any]) -> FeeService:
    """The fee service of a port with the case's tariffs, and a voyage of the case's time."""
    options = case.get("options", {})
    policy = FeePolicy(
        tuple(shipped()[code] for code in case.get("tariffs", ["PCF"])),
        Options(tonne_rounding=options.get("tonne_rounding")),
        approver="embedded",
    )
    at = datetime.fromisoformat(case.get("as_of", MAY_2018))
    manifest = ManifestRow(
        id="m1", partner="AGENT", account="agent", document=None, kind="pre_stowage",
        vessel="9074729", voyage="0018E", region="TJ", direction=case.get("direction", "export"),
        trade=case.get("trade", "foreign"), ship_at=at, ship_time=at.isoformat(), departed_at=None,
        facts={}, state="approved", revision=1, created_at=world.clock.now(),
    )  # fmt: skip
    filing = FilingRow("f1", "AGENT", "", "TJ", ["CNTXG"], [], "approved", 1, world.clock.now())

    def put(tx: Any) -> None:
        tx.money.filings.add(filing)
        tx.money.manifests.add(manifest)

    world.write(put)
    return FeeService(world.store, world.clock, world.directory, policy)


def body(case: dict[str, Any]) -> dict[str, Any]:
    """The declaration that a clerk would type."""
    boxes = [
        {
            "number": f"TSTU{n:07}",
            "size_type": _SIZES[box["length_ft"]],
            "laden": box["state"] == "laden",
            **{k: v for k, v in box.items() if k in ("merchandise", "reefer")},
        }
        for n, box in enumerate(case.get("containers", ()))
    ]
    cargo = [{key: str(value) for key, value in goods.items()} for goods in case.get("cargo", ())]
    made = {"manifest": "m1", "bill_of_lading": "TJL0001", "load_port": "CNTXG"}
    return {**made, "discharge_port": "KRPUS", "containers": boxes, "cargo": cargo}


@pytest.mark.parametrize(("case", "yuan", "codes"), [row[1:] for row in G1], ids=[r[0] for r in G1])
async def test_the_rows_of_g1_over_http(world, case, yuan, codes):
    wanted = int(Decimal(yuan) * 100)
    world.fees = fees(world, case)
    async with world.http() as client:
        made = await client.post("/v1/declarations", json=body(case), headers=AGENT)
        assert made.status_code == 201, made.text
        name = made.json()["id"]
        sent = await client.post(f"/v1/declarations/{name}/submit", headers=AGENT)
        assert (sent.status_code, sent.json()["state"]) == (200, "approved")
        shown = (await client.get(f"/v1/declarations/{name}", headers=AGENT)).json()
        live = [each for each in shown["charges"] if each["state"] == "due"]
        assert sum(each["amount_fen"] for each in live) == wanted
        assert set(codes) <= {each["reason"] for each in live} | {"HALF"}
        payable = (await client.get("/v1/orders/payable", headers=AGENT)).json()["items"]
        assert sum(each["amount_fen"] for each in payable) == wanted
        assert (await client.get(f"/v1/declarations/{name}", headers=OTHER)).status_code == 404
        assert (await client.get(f"/v1/declarations/{name}", headers=OPERATOR)).status_code == 200


async def test_what_a_declarant_may_not(world):
    """Another firm's manifest, both goods forms, an approved bill, what nobody has declared."""
    world.fees = fees(world, {})
    async with world.http() as client:
        asked = body({"containers": [{"length_ft": 20, "state": "laden"}]})
        theirs = await client.post("/v1/declarations", json=asked, headers=OTHER)
        assert theirs.status_code == 404
        both = {**asked, "cargo": [{"name": "sand", "jt": "JT05", "tonnes": "5"}]}
        made = (await client.post("/v1/declarations", json=both, headers=AGENT)).json()
        assert (made["state"], made["reason"]) == ("draft", "MIXED_FORM")
        path = f"/v1/declarations/{made['id']}"
        refused = await client.post(f"{path}/submit", headers=AGENT)
        assert (refused.status_code, refused.json()["code"]) == (409, "MIXED_FORM")
        told = refused.json()["findings"][0]
        assert told["zh"]
        assert told["en"]
        right = {key: asked[key] for key in ("load_port", "discharge_port", "containers")}
        assert (await client.put(path, json=right, headers=AGENT)).status_code == 200
        assert (await client.post(f"{path}/submit", headers=AGENT)).json()["state"] == "approved"
        for act, said in (("submit", None), ("withdraw", None)):
            late = await client.post(f"{path}/{act}", json=said, headers=AGENT)
            assert (late.status_code, late.json()["code"]) == (409, "NOT_NOW")
        assert (await client.delete(path, headers=AGENT)).status_code == 409
        copied = await client.post(
            f"{path}/copy", json={"bill_of_lading": "TJL0002"}, headers=AGENT
        )
        assert (copied.status_code, copied.json()["state"]) == (201, "draft")
        assert (await client.get("/v1/settlements", headers=AGENT)).json()["items"] == []
        assert (await client.post("/v1/settlements/nobody/apply", headers=AGENT)).status_code == 404


async def test_without_a_tariff_there_is_no_fee_desk(world):
    async with world.http() as client:
        off = await client.get("/v1/declarations", headers=AGENT)
        assert (off.status_code, off.json()["code"]) == (404, "FEES_OFF")
