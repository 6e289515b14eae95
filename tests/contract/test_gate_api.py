"""Gate appointments over the API: the worked examples of rules.md G.3 and the aftercare table.

The tables are those of tests/unit/test_decide_gate.py; here each row's facts stand in a real store
and its answer comes over a real socket.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from gateway.pipeline.decide_cases.gate_appointment import PolicyCase
from gateway.pipeline.firms.personal import PersonalData
from gateway.pipeline.firms.rows import CardRow, TruckRow
from gateway.pipeline.gate.rows import BreachRow
from tests.contract.gate_world import SHIP, VOYAGE, GateWorld, at, gate_world, policy
from tests.contract.stores import Bench, bench, empty_sqlite
from tests.unit.test_decide_gate import ARRIVALS, BOX, BREACHES, CHANGES, ROWS, gate_in

__all__ = ["bench", "empty_sqlite"]

# A firm that is not activated, or whose figures differ, is set up before its row is asked.
_FACTS = (
    *("booking", "eclp", "vgm", "delivery_order", "customs_released", "fees_paid", "in_yard"),
)
IDENTITY = "11010519491231002X"


@pytest.fixture
async def world(bench: Bench) -> GateWorld:
    return await gate_world(bench)


@pytest.fixture
async def sqlite_world(sqlite_bench: Bench) -> GateWorld:
    return await gate_world(sqlite_bench)


@pytest.fixture
async def sqlite_bench(tmp_path: Any, empty_sqlite: Any) -> Any:
    """The tables are asked on one database: what differs between the two is elsewhere."""
    (tmp_path / "gateway.db").write_bytes(empty_sqlite.read_bytes())
    made = Bench(f"sqlite:///{tmp_path}/gateway.db", tmp_path)
    made.open()
    yield made
    for store in made.stores:
        await store.close()


async def arranged(world: GateWorld, case: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The case's facts, firm, slot and schedule in the store; who asks, and the request's body."""
    bench, slot = world.bench, case["slot"]
    bench.clock.at = datetime.fromisoformat(case["requested"])
    if "policy" in case:
        world.use(policies=policy(PolicyCase.model_validate(case["policy"]).facts()))
    world.use(profile=case["profile"])
    fleet = world.directory.partner("FLEET")
    firm = case["partner"]
    await world.apply(
        fleet.model_copy(
            update={
                "types": tuple(firm["types"]),
                "state": firm["state"],
                "terminal_approved": tuple(firm["terminal_approved"]),
                "payment_enabled": firm["payment_enabled"],
            }
        )
    )
    if firm["suspended_until"]:
        until = datetime.fromisoformat(firm["suspended_until"])
        bench.write(lambda tx: tx.gate.breaches.suspend("FLEET", until, 3))
    start = datetime.fromisoformat(slot["start"])
    terminal = case.get("terminal") or "T1"
    more: dict[str, Any] = {"direction": case["direction"], "terminal": terminal}
    if slot.get("released"):
        more["released_at"] = datetime.fromisoformat(slot["released"])
    name = world.slot(start.strftime("%Y-%m-%d %H:%M"), slot["quota"], slot["used"], **more)
    if case["vessel_call"]:
        said = {k: datetime.fromisoformat(v) if v else None for k, v in case["vessel_call"].items()}
        renamed = {"open_at": said.pop("open", None), **said}
        world.call(terminal=terminal, **renamed)
    return await _boxed(world, case, name)


async def _boxed(world: GateWorld, case: dict[str, Any], slot: str) -> tuple[str, dict[str, Any]]:
    facts = case["facts"]
    told = {name: facts[name] for name in _FACTS if facts.get(name) is not None}
    world.facts(told, case["container"])
    if facts.get("live_appointment"):
        await _taken(world, case)
    extra: dict[str, Any] = {}
    if facts.get("truck_owned") is False or facts.get("card_active") is False:
        extra |= _lists(world)
    if "driver_filed" in facts:
        world.use(personal=PersonalData(_Secret(), "env:MARK"))
        extra["driver"] = IDENTITY
    body = {
        "terminal": case.get("terminal") or "T1",
        "direction": case["direction"],
        "slot": slot,
        "container": case["container"],
        "voyage": VOYAGE,
        **extra,
        **{name: case[name] for name in ("plate", "driver") if case.get(name)},
    }
    return "clerk" if "account" in case else "fleet", body


