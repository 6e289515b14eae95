"""The life of an application: states of S2-36, answers of customs, aftercare, files."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree
from pypdf import PdfWriter

from gateway.findings import Severity
from gateway.pipeline.customs.rows import HistoryRow
from gateway.resources import read_bytes
from gateway.rules.customs_life import State, feedback_deadline
from tests.contract.customs_world import PATH, CustomsWorld, at, customs_world, form
from tests.contract.stores import Bench, bench, empty_sqlite

__all__ = ["bench", "empty_sqlite"]
START = "2026-11-28 10:00"
NUMBER = "999920261000000001"


@pytest.fixture
async def world(bench: Bench):
    made = await customs_world(bench)
    async with made.http():
        yield made


async def submitted(world: CustomsWorld, **fields: Any) -> str:
    client = world.client("agent")
    number = str((await client.post(PATH, json=form(**fields))).json()["number"])
    answer = await client.post(f"{PATH}/{number}/submit")
    assert answer.status_code == 200, answer.text
    return number


async def booked(world: CustomsWorld, **fields: Any) -> str:
    number = await submitted(world, **fields)
    said = await world.answer(number, "预约成功", "2026-11-25 09:00", application_number="YT-1")
    assert said.outcome == "accept"
    return number


def put_into(world: CustomsWorld, number: str, state: State) -> None:
    """Whatever the way there was."""

    def work(tx: Any) -> None:
        from dataclasses import replace  # noqa: PLC0415

        row = tx.customs.applications.find(number)
        tx.customs.applications.save(replace(row, state=state.value))

    world.bench.write(work)


def codes(said: Any) -> list[str]:
    return list(said.codes)


def errors(said: Any) -> list[str]:
    """Without what the rules of resent documents remark."""
    return [each["code"] for each in said.findings if each["severity"] == "error"]


# --- S2-36: which answer of customs moves which state ---------------------------------------------

MOVES = {
    "申报": {"未受理", "已受理", "预约成功", "退单"},
    "未受理": {"已受理", "预约成功", "退单"},
    "已受理": {"预约成功", "退单", "已取消"},
    "预约成功": {"已取消", "通关完成未反馈", "通关完成"},
    "通关完成未反馈": {"通关完成"},
    "退单": set(),
    "已取消": set(),
    "通关完成": set(),
}
ANSWERS = ("未受理", "已受理", "预约成功", "退单", "已取消", "通关完成未反馈", "通关完成")


async def test_the_life_table(bench: Bench):
    """Every state meets every answer: forward it moves, else it is kept, flagged, not applied."""
    world = await customs_world(bench)
    async with world.http():
        number = await submitted(world)
    minute = 0
    for state, moves in MOVES.items():
        for answer in ANSWERS:
            put_into(world, number, State(state))
            minute += 1
            when = f"2026-11-25 {9 + minute // 60:02}:{minute % 60:02}"
            said = await world.answer(number, answer, when)
            row = world.row(number)
            (*_, kept) = world.bench.read(lambda tx: tx.customs.records.answers(number))
            moved = answer in moves
            assert row.state == (answer if moved else state), (state, answer)
            assert (kept.state, kept.applied) == (answer, moved), (state, answer)
            assert (kept.flag is None) is moved
            expected = [] if moved else ["CUSTOMS_ANSWER_NOT_APPLIED"]
            assert codes(said) == expected, (state, answer)


async def test_late_and_contradictory_answers_are_kept_and_flagged(world: CustomsWorld):
    number = await submitted(world)
    for state, when, flag in (
        ("已受理", "2026-11-25 09:00", None),
        ("已受理", "2026-11-25 09:05", "repeat"),
        ("预约成功", "2026-11-25 10:00", None),
        # Sent before, come after: nothing goes backwards.
        ("退单", "2026-11-25 09:30", "late"),
        ("已受理", "2026-11-25 11:00", "late"),
        ("退单", "2026-11-25 11:30", "contradictory"),
    ):
        await world.answer(number, state, when)
        told = (await world.client("agent").get(f"{PATH}/{number}")).json()
        assert told["answers"][-1]["flag"] == flag, state
    assert told["state"] == "预约成功"
    assert [each["applied"] for each in told["answers"]] == [True, False, True, False, False, False]
    events = [each["event"] for each in told["history"]]
    assert events == [
        *("created", "submitted", "answered", "answer_kept", "answered"),
        *("answer_kept", "answer_kept", "answer_kept"),
    ]
    # The firm hears of what moved, and of nothing else.
    states = [each["state"] for each in world.told("AGENT") if each["event"] == "answered"]
    assert states == ["已受理", "预约成功"]


async def test_who_may_answer_what(world: CustomsWorld):
    number = await submitted(world)
    said = await world.answer(number, "预约成功", "2026-11-25 09:00", sender="agent")
    assert (said.outcome, codes(said)) == ("reject", ["CUSTOMS_ANSWER_FOREIGN"])
    said = await world.answer("YTG202600000009999", "预约成功", "2026-11-25 09:00")
    assert (said.outcome, codes(said)) == ("reject", ["CUSTOMS_APPLICATION_UNKNOWN"])
    draft = (await world.client("agent").post(PATH, json=form())).json()["number"]
    said = await world.answer(draft, "已受理", "2026-11-25 09:00")
    assert codes(said) == ["CUSTOMS_APPLICATION_UNKNOWN"]
    assert world.row(number).state == "申报"
    assert world.bench.read(lambda tx: tx.customs.records.answers(number)) == []


async def test_a_file_with_several_answers(world: CustomsWorld):
    """One bad part rejects the document, or is left out, as the agreement says."""
    numbers = [await submitted(world), await submitted(world)]
    parts = [
        {"number": number, "state": "已受理", "answered_at": "2026-11-25T09:00:00+08:00"}
        for number in (numbers[0], "YTG202600000009999", numbers[1])
    ]
    document = {"document": "customs_answer", "header": {"message_type": "ANSWER"}}
    said = await world.send("customs", **document, parts=parts)
    assert (said.outcome, codes(said)) == ("reject", ["CUSTOMS_APPLICATION_UNKNOWN"])
    customs = world.directory.partner("CUSTOMS")
    lenient = customs.agreements[0].model_copy(update={"accept": "part"})
    changed = customs.model_copy(update={"agreements": (lenient,)})
    await world.store.write(lambda tx: tx.partners.apply([changed], "test"))
    await world.directory.refresh()
    said = await world.send("customs", **document, parts=[*parts[1:], parts[0]])
    assert said.outcome == "accept", said.findings
    assert said.facts["rejected_parts"] == [1]
    assert [world.row(number).state for number in numbers] == ["已受理", "已受理"]
    kept = [
        each.document.rpartition("-")[2]
        for number in numbers
        for each in world.bench.read(lambda tx, n=number: tx.customs.records.answers(n))
    ]
    assert kept == ["1#3", "1#2"]


async def test_an_answer_as_xml(world: CustomsWorld):
    number = await submitted(world)
    text = f"""<CustomsAppointmentAnswers xmlns="urn:port-edi-gateway:customs-answer:1">
      <Header><Reference>A1</Reference></Header>
      <Answer><Number>{number}</Number><State>退单</State>
      <AnsweredAt>2026-11-25T09:00:00+08:00</AnsweredAt><Reason>材料不全 &amp; 过期</Reason></Answer>
      </CustomsAppointmentAnswers>"""
    said = await world.send_bytes("customs", "customs_answer", text.encode())
    assert said.outcome == "accept", said.findings
    assert world.row(number).state == "退单"
    assert "材料不全 & 过期" in world.told("AGENT")[-1]["zh"]


async def test_a_decision_made_again_applies_an_answer_once(world: CustomsWorld):
    """Effects run twice where a decision is made again; the document is the key."""
    from gateway.pipeline.counsel import Matter  # noqa: PLC0415

    number = await submitted(world)
    await world.answer(number, "已受理", "2026-11-25 09:00")
    revision = world.row(number).revision

    def again(tx: Any) -> None:
        (kept,) = tx.customs.records.answers(number)
        document = tx.documents.find(kept.document)
        interchange = tx.interchanges.find(document.interchange)
        matter = Matter(tx, interchange, document, None, world.bench.clock.now())
        for effect in world.service.effects():
            if document.type in effect.documents:
                effect.apply(matter)

    world.bench.write(again)
    assert world.row(number).revision == revision
    assert len(world.bench.read(lambda tx: tx.customs.records.answers(number))) == 1


# --- cancelling -----------------------------------------------------------------------------------


async def test_b1_b2_cancel_before_the_booked_time(world: CustomsWorld):
    number = await booked(world)
    client = world.client("agent")
    world.bench.clock.at = at(START)
    answer = await client.post(f"{PATH}/{number}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "TIME_REACHED")
    world.bench.clock.at = at(START) - timedelta(seconds=1)
    for repeat in (False, True):
        answer = await client.post(f"{PATH}/{number}/cancel")
        assert (answer.status_code, answer.json()["state"]) == (200, "已取消")
        assert answer.json()["repeat"] is repeat
    # A cancellation is a message of its own (S2-43).
    assert [each["event"] for each in world.told("CUSTOMS")] == ["submitted", "cancelled"]
    said = await world.answer(number, "已受理", "2026-11-28 09:59")
    assert codes(said) == ["CUSTOMS_ANSWER_NOT_APPLIED"]
    assert world.row(number).state == "已取消"


@pytest.mark.parametrize("state", ["暂存", "申报", "未受理", "退单", "通关完成未反馈", "通关完成"])
async def test_b3_cancel_is_refused_in_other_states(world: CustomsWorld, state: str):
    number = await submitted(world)
    put_into(world, number, State(state))
    answer = await world.client("agent").post(f"{PATH}/{number}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "NOT_CANCELLABLE")


# --- aftercare ------------------------------------------------------------------------------------


def numbers(count: int = 1, flag: str = "1", **more: Any) -> dict[str, Any]:
    given = [{"number": f"99992026{flag}{n:09}", **more} for n in range(1, count + 1)]
    return {"declarations": given}


async def test_feedback_within_five_days(world: CustomsWorld):
    number = await submitted(world)
    client = world.client("agent")
    path = f"{PATH}/{number}/feedback"
    answer = await client.post(path, json=numbers())
    assert (answer.status_code, answer.json()["code"]) == (409, "NOT_APPROVED")
    await world.answer(number, "预约成功", "2026-11-25 09:00")
    answer = await client.post(path, json=numbers(51))
    assert (answer.status_code, answer.json()["code"]) == (422, "DECLARATIONS_TOO_MANY")
    answer = await client.post(path, json={"declarations": [{"number": "1" * 17}]})
    assert answer.json()["code"] == "DECLARATION_LENGTH"
    assert (await client.post(path, json={"declarations": []})).json()["code"] == "NO_DECLARATIONS"
    world.bench.clock.at = feedback_deadline(at(START)) + timedelta(microseconds=1)
    assert (await client.post(path, json=numbers())).json()["code"] == "FEEDBACK_LATE"
    world.bench.clock.at = feedback_deadline(at(START))
    for repeat in (False, True):
        answer = await client.post(path, json=numbers(2))
        assert (answer.status_code, answer.json()["repeat"]) == (200, repeat)
    told = (await client.get(f"{PATH}/{number}")).json()
    assert [each["declaration"]["number"] for each in told["declarations"]] == [
        each["number"] for each in numbers(2)["declarations"]
    ]
    assert [each["event"] for each in world.told("CUSTOMS")] == ["submitted", "fed_back"]
    assert len(world.told("CUSTOMS")[-1]["declarations"]) == 2


async def test_b6_a_number_of_the_other_direction(bench: Bench):
    """H-16: by default it warns and is kept; the switch refuses it."""
    world = await customs_world(bench)
    async with world.http():
        number = await booked(world)
        answer = await world.client("agent").post(
            f"{PATH}/{number}/feedback", json=numbers(flag="0")
        )
        assert [each["code"] for each in answer.json()["findings"]] == ["DECLARATION_FLAG"]
        told = (await world.client("agent").get(f"{PATH}/{number}")).json()
        assert told["declarations"][0]["findings"][0]["code"] == "DECLARATION_FLAG"
    world.use(mismatch=Severity.ERROR)
    async with world.http():
        number = await booked(world)
        answer = await world.client("agent").post(
            f"{PATH}/{number}/feedback", json=numbers(flag="0")
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "DECLARATION_FLAG")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"firm": "0299910002"}, None),
        ({"firm": "0299900009"}, "DECLARATION_FIRM"),
        ({"declaring_port": "0202"}, "DECLARATION_PORT"),
        ({"entry_exit_port": "9999"}, None),
        ({"declared": "2026-11-25"}, None),
        ({"declared": "2026-11-24"}, "DECLARATION_DATE"),
        ({"declared": "2026-11-25T07:59:59+08:00"}, "DECLARATION_DATE"),
    ],
)
async def test_what_is_known_of_a_declaration_is_compared(
    world: CustomsWorld, said: dict[str, str], code: str | None
):
    """S2-20 … S2-22, H-16, H-25; the application was submitted on 2026-11-25 08:00."""
    number = await booked(world)
    path = f"{PATH}/{number}/feedback"
    answer = (await world.client("agent").post(path, json=numbers(**said))).json()
    assert [each["code"] for each in answer["findings"]] == ([code] if code else [])


def pdf() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


async def test_an_explanation_is_sent_once(world: CustomsWorld):
    """S2-32, S2-45: text, one PDF, or both; after approval alone."""
    number = await submitted(world)
    client = world.client("agent")
    path = f"{PATH}/{number}/explanation"
    assert (await client.post(path, json={"text": "x"})).json()["code"] == "NOT_APPROVED"
    await world.answer(number, "预约成功", "2026-11-25 09:00")
    assert (await client.post(path, json={"text": " "})).json()["code"] == "NO_EXPLANATION"
    attached = await client.post(
        f"{PATH}/{number}/attachments?purpose=explanation",
        content=pdf(),
        headers={"x-filename": "e.pdf"},
    )
    assert attached.status_code == 201
    key = {"idempotency-key": "e1"}
    for repeat in (False, True):
        answer = await client.post(path, json={"text": "船期延误"}, headers=key)
        assert (answer.status_code, answer.json()["repeat"]) == (200, repeat)
    answer = await client.post(path, json={"text": "船期延误"})
    assert (answer.status_code, answer.json()["code"]) == (409, "ALREADY_EXPLAINED")
    more = await client.post(
        f"{PATH}/{number}/attachments?purpose=explanation",
        content=pdf() + b" ",
        headers={"x-filename": "e.pdf"},
    )
    assert more.json()["code"] == "ALREADY_EXPLAINED"
    notice = world.told("CUSTOMS")[-1]
    assert (notice["event"], notice["explanation"]) == ("explained", "船期延误")
    assert [each["purpose"] for each in notice["attachments"]] == ["explanation"]


async def test_the_five_days_run_by_timer(world: CustomsWorld):
    """S2-25, S2-31: told a day before, marked after the last instant, barred until explained."""
    number = await booked(world)
    over = feedback_deadline(at(START))
    assert await world.tick(over - timedelta(days=1, seconds=1)) == 0
    await world.tick(over - timedelta(days=1))
    reminder = world.told("AGENT")[-1]
    assert (reminder["event"], reminder["number"]) == ("reminded", number)
    assert "2026-12-03T10:00:00+08:00" in reminder["zh"]
    await world.tick(over)
    assert world.row(number).state == "预约成功"
    await world.tick(over + timedelta(microseconds=1))
    assert world.row(number).state == "通关完成未反馈"
    assert world.told("AGENT")[-1]["event"] == "overdue"
    client = world.client("agent")
    new = (await client.post(PATH, json=form("2026-12-12 10:00"))).json()["number"]
    barred = await client.post(f"{PATH}/{new}/submit")
    assert (barred.status_code, barred.json()["codes"]) == (422, ["UNFED"])
    late = await client.post(f"{PATH}/{number}/feedback", json=numbers())
    assert late.json()["code"] == "FEEDBACK_LATE"
    answer = await client.post(f"{PATH}/{number}/explanation", json={"text": "系统故障"})
    assert answer.json()["state"] == "通关完成"
    assert (await client.post(f"{PATH}/{new}/submit")).status_code == 200


async def test_what_was_fed_back_in_time_is_never_marked(world: CustomsWorld):
    number = await booked(world)
    client = world.client("agent")
    assert (await client.post(f"{PATH}/{number}/feedback", json=numbers())).status_code == 200
    assert await world.tick(at("2026-12-30 10:00")) == 0
    assert world.row(number).state == "预约成功"
    assert [each["event"] for each in world.told("AGENT")] == ["submitted", "answered"]
    # Customs' own mark crossed our feedback on the way: it contradicts what is on record.
    said = await world.answer(number, "通关完成未反馈", "2026-12-04 10:00")
    assert codes(said) == ["CUSTOMS_ANSWER_NOT_APPLIED"]
    await world.answer(number, "通关完成", "2026-12-05 10:00")
    assert world.row(number).state == "通关完成"


async def test_customs_own_mark_is_lifted_by_feedback(world: CustomsWorld):
    number = await booked(world)
    await world.answer(number, "通关完成未反馈", "2026-11-29 10:00")
    client = world.client("agent")
    answer = await client.post(f"{PATH}/{number}/feedback", json=numbers())
    assert answer.json()["state"] == "通关完成"


# --- what customs and the firm are told -----------------------------------------------------------


async def test_customs_get_json_and_valid_xml(world: CustomsWorld):
    nasty = "急]]>&<b>\u0001\"'"
    number = await submitted(world, reason=nasty)
    rows = world.deliveries(number)
    kinds = {row.route: row for row in rows}
    assert {"json", "xml"} == set(kinds)
    (notice,) = world.told("CUSTOMS")
    assert notice["form"]["reason"] == nasty
    assert notice["start"] == at(START).isoformat()
    xml = kinds["xml"]
    assert (xml.content_type, xml.file_name[-4:]) == ("application/xml", ".xml")
    schema = etree.XMLSchema(etree.fromstring(read_bytes("schemas/xml/customs_appointment.xsd")))
    tree = etree.fromstring(xml.body)
    schema.assertValid(tree)
    names = {"c": "urn:portedi:customs-appointment:1"}
    assert tree.findtext("c:Number", namespaces=names) == number
    assert tree.findtext("c:Reason", namespaces=names) == nasty.replace("\u0001", "\ufffd")
    assert tree.findtext("c:End", namespaces=names) == at("2026-11-28 12:00").isoformat()


async def test_each_notice_is_put_once_and_in_order(world: CustomsWorld):
    number = await booked(world)
    await world.client("agent").post(f"{PATH}/{number}/cancel")
    lanes = {row.lane for row in world.deliveries(number)}
    assert all(lane.endswith(f"document={number}") for lane in lanes)
    notices = world.told("CUSTOMS")
    assert [(each["event"], each["revision"]) for each in notices] == [
        ("submitted", 1),
        ("cancelled", 3),
    ]


# --- files ----------------------------------------------------------------------------------------


async def test_an_application_as_a_file(world: CustomsWorld):
    async def send(function: str = "9", **fields: Any) -> Any:
        header = {"message_type": "YTG", "function": function}
        return await world.send(
            "agent", document="customs_application", header=header, parts=[fields]
        )

    said = await send(**form(reference="F-1"), action="submit")
    assert said.outcome == "accept", said.findings
    (notice,) = world.told("CUSTOMS")
    number = notice["number"]
    assert world.row(number).state == "申报"
    told = world.told("AGENT")[-1]
    assert (told["reference"], told["number"]) == ("F-1", number)
    said = await send(**form(reference="F-1", reason="改"), action="submit")
    assert (said.outcome, errors(said)) == ("reject", ["REFERENCE_TAKEN"])
    said = await send(**form("2026-11-26 10:00", reference="F-2"), action="submit")
    assert (said.outcome, errors(said)) == ("reject", ["IN_WORKING_HOURS"])
    assert world.bench.read(lambda tx: tx.customs.applications.by_reference("AGENT", "F-2")) is None
    said = await send(**form())
    assert errors(said) == ["REFERENCE_MISSING"]
    said = await send(reference="F-3", action="save")
    assert said.outcome == "accept"
    draft = world.bench.read(lambda tx: tx.customs.applications.by_reference("AGENT", "F-3"))
    assert draft.state == "暂存"
    said = await send(**form(reference="F-3"), action="submit")
    assert said.outcome == "accept"
    assert world.row(draft.number).state == "申报"
    said = await send("1", reference="F-3")
    assert (said.outcome, errors(said)) == ("reject", ["NOT_CANCELLABLE"])
    await world.answer(draft.number, "已受理", "2026-11-25 09:00")
    said = await send("1", reference="F-3", reason="不再需要")
    assert said.outcome == "accept", said.findings
    assert world.row(draft.number).state == "已取消"


# --- races ----------------------------------------------------------------------------------------


async def test_one_of_many_submissions_tells_customs(world: CustomsWorld):
    client = world.client("agent")
    number = (await client.post(PATH, json=form())).json()["number"]
    path = f"{PATH}/{number}"
    answers = await asyncio.gather(*(client.post(f"{path}/submit") for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert [answer.json()["repeat"] for answer in answers].count(False) == 1
    assert len(world.told("CUSTOMS")) == 1
    explained = await booked(world)
    path = f"{PATH}/{explained}/explanation"
    answers = await asyncio.gather(*(client.post(path, json={"text": "x"}) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7


async def test_history_is_kept_when_a_draft_goes(world: CustomsWorld):
    client = world.client("agent")
    number = (await client.post(PATH, json=form())).json()["number"]
    await client.delete(f"{PATH}/{number}")
    history: list[HistoryRow] = world.bench.read(lambda tx: tx.customs.records.history(number))
    assert [each.event for each in history] == ["created", "deleted"]
