"""LIFE OF DECLARATIONS: manifest first, goods after, who may change what when (S3-05 … S3-18).

The authority approves a manifest by itself (S3-09) and goods by hand.  An approved manifest never
changes (S3-16); a goods declaration may be withdrawn while undecided (H-29), after its approval
only by an approved cancellation, and never again once it is paid (S3-18).
"""

from __future__ import annotations

from enum import StrEnum

from gateway.findings import Finding
from gateway.rules.verdict import NOTHING, kind


class Event(StrEnum):
    """What happens to a declaration; approve, reject and the two of a cancellation are answers."""

    CHANGE = "change"
    DELETE = "delete"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"
    APPROVE = "approve"
    REJECT = "reject"
    CANCEL_APPROVED = "cancel_approved"
    CANCEL_REJECTED = "cancel_rejected"


_MANIFEST = {
    ("draft", Event.CHANGE): "draft",
    ("draft", Event.DELETE): "deleted",
    ("draft", Event.SUBMIT): "submitted",
    ("submitted", Event.APPROVE): "approved",
    ("submitted", Event.REJECT): "rejected",
    # 未通过认定 and 已驳回认定 may be changed and handed in again.
    ("failed", Event.CHANGE): "failed",
    ("failed", Event.SUBMIT): "submitted",
    ("rejected", Event.CHANGE): "rejected",
    ("rejected", Event.SUBMIT): "submitted",
}
_GOODS = {
    ("draft", Event.CHANGE): "draft",
    ("draft", Event.DELETE): "deleted",
    ("draft", Event.SUBMIT): "submitted",
    ("rejected", Event.CHANGE): "rejected",
    ("rejected", Event.DELETE): "deleted",
    ("rejected", Event.SUBMIT): "submitted",
    ("submitted", Event.WITHDRAW): "draft",
    ("submitted", Event.APPROVE): "approved",
    ("submitted", Event.REJECT): "rejected",
    ("approved", Event.CANCEL): "cancel_requested",
    ("cancel_requested", Event.CANCEL_APPROVED): "draft",
    ("cancel_requested", Event.CANCEL_REJECTED): "approved",
}
_STATES = {
    "draft": ("未提交认定", "not submitted"),
    "submitted": ("已提交认定", "submitted"),
    "approved": ("已通过认定", "approved"),
    "failed": ("未通过认定", "not passed"),
    "rejected": ("已驳回认定", "rejected"),
    "cancel_requested": ("申请取消认定", "cancellation asked for"),
    "paid": ("已收费", "paid"),
    "deleted": ("已删除", "deleted"),
}
_EVENTS = {
    Event.CHANGE: ("修改", "be changed"),
    Event.DELETE: ("删除", "be deleted"),
    Event.SUBMIT: ("提交认定", "be submitted"),
    Event.WITHDRAW: ("取消提交", "be withdrawn"),
    Event.CANCEL: ("申请取消认定", "have its approval cancelled"),
    Event.APPROVE: ("通过认定", "be approved"),
    Event.REJECT: ("驳回", "be rejected"),
    Event.CANCEL_APPROVED: ("取消认定", "have its approval cancelled"),
    Event.CANCEL_REJECTED: ("保留认定", "keep its approval"),
}

NOT_NOW = kind(
    "NOT_NOW",
    "状态“{state_zh}”的申报不可以{event_zh}",
    "a declaration that is {state_en} cannot {event_en}",
    (
        "已通过认定的提单须先申请取消认定；已收费的不可变更",
        "an approved bill needs a cancellation first; a paid one never changes",
    ),
)
NOT_OWN = kind(
    "NOT_OWN",
    "只能修改本人的申报",
    "only one's own declarations can be changed",
)
MANIFEST_FIRST = kind(
    "MANIFEST_FIRST",
    "舱单申报通过认定后才可以申报货物（现为“{state_zh}”）",
    "goods are declared once the manifest declaration is approved (it is {state_en})",
    ("请先提交舱单申报", "submit the manifest declaration first"),
)


def manifest_after(state: str, event: Event) -> str | None:
    """The state of a manifest declaration after the event; None where it has no place."""
    return _MANIFEST.get((state, event))


def goods_after(state: str, event: Event) -> str | None:
    """The state of a goods declaration after the event; None where it has no place."""
    return _GOODS.get((state, event))


def not_now(state: str, event: Event) -> Finding:
    """Why the event has no place in this state."""
    (state_zh, state_en), (event_zh, event_en) = _STATES[state], _EVENTS[event]
    return NOT_NOW.at(
        value=state, state_zh=state_zh, state_en=state_en, event_zh=event_zh, event_en=event_en
    )


def manifest_is_approved(state: str) -> tuple[Finding, ...]:
    """S3-05: goods are declared under an approved manifest only."""
    if state == "approved":
        return NOTHING
    state_zh, state_en = _STATES[state]
    return (MANIFEST_FIRST.at(value=state, state_zh=state_zh, state_en=state_en),)


def is_own(declarant: str, account: str) -> tuple[Finding, ...]:
    """S3-17: a declarant changes only his own declarations."""
    return NOTHING if declarant == account else (NOT_OWN.at(),)