class _Secret:
    def resolve(self, _reference: str) -> str:
        return "a secret of forty characters for the tests"


def _lists(world: GateWorld) -> dict[str, Any]:
    """The firm lists another truck and another card than those it names."""
    now = world.bench.clock.now()
    truck = TruckRow(id="t1", partner="FLEET", plate="津B00001", state="active", added_at=now)
    card = CardRow("c1", "FLEET", "t1", None, "N1", "applied", now)

    def work(tx: Any) -> None:
        tx.firms.fleet.add_truck(truck)
        tx.firms.fleet.apply_card(card)

    world.bench.write(work)
    return {"plate": "津A12345", "card": "N2"}


async def _taken(world: GateWorld, case: dict[str, Any]) -> None:
    """The rival has the box already, in another slot that was free."""
    rival = case | {"facts": {**case["facts"], "live_appointment": False}, "container": BOX}
    rival = {key: value for key, value in rival.items() if key not in ("policy", "terminal")}
    start = "2026-11-29 13:00"
    slot = world.slot(start, 100, direction=case["direction"])
    papers = [name for name in _FACTS if name != "in_yard"]
    before = {name: bool(case["facts"].get(name)) for name in papers}
    world.facts(dict.fromkeys(papers, True), case["container"])
    body = {"terminal": "T1", "direction": case["direction"], "slot": slot}
    async with world.http():
        answer = await world.client("rival").post(
            "/v1/appointments", json={**body, "container": BOX, "voyage": VOYAGE}
        )
    assert answer.status_code == 201, answer.text
    world.facts(before, case["container"])


_TABLE = [
    row
    for row in ROWS
    # The store never holds a slot that is taken beyond its quota, nor a quota below it.
    if row[0] not in ("truck", "card")
]


@pytest.mark.parametrize(("case", "codes"), [r[1:] for r in _TABLE], ids=[r[0] for r in _TABLE])
async def test_worked_examples(sqlite_world: GateWorld, case: Any, codes: list[str]) -> None:
    """G.3 and every code, end to end."""
    who, body = await arranged(sqlite_world, case)
    async with sqlite_world.http():
        answer = await sqlite_world.client(who).post("/v1/appointments", json=body)
    said = answer.json()
    assert said["codes"] == codes, said
    assert answer.status_code == (422 if codes else 201)
    assert said["explanation"]["zh"]
    assert said["explanation"]["en"]
    row = sqlite_world.row(said["id"])
    assert row.state == ("rejected" if codes else "confirmed")
    assert row.policy == "test"
    assert [rule["id"] for rule in row.rules][-1] == "gate-truck"
    taken = case["slot"]["used"] + (not codes)
    assert sqlite_world.used(body["slot"]) == taken
    if body.get("driver"):
        assert body["driver"] not in answer.text
        assert body["driver"] not in repr(row)


async def test_trucks_and_cards_of_the_firm(sqlite_world: GateWorld) -> None:
    case = gate_in(facts={**gate_in()["facts"], "truck_owned": False, "card_active": False})
    who, body = await arranged(sqlite_world, case)
    async with sqlite_world.http():
        client = sqlite_world.client(who)
        refused = await client.post("/v1/appointments", json=body)
        own = await client.post(
            "/v1/appointments", json={**body, "plate": "津B00001", "card": None}
        )
    assert refused.json()["codes"] == ["TRUCK_NOT_OWNED", "CARD_NOT_ACTIVE"]
    assert own.status_code == 201


async def ready(world: GateWorld, direction: str = "export_gate_in", **slot: Any) -> dict[str, Any]:
    """Papers, schedule and a slot for a request that is confirmed."""
    world.facts(dict.fromkeys(_FACTS, True), BOX)
    if direction == "export_gate_in":
        world.call(etb=at("2026-12-01 00:00"), gate_close=at("2026-11-30 12:00"))
    name = world.slot(direction=direction, **slot)
    return {
        "terminal": "T1",
        "direction": direction,
        "slot": name,
        "container": BOX,
        "voyage": VOYAGE,
        "vessel": SHIP,
    }


