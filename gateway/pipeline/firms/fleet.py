"""FLEET of a firm: trucks, drivers with their personal data, smart cards (S0-19, S0-20, S0-44)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from gateway.canonical.firm import Driver
from gateway.canonical.partner import Partner
from gateway.findings import Place
from gateway.limits import FIRM_CARDS_MAX, FIRM_DRIVERS_MAX, FIRM_TRUCKS_MAX
from gateway.pipeline.firms.act import Act
from gateway.pipeline.firms.personal import PersonalData, masked_name, masked_number
from gateway.pipeline.firms.refusal import conflict, full, invalid, not_found
from gateway.pipeline.firms.rows import CardRow, DriverRow, TruckRow
from gateway.pipeline.identity import new_id
from gateway.pipeline.ports import Tx
from gateway.rules.firm_form import NO_FLEET, check_driver, is_fleet
from gateway.rules.registration import check_plate

_CARD_STEPS = {"issue": ("applied", "issued"), "refuse": ("applied", "refused")}
_CARD_STEPS["cancel"] = ("issued", "cancelled")


def add_truck(act: Act, partner: Partner, plate: str) -> TruckRow:
    """The truck of that plate, new or as it stands; raises FirmRefusal."""
    _refuse_others(partner)
    plate = plate.strip().upper()
    fault = check_plate(plate)
    if fault is not None:
        raise invalid((fault.kind.at(Place(key="plate"), plate),))
    fleet = act.tx.firms.fleet
    known = fleet.truck(partner.code, plate)
    if known is not None:
        return known
    if fleet.truck_count(partner.code) >= FIRM_TRUCKS_MAX:
        raise full("车辆过多", "the firm has too many trucks")
    row = TruckRow(new_id(), partner.code, plate, "active", act.now)
    if not fleet.add_truck(row):
        raise conflict("DUPLICATE", "该车辆已登记", "that truck is on the list")
    act.record("truck.added", partner.code, before=None, after={"truck": row.id, "plate": plate})
    return row


def remove_truck(act: Act, partner: str, truck: str) -> None:
    """Take a truck off the list; raises FirmRefusal where there is none such."""
    if not act.tx.firms.fleet.remove_truck(partner, truck, act.now):
        raise not_found("没有该车辆", "there is no such truck")
    act.record("truck.removed", partner, before={"truck": truck}, after=None)


def file_driver(act: Act, partner: Partner, driver: Driver, personal: PersonalData) -> DriverRow:
    """File a driver (S0-20), or the one that is filed with that identity number."""
    _refuse_others(partner)
    findings = tuple(check_driver(driver, ""))
    if findings:
        raise invalid(findings)
    fleet = act.tx.firms.fleet
    identity = personal.mark("identity", driver.identity)
    known = fleet.driver_with(partner.code, identity)
    if known is not None:
        return known
    if fleet.driver_count(partner.code) >= FIRM_DRIVERS_MAX:
        raise full("司机过多", "the firm has too many drivers")
    row = _driver_row(act, partner.code, driver, personal)
    if not fleet.file_driver(row):
        raise conflict("DUPLICATE", "该司机已备案", "that driver is filed already")
    act.record(
        "driver.filed", partner.code, before=None, after={"driver": row.id} | json.loads(row.shown)
    )
    return row


def remove_driver(act: Act, partner: str, driver: str, kept: timedelta) -> None:
    """Take a driver off the list; the personal data are erased after `kept`."""
    if not act.tx.firms.fleet.remove_driver(partner, driver, act.now + kept):
        raise not_found("没有该司机", "there is no such driver")
    act.record("driver.removed", partner, before={"driver": driver}, after=None)


def filed_driver(tx: Tx, personal: PersonalData, partner: str, identity: str) -> DriverRow | None:
    """The driver whom a firm has filed under an identity number, for whoever asks at the gate."""
    return tx.firms.fleet.driver_with(partner, personal.mark("identity", identity))


def apply_card(act: Act, partner: Partner, truck: str | None, driver: str | None) -> CardRow:
    """Apply for a smart card for one of the firm's trucks or drivers."""
    _refuse_others(partner)
    fleet = act.tx.firms.fleet
    known = (truck and any(each.id == truck for each in _trucks(act, partner.code))) or (
        driver and fleet.driver(partner.code, driver)
    )
    if not known or (truck and driver):
        raise not_found("没有该车辆或司机", "name one of the firm's trucks or drivers")
    if fleet.card_count(partner.code) >= FIRM_CARDS_MAX:
        raise full("智能卡过多", "the firm has too many smart cards")
    row = CardRow(new_id(), partner.code, truck, driver, None, "applied", act.now)
    fleet.apply_card(row)
    act.record("card.applied", partner.code, before=None, after={"card": row.id})
    return row


def decide_card(act: Act, partner: str, card: str, step: str, number: str | None) -> CardRow:
    """Issue (with the number printed on it), refuse or cancel; raises FirmRefusal."""
    row = act.tx.firms.fleet.card(partner, card)
    if row is None:
        raise not_found("没有该智能卡", "there is no such card")
    expected, reached = _CARD_STEPS[step]
    if row.state != expected:
        raise conflict(
            "WRONG_STATE", f"智能卡状态为 {row.state}", f"the card's state is {row.state}"
        )
    if step == "issue" and not number:
        raise conflict("NUMBER_MISSING", "须填写卡号", "the number of the card is needed")
    changed = replace(
        row, state=reached, number=number or row.number, decided_at=act.now, who=act.by
    )
    if not act.tx.firms.fleet.decide_card(changed):
        raise conflict("NUMBER_TAKEN", "卡号已被使用", "another card has that number")
    act.record(
        f"card.{reached}",
        partner,
        before={"card": card, "state": row.state},
        after={"card": card, "state": reached, "number": changed.number},
    )
    return changed


def _trucks(act: Act, partner: str) -> list[TruckRow]:
    return act.tx.firms.fleet.trucks(partner, "", FIRM_TRUCKS_MAX)


def _driver_row(act: Act, partner: str, driver: Driver, personal: PersonalData) -> DriverRow:
    name = new_id()
    sealed = personal.seal(driver.model_dump(exclude_none=True), driver_place(partner, name))
    shown = {
        "name": masked_name(driver.name),
        "identity": masked_number(driver.identity),
        "licence": masked_number(driver.licence),
        "mobile": masked_number(driver.mobile),
    }
    return DriverRow(
        name,
        partner,
        personal.mark("identity", driver.identity),
        personal.mark("licence", driver.licence),
        sealed.key_id,
        sealed.content,
        json.dumps(shown, ensure_ascii=False),
        "filed",
        act.now,
    )


def driver_place(partner: str, driver: str) -> str:
    """What the sealed data of a driver are bound to."""
    return f"driver/{partner}/{driver}"


def _refuse_others(partner: Partner) -> None:
    if not is_fleet(partner.types):
        raise invalid((NO_FLEET.at(Place(key="types")),))
