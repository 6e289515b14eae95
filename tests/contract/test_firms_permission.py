"""Every uploaded document passes the permission decision over the stored firm (S0-36, S0-43)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from gateway.canonical.partner import Partner
from gateway.pipeline.answering import Answering
from gateway.pipeline.counsel import Counsel
from gateway.pipeline.decide import Decide
from gateway.pipeline.firms.permission import PERMISSION_ADVISER, follow, may
from gateway.pipeline.rows import AccountRef
from gateway.pipeline.writers import WRITERS
from tests.contract.stores import Bench, bench, document, empty_sqlite

__all__ = ["bench", "empty_sqlite"]
ALL = ["港口一站通"]


@dataclass
class _Partners:
    known: dict[str, Partner]

    def partner(self, code: str) -> Partner | None:
        return self.known.get(code)

    def partners(self) -> list[Partner]:
        return list(self.known.values())


def firm(**fields: Any) -> Partner:
    given = {"code": "ACME", "name": "示例企业", "identities": ["ACME"], "services": ALL}
    given |= {"accounts": [{"name": "acme"}, {"name": "sub"}]}
    given |= {"agreements": [{"document": "booking"}, {"document": "delivery_order"}]}
    return Partner.model_validate_json(json.dumps(given | fields))


async def decided(bench: Bench, partner: Partner, type_: str = "booking", **fields: Any) -> Any:
    name = bench.receive(**fields).interchange
    bench.translated(name, document(1, type=type_), sender="ACME")
    partners: Any = _Partners({partner.code: partner})
    counsel = Counsel(advisers=(PERMISSION_ADVISER,))
    answering = Answering(partners, WRITERS, "US")
    step = Decide(bench.stores[0], partners, bench.clock, answering, counsel)
    await step.run(name, 1)
    (row,) = bench.read(lambda tx: tx.documents.decisions(f"{name}-1"))
    return row


async def test_the_table_that_allows_stands_in_the_decision(bench: Bench) -> None:
    row = await decided(bench, firm(types=["船代"]))
    assert (row.outcome, row.codes) == ("accept", [])
    assert "船代 may upload BOOKING by table 2" in row.explanation["en"]
    assert "船代可以上传 BOOKING(依据表2)" in row.explanation["zh"]
    assert {"id": "permission", "version": "1"} in row.rules


@pytest.mark.parametrize(
    ("fields", "type_", "account", "codes"),
    [
        ({"types": ["货代"]}, "booking", "acme", ["FORBIDDEN"]),
        ({"types": ["货代", "船东"]}, "booking", "acme", []),
        ({"types": ["船代"]}, "delivery_order", "acme", []),
        ({"types": ["无船承运人"]}, "delivery_order", "acme", ["FORBIDDEN"]),
        ({"types": ["船代"], "services": ["航运圈"]}, "booking", "acme",
         ["SERVICE_NOT_SUBSCRIBED"]),
        ({"types": ["船代"]}, "booking", "sub", ["SERVICE_NOT_GRANTED"]),
        ({"types": ["货代"]}, "booking", "sub", ["FORBIDDEN", "SERVICE_NOT_GRANTED"]),
        ({"types": ["船代"], "accounts": [{"name": "acme"}, {"name": "sub", "services": ALL}]},
         "booking", "sub", []),
        # An institution of the port: its agreement alone, and no more than that.
        ({"services": []}, "booking", "acme", []),
        ({"services": [], "agreements": []}, "booking", "acme", ["NOT_AGREED"]),
        # Both must allow.
        ({"types": ["船代"], "agreements": []}, "booking", "acme", ["NOT_AGREED"]),
    ],
)  # fmt: skip
async def test_agreement_and_role_must_both_allow(
    bench: Bench, fields: dict[str, Any], type_: str, account: str, codes: list[str]
) -> None:
    row = await decided(bench, firm(**fields), type_, account=account)
    assert row.codes == codes
    assert row.outcome == ("reject" if codes else "accept")


async def test_no_document_of_an_inactive_firm_is_decided(bench: Bench) -> None:
    for state in ("submitted", "review", "suspended"):
        name = bench.receive().interchange
        bench.translated(name, document(1), sender="ACME")
        partners: Any = _Partners({"ACME": firm(types=["船代"], state=state)})
        answering = Answering(partners, WRITERS, "US")
        counsel = Counsel(advisers=(PERMISSION_ADVISER,))
        await Decide(bench.stores[0], partners, bench.clock, answering, counsel).run(name, 1)
        assert bench.read(lambda tx, n=name: tx.interchanges.find(n)).state == "quarantined"


def test_the_stored_firm_is_asked(bench: Bench) -> None:
    fleet = firm(types=["普通车队"], terminal_approved=["TERM"])
    bench.write(lambda tx: tx.partners.apply([fleet], "test"))

    def codes(function: str, terminal: str = "", who: str = "acme", code: str = "ACME") -> Any:
        account = AccountRef(code, who)
        return bench.read(lambda tx: may(tx, account, function, terminal)).codes

    assert codes("export_gate_in", "TERM") == ()
    assert codes("export_gate_in", "OTHER") == ("TERMINAL_NOT_APPROVED",)
    assert codes("import_pickup", "TERM") == ("PAYMENT_NOT_ENABLED",)
    assert codes("terminal_back_office") == ("FORBIDDEN",)
    assert codes("export_gate_in", "TERM", "sub") == ("SERVICE_NOT_GRANTED",)
    assert codes("export_gate_in", "TERM", "acme", "NOBODY") == ("PARTNER_UNKNOWN",)


def test_an_institution_looks_and_sends_and_no_more(bench: Bench) -> None:
    bench.write(lambda tx: tx.partners.apply([firm(services=[])], "test"))

    def codes(function: str, account: AccountRef) -> Any:
        return bench.read(lambda tx: may(tx, account, function)).codes

    us, operator = AccountRef("ACME", "acme"), AccountRef("ACME", "acme", operator=True)
    assert codes("booking_upload", us) == codes("information_query", us) == ()
    assert "FORBIDDEN" in codes("export_gate_in", us)
    assert codes("export_gate_in", operator) == ()


async def test_the_profile_is_configuration(bench: Bench) -> None:
    fleet = firm(types=["普通车队"], agreements=[{"document": "container_load_plan"}])
    try:
        follow("table1")
        first = await decided(bench, fleet, "container_load_plan")
        follow("table2")
        second = await decided(bench, fleet, "container_load_plan")
    finally:
        follow("merged")
    assert (first.outcome, second.outcome) == ("accept", "reject")
    assert "FORBIDDEN" in second.codes
    assert "by table 1" in first.explanation["en"]
