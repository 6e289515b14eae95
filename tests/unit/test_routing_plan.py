"""Which routes carry a document, under which names, in which lane."""

from __future__ import annotations

import re

import pytest

from gateway.canonical.partner import Partner
from gateway.routing.delivery_id import (
    control_reference,
    delivery_number,
    lane,
    leg,
    suffix_of,
)
from gateway.routing.plan import DecidedDocument, Forms, Written, no_forms, ways
from gateway.routing.plan import plan as plan_ways

MAIL = {"name": "mailbox", "kind": "mailbox"}


def plan(document: DecidedDocument, to: list[Partner], forms: Forms = no_forms):
    return plan_ways(document, ways(document, to), forms)


def receiver(*routes, code="TJTERM01", **more):
    return Partner.model_validate({"code": code, "name": "x", "routes": list(routes), **more})


def route(name="events", document="manifest", senders=(), **more):
    subscription = {"document": document, "senders": list(senders)}
    return {**MAIL, "name": name, "subscriptions": [subscription], **more}


def document(**more):
    return DecidedDocument(
        **{
            "id": "01abc-1",
            "interchange": "01abc",
            "partner": "TJAGENT01",
            "type": "manifest",
            "key": {"vessel": "9074729", "voyage": "047W", "kind": "clean"},
            "state": "accepted",
            "name": "MANIFEST.TXT",
            **more,
        }
    )


ROUTES = [
    ("subscribed", document(), receiver(route()), True),
    ("accepted in part", document(state="partly"), receiver(route()), True),
    ("rejected", document(state="rejected"), receiver(route()), False),
    ("held", document(state="held"), receiver(route()), False),
    ("for review", document(state="review"), receiver(route()), False),
    ("another type", document(), receiver(route(document="booking")), False),
    ("no subscription", document(), receiver({**MAIL}), False),
    ("from this sender", document(), receiver(route(senders=["TJAGENT01"])), True),
    ("from another sender", document(), receiver(route(senders=["HBFWD02"])), False),
    ("its own", document(partner="TJTERM01"), receiver(route()), False),
    ("its own, wanted", document(partner="TJTERM01"), receiver(route(senders=["TJTERM01"])), True),
    ("test to production", document(test=True), receiver(route()), False),
    ("test to test", document(test=True), receiver(route(stage="test")), True),
    ("production to test", document(), receiver(route(stage="test")), False),
    ("test to a partner in test", document(test=True), receiver(route(), stage="test"), True),
    ("production to a partner in test", document(), receiver(route(), stage="test"), False),
    ("suspended receiver", document(), receiver(route(), state="suspended"), False),
]


@pytest.mark.parametrize(
    ("given", "to", "goes"), [row[1:] for row in ROUTES], ids=[row[0] for row in ROUTES]
)
def test_which_routes_carry_it(given, to, goes):
    assert bool(plan(given, [to])) is goes


def test_a_route_that_matches_twice_carries_it_once():
    twice = {**MAIL, "subscriptions": [{"document": "manifest"}, {"document": "manifest"}]}
    assert len(plan(document(), [receiver(twice)])) == 1


def test_all_routes_of_all_receivers():
    plans = plan(document(), [receiver(route("a"), route("b")), receiver(route(), code="KRTERM")])
    assert [(each.partner, each.route) for each in plans] == [
        ("TJTERM01", "a"),
        ("TJTERM01", "b"),
        ("KRTERM", "events"),
    ]
    assert len({each.id for each in plans}) == 3


def test_the_names_of_a_delivery():
    (made,) = plan(document(revision=2), [receiver(route("to-tos"))])
    assert made.id == "01abc-1-TJTERM01_to-tos-2"
    assert made.file_name == "01abc-1-TJTERM01_to-tos-2.json"
    assert made.event_type == "portedi.manifest.accepted"
    assert made.content_type == "application/json"
    assert made.lane == "TJTERM01/to-tos/vessel=9074729/voyage=047W"
    assert made.acknowledge_within_hours is None
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,128}", made.id)


def test_an_acknowledged_route_owes_an_answer():
    (made,) = plan(document(), [receiver(route(acknowledged=True, acknowledge_within_hours=4))])
    assert made.acknowledge_within_hours == 4


