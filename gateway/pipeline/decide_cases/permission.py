"""KIND `permission`: may this account of this firm use this function."""

from __future__ import annotations

from typing import Annotated

from gateway.canonical.model import Code, Model
from gateway.pipeline.decide_cases.partner_facts import AccountCase, PartnerCase
from gateway.pipeline.decide_cases.shape import Answer, answer, listed, member_of
from gateway.rules.permission import PermissionCase, decide_permission
from gateway.rules.permission_tables import Profile, tables

FunctionName = Annotated[str, member_of(tables().functions), listed(tables().functions)]


class PermissionQuestion(Model):
    """The case.  terminal: whose confirmation counts; null accepts any terminal's."""

    function: FunctionName
    partner: PartnerCase
    account: AccountCase = AccountCase(admin=True)
    terminal: Code | None = None
    profile: Profile = "merged"


class PermissionAnswer(Answer):
    """Adds nothing: the explanation says by which table."""


def decide(case: PermissionQuestion) -> PermissionAnswer:
    """Ask the role tables and the conditions beside them."""
    asked = PermissionCase(
        function=case.function,
        firm=case.partner.facts(),
        account=case.account.facts(),
        terminal=case.terminal,
        profile=case.profile,
    )
    return answer(PermissionAnswer, decide_permission(asked))
