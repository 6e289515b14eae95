"""PERMISSION of the service: the stored firm, asked about an upload, a request or a query.

One decision for all (rules/permission.py), over what partner files and the API say of the firm.  A
partner without types is an institution of the port: its agreements alone govern what it sends, and
it may look its own things up; nothing else is open to it.
"""

from __future__ import annotations

from typing import Final

from gateway.canonical.partner import Partner
from gateway.pipeline.counsel import Adviser, Matter
from gateway.pipeline.ports import Tx
from gateway.pipeline.rows import AccountRef
from gateway.rules.decision import NO_OBJECTION, Ruling
from gateway.rules.permission import (
    UNKNOWN_FIRM,
    AccountFacts,
    FirmFacts,
    PermissionCase,
    by_agreement,
    decide_permission,
    is_open_to_institutions,
)
from gateway.rules.permission_tables import Profile
from gateway.rules.verdict import Verdict, conclude

# Documents that a role table names; what no table names is governed by the agreement alone (VGM,
# gate moves, load and discharge reports, acknowledgements).
UPLOADS: Final = {
    "container_load_plan": "eclp_upload",
    "booking": "booking_upload",
    "container_list": "ncl_upload",
    "vessel_schedule": "schedule_upload",
    "manifest": "prestow_manifest_upload",
    "delivery_order": "do_upload",
}
_CLEAN: Final = "clean_manifest_upload"
_followed: list[Profile] = ["merged"]


def follow(profile: Profile) -> None:
    """Set the role tables that this process follows; once, at its start (settings, `firms`)."""
    _followed[0] = profile


def followed() -> Profile:
    """The role tables that this process follows."""
    return _followed[0]


def may(tx: Tx, account: AccountRef, function: str, terminal: str = "") -> Verdict:
    """Whether an account may use a function now, by the firm as stored; all failed checks at once.

    function: of interfaces.md.  terminal: code of the one concerned, "" where any that confirmed
    the firm will do.  The gateway's own operators may everything.  Raises KeyError for a function
    that the tables do not declare.
    """
    return may_partner(tx.partners.find(account.partner), account, function, terminal)


def may_partner(
    partner: Partner | None, account: AccountRef, function: str, terminal: str = ""
) -> Verdict:
    """As `may`, for a partner that was read before."""
    if partner is None:
        return conclude((UNKNOWN_FIRM.at(value=account.partner),), (), ("", ""))
    case = PermissionCase(
        function=function,
        firm=firm_facts(partner),
        account=_account_facts(partner, account.account),
        terminal=terminal or None,
        profile=_followed[0],
    )
    if account.operator or (not partner.types and is_open_to_institutions(case)):
        return by_agreement(case)
    return decide_permission(case)


def firm_facts(partner: Partner) -> FirmFacts:
    """What the rules ask of a firm."""
    return FirmFacts(
        types=partner.types,
        state=partner.state,
        terminal_approved=partner.terminal_approved,
        payment_enabled=partner.payment_enabled,
        services=partner.services,
    )


def _account_facts(partner: Partner, name: str) -> AccountFacts:
    granted = next((each.services for each in partner.accounts if each.name == name), ())
    return AccountFacts(partner.is_administrator(name), granted)


def upload_function(matter: Matter) -> str | None:
    """The function that uploading this document is; None for a document no table names."""
    agreement = matter.partner.agreement("manifest") if matter.partner else None
    if matter.document.type == "manifest" and agreement and agreement.manifest_kind == "clean":
        return _CLEAN
    return UPLOADS.get(matter.document.type)


def _upload_is_permitted(matter: Matter) -> Ruling:
    """Beside the agreement, which the rules have asked; inactive partners they have refused."""
    partner, function = matter.partner, upload_function(matter)
    if partner is None or partner.state != "active" or not partner.types or function is None:
        return NO_OBJECTION
    account = AccountRef(partner.code, matter.document.account)
    verdict = may_partner(partner, account, function)
    if verdict.outcome == "accept":
        said = verdict.explanation
        return Ruling(because=(said["zh"], said["en"]))
    return Ruling(findings=verdict.findings)


PERMISSION_ADVISER: Final = Adviser("permission", "1", _upload_is_permitted)
