"""RELEASE: a quarantined file goes on, once its sender has been taken on (house.md 3)."""

from __future__ import annotations

from gateway.pipeline.firms.act import Act
from gateway.pipeline.firms.refusal import FirmRefusal, conflict, not_found
from gateway.pipeline.ports import Stale
from gateway.pipeline.replay import replay_interchange

# From the bytes: the partner's terms say how they are read, and they may be new.
_STAGE = "translate"


def release(act: Act, interchange: str, why: str) -> int:
    """Run a quarantined interchange from the start; its new revision.

    Raises FirmRefusal for one that is not quarantined, or whose partner is not active yet: it
    would only come back.  The decision is made anew, with every rule.
    """
    row = act.tx.interchanges.find(interchange)
    if row is None:
        raise not_found("没有该文件", "there is no such interchange")
    if row.state != "quarantined":
        raise conflict(
            "WRONG_STATE",
            f"文件状态为 {row.state}，不在隔离中",
            f"the interchange's state is {row.state}: it is not quarantined",
        )
    partner = act.tx.partners.find(row.partner)
    if partner is None or partner.state != "active":
        state = partner.state if partner else "unknown"
        raise FirmRefusal(
            "conflict",
            "PARTNER_NOT_ACTIVE",
            f"合作方 {row.partner} 未启用(状态 {state})",
            f"partner {row.partner} is not active (state {state}): take it on first",
        )
    try:
        revision = replay_interchange(act.tx, interchange, _STAGE)
    except Stale:
        raise conflict("WRONG_STATE", "文件状态已改变", "somebody else acted meanwhile") from None
    act.record(
        "interchange.released", interchange, before=row.state, after="received", why=why,
        revision=revision,
    )  # fmt: skip
    return revision
