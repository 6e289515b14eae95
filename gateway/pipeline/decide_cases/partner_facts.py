"""`partner` and `account` of a case, as permission and gate appointments have them."""

from __future__ import annotations

from typing import Annotated, Literal

from gateway.canonical.model import Code, Many, Model
from gateway.pipeline.decide_cases.shape import listed, member_of
from gateway.rules.permission import AccountFacts, FirmFacts
from gateway.rules.permission_tables import tables

EnterpriseType = Annotated[str, member_of(tables().types), listed(tables().types)]


class PartnerCase(Model):
    """A firm.  state: only `active` (`activated`) operates.  services: what it subscribed to.

    A service is named as the site names it (S0-17); one that nobody knows grants nothing.
    """

    types: Many[EnterpriseType]
    state: Code
    terminal_approved: Many[Code] = ()
    payment_enabled: bool = False
    services: Many[Code] | None = None
    member: Literal["enterprise", "personal"] = "enterprise"

    def facts(self) -> FirmFacts:
        """As the rules take it."""
        return FirmFacts(
            types=self.types,
            state=self.state,
            terminal_approved=self.terminal_approved,
            payment_enabled=self.payment_enabled,
            services=self.services,
            member=self.member,
        )


class AccountCase(Model):
    """The account that asks: the administrator, or a sub-account with the services granted."""

    admin: bool = False
    services: Many[Code] = ()

    def facts(self) -> AccountFacts:
        """As the rules take it."""
        return AccountFacts(self.admin, self.services)