def test_original_bytes_go_once_per_interchange():
    original = receiver(route(document="booking", payload="original"))
    plans = [
        plan(
            document(id=f"01abc-{n}", type="booking", key={"booking": f"B{n}"}, name="bk.edi",
                     content_type="application/edifact"),
            [original],
        )[0]
        for n in (1, 2)
    ]  # fmt: skip
    assert {each.id for each in plans} == {"01abc-TJTERM01_events-1"}
    assert plans[0].file_name.endswith(".edi")
    assert plans[0].content_type == "application/edifact"


LANES = [
    ("manifest", {"vessel": "V", "voyage": "1", "kind": "clean"}, "vessel=V/voyage=1"),
    ("container_list", {"vessel": "V", "voyage": "1"}, "vessel=V/voyage=1"),
    ("vessel_schedule", {"vessel": "V"}, "vessel=V"),
    ("booking", {"booking": "B1", "vessel": "V"}, "booking=B1"),
    ("delivery_order", {"bill_of_lading": "L1", "container": "C"}, "bill_of_lading=L1"),
    ("verified_gross_mass", {"container": "C"}, "container=C"),
    ("booking", {}, "document=01abc-1"),
]


@pytest.mark.parametrize(("kind", "key", "about"), LANES)
def test_lanes(kind, key, about):
    assert lane("T", "r", kind, key, "01abc-1") == f"T/r/{about}"


def test_manifest_and_container_list_of_a_voyage_share_a_lane():
    key = {"vessel": "V", "voyage": "1"}
    assert lane("T", "r", "manifest", key, "a") == lane("T", "r", "container_list", key, "b")


def test_a_lane_is_bounded():
    assert len(lane("T", "r", "booking", {"booking": "B" * 5000}, "a")) == 200


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("a.TXT", ".TXT"),
        ("a.tar.gz", ".gz"),
        ("a", ".txt"),
        ("a.t:t", ".txt"),
        ("a./x", ".txt"),
        ("舱单.文本", ".txt"),
        ("a.ninechars", ".txt"),
    ],
)
def test_suffixes(name, suffix):
    assert suffix_of(name) == suffix


def test_a_leg_has_no_colon_and_no_dot():
    assert leg("A:B", "c.d", "json") == "A_B_c_d_json"


def test_a_route_may_ask_for_a_format_and_a_subscription_for_another():
    forms = {"manifest/ifcsum-flat": Written(".txt", "text/plain"), "x/y": Written(".edi", "a/b")}
    asked = {**route(payload="manifest/ifcsum-flat")}
    (flat,) = plan(document(), [receiver(asked)], lambda name, _encoding: forms.get(name))
    assert (flat.payload, flat.file_name[-4:], flat.content_type) == (
        "manifest/ifcsum-flat", ".txt", "text/plain",
    )  # fmt: skip
    asked["subscriptions"] = [{"document": "manifest", "payload": "x/y"}]
    (edi,) = plan(document(), [receiver(asked)], lambda name, _encoding: forms.get(name))
    assert (edi.payload, edi.file_name[-4:], edi.content_type) == ("x/y", ".edi", "a/b")
    assert edi.id == flat.id


def test_a_format_that_nobody_writes_is_planned_so_that_it_can_be_refused():
    (plan_,) = plan(document(), [receiver(route(payload="manifest/novel"))])
    assert plan_.content_type == "application/octet-stream"


def test_a_control_reference_fits_unb_and_leads_back_to_its_delivery():
    ids = [f"01{n:05d}-1-TJTERM01_flat-1" for n in range(3000)]
    references = [control_reference(each, number) for number, each in enumerate(ids, 1)]
    assert len(set(references)) == len(ids)
    assert all(re.fullmatch("[0-9A-Z]{14}", each) for each in references)
    assert [delivery_number(each) for each in references] == list(range(1, 3001))
    assert control_reference(ids[0], 36**8 - 1)[:8] == "ZZZZZZZZ"
    assert control_reference(ids[1], 1) != control_reference(ids[0], 1)


@pytest.mark.parametrize("foreign", ["", "M00000000001", "I0000000000142", "0000000Z-ABCDE"])
def test_a_reference_of_others_leads_nowhere(foreign):
    assert delivery_number(foreign) is None
