"""REGISTRATION: a firm hands itself in and waits for the platform's review (S0-08 … S0-23)."""

from __future__ import annotations

import json

from gateway.canonical.firm import Contact, Registration
from gateway.canonical.partner import Account, Partner
from gateway.limits import FIRM_REGISTRATIONS_OPEN_MAX
from gateway.pipeline.api_key import ApiKey
from gateway.pipeline.firms.act import Act, put
from gateway.pipeline.firms.fleet import file_driver
from gateway.pipeline.firms.life import told_in_mailbox
from gateway.pipeline.firms.personal import (
    PersonalData,
    masked_mail,
    masked_name,
    masked_number,
)
from gateway.pipeline.firms.refusal import conflict, full, invalid
from gateway.pipeline.firms.rows import ContactRow, StateRow
from gateway.rules.firm_form import check_contact, check_registration


def register(act: Act, form: Registration, key: ApiKey, personal: PersonalData) -> Partner:
    """Keep a registration in the state `submitted`, with its administrator's account.

    The firm's code is its credit code (or taxpayer number), which nobody else has.  Raises
    FirmRefusal: faults of the form, a number or login that is in use, too many that wait.
    """
    findings = check_registration(form)
    if findings:
        raise invalid(findings)
    number = form.credit_code or form.taxpayer_number or ""
    taken = act.tx.partners.locked(number) or act.tx.partners.with_number(number)
    if taken is not None:
        raise conflict(
            "NUMBER_TAKEN", "该登记号码已注册", "a firm with that number is registered already"
        )
    if act.tx.firms.registrations_open() >= FIRM_REGISTRATIONS_OPEN_MAX:
        raise full("待审核的注册过多，请稍后再试", "too many registrations wait; try again later")
    login = form.login.lower()
    account = Account(name=login, api_keys=(key.entry,), admin=True, services=form.services)
    made = put(
        act,
        {
            "code": number,
            "name": form.name,
            "managed_by": "api",
            "state": "submitted",
            "identities": (number,),
            "types": form.types,
            "services": form.services,
            "credit_code": form.credit_code,
            "taxpayer_number": form.taxpayer_number,
            "customs_codes": form.customs_codes,
            "accounts": (account.model_dump(),),
            "routes": (told_in_mailbox().model_dump(),),
        },
    )
    act.tx.firms.entered(StateRow(number, "submitted", act.now, act.by, "registered"))
    keep_contact(act, number, login, form.contact, personal)
    for driver in form.drivers:
        file_driver(act, made, driver, personal)
    return made


def replace_contact(
    act: Act, partner: str, account: str, contact: Contact, personal: PersonalData
) -> None:
    """Check and keep who stands behind an account; on record without what was said."""
    findings = tuple(check_contact(contact, "contact"))
    if findings:
        raise invalid(findings)
    keep_contact(act, partner, account, contact, personal)
    act.record("contact.changed", partner, account=account)


def keep_contact(
    act: Act, partner: str, account: str, contact: Contact, personal: PersonalData
) -> None:
    """Keep who stands behind an account: sealed, and masked for display."""
    values = contact.model_dump(exclude_none=True)
    sealed = personal.seal(values, contact_place(partner, account))
    shown = {
        "name": masked_name(contact.name),
        "mobile": masked_number(contact.mobile),
        "email": masked_mail(contact.email),
    }
    row = ContactRow(
        partner,
        account,
        sealed.key_id,
        sealed.content,
        json.dumps(shown, ensure_ascii=False),
        act.now,
    )
    act.tx.firms.keep_contact(row)


def contact_place(partner: str, account: str) -> str:
    """What a sealed contact is bound to."""
    return f"contact/{partner}/{account}"
