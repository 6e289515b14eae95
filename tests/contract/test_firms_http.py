"""Firms over real sockets: from registration to operation, and who may do what (S0)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from gateway.adapters.http import HttpSettings, build_admin_app, build_app, serve_admin, serve_http
from gateway.canonical.partner import Partner
from gateway.limits import FIRM_PAPER_BYTES_MAX, FIRM_REGISTRATIONS_BURST
from gateway.pipeline.firms.setup import FirmSetup
from tests.contract.http_client import client_at
from tests.contract.inbound import HOST, World, account, api_key, world_in
from tests.contract.test_firms_life import CODE, DRIVER, PDF, PERSONAL, form

TERMINAL = Partner(
    code="TERM",
    name="示例码头",
    types=("码头公司",),
    services=("港口一站通",),
    accounts=(account("term"),),
)


@dataclass
class Site:
    """The two listeners of a gateway that is set up for firms."""

    world: World
    port: int
    admin_port: int
    stack: AsyncExitStack

    async def client(self, key: str | None, *, admin: bool = False) -> httpx2.AsyncClient:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        port = self.admin_port if admin else self.port
        client = client_at(f"http://{HOST}:{port}", headers=headers, timeout=20)
        return await self.stack.enter_async_context(client)

    async def registered(self, **fields: Any) -> dict[str, Any]:
        nobody = await self.client(None)
        body = form(**fields).model_dump(mode="json")
        answer = await nobody.post("/v1/registrations", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()


@pytest.fixture
async def site(tmp_path: Path, own_routes: None) -> AsyncIterator[Site]:
    """Registrations are counted by their route."""
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(world_in(tmp_path))
        await world.apply(TERMINAL)
        ports = replace(world.ports(), firms=FirmSetup(PERSONAL))
        terms = HttpSettings(port=0, admin_port=0, drain_seconds=1)
        http = await serve_http(build_app(ports, terms), terms)
        stack.push_async_callback(http.close)
        admin = await serve_admin(build_admin_app(ports, terms), terms)
        stack.push_async_callback(admin.close)
        yield Site(world, http.port, admin.port, stack)


async def expect(answer: httpx2.Response, status: int, code: str = "") -> Any:
    assert answer.status_code == status, answer.text
    members = answer.json() if answer.content else {}
    if code:
        assert members["code"] == code
        assert members["zh"]
        assert members["en"]
    return members


async def test_a_firm_from_registration_to_operation(site: Site) -> None:
    made = await site.registered()
    assert (made["firm"], made["account"], made["state"]) == (CODE, "example01", "submitted")
    firm = await site.client(made["api_key"])
    officer = await site.client(api_key("operator"), admin=True)
    terminal = await site.client(api_key("term"))

    url = "/v1/firm/papers?kind=business_licence"
    paper = await expect(await firm.post(url, content=PDF, headers={"x-filename": "a.pdf"}), 201)
    assert (await firm.get(f"/v1/firm/papers/{paper['id']}")).content == PDF
    await expect(await firm.post("/v1/firm/trucks", json={"plate": "津A12345"}), 403)

    step = f"/admin/partners/{CODE}/steps"
    seen = await expect(await officer.get(f"/admin/partners/{CODE}"), 200)
    assert [each["kind"] for each in seen["papers"]] == ["business_licence"]
    scan = await officer.get(f"/admin/partners/{CODE}/papers/{paper['id']}")
    assert scan.content == PDF
    assert scan.headers["content-disposition"].startswith("attachment")
    await expect(await officer.post(f"{step}/review", json={"why": "complete"}), 200)
    await expect(await officer.post(f"{step}/approve", json={"why": "genuine"}), 200)
    await expect(await officer.post(f"{step}/approve", json={}), 409, "WRONG_STATE")

    await expect(await firm.post("/v1/firm/approvals", json={"terminal": "OTHER"}), 404)
    await expect(await firm.post("/v1/firm/approvals", json={"terminal": "TERM"}), 201)
    asked = await expect(await terminal.get("/v1/approvals"), 200)
    assert [(each["firm"], each["types"]) for each in asked["items"]] == [(CODE, ["普通车队"])]
    answer = {"answer": "approved", "why": "stamped"}
    await expect(await terminal.post(f"/v1/approvals/{CODE}", json=answer), 200)

    truck = await expect(await firm.post("/v1/firm/trucks", json={"plate": "津A12345"}), 201)
    driver = await expect(
        await firm.post("/v1/firm/drivers", json=DRIVER.model_dump(mode="json")), 201
    )
    assert DRIVER.identity not in str(driver)
    assert driver["mobile"] == "138******00"
    card = await expect(await firm.post("/v1/firm/cards", json={"truck": truck["id"]}), 201)
    where = f"/admin/partners/{CODE}/cards/{card['id']}"
    await expect(await officer.post(where, json={"step": "issue", "number": "C-1"}), 200)
    listed = await expect(await firm.get("/v1/firm/cards"), 200)
    assert [each["number"] for each in listed["items"]] == ["C-1"]

    may = await expect(await firm.get("/v1/firm/permissions?terminal=TERM"), 200)
    allowed = {each["function"] for each in may["items"] if each["outcome"] == "accept"}
    assert "export_gate_in" in allowed
    assert "import_pickup" not in allowed
    url = f"/admin/partners/{CODE}"
    await expect(await officer.patch(url, json={"payment_enabled": True}), 200)
    may = await expect(await firm.get("/v1/firm/permissions?terminal=TERM"), 200)
    assert "import_pickup" in {e["function"] for e in may["items"] if e["outcome"] == "accept"}

    own = await expect(await firm.get("/v1/firm"), 200)
    assert (own["state"], own["terminal_approved"]) == ("active", ["TERM"])
    assert [each["state"] for each in own["history"]] == ["submitted", "review", "active"]
    assert own["contact"] == {"name": "示**", "mobile": "138******00", "email": "o***@firm.example"}
    box = await expect(await firm.get("/v1/outbox"), 200)
    assert [each["event_type"] for each in box["items"]] == [
        "portedi.firm.in_review",
        "portedi.firm.activated",
        "portedi.firm_approval.approved",
    ]


async def test_sub_accounts_do_what_they_were_granted(site: Site) -> None:
    made = await site.registered()
    firm = await site.client(made["api_key"])
    officer = await site.client(api_key("operator"), admin=True)
    await expect(await officer.post(f"/admin/partners/{CODE}/steps/approve", json={}), 200)
    form_ = {"login": "Clerk1", "services": ["随行支付"]}
    sub = await expect(await firm.post("/v1/firm/accounts", json=form_), 201)
    clerk = await site.client(sub["api_key"])
    assert sub["login"] == "clerk1"

    plate = {"plate": "津A12345"}
    await expect(await clerk.post("/v1/firm/trucks", json=plate), 403, "SERVICE_NOT_GRANTED")
    granted = {"services": ["港口一站通"]}
    await expect(await firm.put("/v1/firm/accounts/clerk1/services", json=granted), 200)
    await expect(await clerk.post("/v1/firm/trucks", json=plate), 201)
    for method, path, body in (
        ("PUT", "/v1/firm/services", granted),
        ("POST", "/v1/firm/accounts", {"login": "more1"}),
        ("POST", "/v1/firm/accounts/example01/keys", None),
        ("DELETE", "/v1/firm/accounts/example01", None),
        ("GET", "/v1/firm/accounts", None),
        ("GET", "/v1/firm/papers", None),
        ("POST", "/v1/firm/approvals", {"terminal": "TERM"}),
    ):
        answer = await clerk.request(method, path, json=body)
        await expect(answer, 403, "NOT_ADMINISTRATOR")
    answer = await clerk.post("/v1/firm/papers", content=PDF)
    await expect(answer, 403, "NOT_ADMINISTRATOR")

    # A new key ends the old one, and so does the account.
    new = await expect(await firm.post("/v1/firm/accounts/clerk1/keys"), 201)
    await expect(await clerk.get("/v1/firm"), 401)
    clerk = await site.client(new["api_key"])
    await expect(await clerk.get("/v1/firm"), 200)
    assert (await firm.delete("/v1/firm/accounts/clerk1")).status_code == 204
    await expect(await clerk.get("/v1/firm"), 401)


async def test_faults_of_a_registration_are_told_at_once(site: Site) -> None:
    nobody = await site.client(None)
    body = form(name="Example Ltd", login="x", services=()).model_dump(mode="json")
    members = await expect(await nobody.post("/v1/registrations", json=body), 422, "INVALID")
    assert [each["code"] for each in members["findings"]] == [
        "FIRM-NAME",
        "FIRM-SERVICE",
        "LOGIN-WRONG",
    ]
    assert (await nobody.post("/v1/registrations", json={"types": ["车队"]})).status_code == 422


async def test_registrations_of_one_address_are_few(site: Site) -> None:
    nobody = await site.client(None)
    statuses = [
        (await nobody.post("/v1/registrations", json=form(name="x").model_dump(mode="json")))
        for _ in range(FIRM_REGISTRATIONS_BURST + 1)
    ]
    assert [each.status_code for each in statuses] == [422] * FIRM_REGISTRATIONS_BURST + [429]
    assert "retry-after" in statuses[-1].headers


async def test_papers_have_a_size_and_a_kind(site: Site) -> None:
    firm = await site.client((await site.registered())["api_key"])
    big = PDF.ljust(FIRM_PAPER_BYTES_MAX + 1)
    await expect(await firm.post("/v1/firm/papers", content=big), 413, "TOO_LARGE")
    await expect(await firm.post("/v1/firm/papers", content=b"GIF89a"), 422, "PAPER_TYPE")
    await expect(await firm.post("/v1/firm/papers?kind=x", content=PDF), 422, "INVALID")
    most = PDF.ljust(FIRM_PAPER_BYTES_MAX)
    await expect(await firm.post("/v1/firm/papers", content=most), 201)


async def test_only_terminals_answer_firms(site: Site) -> None:
    made = await site.registered()
    firm = await site.client(made["api_key"])
    officer = await site.client(api_key("operator"), admin=True)
    await expect(await officer.post(f"/admin/partners/{CODE}/steps/approve", json={}), 200)
    await expect(await firm.post("/v1/firm/approvals", json={"terminal": "TERM"}), 201)
    answer = {"answer": "approved"}
    await expect(await firm.post(f"/v1/approvals/{CODE}", json=answer), 403, "FORBIDDEN")
    await expect(await firm.get("/v1/approvals"), 403, "FORBIDDEN")
    other = await site.client(api_key("other"))
    await expect(await other.post(f"/v1/approvals/{CODE}", json=answer), 403, "FORBIDDEN")
    terminal = await site.client(api_key("term"))
    await expect(await terminal.post("/v1/approvals/NOBODY1", json=answer), 404)


async def test_what_a_file_manages_the_api_does_not_change(site: Site) -> None:
    officer = await site.client(api_key("operator"), admin=True)
    url = "/admin/partners/AGENT"
    await expect(await officer.post(f"{url}/steps/suspend", json={}), 409, "MANAGED_BY_FILE")
    await expect(await officer.patch(url, json={"name": "other"}), 409, "MANAGED_BY_FILE")
    await expect(await officer.post(f"{url}/accounts/agent/keys"), 409, "MANAGED_BY_FILE")
    agent = await site.client(api_key("agent"))
    granted = {"services": ["港口一站通"]}
    await expect(await agent.put("/v1/firm/services", json=granted), 409, "MANAGED_BY_FILE")


async def test_operators_create_partners(site: Site) -> None:
    officer = await site.client(api_key("operator"), admin=True)
    body = {"code": "CUSTOMS", "name": "示例海关", "accounts": [{"name": "customs"}]}
    made = await expect(await officer.post("/admin/partners", json=body), 201)
    assert made["terms"]["managed_by"] == "api"
    await expect(await officer.post("/admin/partners", json=body), 409, "CODE_TAKEN")
    key = await expect(await officer.post("/admin/partners/CUSTOMS/accounts/customs/keys"), 201)
    customs = await site.client(key["api_key"])
    assert (await expect(await customs.get("/v1/firm"), 200))["code"] == "CUSTOMS"
    wrong = body | {"code": "X1", "agreements": [{"document": "letter"}], "accounts": []}
    members = await expect(await officer.post("/admin/partners", json=wrong), 422, "INVALID")
    assert members["findings"][0]["code"] == "PARTNER-DOCUMENT"
    page = await expect(await officer.get("/admin/partners?limit=2"), 200)
    rest = await expect(
        await officer.get("/admin/partners", params={"limit": 10, "cursor": page["cursor"]}), 200
    )
    codes = [each["code"] for each in page["items"] + rest["items"]]
    assert codes == ["AGENT", "CUSTOMS", "OTHER", "PORT", "TERM"]
    # Partners reach none of it.
    agent = await site.client(api_key("agent"), admin=True)
    await expect(await agent.get("/admin/partners"), 403)


async def test_a_registration_can_be_returned_and_discarded(site: Site) -> None:
    made = await site.registered()
    officer = await site.client(api_key("operator"), admin=True)
    for step in ("review", "return"):
        await expect(
            await officer.post(f"/admin/partners/{CODE}/steps/{step}", json={"why": "scan"}), 200
        )
    firm = await site.client(made["api_key"])
    box = await expect(await firm.get("/v1/outbox"), 200)
    assert box["items"][-1]["event_type"] == "portedi.firm.returned"
    assert (await officer.delete(f"/admin/partners/{CODE}?why=spam")).status_code == 204
    await expect(await firm.get("/v1/firm"), 401)


async def test_a_search_is_a_query_that_the_tables_allow(site: Site) -> None:
    """信息查询: brokers have no cell for it, fleets have; a suspended firm does nothing."""
    broker = Partner(
        code="BROKER",
        name="示例报关行",
        types=("报关行",),
        services=("港口一站通",),
        accounts=(account("broker"),),
    )
    hauler = broker.model_copy(
        update={"code": "FLEET", "types": ("普通车队",), "accounts": (account("fleet"),)}
    )
    await site.world.apply(broker, hauler)
    url = "/v1/documents?container=HTXU5071214"
    await expect(await (await site.client(api_key("broker"))).get(url), 403, "FORBIDDEN")
    fleet = await site.client(api_key("fleet"))
    await expect(await fleet.get(url), 200)
    await expect(await (await site.client(api_key("agent"))).get(url), 200)
    await site.world.apply(hauler.model_copy(update={"state": "suspended"}))
    await expect(await fleet.get(url), 403, "PARTNER_NOT_ACTIVE")
