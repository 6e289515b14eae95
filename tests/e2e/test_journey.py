"""What a dropped file comes to: delivered, rejected with its reasons, or kept for an operator."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from tests.crash.api import Api, sftp
from tests.crash.checker import LEGS
from tests.crash.files import booking, manifest

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("e2e"),
    pytest.mark.timeout(90),
]
SECONDS_MAX = 30.0


async def arrived(port, token, legs=LEGS, seconds_max=SECONDS_MAX):
    """The effects of one file, once every leg has one."""
    ends = time.monotonic() + seconds_max
    while True:
        effects = [effect for effect in port.effects() if effect.token == token]
        if {effect.leg for effect in effects} >= set(legs):
            return effects
        assert time.monotonic() < ends, f"{token} arrived only at {effects}"
        await asyncio.sleep(0.1)


async def put(site, account, name, data):
    """Upload over SFTP; returns when OK was heard."""
    async with sftp(site, account) as client, client.open(f"inbox/{name}", "wb") as remote:
        await remote.write(data)


async def answers(api, interchange):
    """The mailbox files about one interchange: name → bytes."""
    waiting = [each for each in await api.outbox() if interchange in each["id"]]
    read = {}
    for each in waiting:
        answer = await api.get(f"/v1/outbox/{each['id']}")
        assert answer.status_code == 200
        read[each["file_name"]] = answer.content
    return read


def receipt(files):
    """The JSON receipt among them."""
    return next(json.loads(data) for name, data in files.items() if name.endswith(".json"))


def codes(row):
    return {finding["code"] for finding in row["findings"]}


async def find_by_sha256(api, sha256):
    """The newest interchange with these bytes; over SFTP nobody tells its id."""
    items = (await api.get("/v1/interchanges")).json()["items"]
    return next(item["id"] for item in items if item["sha256"] == sha256)


@pytest.mark.parametrize("make", [manifest, booking])
async def test_a_file_over_sftp_reaches_the_terminal(port, make):
    file = make(101)
    await put(port.site, port.site.agent, file.name, file.data)
    effects = await arrived(port, file.token)
    assert sorted(effect.leg for effect in effects) == sorted(LEGS)
    async with Api(port.site, port.site.agent) as api:
        row = await api.settled(await find_by_sha256(api, file.sha256))
    assert (row["channel"], row["outcome"], row["errors_total"]) == ("sftp", "accepted", 0)


@pytest.mark.parametrize("make", [manifest, booking])
async def test_a_file_over_http_reaches_the_terminal_and_is_answered(port, make):
    file = make(102)
    async with Api(port.site, port.site.agent) as api:
        id_ = await api.accept(file.name, file.data)
        row = await api.settled(id_)
        assert row["outcome"] == "accepted"
        files = await answers(api, id_)
        assert (await api.get(f"/v1/interchanges/{id_}/raw")).content == file.data
        found = await api.get("/v1/documents", **_search(file))
    assert receipt(files)["interchange"] == id_
    wanted = {"manifest": {".receipt.txt"}, "booking": {".contrl.edi", ".aperak.edi"}}[file.kind]
    assert wanted <= {name[name.index(".") :] for name in files}
    assert [each["interchange"] for each in found.json()["items"]] == [id_]
    await arrived(port, file.token)


def _search(file):
    if file.kind == "booking":
        return {"booking": file.token}
    return {"vessel": "HAI YUN 8", "voyage": file.token}


async def test_a_rejected_file_gets_a_precise_receipt_and_no_delivery(port):
    """Two faults in different bills: a box with a wrong check digit and a bill without weight."""
    file = manifest(103)
    lines = file.data.decode("gb18030").split("\r\n")
    box = next(i for i, line in enumerate(lines) if line.startswith("51:"))
    fields = lines[box].split(":")
    fields[2] = fields[2][:-1] + str((int(fields[2][-1]) + 1) % 10)
    lines[box] = ":".join(fields)
    cargo = max(i for i, line in enumerate(lines) if line.startswith("41:"))
    lines[cargo] = lines[cargo].replace("16240.000", "heavy")
    bad = "\r\n".join(lines).encode("gb18030")
    async with Api(port.site, port.site.agent) as api:
        id_ = await api.accept("bad.txt", bad)
        row = await api.settled(id_)
        files = await answers(api, id_)
    assert row["outcome"] == "rejected"
    errors = [f for f in row["findings"] if f["severity"] == "error"]
    assert {finding["line"] for finding in errors} >= {cargo + 1}
    assert all(finding["zh"] and finding["en"] and finding["code"] for finding in row["findings"])
    assert {finding["line"] for finding in row["findings"]} >= {box + 1, cargo + 1}
    assert file.token not in {effect.token for effect in port.effects()}
    flat = next(data for name, data in files.items() if name.endswith(".receipt.txt"))
    assert all(finding["code"].encode() in flat for finding in errors)
    told = json.dumps(receipt(files), ensure_ascii=False)
    assert all(finding["zh"] in told for finding in errors)
    # Corrected and sent again under the same name, it goes through.
    async with Api(port.site, port.site.agent) as api:
        assert (await api.settled(await api.accept("bad.txt", file.data)))["outcome"] == "accepted"
    await arrived(port, file.token)


async def test_a_duplicate_gets_the_first_answer_and_no_effect(port):
    file = manifest(104)
    async with Api(port.site, port.site.agent) as api:
        first = await api.accept(file.name, file.data, key="k-104")
        assert await api.accept(file.name, file.data, key="k-104") == first
        assert await api.accept("another-name.txt", file.data) == first
        await put(port.site, port.site.agent, file.name, file.data)
        assert (await api.send(file.name, file.data + b"\r\n", key="k-104")).status_code in (
            409,
            422,
        )
        row = await api.settled(first)
        assert row["repeats"] >= 3
    effects = await arrived(port, file.token)
    await asyncio.sleep(0.5)
    assert len([e for e in port.effects() if e.token == file.token]) == len(effects) == len(LEGS)


async def test_a_resend_of_a_rejected_file_is_processed_anew(port):
    bad = manifest(105).data.replace(b"16240.000", b"heavy")
    async with Api(port.site, port.site.agent) as api:
        first = await api.accept("r.txt", bad)
        assert (await api.settled(first))["outcome"] == "rejected"
        second = await api.accept("r.txt", bad)
        assert second != first
        assert (await api.settled(second))["resend_of"] == first


async def test_a_truncated_file_is_never_delivered(port):
    file = manifest(106)
    async with Api(port.site, port.site.agent) as api:
        row = await api.settled(await api.accept(file.name, file.data[:-10]))
    assert row["complete"] is False
    assert row["outcome"] == "rejected"
    assert any("INCOMPLETE" in code for code in codes(row))


async def test_function_3_deletes_what_was_accepted(port):
    file = manifest(107)
    delete = manifest(107, function="3", created="202411211030")
    amend = manifest(107, function="4", created="202411211130")
    async with Api(port.site, port.site.agent) as api:
        assert (await api.settled(await api.accept("a.txt", file.data)))["outcome"] == "accepted"
        row = await api.settled(await api.accept("d.txt", delete.data))
        assert row["outcome"] == "accepted"
        assert [document["function"] for document in row["documents"]] == ["3"]
        # Nothing is in force any more, so nothing can be changed or deleted.
        for late in (amend, manifest(107, function="3", created="202411211230")):
            assert (await api.settled(await api.accept("c.txt", late.data)))[
                "outcome"
            ] == "rejected"


async def test_an_older_file_does_not_overtake(port):
    newer = manifest(108, created="202411211200")
    older = manifest(108, created="202411210800")
    async with Api(port.site, port.site.agent) as api:
        assert (await api.settled(await api.accept("n.txt", newer.data)))["outcome"] == "accepted"
        row = await api.settled(await api.accept("o.txt", older.data))
    assert row["outcome"] == "rejected"
    assert "OUT_OF_DATE" in str(row)


async def test_an_unknown_sender_is_quarantined_and_told(port):
    foreign = manifest(109, sender="NOBODY99")
    async with Api(port.site, port.site.agent) as api:
        id_ = await api.accept("f.txt", foreign.data)
        row = await api.settled(id_)
        assert row["state"] == "quarantined"
        assert "SENDER_UNKNOWN" in codes(row)
        assert receipt(await answers(api, id_))
    assert foreign.token not in {effect.token for effect in port.effects()}


async def test_a_reused_reference_with_other_bytes_is_rejected(port):
    first = booking(110)
    second = first.data.replace(b"GENERAL CARGO", b"OTHER CARGO")
    async with Api(port.site, port.site.agent) as api:
        assert (await api.settled(await api.accept("1.edi", first.data)))["outcome"] == "accepted"
        row = await api.settled(await api.accept("2.edi", second))
    assert row["outcome"] == "rejected"
    assert "REFERENCE_REUSED" in str(row)


async def test_a_replay_is_marked_and_makes_new_deliveries(port):
    file = manifest(111)
    async with Api(port.site, port.site.agent) as api:
        id_ = await api.accept(file.name, file.data)
        await api.settled(id_)
        before = {d["id"] for d in (await api.interchange(id_))["deliveries"]}
        await arrived(port, file.token)
        await asyncio.to_thread(port.gateway.run, "replay", "interchange", id_)
        ends = time.monotonic() + SECONDS_MAX
        while len(await _deliveries(api, id_)) < 2 * len(before):
            assert time.monotonic() < ends, "the replay made no new deliveries"
            await asyncio.sleep(0.1)


async def _deliveries(api, id_):
    return {each["id"] for each in (await api.interchange(id_))["deliveries"]}


async def test_a_mailbox_is_collected_over_http_and_over_sftp(port):
    file = booking(112)
    async with Api(port.site, port.site.agent) as api:
        id_ = await api.accept(file.name, file.data)
        await api.settled(id_)
        names = await answers(api, id_)
        over_http, over_sftp = sorted(names)[:2]
        waiting = {each["file_name"]: each["id"] for each in await api.outbox()}
        for _ in range(2):  # asking twice is as good as once
            answer = await api.post(f"/v1/outbox/{waiting[over_http]}/collected")
            assert answer.status_code == 200
        async with sftp(port.site, port.site.agent) as client:
            listed = await client.listdir("outbox")
            assert over_sftp in listed
            assert over_http not in listed
            async with client.open(f"outbox/{over_sftp}", "rb") as remote:
                assert await remote.read() == names[over_sftp]
            await client.remove(f"outbox/{over_sftp}")
        left = {each["file_name"] for each in await api.outbox()}
    assert {over_http, over_sftp} & left == set()


async def test_nobody_sees_what_is_not_theirs(port, other):
    file = manifest(113)
    async with Api(port.site, port.site.agent) as mine, Api(port.site, other) as theirs:
        id_ = await mine.accept(file.name, file.data)
        await mine.settled(id_)
        mine_waiting = (await mine.outbox())[0]["id"]
        for path in (
            f"/v1/interchanges/{id_}",
            f"/v1/interchanges/{id_}/raw",
            f"/v1/outbox/{mine_waiting}",
        ):
            assert (await theirs.get(path)).status_code == 404
        assert (await theirs.post(f"/v1/outbox/{mine_waiting}/collected")).status_code == 404
        assert (await theirs.get("/v1/interchanges")).json()["items"] == []
        found = await theirs.get("/v1/documents", **_search(file))
        assert found.json()["items"] == []
        assert (await theirs.get("/v1/interchanges", partner="AGENT1")).status_code == 403
        # Even the same bytes are no repeat of somebody else's.
        assert await theirs.accept(file.name, file.data) != id_
    async with sftp(port.site, other) as client:
        assert not [name for name in await client.listdir("outbox") if id_ in name]


async def test_no_journey_left_a_traceback(port):
    """Runs last in this module: whatever the journeys did, nothing broke inside."""
    assert port.gateway.tracebacks() == []