async def booked(world: GateWorld, **slot: Any) -> str:
    """A confirmed appointment of 11-29 14:00."""
    body = await ready(world, **slot)
    async with world.http():
        answer = await world.client("fleet").post("/v1/appointments", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


# --- P10, waiting ---------------------------------------------------------------------------------


async def test_p10_unpaid_then_paid(world: GateWorld) -> None:
    """The same request, under the same key, once the fact is there."""
    body = await ready(world, "import_pickup")
    world.facts({"fees_paid": False}, BOX)
    async with world.http():
        client = world.client("fleet")
        key = {"Idempotency-Key": "k1"}
        refused = await client.post("/v1/appointments", json=body, headers=key)
        assert (refused.status_code, refused.json()["codes"]) == (422, ["UNPAID"])
        world.facts({"fees_paid": True}, BOX)
        confirmed = await client.post("/v1/appointments", json=body, headers=key)
        assert confirmed.status_code == 201
        again = await client.post("/v1/appointments", json=body, headers=key)
        assert (again.status_code, again.json()["id"]) == (200, confirmed.json()["id"])
        other = await client.post(
            "/v1/appointments", json={**body, "container": "TSTU0000020"}, headers=key
        )
        assert other.json()["code"] == "KEY_REUSED"
    assert world.used(body["slot"]) == 1


async def test_a_request_that_waits_is_confirmed_when_its_last_fact_comes(
    world: GateWorld,
) -> None:
    body = await ready(world, "import_pickup")
    world.facts({"fees_paid": False, "customs_released": False}, BOX)
    body |= {"wait": True, "bill_of_lading": "BL1"}
    async with world.http():
        held = await world.client("fleet").post("/v1/appointments", json=body)
        assert held.status_code == 202
        said = held.json()
        assert said["state"] == "requested"
        assert set(said["codes"]) == {"NOT_RELEASED_BY_CUSTOMS", "UNPAID"}
        assert world.used(body["slot"]) == 1
        rival = await world.client("rival").post("/v1/appointments", json={**body, "wait": False})
        assert {"QUOTA", "DUPLICATE_LIVE"} <= set(rival.json()["codes"])
    # By the bill of lading, as the money service tells it.
    assert world.bench.write(lambda tx: tx.gate.fact("fees_paid", "bl1", source="money")) == 1
    await world.events()
    assert world.row(said["id"]).codes == ["NOT_RELEASED_BY_CUSTOMS"]
    world.facts({"customs_released": True}, BOX)
    assert await world.events() == 1
    row = world.row(said["id"])
    assert (row.state, row.codes) == ("confirmed", [])
    assert [what for what, _ in world.told("T1")] == [
        "portedi.appointment.requested",
        "portedi.appointment.requested",
        "portedi.appointment.confirmed",
    ]
    # What came twice, or too late, changes nothing.
    world.facts({"fees_paid": True}, BOX)
    assert await world.events() == 0


async def test_what_is_never_confirmed_lapses_without_a_breach(world: GateWorld) -> None:
    body = await ready(world, "import_pickup") | {"wait": True}
    world.facts({"fees_paid": False}, BOX)
    async with world.http():
        held = (await world.client("fleet").post("/v1/appointments", json=body)).json()
    await world.tick(at("2026-11-29 16:00:01"))
    row = world.row(held["id"])
    assert (row.state, row.codes) == ("cancelled", ["LAPSED"])
    assert world.used(body["slot"]) == 0
    assert world.bench.read(lambda tx: tx.gate.breaches.page("FLEET", None, None, 9).rows) == []


# --- afterwards -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "outcome", "codes", "state"), [r[1:] for r in CHANGES], ids=[r[0] for r in CHANGES]
)
async def test_schedule_changes(
    sqlite_world: GateWorld, call: Any, outcome: str, codes: list[str], state: str
) -> None:
    """P6 by vessel schedules: the first sets the window, the second moves it."""
    world = sqlite_world
    world.facts(dict.fromkeys(_FACTS, True), BOX)
    first = {"etb": at("2026-12-01 00:00"), "gate_close": at("2026-11-30 12:00")}
    assert (await schedule(world, first)).state == "accepted"
    await world.events()
    world.slot()
    body = {"terminal": "T1", "direction": "export_gate_in", "start": at_iso("2026-11-29 14:00")}
    body |= {"container": BOX, "voyage": VOYAGE, "vessel": SHIP}
    async with world.http():
        made = (await world.client("fleet").post("/v1/appointments", json=body)).json()
    moved = {k: datetime.fromisoformat(v) for k, v in (call or {}).items() if v}
    document = await schedule(world, moved, function="5" if call else "1")
    assert document.state == "accepted", world.findings(document)
    await world.events()
    row = world.row(made["id"])
    assert (row.state, row.codes if outcome == "review" else []) == (state, codes)
    told = [what for what, _ in world.told("FLEET")]
    assert ("portedi.appointment.review" in told) is (outcome == "review")
    assert world.told("FLEET") == world.told("T1")


