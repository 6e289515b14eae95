"""A firm hands itself in, sends too early, is taken on; its file is released and delivered."""

from __future__ import annotations

import asyncio
import json
import time

import httpx2
import pytest

from tests.contract.test_firms_life import CODE, PDF, form
from tests.crash.api import Api
from tests.crash.configuration import Credentials
from tests.crash.files import AGENT, booking
from tests.crash.world import running

pytestmark = [pytest.mark.xdist_group("e2e"), pytest.mark.timeout(240)]
SECONDS_MAX = 30.0


async def test_a_file_of_a_firm_that_is_not_yet_activated(tmp_path):
    secret = tmp_path / "personal.secret"
    secret.write_text("of forty characters, made up for this test", encoding="ascii")
    keys = {"hash_key": f"file:{secret}", "key": "k1", "keys": {"k1": f"file:{secret}"}}
    async with running(tmp_path / "port", firms=keys) as port:
        body = form(types=("船代",)).model_dump(mode="json")
        async with httpx2.AsyncClient(base_url=port.site.url, trust_env=False) as nobody:
            made = await nobody.post("/v1/registrations", json=body)
        assert made.status_code == 201, made.text
        firm = Credentials("example01", port.site.agent.ssh_key, made.json()["api_key"])
        async with Api(port.site, firm) as api:
            await _journey(port, api)
    log = "\n".join(path.read_text(encoding="utf-8") for path in port.gateway.logs)
    for private in (form().contact.mobile, form().contact.email, form().contact.name):
        assert private not in log


async def _journey(port, api):
    answer = await api.post("/v1/firm/papers?kind=business_licence", content=PDF)
    assert answer.status_code == 201
    file = booking(4711)
    id_ = await api.accept(file.name, file.data)
    row = await api.settled(id_)
    assert row["state"] == "quarantined"
    assert "PARTNER_NOT_ACTIVE" in {each["code"] for each in row["findings"]}
    told = await _receipts(api, id_)
    assert [each["state"] for each in told] == ["quarantined"]

    # Not before it is taken on.
    assert "not active" in _gateway(port, "release", id_, expect=2).stderr
    _gateway(port, "partners", "review", CODE)
    _gateway(port, "partners", "approve", CODE, "--why", "papers are genuine")
    _gateway(port, "release", id_, "--why", "onboarded")
    row = await api.settled(id_)
    # Its envelope still names a sender that nobody has entered for it.
    assert {each["code"] for each in row["findings"]} >= {"SENDER_UNKNOWN"}

    key = _gateway(port, "partners", "rotate-key", "PORTEDI", "admin").stdout.strip()
    headers = {"authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(
        base_url=port.site.admin_url, headers=headers, trust_env=False
    ) as officer:
        await asyncio.sleep(1)
        answer = await officer.patch(f"/admin/partners/{CODE}", json={"identities": [CODE, AGENT]})
        assert answer.status_code == 200, answer.text
        answer = await officer.post(f"/admin/interchanges/{id_}/release", json={"why": "known now"})
        assert answer.json() == {"id": id_, "revision": 3}
    row = await api.settled(id_)
    assert (row["state"], row["outcome"]) == ("decided", "accepted")
    (decision,) = [d for d in row["documents"][0]["decisions"] if d["revision"] == 3]
    assert "船代 may upload BOOKING by table 2" in decision["explanation"]["en"]
    assert [each["state"] for each in await _receipts(api, id_)][-1] == "decided"
    await _arrived(port, file.token)
    out = _gateway(port, "audit", "list", id_, "--json").stdout
    released = [json.loads(line) for line in out.splitlines()]
    assert [e["detail"]["why"] for e in released if e["what"] == "interchange.released"] == [
        "known now",
        "onboarded",
    ]
    _gateway(port, "audit", "verify")


def _gateway(port, *arguments, expect=0):
    return port.gateway.run(*arguments, expect=(expect,))


async def _receipts(api, id_):
    """The JSON receipts in the mailbox, oldest first."""
    waiting = [
        each
        for each in await api.outbox()
        if id_ in each["id"] and each["file_name"].endswith(".json")
    ]
    return [json.loads((await api.get(f"/v1/outbox/{e['id']}")).content) for e in waiting]


async def _arrived(port, token):
    ends = time.monotonic() + SECONDS_MAX
    while not any(effect.token == token for effect in port.effects()):
        assert time.monotonic() < ends
        await asyncio.sleep(0.1)
