"""LIFE of a firm: created, registered, reviewed, activated, suspended; the firm is told (S0-23)."""

from __future__ import annotations

from typing import Any, Final

from gateway.canonical.partner import Agreement, Partner, Route, Subscription
from gateway.pipeline.firms.act import Act, change, firm, put
from gateway.pipeline.firms.permission import UPLOADS, followed
from gateway.pipeline.firms.refusal import FirmRefusal, conflict
from gateway.pipeline.firms.rows import StateRow
from gateway.pipeline.notices import Notice, notify
from gateway.rules.firm_life import NOTICES, after
from gateway.rules.permission_tables import tables

# What a firm is told in its mailbox where it has no routes of its own.
_TOLD: Final = (
    *(
        "firm",
        "firm_approval",
        "appointment",
        "customs_appointment_status",
        "fee_notice",
        "payment",
    ),
)


def create(act: Act, partner: Partner, why: str = "") -> Partner:
    """A partner made by an operator; raises FirmRefusal where the code is in use."""
    if act.tx.partners.locked(partner.code) is not None:
        raise conflict(
            "CODE_TAKEN", f"代码 {partner.code} 已被使用", f"the code {partner.code} is in use"
        )
    made = put(act, partner.model_dump() | {"managed_by": "api"})
    act.tx.firms.entered(StateRow(made.code, made.state, act.now, act.by, why))
    return made


def take_step(act: Act, code: str, step: str, why: str) -> Partner:
    """review, return, approve, suspend or resume; raises FirmRefusal where it does not fit."""
    before = firm(act, code).state
    reached = after(step, before)
    if reached is None:
        raise conflict(
            "WRONG_STATE",
            f"状态 {before} 下不能执行 {step}",
            f"{step} is not possible in the state {before}",
        )
    changed = change(act, code, lambda partner: _terms(partner, reached))
    act.tx.firms.entered(StateRow(code, reached, act.now, act.by, why))
    act.record(f"firm.{step}", code, before=before, after=reached, why=why)
    _tell(act, changed, why)
    return changed


def discard(act: Act, code: str, why: str) -> None:
    """Give up a registration that came to nothing; raises FirmRefusal for an activated firm."""
    partner = firm(act, code)
    if partner.managed_by == "file" or partner.state not in ("submitted", "review"):
        raise conflict(
            "WRONG_STATE",
            "只能删除未激活的注册申请",
            "only a registration that was never activated can be discarded",
        )
    act.tx.firms.forget(code)
    act.tx.firms.fleet.remove_all(code, act.now)
    act.tx.partners.apply([], act.by, [code])
    act.record("firm.discarded", code, before=partner.state, after=None, why=why)


def agreements_for(types: tuple[str, ...]) -> tuple[Agreement, ...]:
    """What firms of these types send, by the role tables: types open functions (S0-36)."""
    known, profile = tables(), followed()
    return tuple(
        Agreement(document=document)
        for document, function in UPLOADS.items()
        if any(known.allows(profile, function, each) for each in types)
    )


def told_in_mailbox() -> Route:
    """The route of a firm that has none: what concerns it waits in its mailbox."""
    wanted = tuple(Subscription(document=each) for each in _TOLD)
    return Route(name="mailbox", kind="mailbox", subscriptions=wanted)


def _terms(partner: Partner, reached: str) -> dict[str, Any]:
    """An activated firm has the agreements of its types where nobody gave it others."""
    values: dict[str, Any] = {"state": reached}
    if reached == "active" and partner.types and not partner.agreements:
        given = agreements_for(partner.types)
        values["agreements"] = tuple(each.model_dump() for each in given)
    return values


def _tell(act: Act, partner: Partner, why: str) -> None:
    steps = act.tx.firms.states(partner.code)
    notice = Notice(
        kind="firm",
        id=f"firm-{partner.code}",
        revision=len(steps),
        about={"firm": partner.code},
        body={
            "firm": partner.code,
            "name": partner.name,
            "state": partner.state,
            "at": act.now.isoformat(),
            "why": why,
        },
        state=NOTICES[partner.state],
        receivers={partner.code},
        test=partner.stage == "test",
    )
    # Notices go to active partners; the firm itself hears of its suspension all the same.
    notify(act.tx, [partner.model_copy(update={"state": "active"})], notice, act.now)


def refuse_inactive(partner: Partner) -> None:
    """Raise FirmRefusal where a firm is not activated (S0-23)."""
    if partner.state != "active":
        raise FirmRefusal(
            "forbidden",
            "PARTNER_NOT_ACTIVE",
            f"企业未激活(状态 {partner.state})",
            f"the firm is not activated (state {partner.state})",
        )