def at_iso(text: str) -> str:
    return at(text).isoformat()


async def schedule(world: GateWorld, said: dict[str, datetime], function: str = "9") -> Any:
    """A vessel schedule of one call at T1."""
    names = {"etb": "eta", "gate_close": "gate_close", "open": "open_at"}
    times = {
        names[name]: {"wall": f"{when:%Y-%m-%dT%H:%M}", "zone": "Asia/Shanghai"}
        for name, when in said.items()
    }
    part = {"terminal": {"code": "T1"}, "outbound_voyage": VOYAGE, "port": {"code": "CNTXG"}}
    header = {"vessel": {"imo": SHIP, "name": "MADE UP"}, "function": function}
    return await world.feed("vessel_schedule", header, {**part, **times})


async def test_review_is_decided_by_the_terminal(world: GateWorld) -> None:
    made = await booked(world, quota=5)
    await schedule(world, {"etb": at("2026-12-01 00:00"), "gate_close": at("2026-11-29 13:00")})
    await world.events()
    assert world.row(made).state == "REVIEW"
    async with world.http():
        path = f"/v1/appointments/{made}/review"
        keep = {"decision": "keep"}
        assert (await world.client("fleet").post(path, json=keep)).status_code == 403
        assert (await world.client("t2").post(path, json=keep)).status_code == 404
        kept = await world.client("t1").post(path, json=keep)
        assert kept.json()["state"] == "confirmed"
        again = await world.client("t1").post(path, json=keep)
        assert (again.status_code, again.json()["codes"]) == (409, ["NOT_IN_REVIEW"])


@pytest.mark.parametrize(
    ("arrived", "now", "outcome", "codes", "state"),
    [r[1:] for r in ARRIVALS],
    ids=[r[0] for r in ARRIVALS],
)
async def test_arrivals(
    sqlite_world: GateWorld,
    arrived: str | None,
    now: str,
    outcome: str,
    codes: list[str],
    state: str,
) -> None:
    """P9, H-42: gate moves and the timer."""
    world = sqlite_world
    made = await booked(world)
    world.bench.clock.at = at(now)
    if arrived:
        await gate_move(world, at(arrived))
    else:
        await world.tick(at(now))
    row = world.row(made)
    assert row.state == state
    if outcome != "hold":
        assert row.codes == codes
    assert world.used(row.slot) == 1


async def gate_move(world: GateWorld, when: datetime, kind: str = "gate_in") -> Any:
    moved = {"wall": f"{when:%Y-%m-%dT%H:%M:%S}", "zone": "Asia/Shanghai"}
    return await world.feed(
        "gate_move", {"kind": kind}, {"number": BOX, "moved_at": moved}, sender="t1"
    )


