"""ACCOUNTS of a firm: sub-accounts within its services, and their keys (S0-25 … S0-28)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.canonical.firm import SubAccount
from gateway.canonical.partner import Account, Partner
from gateway.findings import Place
from gateway.limits import FIRM_ACCOUNTS_MAX
from gateway.pipeline.api_key import ApiKey
from gateway.pipeline.firms.act import Act, change
from gateway.pipeline.firms.personal import PersonalData
from gateway.pipeline.firms.refusal import conflict, full, invalid, not_found
from gateway.pipeline.firms.registration import keep_contact
from gateway.rules.firm_form import check_sub_account
from gateway.rules.partner_file import KEY_LINE, is_public_key


def add_account(
    act: Act, code: str, form: SubAccount, key: ApiKey, personal: PersonalData
) -> Account:
    """A sub-account with its first key; its login is never changed (S0-21)."""
    findings = list(check_sub_account(form))
    findings += [
        KEY_LINE.at(Place(key=f"ssh_keys[{index}]"))
        for index, line in enumerate(form.ssh_keys)
        if not is_public_key(line)
    ]
    if findings:
        raise invalid(tuple(findings))
    made = Account(
        name=form.login.lower(),
        ssh_keys=form.ssh_keys,
        api_keys=(key.entry,),
        services=form.services,
    )

    def more(partner: Partner) -> dict[str, Any]:
        if len(partner.accounts) >= FIRM_ACCOUNTS_MAX:
            raise full("子账户过多", "the firm has too many accounts")
        if any(each.name == made.name for each in partner.accounts):
            raise conflict("LOGIN_TAKEN", "该登录名已被使用", "that login name is in use")
        kept = [_marked(partner, each) for each in partner.accounts]
        return {"accounts": (*kept, made.model_dump())}

    change(act, code, more)
    if form.contact is not None:
        keep_contact(act, code, made.name, form.contact, personal)
    return made


def grant(act: Act, code: str, login: str, services: tuple[str, ...]) -> Account:
    """Set what a sub-account may use; more than the firm has is refused (S0-28)."""
    return _changed(act, code, login, lambda _: {"services": services})


def rotate_key(act: Act, code: str, login: str, key: ApiKey, *, keep: bool = False) -> Account:
    """A new key; the old ones end with it, unless they are kept for the time of a change."""
    return _changed(
        act, code, login, lambda old: {"api_keys": (*(old.api_keys if keep else ()), key.entry)}
    )


def remove_account(act: Act, code: str, login: str) -> None:
    """Take a sub-account away; never the administrator's."""

    def without(partner: Partner) -> dict[str, Any]:
        _find(partner, login)
        if partner.is_administrator(login):
            raise conflict(
                "ADMINISTRATOR", "不能删除管理员账户", "the administrator's account stays"
            )
        return {
            "accounts": tuple(each.model_dump() for each in partner.accounts if each.name != login)
        }

    change(act, code, without)
    act.tx.firms.forget_contact(code, login)


def subscribe(act: Act, code: str, services: tuple[str, ...]) -> Partner:
    """The services a firm subscribes to (S0-17, S0-27); sub-accounts keep what is left."""

    def fewer(partner: Partner) -> dict[str, Any]:
        accounts = tuple(
            each.model_dump()
            | {"services": tuple(name for name in each.services if name in services)}
            for each in partner.accounts
        )
        return {"services": services, "accounts": accounts}

    return change(act, code, fewer)


def _changed(act: Act, code: str, login: str, make: Callable[[Account], dict[str, Any]]) -> Account:
    def accounts(partner: Partner) -> dict[str, Any]:
        _find(partner, login)
        return {
            "accounts": tuple(
                each.model_dump() | (make(each) if each.name == login else {})
                for each in partner.accounts
            )
        }

    return _find(change(act, code, accounts), login)


def _find(partner: Partner, login: str) -> Account:
    found = next((each for each in partner.accounts if each.name == login), None)
    if found is None:
        raise not_found("没有该账户", "there is no such account")
    return found


def _marked(partner: Partner, account: Account) -> dict[str, Any]:
    """Whoever administers by being first stays administrator when others come."""
    return account.model_dump() | {"admin": partner.is_administrator(account.name)}
