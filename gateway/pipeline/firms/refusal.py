"""REFUSAL of something asked about a firm: a reason with its code, in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gateway.findings import Finding
from gateway.rules.verdict import Verdict

Kind = Literal["not_found", "forbidden", "conflict", "invalid", "full", "off"]


@dataclass(eq=False)
class FirmRefusal(Exception):
    """kind: what sort of no.  findings: every fault of what was sent, where there is more to say.

    "full": too many already; "off": this gateway is not set up for it.
    """

    kind: Kind
    code: str
    zh: str
    en: str
    findings: tuple[Finding, ...] = ()

    def __str__(self) -> str:
        return "; ".join([self.en, *(each.en for each in self.findings)])


def not_found(zh: str, en: str) -> FirmRefusal:
    """There is no such thing, or it is another firm's."""
    return FirmRefusal("not_found", "NOT_FOUND", zh, en)


def conflict(code: str, zh: str, en: str) -> FirmRefusal:
    """It does not fit what is on record."""
    return FirmRefusal("conflict", code, zh, en)


def full(zh: str, en: str) -> FirmRefusal:
    """A limit is reached."""
    return FirmRefusal("full", "TOO_MANY", zh, en)


def invalid(findings: tuple[Finding, ...]) -> FirmRefusal:
    """What was sent has faults."""
    return FirmRefusal("invalid", "INVALID", "内容有误", "what was sent has faults", findings)


def forbidden(verdict: Verdict) -> FirmRefusal:
    """The permission decision said no."""
    code = verdict.codes[0] if verdict.codes else "FORBIDDEN"
    said = verdict.explanation
    return FirmRefusal("forbidden", code, said["zh"], said["en"], verdict.findings)


def administrators_only() -> FirmRefusal:
    """S0-25, S0-27: company documents and services are the administrator's business."""
    return FirmRefusal(
        "forbidden",
        "NOT_ADMINISTRATOR",
        "仅企业管理员账户可以操作",
        "only the firm's administrator may do that",
    )
