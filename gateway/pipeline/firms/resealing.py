"""RESEALING: personal data under an old key are taken to the new one, so that the old may go."""

from __future__ import annotations

from dataclasses import replace

from gateway.limits import PERSONAL_RESEALED_PER_ROUND
from gateway.pipeline.firms.act import Act
from gateway.pipeline.firms.fleet import driver_place
from gateway.pipeline.firms.personal import PersonalData, Sealed
from gateway.pipeline.firms.registration import contact_place


def reseal(act: Act, personal: PersonalData) -> int:
    """Some values, in one transaction; how many.  Raises FirmRefusal where a key is missing."""
    if personal.key is None:
        return 0
    firms, most = act.tx.firms, PERSONAL_RESEALED_PER_ROUND
    drivers = firms.fleet.drivers_not_under(personal.key, most)
    for driver in drivers:
        place = driver_place(driver.partner, driver.id)
        sealed = _again(personal, driver.key_id, driver.sealed, place)
        firms.fleet.reseal_driver(driver.id, sealed.key_id, sealed.content)
    contacts = firms.contacts_not_under(personal.key, most)
    for contact in contacts:
        place = contact_place(contact.partner, contact.account)
        sealed = _again(personal, contact.key_id, contact.sealed, place)
        firms.keep_contact(replace(contact, key_id=sealed.key_id, sealed=sealed.content))
    done = len(drivers) + len(contacts)
    if done:
        act.record("personal.resealed", personal.key, values=done)
    return done


def _again(personal: PersonalData, key_id: str | None, content: bytes | None, place: str) -> Sealed:
    return personal.seal(personal.open(Sealed(key_id or "", content or b""), place), place)
