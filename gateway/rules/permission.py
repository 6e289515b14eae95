"""PERMISSION: may this account of this firm use this function, and by which table.

Every upload, request and query asks here.  Clauses: rules.md F.1 (S0-02 … S0-44), H-1, H-2.  A
firm's rights are the union over its types (S0-13); a sub-account's are part of the firm's (S0-28).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from gateway.findings import Finding
from gateway.rules.permission_tables import PROFILES, Profile, Tables, tables
from gateway.rules.verdict import NOTHING, Check, Clause, Verdict, ask, conclude, kind

# All functions of the tables belong to this service (S0-17, S0-29, S0-30).
ONE_STOP = "港口一站通"
# The last of the states of S0-23, as the words of the partner files and of the site have it.
ACTIVE_STATES = frozenset({"active", "activated", "已激活"})

NOT_ACTIVE = kind(
    "PARTNER_NOT_ACTIVE",
    "企业未激活(状态 {value})",
    "the firm is not activated (state {value})",
    ("平台审核并激活后方可操作", "operate after the platform has reviewed and activated it"),
)
FORBIDDEN = kind(
    "FORBIDDEN",
    "{who}不可以{zh}({table_zh})",
    "{who} may not {en} {table_en}",
    (
        "如企业另有其他类型的业务，请申请增加企业类型",
        "if it has other business, apply for that type",
    ),
)
PERSONAL = kind(
    "FORBIDDEN",
    "个人会员不可以{zh}",
    "personal members may not {en}",
    ("港口一站通只对企业认证会员开放", "the one-stop service is for certified enterprises"),
)
TERMINAL_NOT_APPROVED = kind(
    "TERMINAL_NOT_APPROVED",
    "码头{value}尚未确认开通{zh}",
    "terminal {value} has not approved the firm yet; it may not {en}",
    ("请将盖章的码头协议交码头审核", "hand the stamped agreement in to the terminal"),
)
NO_TERMINAL_APPROVED = kind(
    "TERMINAL_NOT_APPROVED",
    "尚无码头确认开通{zh}",
    "no terminal has approved the firm yet; it may not {en}",
    ("请将盖章的码头协议交码头审核", "hand the stamped agreement in to the terminal"),
)
PAYMENT_NOT_ENABLED = kind(
    "PAYMENT_NOT_ENABLED",
    "企业未开通随行支付，不可以{zh}",
    "the firm has not opened 随行支付; it may not {en}",
    ("请先申请并开通随行支付", "apply for 随行支付 and open it first"),
)
NOT_SUBSCRIBED = kind(
    "SERVICE_NOT_SUBSCRIBED",
    "企业未订阅{value}",
    "the firm has not subscribed to {value}",
    ("请管理员在个人中心订阅该服务", "the administrator subscribes in the personal centre"),
)
NOT_GRANTED = kind(
    "SERVICE_NOT_GRANTED",
    "子账户没有{value}的权限",
    "the sub-account has no right to {value}",
    ("请管理员在会员管理中勾选该服务", "the administrator ticks the service in member management"),
)

UNKNOWN_FIRM = kind(
    "PARTNER_UNKNOWN",
    "没有合作方 {value}",
    "there is no partner {value}",
)
# What an institution of the port may do beside sending what its agreements say: look at its own.
INSTITUTIONS_MAY = frozenset({"information_query"})


@dataclass(frozen=True, slots=True)
class FirmFacts:
    """What the platform knows of a firm.

    types: of the 23 of S0-11.  terminal_approved: codes of terminals that confirmed it.
    services: subscribed ones, None where that is not asked.
    """

    types: Sequence[str]
    state: str
    terminal_approved: Sequence[str] = ()
    payment_enabled: bool = False
    services: Sequence[str] | None = None
    member: Literal["enterprise", "personal"] = "enterprise"


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """The account that acts: the administrator has the firm's rights, another those granted."""

    admin: bool = True
    services: Sequence[str] = ()


ADMINISTRATOR = AccountFacts()


@dataclass(frozen=True, slots=True)
class PermissionCase:
    """One question.  terminal: whose confirmation is asked; None accepts any terminal's."""

    function: str
    firm: FirmFacts
    account: AccountFacts = ADMINISTRATOR
    terminal: str | None = None
    profile: Profile = "merged"


def firm_is_active(case: PermissionCase) -> Sequence[Finding]:
    """Nothing before activation, nothing while suspended (S0-23, S0-24)."""
    if case.firm.state in ACTIVE_STATES:
        return NOTHING
    return (NOT_ACTIVE.at(value=case.firm.state),)


