"""PERMISSION by agreement: may this partner send this, and is it whole.

Clauses: house.md 3 ("An agreement says …"), issue "The main job" 1 (sender among identities) and
3 (may this partner send this); interfaces.md, Truncation.
"""

from __future__ import annotations

from gateway.canonical.partner import Partner
from gateway.findings import FindingKind, Severity
from gateway.rules.case import Case, Survey
from gateway.rules.decision import NO_OBJECTION, Ruling

PARTNER_NOT_ACTIVE = FindingKind(
    "PARTNER_NOT_ACTIVE",
    Severity.ERROR,
    "合作方 {partner} 未启用(状态 {state})",
    "partner {partner} is not active (state {state})",
    "请联系平台管理员启用后重新发送",
    "ask the operator to activate it, then send again",
)
SENDER_UNKNOWN = FindingKind(
    "SENDER_UNKNOWN",
    Severity.ERROR,
    "报文发送方“{value}”不属于登录账户的合作方 {partner}",
    "the sender “{value}” of the envelope is none of the identities of partner {partner}",
    "请用本企业的发送方代码，或请平台登记该代码",
    "use your own sender code, or have this one registered",
)
NOT_AGREED = FindingKind(
    "NOT_AGREED",
    Severity.ERROR,
    "合作方 {partner} 没有发送 {document} 的协议",
    "partner {partner} has no agreement to send {document}",
    "请与平台签订该单证的协议",
    "have an agreement about this document set up",
)
FUNCTION_NOT_AGREED = FindingKind(
    "FUNCTION_NOT_AGREED",
    Severity.ERROR,
    "协议不允许 {document} 使用功能代码 {value}",
    "the agreement about {document} does not allow function {value}",
    "允许的功能代码：{allowed}",
    "allowed functions: {allowed}",
)
INCOMPLETE = FindingKind(
    "INCOMPLETE",
    Severity.ERROR,
    "文件不完整，没有结束记录",
    "the file is incomplete: its trailer is missing",
    "请重新发送完整文件",
    "send the whole file again",
)
NO_PARTS = FindingKind(
    "NO_PARTS",
    Severity.ERROR,
    "{document} 没有任何内容(提单、箱或订舱)",
    "the {document} names nothing: no bill, no box, no booking",
    "撤销整份单证请用功能代码 1",
    "to withdraw a whole document use function 1",
)
HAS_ERRORS = FindingKind(
    "HAS_ERRORS",
    Severity.ERROR,
    "有 {count} 处错误",
    "{count} errors were found",
    "请按所列错误更正后重新发送",
    "correct the errors listed and send again",
)
PARTS_WITH_ERRORS = FindingKind(
    "PARTS_WITH_ERRORS",
    Severity.WARNING,
    "{count} 项有错误，未接受：{names}",
    "{count} parts have errors and were not accepted: {names}",
    "请更正这些项并只补发它们(功能代码 2)",
    "correct these and send them alone with function 2",
)


def sender_is_known(partner: Partner, sender: str | None) -> bool:
    """Whether an envelope's sender is one of the partner's identities.

    Letter case and blanks at the ends do not count.  An envelope that names no sender (a container
    list, a table) is vouched for by the account.
    """
    if sender is None or not sender.strip():
        return True
    bare = sender.strip().upper()
    return any(bare == identity.strip().upper() for identity in partner.identities)


def partner_is_active(case: Case, _seen: Survey) -> Ruling:
    """Only an active partner's files are processed (canonical/partner.py, `state`)."""
    partner = case.partner
    if partner is not None and partner.state == "active":
        return NO_OBJECTION
    code, state = (partner.code, partner.state) if partner else ("?", "unknown")
    return Ruling((PARTNER_NOT_ACTIVE.at(partner=code, state=state),))


def sender_is_partner(case: Case, _seen: Survey) -> Ruling:
    """The account says who sent it; the envelope's sender must be among its identities."""
    if case.partner is None or sender_is_known(case.partner, case.sender):
        return NO_OBJECTION
    return Ruling((SENDER_UNKNOWN.at(value=case.sender, partner=case.partner.code),))


def document_is_agreed(case: Case, _seen: Survey) -> Ruling:
    """An agreement about the document type, and about the function."""
    document = case.document
    if case.agreement is None:
        code = case.partner.code if case.partner else "?"
        return Ruling((NOT_AGREED.at(partner=code, document=document.type),))
    allowed = case.agreement.functions
    if document.function in allowed:
        return NO_OBJECTION
    finding = FUNCTION_NOT_AGREED.at(
        value=document.function, document=document.type, allowed=", ".join(allowed)
    )
    return Ruling((finding,))


def document_is_whole(case: Case, seen: Survey) -> Ruling:
    """A document without its end is never accepted; one without parts only withdraws."""
    if not case.document.complete:
        return Ruling((INCOMPLETE.at(),))
    if not seen.total and case.document.function != "1":
        return Ruling((NO_PARTS.at(document=case.document.type),))
    return NO_OBJECTION


def document_is_right(case: Case, seen: Survey) -> Ruling:
    """`accept = "document"`: one bad part rejects the document; `"part"`: only itself.

    Errors of the envelope or the header always reject, and so do errors in every single part.
    """
    document = case.document
    above = document.envelope_errors + document.header_errors
    by_part = case.agreement is not None and case.agreement.accept == "part"
    if not above and not seen.errors:
        return NO_OBJECTION
    if above or not by_part or len(seen.with_errors) == seen.total:
        return Ruling((HAS_ERRORS.at(count=above + seen.errors),))
    bad = seen.with_errors
    finding = PARTS_WITH_ERRORS.at(count=len(bad), names=bad.listed)
    return Ruling((finding,), rejected_parts=tuple(bad.ordinals))
