"""FIRM: what is handed in about an enterprise: registration, contact, sub-account, truck, driver.

Source: rules.md F.1: S0-09 … S0-11, S0-15 … S0-17, S0-20 … S0-22, S0-26.  Forms of numbers are
checked by gateway/rules/firm_form, so that every fault is told at once and in both languages.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from gateway.canonical.enterprise import EnterpriseType, Service
from gateway.canonical.model import Many, Model

Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Number = Annotated[str, StringConstraints(min_length=1, max_length=40)]
# What a qualification document is; S0-15 names the first three, S0-40 the fifth.
PaperKind = Literal[
    "business_licence", "tax_registration", "organisation_code", "service_agreement",
    "terminal_agreement", "fleet_proof", "other",
]  # fmt: skip


class Contact(Model):
    """Who stands behind an account (S0-22, S0-26)."""

    name: Line
    mobile: Number
    email: Line
    landline: Number | None = None
    country: Line | None = None
    province: Line | None = None
    city: Line | None = None
    document_type: Line | None = None
    document_number: Number | None = None


class Driver(Model):
    """A driver of a fleet (S0-20)."""

    name: Line
    identity: Number
    licence: Number
    mobile: Number
    landline: Number | None = None


class Registration(Model):
    """What a firm hands in; login: of its first account, the administrator's (S0-16)."""

    name: Line
    english_name: Line | None = None
    credit_code: Number | None = None
    taxpayer_number: Number | None = None
    types: Many[EnterpriseType]
    services: Many[Service]
    customs_codes: Many[Number] = ()
    login: Number
    contact: Contact
    agreement_accepted: bool = False
    drivers: Many[Driver] = ()


class SubAccount(Model):
    """A sub-account: its rights are part of the firm's services (S0-28)."""

    login: Number
    services: Many[Service] = ()
    ssh_keys: Many[Line] = ()
    contact: Contact | None = None