@pytest.mark.parametrize(
    ("earlier", "count", "until"), [r[1:] for r in BREACHES], ids=[r[0] for r in BREACHES]
)
async def test_p9_breaches_count_and_the_third_suspends(
    sqlite_world: GateWorld, earlier: list[str], count: int, until: str | None
) -> None:
    world = sqlite_world
    made = await booked(world, quota=2)

    def past(tx: Any) -> None:
        for number, each in enumerate(earlier):
            tx.gate.breaches.add(BreachRow(f"old{number}", "FLEET", "T1", at(each), counts=True))

    world.bench.write(past)
    await world.tick(at("2026-11-29 16:00:01"))
    row = world.row(made)
    assert row.codes == ["BREACHED", *(["SUSPENDED"] if until else [])]
    assert f"{count}" in row.explanation["en"]
    async with world.http():
        listed = (await world.client("fleet").get("/v1/appointment-breaches")).json()
        assert len(listed["items"]) == len(earlier) + 1
        shown = listed["suspended_until"]
        assert (datetime.fromisoformat(shown) if shown else None) == (at(until) if until else None)
        world.slot("2026-11-30 10:00")
        asked = await world.client("fleet").post(
            "/v1/appointments",
            json={
                "terminal": "T1",
                "direction": "export_gate_in",
                "start": at_iso("2026-11-30 10:00"),
                "container": BOX,
                "voyage": VOYAGE,
            },
        )
    assert asked.status_code == (422 if until else 201)
    assert (asked.json()["codes"] == ["SUSPENDED"]) is bool(until)


async def test_a_late_gate_move_takes_a_breach_back(world: GateWorld) -> None:
    made = await booked(world)
    past = [BreachRow(f"o{n}", "FLEET", "T1", at("2026-11-20 16:00"), counts=True) for n in (1, 2)]
    world.bench.write(lambda tx: [tx.gate.breaches.add(each) for each in past])
    await world.tick(at("2026-11-29 16:00:01"))
    assert world.bench.read(lambda tx: tx.gate.breaches.suspended_until("FLEET"))
    world.bench.clock.at = at("2026-11-29 18:00")
    await gate_move(world, at("2026-11-29 14:10"))
    assert world.row(made).state == "used"
    assert world.bench.read(lambda tx: tx.gate.breaches.suspended_until("FLEET")) is None
    assert [what for what, _ in world.told("T1")][-2:] == [
        "portedi.appointment.breached",
        "portedi.appointment.used",
    ]


@pytest.mark.parametrize(
    ("now", "status", "codes"),
    [("2026-11-29 13:59:59", 200, []), ("2026-11-29 14:00:00", 409, ["SLOT_STARTED"])],
)
async def test_cancel_until_the_slot_starts(
    world: GateWorld, now: str, status: int, codes: list[str]
) -> None:
    made = await booked(world)
    slot = world.row(made).slot
    world.bench.clock.at = at(now)
    async with world.http():
        path = f"/v1/appointments/{made}/cancel"
        assert (await world.client("rival").post(path)).status_code == 404
        assert (await world.client("t1").post(path)).status_code == 403
        answer = await world.client("fleet").post(path)
        assert (answer.status_code, answer.json()["codes"]) == (status, codes)
        if status == 200:
            twice = await world.client("fleet").post(path)
            assert (twice.status_code, twice.json()["codes"]) == (409, ["NOT_LIVE"])
            told = (await world.client("fleet").get(f"/v1/appointments/{made}")).json()
            assert [step["state"] for step in told["history"]] == ["confirmed", "cancelled"]
    assert world.used(slot) == (0 if status == 200 else 1)


async def test_another_slot_is_taken_before_the_first_is_given_back(world: GateWorld) -> None:
    made = await booked(world)
    first = world.row(made).slot
    later, full = world.slot("2026-11-29 16:00"), world.slot("2026-11-29 17:00", 1, 1)
    past = world.slot("2026-11-30 12:00")
    async with world.http():
        client, path = world.client("fleet"), f"/v1/appointments/{made}/slot"
        refused = await client.post(path, json={"slot": full})
        assert (refused.status_code, refused.json()["codes"]) == (409, ["QUOTA"])
        refused = await client.post(path, json={"slot": past})
        assert refused.json()["codes"] == ["AFTER_CUTOFF"]
        assert world.row(made).slot == first
        moved = await client.post(path, json={"slot": later})
        assert (moved.status_code, moved.json()["slot"]) == (200, later)
        same = await client.post(path, json={"slot": later})
        assert same.status_code == 200
    assert [world.used(each) for each in (first, later, full)] == [0, 1, 1]
    assert world.told("T1")[-1] == ("portedi.appointment.changed", "confirmed")
    await world.tick(at("2026-11-29 16:00:01"))
    assert world.row(made).state == "confirmed"
    await world.tick(at("2026-11-29 18:00:01"))
    assert world.row(made).state == "BREACHED"


