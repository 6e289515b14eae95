"""Clearance by appointment through the API: worked examples, drafts, queries, what is refused."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest
from pypdf import PageObject, PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject

from gateway.findings import Severity
from tests.contract.customs_world import (
    ADV,
    CONSIGNEE,
    DECLARANT,
    GEN,
    PATH,
    CustomsWorld,
    at,
    customs_world,
    firm,
    form,
)
from tests.contract.stores import Bench, bench, empty_sqlite
from tests.unit.test_decide_customs import CREDIT_TEXT, EMPTY_TEXT, G2, SAT, TIME_TEXT

__all__ = ["bench", "empty_sqlite"]
PDF = {"content-type": "application/pdf"}


@pytest.fixture
async def world(bench: Bench):
    made = await customs_world(bench)
    async with made.http():
        yield made


def problem_of(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    members: dict[str, Any] = answer.json()
    assert members["code"] == code
    assert members["zh"]
    assert members["en"]
    return members


async def draft(client: Any, **fields: Any) -> str:
    answer = await client.post(PATH, json=form(**fields))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


async def submitted(world: CustomsWorld, client: Any, **fields: Any) -> str:
    number = await draft(client, **fields)
    answer = await client.post(f"{PATH}/{number}/submit")
    assert answer.status_code == 200, answer.text
    return number


# --- G.2: the same table as the decide command's --------------------------------------------------


async def test_worked_examples_end_to_end(world: CustomsWorld):
    for row in G2:
        await worked_example(world, row)


async def worked_example(world: CustomsWorld, row: tuple[Any, ...]) -> None:
    """One row, with the clock where the row says."""
    name, start, submitted_at, same, credit, code, deadline, day = row
    world.credit(credit)
    world.bench.clock.at = at(submitted_at)
    client = world.client("agent")
    number = await draft(client, start=start, same=same)
    answer = await client.post(f"{PATH}/{number}/submit")
    told = answer.json()
    to_customs = [each["number"] for each in world.told("CUSTOMS")]
    texts = {"CALENDAR_EMPTY": EMPTY_TEXT, "TOO_LATE": TIME_TEXT, "IN_WORKING_HOURS": TIME_TEXT}
    if code:
        problem_of(answer, 422, code)
        assert (told["zh"], told["codes"]) == (texts[code], [code]), name
        decision = told
        assert (await client.get(f"{PATH}/{number}")).json()["state"] == "暂存", name
    else:
        assert (answer.status_code, told["state"]) == (200, "申报"), name
        decision = told["decision"]
    assert (number in to_customs) is not bool(code), name
    assert decision["deadline"] == (at(deadline).isoformat() if deadline else None), name
    assert decision["calendar_day"] == day, name


async def test_a18_a_dishonest_firm_is_barred_before_any_time_check(world: CustomsWorld):
    world.bench.clock.at = at("2026-11-27 20:00")
    client = world.client("agent")
    for declarant, consignee in (("失信", GEN), (GEN, "失信"), (GEN, "严重失信")):
        world.credit(declarant, consignee)
        number = await draft(client)
        told = problem_of(await client.post(f"{PATH}/{number}/submit"), 422, "CREDIT")
        assert (told["zh"], told["codes"]) == (CREDIT_TEXT, ["CREDIT"])


async def test_a20_the_ports_own_calendar_decides(world: CustomsWorld):
    world.credit("一般信用")
    world.bench.clock.at = at("2018-09-27 16:43")
    ports = {"declaring_port": "9997", "entry_exit_port": "9997"}
    await submitted(world, world.client("agent"), start="2018-09-29 13:00", **ports)


@pytest.mark.parametrize(
    ("profile", "when", "code"),
    [
        ("strict-109", "2026-11-27 08:30", ""),
        ("s2", "2026-11-27 08:30", ""),
        ("strict-109", "2026-11-27 09:00", ""),
        ("s2", "2026-11-27 09:00", "TOO_LATE"),
        ("strict-109", "2026-11-27 10:00:01", "TOO_LATE"),
    ],
)
async def test_a21_the_two_profiles_differ(bench: Bench, profile: str, when: str, code: str):
    world = await customs_world(bench)
    world.use(profile=profile)
    world.bench.clock.at = at(when)
    async with world.http():
        client = world.client("agent")
        number = await draft(client)
        answer = await client.post(f"{PATH}/{number}/submit")
        assert answer.json().get("codes", []) == ([code] if code else [])


# --- firms ----------------------------------------------------------------------------------------


async def test_the_lower_class_of_a_day_counts(world: CustomsWorld):
    """S2-08: an advanced declarant for a general consignee has the general lead, by its date."""
    world.register(firm(ADV), firm(ADV, CONSIGNEE), firm(GEN, CONSIGNEE, from_day="2026-11-27"))
    client = world.client("agent")
    number = await draft(client)
    world.bench.clock.at = at("2026-11-27 12:00")
    problem_of(await client.post(f"{PATH}/{number}/submit"), 422, "TOO_LATE")
    world.register(firm(ADV, CONSIGNEE, from_day="2026-11-27"))
    answer = await client.post(f"{PATH}/{number}/submit")
    assert answer.status_code == 200
    assert answer.json()["decision"]["facts"]["credit"] == {"declarant": ADV, "consignee": ADV}


async def test_who_is_not_registered_does_not_declare(world: CustomsWorld):
    """S2-23; a firm that nobody knows is not qualified, and the answer says so."""
    client = world.client("agent")
    world.register(firm(side=CONSIGNEE, qualified=False))
    number = await draft(client)
    told = problem_of(await client.post(f"{PATH}/{number}/submit"), 422, "NOT_QUALIFIED")
    assert told["codes"] == ["NOT_QUALIFIED"]
    unknown = {"customs_code": "0299900009", "name": "无人知晓"}
    number = await draft(client, consignee=unknown)
    told = problem_of(await client.post(f"{PATH}/{number}/submit"), 422, "NOT_QUALIFIED")
    assert "FIRM_UNKNOWN" in [each["code"] for each in told["findings"]]


async def test_one_applies_for_oneself(world: CustomsWorld):
    """S2-04: the declarant is the firm of the account."""
    number = await draft(world.client("other"))
    answer = await world.client("other").post(f"{PATH}/{number}/submit")
    problem_of(answer, 422, "DECLARANT_FOREIGN")
    number = await draft(world.client("agent"), declarant={**DECLARANT, **CONSIGNEE})
    answer = await world.client("agent").post(f"{PATH}/{number}/submit")
    problem_of(answer, 422, "DECLARANT_FOREIGN")


# --- drafts ---------------------------------------------------------------------------------------


async def test_a_draft_may_lack_anything_and_is_changed(world: CustomsWorld):
    """S2-06, S2-07: the number is there once it is saved, the rest comes later."""
    client = world.client("agent")
    answer = await client.post(PATH, json={})
    number = answer.json()["number"]
    assert number == "YTG202600000000001"
    assert answer.headers["location"] == f"{PATH}/{number}"
    assert answer.json()["state"] == "暂存"
    told = problem_of(await client.post(f"{PATH}/{number}/submit"), 422, "FIELD_MISSING")
    missing = [each["key"] for each in told["findings"] if each["code"] == "FIELD_MISSING"]
    assert len(missing) == 14
    assert "consignee.customs_code" in missing
    changed = await client.put(f"{PATH}/{number}", json=form())
    assert changed.json()["form"] == form()
    assert changed.json()["end"] == at("2026-11-28 12:00").isoformat()
    assert (await client.post(f"{PATH}/{number}/submit")).status_code == 200
    problem_of(await client.put(f"{PATH}/{number}", json=form()), 409, "NOT_EDITABLE")


@pytest.mark.parametrize(
    "body",
    [
        {"start": "2026-02-30T10:00:00+08:00"}, {"start": "2026-11-28 10:00"}, {"colour": "red"},
        {"flag": "2"}, {"transport_mode": "火箭"}, {"goods": [{"name": "x"}]},
        {"declarant": {"customs_code": "'; --"}}, {"reference": ""}, [],
    ],
)  # fmt: skip
async def test_what_is_no_form_is_refused(world: CustomsWorld, body: Any):
    problem_of(await world.client("agent").post(PATH, json=body), 422, "INVALID")


async def test_codes_are_checked_on_submission(world: CustomsWorld):
    client = world.client("agent")
    number = await draft(
        client,
        consignee={**CONSIGNEE, "credit_code": "91120116MA06EXAM11"},
        contact={"name": "x", "mobile": "12345"},
        goods=[{"name": "虾", "hs": "0306"}],
        reason="急" * 86,
    )
    told = problem_of(await client.post(f"{PATH}/{number}/submit"), 422, "USCC-WRONG")
    assert told["codes"] == ["USCC-WRONG", "MOBILE", "HS-WRONG", "REASON_TOO_LONG"]


async def test_b7_goods_names_together(world: CustomsWorld):
    client = world.client("agent")
    goods = [{"name": "虾" * 2500, "hs": "0306360000"}] * 2
    number = await draft(client, goods=goods)
    problem_of(await client.post(f"{PATH}/{number}/submit"), 422, "GOODS_NAMES_TOO_LONG")


async def test_copy_and_delete(world: CustomsWorld):
    client = world.client("agent")
    number = await draft(client, reference="mine-1")
    problem_of(await client.post(PATH, json=form(reference="mine-1")), 409, "REFERENCE_TAKEN")
    copied = (await client.post(f"{PATH}/{number}/copy")).json()
    assert copied["number"] != number
    assert copied["form"] == form()
    assert (await client.delete(f"{PATH}/{number}")).json()["deleted"] == [number]
    problem_of(await client.delete(f"{PATH}/{number}"), 404, "NOT_FOUND")
    # Its number is not given again, its reference is free.
    again = await client.post(PATH, json=form(reference="mine-1"))
    assert again.json()["number"] == "YTG202600000000003"


async def test_only_drafts_are_deleted_all_or_none(world: CustomsWorld):
    """S2-35."""
    client = world.client("agent")
    first, second = await draft(client), await draft(client)
    sent = await submitted(world, client)
    body = {"numbers": [first, sent, "YTG209900000000001"]}
    told = problem_of(await client.post(f"{PATH}/delete", json=body), 409, "NOT_DELETABLE")
    assert [each["number"] for each in told["refused"]] == [sent]
    for deleted in ([first, second], []):
        answer = await client.post(f"{PATH}/delete", json={"numbers": [first, second]})
        assert answer.json()["deleted"] == deleted
    assert answer.json()["unknown"] == [first, second]


async def test_repeats_do_nothing_twice(world: CustomsWorld):
    client = world.client("agent")
    key = {"idempotency-key": "k1"}
    first = await client.post(PATH, json=form(), headers=key)
    again = await client.post(PATH, json=form(), headers=key)
    assert (again.status_code, again.json()["repeat"]) == (201, True)
    assert again.json()["number"] == first.json()["number"]
    problem_of(
        await client.post(PATH, json=form("2026-11-29 10:00"), headers=key), 422, "KEY_REUSED"
    )
    problem_of(
        await client.post(PATH, json=form(), headers={"idempotency-key": "k" * 201}), 422, "INVALID"
    )
    refused = await client.post(PATH, json=form(), headers={"idempotency-key": ""})
    problem_of(refused, 422, "BAD_KEY")
    number = first.json()["number"]
    copy = [
        (await client.post(f"{PATH}/{number}/copy", headers={"idempotency-key": "k2"})).json()
        for _ in range(2)
    ]
    assert copy[0]["number"] == copy[1]["number"]
    for headers in ({}, {}, {"idempotency-key": "k3"}):
        answer = await client.post(f"{PATH}/{number}/submit", headers=headers)
        assert answer.status_code == 200
    assert answer.json()["repeat"]
    assert len(world.told("CUSTOMS")) == 1
    # Another account of the same key is another request.
    assert (await world.client("other").post(PATH, json={}, headers=key)).status_code == 201


# --- queries --------------------------------------------------------------------------------------


async def test_b9_spans_of_a_query(world: CustomsWorld):
    client = world.client("agent")
    span = {"applied_from": "2026-11-01", "applied_to": "2026-11-16"}
    assert (await client.get(PATH, params=span)).status_code == 200
    wide = span | {"applied_to": "2026-11-17"}
    told = problem_of(await client.get(PATH, params=wide), 422, "QUERY_SPAN")
    assert told["zh"] == "申请时间查询范围不能超过15天"
    booked = {"booked_from": "2026-11-01", "booked_to": "2026-11-17"}
    told = problem_of(await client.get(PATH, params=booked), 422, "QUERY_SPAN")
    assert told["zh"] == "预约时间查询范围不能超过15天"
    problem_of(await client.get(PATH, params={"applied_from": "2026-11-01"}), 422, "INVALID")
    back = {"applied_from": "2026-11-02", "applied_to": "2026-11-01"}
    problem_of(await client.get(PATH, params=back), 422, "QUERY_ORDER")
    problem_of(await client.get(PATH, params={"side": "B"}), 422, "CONSIGNEE_CODE")


async def test_the_query_finds_by_every_field(world: CustomsWorld):
    """S2-33, S2-46."""
    client = world.client("agent")
    number = await submitted(world, client, reference="ref-1")
    world.bench.clock.at = at("2026-11-10 09:00")
    early = await draft(client, start="2026-12-05 10:00")
    world.bench.clock.at = at("2026-11-25 09:00")

    async def numbers(**params: str) -> list[str]:
        answer = await client.get(PATH, params=params)
        assert answer.status_code == 200, answer.text
        return [each["number"] for each in answer.json()["items"]]

    assert await numbers() == [early, number]
    assert await numbers(state="申报") == [number]
    assert await numbers(reference="ref-1") == [number]
    assert await numbers(number=early) == [early]
    assert await numbers(applied_from="2026-11-10", applied_to="2026-11-10") == [early]
    assert await numbers(booked_from="2026-11-28", booked_to="2026-11-28") == [number]
    assert await numbers(side="B", code=CONSIGNEE["customs_code"]) == [early, number]
    assert await numbers(side="B", code="0299900009") == []
    line = (await client.get(PATH, params={"number": number})).json()["items"][0]
    columns = ("declarant", "consignee", "applied_at", "start", "end", "state")
    assert all(line[each] for each in columns)
    page = (await client.get(PATH, params={"limit": 1})).json()
    rest = (await client.get(PATH, params={"limit": 1, "cursor": page["cursor"]})).json()
    assert [page["items"][0]["number"], rest["items"][0]["number"]] == [early, number]
    assert rest["cursor"] is None


async def test_who_sees_what(world: CustomsWorld):
    """The applicant, the consignee once it is sent, customs that were told, operators."""
    agent = world.client("agent")
    number, unsent = await submitted(world, agent), await draft(agent)
    sees = {
        name: [
            (await world.client(name).get(f"{PATH}/{each}")).status_code
            for each in (number, unsent)
        ]
        for name in ("agent", "buyer", "customs", "operator", "other")
    }
    assert sees == {
        "agent": [200, 200],
        "buyer": [200, 404],
        "customs": [200, 404],
        "operator": [200, 200],
        "other": [404, 404],
    }
    asked = {"side": "B", "code": CONSIGNEE["customs_code"]}
    lists = {
        name: [
            each["number"]
            for each in (await world.client(name).get(PATH, params=asked)).json()["items"]
        ]
        for name in ("buyer", "other", "operator")
    }
    assert lists == {"buyer": [number], "other": [], "operator": [unsent, number]}
    for name in ("buyer", "other", "customs"):
        client = world.client(name)
        for method, path in (
            ("POST", "submit"),
            ("POST", "cancel"),
            ("POST", "copy"),
            ("DELETE", ""),
        ):
            answer = await client.request(method, f"{PATH}/{number}/{path}".rstrip("/"))
            assert answer.status_code == 404
        problem_of(await client.put(f"{PATH}/{unsent}", json={}), 404, "NOT_FOUND")
        body = {"numbers": [unsent]}
        assert (await client.post(f"{PATH}/delete", json=body)).json()["deleted"] == []


async def test_working_time_of_a_port(world: CustomsWorld):
    """S2-37: working days alone; nothing found is told with the manual's advice."""
    client = world.client("agent")
    path = "/v1/port-working-time"
    asked = {"port": "9999", "from": "2026-09-18", "to": "2026-09-21"}
    told = (await client.get(path, params=asked)).json()
    assert [day["date"] for day in told["days"]] == ["2026-09-18", "2026-09-20", "2026-09-21"]
    assert told["days"][0] == {"date": "2026-09-18", "open": "09:00", "close": "16:30"}
    assert (told["name"], told["zh"]) == ("样例口岸", "")
    told = (await client.get(path, params=asked | {"port": "0100"})).json()
    assert told["days"] == []
    assert "请联系口岸更新工作日历" in told["zh"]
    wide = asked | {"to": "2026-10-04"}
    problem_of(await client.get(path, params=wide), 422, "QUERY_SPAN")
    problem_of(await client.get(path, params={"port": "9999"}), 422, "INVALID")