def role_allows(case: PermissionCase) -> Sequence[Finding]:
    """The cell of one of the firm's types (S0-11, S0-13, H-1); personal members look only.

    S0-05 and S0-30: personal members do not operate the one-stop service.
    """
    known = tables()
    name = known.functions[case.function]
    if case.firm.member == "personal":
        return (PERSONAL.at(zh=name.zh, en=name.en),)
    if granting_types(case):
        return NOTHING
    zh, en = _by(known, case, case.firm.types)
    who = "、".join(case.firm.types) or "未登记类型的企业"
    return (FORBIDDEN.at(who=who, zh=name.zh, en=name.en, table_zh=zh, table_en=en),)


def terminal_confirmed(case: PermissionCase) -> Sequence[Finding]:
    """Pick-up, gate-in and online payment need the terminal's confirmation (S0-39, S0-40, H-2)."""
    known = tables()
    approved = case.firm.terminal_approved
    asked = case.function in known.needs_terminal
    if not asked or (case.terminal in approved if case.terminal else approved):
        return NOTHING
    name = known.functions[case.function]
    if case.terminal is None:
        return (NO_TERMINAL_APPROVED.at(zh=name.zh, en=name.en),)
    return (TERMINAL_NOT_APPROVED.at(value=case.terminal, zh=name.zh, en=name.en),)


def payment_is_open(case: PermissionCase) -> Sequence[Finding]:
    """Import operations only after 随行支付 was opened (S0-24, H-2)."""
    known = tables()
    if case.function not in known.needs_payment or case.firm.payment_enabled:
        return NOTHING
    name = known.functions[case.function]
    return (PAYMENT_NOT_ENABLED.at(zh=name.zh, en=name.en),)


def account_has_service(case: PermissionCase) -> Sequence[Finding]:
    """The firm subscribed to the service, the sub-account was granted it (S0-17, S0-26, S0-28)."""
    subscribed = case.firm.services
    if subscribed is not None and ONE_STOP not in subscribed:
        return (NOT_SUBSCRIBED.at(value=ONE_STOP),)
    if case.account.admin or ONE_STOP in case.account.services:
        return NOTHING
    return (NOT_GRANTED.at(value=ONE_STOP),)


CHECKS: tuple[Check[PermissionCase], ...] = (
    Check(Clause("permission-active", "1", "S0-23, S0-24"), firm_is_active),
    Check(Clause("permission-role", "1", "S0-05, S0-11, S0-13, S0-30, H-1"), role_allows),
    Check(Clause("permission-terminal", "1", "S0-39, S0-40, H-2"), terminal_confirmed),
    Check(Clause("permission-payment", "1", "S0-24, H-2"), payment_is_open),
    Check(Clause("permission-service", "1", "S0-17, S0-26, S0-28"), account_has_service),
)
AGREEMENT = Clause("permission-agreement", "1", "house.md 3: an agreement says")
RULES: tuple[Clause, ...] = tuple(check.clause for check in CHECKS)


def granting_types(case: PermissionCase) -> tuple[str, ...]:
    """The firm's types that give the function."""
    known = tables()
    return tuple(
        type_ for type_ in case.firm.types if known.allows(case.profile, case.function, type_)
    )


def decide_permission(case: PermissionCase) -> Verdict:
    """Ask every check; the answer names the types and the table that it follows.

    Raises KeyError for a function that the tables do not declare, ValueError for another profile.
    """
    if case.profile not in PROFILES:
        raise ValueError(f"no profile {case.profile!r}")
    known = tables()
    name = known.functions[case.function]
    granting = granting_types(case)
    zh, en = _by(known, case, granting)
    who = "、".join(granting)
    passed = (f"{who}可以{name.zh}({zh})", f"{who} may {name.en} {en}")
    return conclude(ask(CHECKS, case), RULES, passed)


def is_open_to_institutions(case: PermissionCase) -> bool:
    """Whether an active partner without types may: uploads by its agreements, and look-ups."""
    named = case.function.endswith("_upload") or case.function in INSTITUTIONS_MAY
    return case.firm.state in ACTIVE_STATES and named


def by_agreement(case: PermissionCase) -> Verdict:
    """What an institution, or the gateway's operator, is told: no table was asked."""
    name = tables().functions[case.function]
    said = (f"机构账户可以{name.zh}(依据协议)", f"an institution may {name.en} by its agreement")
    return conclude(NOTHING, (AGREEMENT,), said)


def _by(known: Tables, case: PermissionCase, types: Sequence[str]) -> tuple[str, str]:
    """The tables that were followed, in both languages: `依据表2`, `by table 2`."""
    follow = {known.deciding(case.profile, case.function, type_).name for type_ in types}
    numbers = sorted(name.removeprefix("table") for name in follow) or ["1", "2"]
    zh = f"依据表{'、表'.join(numbers)}"
    en = f"by table {' and table '.join(numbers)}"
    return zh, en
