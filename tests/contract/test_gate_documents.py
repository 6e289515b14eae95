"""Gates in the journey of a file: papers, pools, plans, requests and gate moves as documents."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.contract.gate_world import SHIP, VOYAGE, GateWorld, at, gate_world
from tests.contract.stores import Bench, bench, empty_sqlite

__all__ = ["bench", "empty_sqlite"]

BOX = "CSQU3054383"
OTHER_BOX = "TSTU0000020"
SHIP_HEADER = {"vessel": {"imo": SHIP, "name": "MADE UP"}, "voyage": VOYAGE}


@pytest.fixture
async def world(bench: Bench) -> GateWorld:
    return await gate_world(bench)


def wall(text: str) -> dict[str, str]:
    return {"wall": text.replace(" ", "T"), "zone": "Asia/Shanghai"}


async def papers(world: GateWorld, *without: str, box: str = BOX, voyage: str = VOYAGE) -> None:
    """Everything that a gate-in of 11-29 needs, as documents; booking B1."""
    ship = {"vessel": {"imo": SHIP, "name": "MADE UP"}, "voyage": voyage}
    sent: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "booking": ({}, {"booking_number": "B1", **ship}),
        "container_load_plan": (ship, {"number": box}),
        "verified_gross_mass": (ship, {"number": box}),
        "vessel_schedule": (
            {"vessel": ship["vessel"]},
            {
                "terminal": {"code": "T1"},
                "port": {"code": "CNTXG"},
                "outbound_voyage": voyage,
                "eta": wall("2026-12-01 00:00"),
                "gate_close": wall("2026-11-30 12:00"),
            },
        ),
    }
    for name, (header, part) in sent.items():
        if name not in without:
            document = await world.feed(name, header, part)
            assert document.state == "accepted", world.findings(document)
    await world.events()


def asked(world: GateWorld, **more: Any) -> dict[str, Any]:
    return {
        "terminal": "T1",
        "direction": "export_gate_in",
        "start": at("2026-11-29 14:00").isoformat(),
        "container": BOX,
        "booking_number": "B1",
        **more,
    }


async def post(world: GateWorld, body: dict[str, Any], who: str = "fleet") -> Any:
    async with world.http():
        return await world.client(who).post("/v1/appointments", json=body)


@pytest.mark.parametrize(
    ("missing", "code"),
    [
        ("booking", "NO_BOOKING"),
        ("container_load_plan", "NO_ECLP"),
        ("verified_gross_mass", "NO_VGM"),
        ("vessel_schedule", "NO_SCHEDULE"),
        (None, None),
    ],
)
async def test_documents_first_then_the_appointment(
    world: GateWorld, missing: str | None, code: str | None
) -> None:
    await papers(world, *([missing] if missing else []))
    world.slot()
    # Without a booking nothing else says which voyage.
    named = {"vessel": SHIP, "voyage": VOYAGE} if missing == "booking" else {}
    answer = await post(world, asked(world, **named))
    assert answer.json()["codes"] == ([code] if code else [])
    if code is None:
        assert (answer.json()["vessel"], answer.json()["voyage"]) == (SHIP, VOYAGE)


async def test_a_request_that_waits_hears_of_documents(world: GateWorld) -> None:
    await papers(world, "verified_gross_mass", "booking")
    world.slot()
    held = await post(world, asked(world, wait=True))
    assert (held.status_code, held.json()["codes"]) == (
        202,
        ["NO_SCHEDULE", "NO_BOOKING", "NO_VGM"],
    )
    await world.feed("booking", {}, {"booking_number": "B1", **SHIP_HEADER})
    await world.events()
    assert world.row(held.json()["id"]).codes == ["NO_VGM"]
    await world.feed("verified_gross_mass", SHIP_HEADER, {"number": BOX})
    assert await world.events() == 1
    assert world.row(held.json()["id"]).state == "confirmed"


async def test_papers_of_another_voyage_or_withdrawn_ones_do_not_count(world: GateWorld) -> None:
    await papers(world, "container_load_plan")
    other = {**SHIP_HEADER, "voyage": "107W"}
    await world.feed("container_load_plan", other, {"number": BOX})
    world.slot()
    assert (await post(world, asked(world))).json()["codes"] == ["NO_ECLP"]
    await world.feed("container_load_plan", SHIP_HEADER, {"number": BOX})
    await world.feed("container_load_plan", {**SHIP_HEADER, "function": "1"}, {"number": BOX})
    assert (await post(world, asked(world))).json()["codes"] == ["NO_ECLP"]


async def test_a_box_that_comes_again_needs_papers_of_its_own(world: GateWorld) -> None:
    """Pick-up: what was released and paid for the last journey is not so for this one."""
    order = {"number": "DO1", "bill_of_lading": "BL1", "containers": [{"number": BOX}]}
    await world.feed("delivery_order", {}, order)
    world.facts({"customs_released": True, "fees_paid": True}, BOX)
    world.slot(direction="import_pickup")
    body = {"terminal": "T1", "direction": "import_pickup", "container": BOX}
    body |= {"start": at("2026-11-29 14:00").isoformat()}
    first = await post(world, body)
    assert (first.status_code, first.json()["bill_of_lading"]) == (201, "BL1")
    world.bench.clock.at = at("2026-11-29 14:20")
    moved = {"number": BOX, "moved_at": wall("2026-11-29 14:20")}
    await world.feed("gate_move", {"kind": "gate_out"}, moved, sender="t1")
    assert world.row(first.json()["id"]).state == "used"
    world.bench.clock.at = at("2026-12-20 09:00")
    world.slot("2026-12-20 10:00", direction="import_pickup")
    body |= {"start": at("2026-12-20 10:00").isoformat()}
    again = await post(world, body)
    assert again.json()["codes"] == ["NO_DO", "NOT_RELEASED_BY_CUSTOMS", "UNPAID"]


async def test_customs_and_the_yard_tell_by_file_what_a_pick_up_waits_for(
    world: GateWorld,
) -> None:
    order = {"number": "DO1", "bill_of_lading": "BL1", "containers": [{"number": BOX}]}
    await world.feed("delivery_order", {}, order)
    world.facts({"fees_paid": True}, BOX)
    world.slot(direction="import_pickup")
    body = {"terminal": "T1", "direction": "import_pickup", "container": BOX, "wait": True}
    body |= {"start": at("2026-11-29 14:00").isoformat()}
    held = await post(world, body)
    assert (held.status_code, held.json()["codes"]) == (202, ["NOT_RELEASED_BY_CUSTOMS"])
    told = [{"fact": "customs_released", "number": BOX}, {"fact": "in_yard", "number": BOX}]
    await world.feed("release_notice", {"reference": "R1"}, *told)
    assert await world.events() == 1
    assert world.row(held.json()["id"]).state == "confirmed"
    # What is taken back holds for no later request.
    back = {"fact": "customs_released", "number": OTHER_BOX, "holds": False}
    await world.feed("release_notice", {"reference": "R2"}, back)
    body |= {"container": OTHER_BOX, "wait": False}
    assert "NOT_RELEASED_BY_CUSTOMS" in (await post(world, body)).json()["codes"]


async def test_a_delivery_order_for_other_boxes_is_not_this_ones(world: GateWorld) -> None:
    order = {"number": "DO1", "bill_of_lading": "BL1", "containers": [{"number": OTHER_BOX}]}
    await world.feed("delivery_order", {}, order)
    world.facts({"customs_released": True, "fees_paid": True}, BOX)
    world.slot(direction="import_pickup")
    body = {"terminal": "T1", "direction": "import_pickup", "container": BOX}
    body |= {"start": at("2026-11-29 14:00").isoformat(), "delivery_order": "DO1"}
    assert (await post(world, body)).json()["codes"] == ["NO_DO"]


async def test_decisions_say_which_appointment_they_found(world: GateWorld) -> None:
    await papers(world)
    world.slot(quota=5)
    made = (await post(world, asked(world))).json()
    listed = await world.feed("container_list", SHIP_HEADER, {"number": BOX}, {"number": OTHER_BOX})
    found = {each["key"]: each for each in world.findings(listed)}
    assert found[BOX]["code"] == "APPOINTMENT_FOUND"
    assert found[BOX]["severity"] == "info"
    for text in (found[BOX]["zh"], found[BOX]["en"]):
        assert made["id"] in text
        assert "2026-11-29 14:00" in text
    assert found[OTHER_BOX]["code"] == "APPOINTMENT_NONE"
    booking = await world.feed(
        "booking", {"function": "5"}, {"booking_number": "B1", **SHIP_HEADER}
    )
    assert "APPOINTMENT_FOUND" in {each["code"] for each in world.findings(booking)}
    plan = await world.feed("container_load_plan", SHIP_HEADER, {"number": OTHER_BOX})
    assert [each["code"] for each in world.findings(plan)] == ["APPOINTMENT_NONE"]


async def test_a_pool_as_a_file(world: GateWorld) -> None:
    slots = [
        {"start": wall("2026-11-29 14:00"), "direction": "export_gate_in", "quota": 3},
        {"start": wall("2026-11-29 15:00"), "direction": "import_pickup", "quota": 2},
    ]
    wrong = await world.feed("slot_pool", {"terminal": "T1"}, *slots, sender="t2")
    assert wrong.state == "rejected"
    assert [each["code"] for each in world.findings(wrong)] == ["NOT_YOUR_TERMINAL"]
    stranger = await world.feed("slot_pool", {"terminal": "AGENT"}, *slots, sender="agent")
    assert stranger.state == "accepted"
    good = await world.feed("slot_pool", {"terminal": "T1"}, *slots, sender="t1")
    assert good.state == "accepted", world.findings(good)
    async with world.http():
        path = "/v1/slots?terminal=T1"
        listed = (await world.client("fleet").get(path)).json()["items"]
        assert [(each["direction"], each["quota"]) for each in listed] == [
            ("export_gate_in", 3),
            ("import_pickup", 2),
        ]
        withdrawn = {"terminal": "T1", "function": "1"}
        await world.feed("slot_pool", withdrawn, slots[0], sender="t1")
        listed = (await world.client("fleet").get(path)).json()["items"]
        assert [each["quota"] for each in listed] == [0, 2]


async def test_a_plan_as_a_file(world: GateWorld) -> None:
    voyage = {"vessel": {"imo": SHIP}, "voyage": VOYAGE, "open_at": wall("2026-11-28 00:00")}
    voyage |= {"gate_close": wall("2026-11-29 12:00"), "boxes": 7}
    sent = await world.feed("gate_plan", {"terminal": "T1"}, voyage, sender="t1")
    assert sent.state == "accepted", world.findings(sent)
    await papers(world)
    # The terminal closes before the schedule does: the earlier of both holds.
    world.slot()
    assert (await post(world, asked(world))).json()["codes"] == ["AFTER_CUTOFF"]
    world.slot("2026-11-29 11:00")
    early = asked(world, start=at("2026-11-29 11:00").isoformat())
    assert (await post(world, early)).status_code == 201


def request_part(**more: Any) -> dict[str, Any]:
    return {
        "terminal": "T1",
        "direction": "export_gate_in",
        "start": wall("2026-11-29 14:00"),
        "container": BOX,
        "booking_number": "B1",
        **more,
    }


async def test_requests_as_a_file(world: GateWorld) -> None:
    await papers(world)
    await world.feed("container_load_plan", SHIP_HEADER, {"number": OTHER_BOX})
    await world.feed("verified_gross_mass", SHIP_HEADER, {"number": OTHER_BOX})
    slot = world.slot(quota=1)
    both = (request_part(), request_part(container=OTHER_BOX))
    # One bad request refuses the whole file of this agreement …
    refused = await world.feed("appointment_request", {}, *both, sender="fleet")
    assert refused.state == "rejected"
    found = world.findings(refused)
    assert ("QUOTA", OTHER_BOX) in {(each["code"], each["key"]) for each in found}
    assert world.used(slot) == 0
    # … and of that one only itself.
    part = await world.feed("appointment_request", {}, *both, sender="rival")
    assert part.state == "partly"
    assert world.used(slot) == 1
    assert world.told("RIVAL") == [("portedi.appointment.confirmed", "confirmed")]
    (row,) = world.bench.read(lambda tx: tx.deliveries.waiting("T1", 9).rows)
    told = json.loads(row.body)
    assert (told["container"], told["partner"], told["driver"]) == (BOX, "RIVAL", None)
    twice = await world.feed("appointment_request", {}, request_part(), sender="fleet")
    codes = {each["code"] for each in world.findings(twice)}
    assert {"QUOTA", "DUPLICATE_LIVE"} <= codes


async def test_the_same_box_twice_in_one_file(world: GateWorld) -> None:
    await papers(world)
    world.slot(quota=5)
    world.slot("2026-11-29 15:00", quota=5)
    later = request_part(start=wall("2026-11-29 15:00"))
    sent = await world.feed("appointment_request", {}, request_part(), later, sender="rival")
    assert sent.state == "partly"
    assert [each["code"] for each in world.findings(sent)] == ["DUPLICATE_LIVE"]


async def test_a_gate_move_at_another_terminal_is_not_this_one(world: GateWorld) -> None:
    await papers(world)
    world.slot()
    made = (await post(world, asked(world))).json()["id"]
    moved = {"number": BOX, "moved_at": wall("2026-11-29 14:10")}
    await world.feed("gate_move", {"kind": "gate_in"}, moved, sender="t2")
    assert world.row(made).state == "confirmed"
    await world.feed("gate_move", {"kind": "gate_out"}, moved, sender="t1")
    assert world.row(made).state == "confirmed"
    await world.feed("gate_move", {"kind": "gate_in"}, moved, sender="t1")
    assert world.row(made).state == "used"