# --- who sees what --------------------------------------------------------------------------------


async def test_everybody_sees_their_own(world: GateWorld) -> None:
    made = await booked(world, quota=3)
    async with world.http():
        lists = {
            name: (await world.client(name).get("/v1/appointments")).json()
            for name in ("fleet", "rival", "t1", "t2", "operator")
        }
        shown = {name: len(page["items"]) for name, page in lists.items()}
        assert shown == {"fleet": 1, "rival": 0, "t1": 1, "t2": 0, "operator": 1}
        for name, status in (("rival", 404), ("t2", 404), ("t1", 200), ("operator", 200)):
            one = await world.client(name).get(f"/v1/appointments/{made}")
            assert one.status_code == status
        asked = await world.client("rival").get("/v1/appointments?partner=FLEET")
        assert asked.status_code == 403
        agent = await world.client("agent").get("/v1/appointments")
        assert agent.json()["items"] == []
        forwarder = world.directory.partner("RIVAL").model_copy(update={"types": ("货代",)})
        await world.apply(forwarder)
        barred = await world.client("rival").get("/v1/appointments")
        assert (barred.status_code, barred.json()["codes"]) == (403, ["FORBIDDEN"])


async def test_pages_and_filters(world: GateWorld) -> None:
    body = await ready(world, quota=9)
    boxes = ["TSTU0000020", "CSQU3054383", "MSKU0000006"]
    async with world.http():
        client = world.client("fleet")
        for each in boxes:
            world.facts(dict.fromkeys(_FACTS, True), each)
            made = await client.post("/v1/appointments", json={**body, "container": each})
            assert made.status_code == 201, made.text
        first = (await client.get("/v1/appointments?limit=1")).json()
        assert [each["container"] for each in first["items"]] == [boxes[2]]
        rest = (await client.get(f"/v1/appointments?cursor={first['cursor']}")).json()
        assert [each["container"] for each in rest["items"]] == [boxes[1], boxes[0]]
        only = (await client.get(f"/v1/appointments?container={boxes[0]}")).json()
        assert [each["container"] for each in only["items"]] == [boxes[0]]
        none = (await client.get("/v1/appointments?state=used")).json()
        assert none["items"] == []
        assert (await client.get("/v1/appointments?cursor=eA")).status_code == 422


# --- pools, plans, statistics ---------------------------------------------------------------------


async def test_a_terminal_publishes_its_pool_and_fleets_choose(world: GateWorld) -> None:
    start = at("2026-11-29 14:00")
    slots = [
        {"start": start.isoformat(), "direction": "export_gate_in", "quota": 2},
        {
            "start": (start + timedelta(hours=1)).isoformat(),
            "end": (start + timedelta(hours=3)).isoformat(),
            "direction": "import_pickup",
            "box": "40",
            "quota": 1,
            "released_at": at_iso("2026-11-27 08:00"),
        },
    ]
    body = {"terminal": "T1", "slots": slots}
    async with world.http():
        for name, status in (("fleet", 403), ("t2", 403), ("agent", 403), ("t1", 201)):
            answer = await world.client(name).post("/v1/slots", json=body)
            assert answer.status_code == status, (name, answer.text)
        listed = (await world.client("fleet").get("/v1/slots?limit=1")).json()
        (first,) = listed["items"]
        assert (first["id"], first["left"]) == ("T1-in-20261129T060000Z-ANY", 2)
        # Policy: released at 14:00 the day before.
        assert datetime.fromisoformat(first["released_at"]) == at("2026-11-28 14:00")
        rest = (await world.client("rival").get(f"/v1/slots?cursor={listed['cursor']}")).json()
        assert [each["box"] for each in rest["items"]] == ["40"]
        far = await world.client("rival").get(
            "/v1/slots?since=2026-01-01T00:00:00Z&until=2027-01-01T00:00:00Z"
        )
        assert far.status_code == 422
        wrong = [{**slots[0], "end": start.isoformat()}, slots[1], slots[1]]
        refused = await world.client("t1").post("/v1/slots", json={**body, "slots": wrong})
        assert refused.json()["codes"] == ["SLOT_TIME", "SLOT_TWICE"]
        world.bench.write(lambda tx: tx.gate.slots.take(first["id"]))
        less = {**body, "slots": [{**slots[0], "quota": 0}]}
        told = (await world.client("t1").post("/v1/slots", json=less)).json()
        assert [each["code"] for each in told["findings"]] == ["QUOTA_BELOW_USED"]
        after = (await world.client("fleet").get("/v1/slots?direction=export_gate_in")).json()
        assert [(each["quota"], each["used"]) for each in after["items"]] == [(1, 1)]