async def test_goods_codes_by_prefix(world: CustomsWorld):
    """S2-15: the list that the operator loaded; a code that is not in it warns."""
    from gateway.pipeline.customs.rows import GoodsCodeRow  # noqa: PLC0415

    rows = [GoodsCodeRow("2006001000", "糖渍蔬菜"), GoodsCodeRow("2007100000", "果酱")]
    world.bench.write(lambda tx: tx.customs.register.load_goods(rows))
    client = world.client("agent")
    found = (await client.get("/v1/customs-goods-codes", params={"prefix": "2006"})).json()
    assert found == {"items": [{"code": "2006001000", "name": "糖渍蔬菜"}], "more": False}
    problem_of(await client.get("/v1/customs-goods-codes", params={"prefix": "2"}), 422, "INVALID")
    number = await draft(client)
    answer = (await client.post(f"{PATH}/{number}/submit")).json()
    assert [each["code"] for each in answer["findings"]] == ["HS_NOT_LISTED"]


# --- attachments ----------------------------------------------------------------------------------


def pdf(size: int = 10, mark: str = "") -> bytes:
    """One page with so many bytes of content."""
    writer = PdfWriter()
    page = PageObject.create_blank_page(width=200, height=200)
    stream = DecodedStreamObject()
    stream.set_data(b"%" + mark.encode() + b"x" * size)
    page[NameObject("/Contents")] = stream
    writer.add_page(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


async def attach(
    client: Any, number: str, content: bytes, name: str = "a.pdf", **query: str
) -> Any:
    return await client.post(
        f"{PATH}/{number}/attachments",
        content=content,
        headers=PDF | {"x-filename": name},
        params=query,
    )


async def test_attachments_come_and_go(world: CustomsWorld):
    client = world.client("agent")
    number = await draft(client)
    small, large = pdf(100), pdf(150_000)
    for content in (small, large):
        answer = await attach(client, number, content)
        assert answer.status_code == 201, answer.text
        kept = answer.json()
        assert (kept["size"], len(kept["pages"])) == (len(content), 1)
        assert (await attach(client, number, content)).json()["id"] == kept["id"]
        read = await client.get(f"{PATH}/{number}/attachments/{kept['id']}")
        assert read.content == content
        assert "sandbox" in read.headers["content-security-policy"]
    problem_of(
        await world.client("other").get(f"{PATH}/{number}/attachments/{kept['id']}"),
        404,
        "NOT_FOUND",
    )
    assert (await client.delete(f"{PATH}/{number}/attachments/{kept['id']}")).status_code == 200
    told = (await client.get(f"{PATH}/{number}")).json()
    assert [each["size"] for each in told["attachments"]] == [len(small)]
    assert (await client.post(f"{PATH}/{number}/submit")).status_code == 200
    problem_of(await attach(client, number, pdf(7)), 409, "NOT_ATTACHABLE")
    (notice,) = world.told("CUSTOMS")
    assert [each["size"] for each in notice["attachments"]] == [len(small)]
    read = await world.client("customs").get(
        f"{PATH}/{number}/attachments/{notice['attachments'][0]['id']}"
    )
    assert read.content == small


async def test_b8_attachments_beyond_the_bounds(world: CustomsWorld):
    client = world.client("agent")
    number = await draft(client)
    for mark in "12345":
        assert (await attach(client, number, pdf(9, mark))).status_code == 201
    problem_of(await attach(client, number, pdf(9, "6")), 422, "ATTACHMENTS_TOO_MANY")
    other = await draft(client)
    page = pdf(204_801)
    told = problem_of(await attach(client, other, page), 422, "ATTACHMENT_PAGE_TOO_LARGE")
    assert told["codes"] == ["ATTACHMENT_PAGE_TOO_LARGE"]
    padded = pdf(9) + b" " * (4 * 1024 * 1024 + 1 - len(pdf(9)))
    assert len(padded) == 4_194_305
    told = problem_of(await attach(client, other, padded), 422, "ATTACHMENT_TOO_LARGE")
    problem_of(await attach(client, other, b"x" * 4_300_000), 413, "TOO_LARGE")
    problem_of(await attach(client, other, b"PK\x03\x04"), 422, "ATTACHMENT_NOT_PDF")
    problem_of(await attach(client, other, pdf(9), "a.doc"), 422, "ATTACHMENT_NOT_PDF")
    problem_of(await attach(client, other, b""), 422, "ATTACHMENT_EMPTY")
    problem_of(await attach(client, other, pdf(9), purpose="explanation"), 409, "NOT_ATTACHABLE")
    assert (await attach(client, other, padded[:-1])).status_code == 201


async def test_so_many_uploads_at_once(world: CustomsWorld, monkeypatch):
    monkeypatch.setattr("gateway.limits.CUSTOMS_UPLOADS_MAX", 0)
    client = world.client("agent")
    number = await draft(client)
    answer = await attach(client, number, pdf(9))
    problem_of(answer, 503, "OVERLOADED")
    assert int(answer.headers["retry-after"]) > 0


# --- the edge -------------------------------------------------------------------------------------


async def test_a_suspended_firm_looks_and_changes_nothing(world: CustomsWorld):
    client = world.client("agent")
    number = await draft(client)
    agent = world.directory.partner("AGENT").model_copy(update={"state": "suspended"})
    await world.store.write(lambda tx: tx.partners.apply([agent], "test"))
    await world.directory.refresh()
    problem_of(await client.post(f"{PATH}/{number}/submit"), 403, "FORBIDDEN")
    problem_of(await client.post(PATH, json={}), 403, "FORBIDDEN")
    assert (await client.get(f"{PATH}/{number}")).status_code == 200


async def test_numbers_are_never_given_twice(world: CustomsWorld):
    """Twenty at once; test_customs_store.py has several processes' worth of them."""
    client = world.client("agent")
    answers = await asyncio.gather(*(client.post(PATH, json={}) for _ in range(20)))
    numbers = [answer.json()["number"] for answer in answers]
    assert len(set(numbers)) == 20


async def test_a_mismatch_may_be_an_error(bench: Bench):
    """H-16, on the numbers of the form itself."""
    world = await customs_world(bench)
    given = [{"number": "999920260000000001"}]
    async with world.http():
        client = world.client("agent")
        number = await draft(client, declarations=given)
        answer = (await client.post(f"{PATH}/{number}/submit")).json()
        assert [each["code"] for each in answer["findings"]] == ["DECLARATION_FLAG"]
    world.use(mismatch=Severity.ERROR)
    async with world.http():
        client = world.client("agent")
        number = await draft(client, declarations=given)
        problem_of(await client.post(f"{PATH}/{number}/submit"), 422, "DECLARATION_FLAG")


assert SAT == "2026-11-28 10:00", "the form's own time is that of the table"
