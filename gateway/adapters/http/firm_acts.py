"""What the routes about firms have in common: who acts, and how a refusal is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.problem import Problem
from gateway.canonical.partner import Partner
from gateway.pipeline.firms.act import Act
from gateway.pipeline.firms.permission import may
from gateway.pipeline.firms.refusal import (
    FirmRefusal,
    administrators_only,
    forbidden,
    not_found,
)
from gateway.pipeline.rows import AccountRef

T = TypeVar("T")
_STATUS = {
    "not_found": 404,
    "forbidden": 403,
    "conflict": 409,
    "invalid": 422,
    "full": 409,
    "off": 503,
}


async def write(ports: HttpPorts, by: str, work: Callable[[Act], T]) -> T:
    """Do it in one transaction; accounts and keys that changed are in force with the answer."""
    try:
        done = await ports.store.write(lambda tx: work(Act(tx, by, ports.clock.now())))
    except FirmRefusal as no:
        raise problem_of(no) from None
    await ports.directory.refresh()
    return done


async def read(ports: HttpPorts, work: Callable[[Act], T]) -> T:
    """Look, in one snapshot."""
    try:
        return await ports.store.read(lambda tx: work(Act(tx, "", ports.clock.now())))
    except FirmRefusal as no:
        raise problem_of(no) from None


def problem_of(no: FirmRefusal) -> Problem:
    """The problem, with every fault of what was sent."""
    findings = [each.as_json() for each in no.findings]
    fields: dict[str, object] = {"findings": findings} if findings else {}
    return Problem(_STATUS[no.kind], no.code, no.zh, no.en, fields=fields)


def own_firm(act: Act, account: AccountRef) -> Partner:
    """The firm of the account."""
    found = act.tx.partners.find(account.partner)
    if found is None:
        raise not_found("没有该企业", "there is no such firm")
    return found


def administered(act: Act, account: AccountRef) -> Partner:
    """The same, for its administrator alone (S0-25), while it is not suspended."""
    found = own_firm(act, account)
    if not found.is_administrator(account.account):
        raise administrators_only()
    if found.state == "suspended":
        raise FirmRefusal("forbidden", "PARTNER_NOT_ACTIVE", "企业已停用", "the firm is suspended")
    return found


def permitted(act: Act, account: AccountRef, function: str, terminal: str = "") -> Partner:
    """The firm of the account, where the permission decision lets the account do that."""
    verdict = may(act.tx, account, function, terminal)
    if verdict.outcome != "accept":
        raise forbidden(verdict)
    return own_firm(act, account)