async def test_a_plan_opens_the_window_and_statistics_count(world: GateWorld) -> None:
    world.facts(dict.fromkeys(_FACTS, True), BOX)
    voyage = {"vessel_name": "MADE UP", "voyage": VOYAGE, "boxes": 40}
    voyage |= {"open_at": at_iso("2026-11-25 00:00"), "gate_close": at_iso("2026-11-30 12:00")}
    slot = world.slot(quota=3)
    body = {"terminal": "T1", "direction": "export_gate_in", "slot": slot, "container": BOX}
    body |= {"vessel": "MADE UP", "voyage": VOYAGE, "wait": True}
    async with world.http():
        held = await world.client("fleet").post("/v1/appointments", json=body)
        assert (held.status_code, held.json()["codes"]) == (202, ["NO_SCHEDULE"])
        plan = {"terminal": "T1", "voyages": [voyage]}
        assert (await world.client("t2").post("/v1/gate-plans", json=plan)).status_code == 403
        assert (await world.client("t1").post("/v1/gate-plans", json=plan)).status_code == 201
        await world.events()
        assert world.row(held.json()["id"]).state == "confirmed"
        (known,) = (await world.client("fleet").get("/v1/gate-plans")).json()["items"]
        assert (known["voyage"], known["plan_boxes"]) == (VOYAGE, 40)
        mine = (await world.client("fleet").get("/v1/appointment-statistics")).json()
        assert [(i["fleet"], i["booked"], i["quota"]) for i in mine["items"]] == [("FLEET", 1, 3)]
        whole = (await world.client("t1").get("/v1/appointment-statistics")).json()
        assert [(each["fleet"], each["booked"]) for each in whole["items"]] == [
            ("", 1),
            ("FLEET", 1),
        ]
        table = await world.client("t1").get("/v1/appointment-statistics?format=csv")
        assert table.headers["content-type"].startswith("text/csv")
        lines = table.content.decode("utf-8-sig").splitlines()
        assert lines[0].startswith("terminal,day,slot")
        assert lines[2].split(",")[7:] == ["FLEET", "3", "1", "0", "0", "0"]
        rival = (await world.client("rival").get("/v1/appointment-statistics")).json()
        assert rival["items"] == []


async def test_bodies_that_cannot_be_understood(world: GateWorld) -> None:
    body = await ready(world)
    async with world.http():
        client = world.client("fleet")
        for change in (
            {"direction": "sideways"},
            {"terminal": "t1"},
            {"container": ""},
            {"unknown": 1},
            {"slot": None},
            {"slot": "T1-in-../..-ANY"},
            {"start": "2026-11-29T14:00:00", "slot": None},
        ):
            answer = await client.post("/v1/appointments", json={**body, **change})
            assert (answer.status_code, answer.json()["code"]) == (422, "INVALID"), change
        missing = {**body, "slot": "T1-in-20300101T000000Z-ANY"}
        answer = await client.post("/v1/appointments", json=missing)
        assert answer.json()["codes"] == ["NO_SLOT"]
        other = {**body, "terminal": "T2"}
        assert (await client.post("/v1/appointments", json=other)).json()["codes"] == ["NO_SLOT"]


async def test_test_partners_are_told_on_test_routes_only(world: GateWorld) -> None:
    fleet = world.directory.partner("FLEET").model_copy(update={"stage": "test"})
    await world.apply(fleet)
    made = await booked(world)
    assert world.row(made).test is True
    assert world.told("T1") == []
    assert len(world.told("FLEET")) == 1
