"""The checker finds what it is for: each way of losing, doubling or spoiling is caught."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.crash.checker import LEGS, DeadLetter, Delivery, GatewayLedger, Interchange, check
from tests.crash.clients import Told
from tests.crash.files import booking, container, manifest, sample
from tests.crash.terminal import Effect, token_of

FILES = [sample(number) for number in range(4)]


def world():
    told = [
        Told(f.number, f.name, f.kind, f.token, f.sha256, "http", f"i{f.number}", 1, 0.0)
        for f in FILES
    ]
    interchanges = [
        Interchange(f"i{f.number}", f.sha256, "decided", "accepted", None, f.name) for f in FILES
    ]
    effects = [
        Effect(leg, f"i{f.number}-{leg}-1", f.token, f.sha256) for leg in LEGS for f in FILES
    ]
    deliveries = [
        Delivery(each.delivery, each.delivery[:2], each.leg, "sent", "document", 1)
        for each in effects
    ]
    return told, GatewayLedger(interchanges, deliveries), effects


def test_a_perfect_run_passes():
    told, gateway, effects = world()
    assert check(told, gateway, effects).faults == []


def _without_effect(told, gateway, effects):
    effects.pop()


def _effect_twice(told, gateway, effects):
    effects.append(effects[0])


def _same_file_under_two_ids(told, gateway, effects):
    effects.append(replace(effects[0], delivery="other-push-1"))


def _not_in_the_database(told, gateway, effects):
    gateway.interchanges.pop()


def _twice_in_the_database(told, gateway, effects):
    gateway.interchanges.append(replace(gateway.interchanges[0], id="i9"))


def _told_an_id_that_is_not_there(told, gateway, effects):
    told[0] = replace(told[0], interchange="i77")


def _other_bytes(told, gateway, effects):
    place = next(i for i, each in enumerate(effects) if each.leg == "drop")
    effects[place] = replace(effects[place], sha256="0" * 64)


def _from_nowhere(told, gateway, effects):
    effects.append(Effect("box", "x-1", "V0ZZZZ", ""))


def _still_moving(told, gateway, effects):
    gateway.deliveries[0] = replace(gateway.deliveries[0], state="leased")


def _event_left(told, gateway, effects):
    gateway.events = 1


def _broken_file(told, gateway, effects):
    gateway.faults.append("integrity_check: row missing")


def _buried_without_a_reason(told, gateway, effects):
    effects.pop()
    gateway.dead_letters.append(DeadLetter("deliver", "i3-box-1", "", "", "open"))


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (_without_effect, "lost"),
        (_effect_twice, "duplicate"),
        (_same_file_under_two_ids, "duplicate"),
        (_not_in_the_database, "lost"),
        (_twice_in_the_database, "duplicate"),
        (_told_an_id_that_is_not_there, "lost"),
        (_other_bytes, "corrupt"),
        (_from_nowhere, "phantom"),
        (_still_moving, "not drained"),
        (_event_left, "not drained"),
        (_broken_file, "corrupt"),
        (_buried_without_a_reason, "lost"),
    ],
)
def test_each_fault_is_found(fault, kind):
    told, gateway, effects = world()
    fault(told, gateway, effects)
    assert any(each.startswith(kind) for each in check(told, gateway, effects).faults)


@pytest.mark.parametrize("subject", ["i3-box-1", "i3", "i3-1"])
def test_a_dead_letter_with_a_reason_is_not_lost(subject):
    told, gateway, effects = world()
    effects.pop()
    gateway.dead_letters.append(DeadLetter("deliver", subject, "REFUSED", "trace", "open"))
    verdict = check(told, gateway, effects)
    assert verdict.faults == []
    assert verdict.buried == 1


def test_made_up_files_can_be_told_apart():
    files = [sample(number) for number in range(2_000)]
    assert len({each.token for each in files}) == len({each.sha256 for each in files}) == 2_000
    assert all(token_of(each.data) == each.token for each in files)
    assert container(812345) == "TEMU8123455"  # from a published example file
    assert max(len(each.data) for each in files) > 64 * 1024
    assert manifest(1).data != manifest(1, encoding="utf-8").data
    assert booking(1).data.isascii()
