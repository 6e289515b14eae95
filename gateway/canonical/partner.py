"""TRADING PARTNER: who it is, how it signs in, what it may send, where results go.

One `partners/<CODE>.toml` is one `Partner` (house.md 7).  Secrets stand here by reference only
(`env:NAME`, `file:path`), except hashes of API keys and passwords, which are no secrets to lose.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from gateway.canonical.enterprise import (
    CreditCode,
    CreditGrade,
    CustomsCode,
    EnterpriseType,
    Service,
    TaxpayerNumber,
)
from gateway.canonical.model import Code, Many, Model, Text

PartnerCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2,20}$")]
LocalName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
SecretReference = Annotated[str, StringConstraints(pattern=r"^(env|file):.{1,200}$")]
Host = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:_-]{1,253}$")]
# Canonical JSON, the bytes as received, or a format that is written ("manifest/ifcsum-flat"):
# `gateway formats` lists them, `gateway partners check` knows them.
Payload = Annotated[
    str, StringConstraints(pattern=r"^(canonical|original|[a-z_]{1,40}/[a-z0-9.-]{1,60})$")
]
TopicName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$")]
Port = Annotated[int, Field(ge=1, le=65535)]


class Account(Model):
    """One sign-in of a partner over SFTP and HTTP; `name` is unique in the whole gateway.

    ssh_keys: OpenSSH public key lines.  password_hash: argon2 text.  api_keys: `prefix:sha256`
    of opaque keys.  quota: accepted bytes and files in any 24 hours.  admin: the firm's
    administrator (where none is marked, the first account is, S0-25); services: what a sub-account
    was granted of the firm's (S0-26, S0-28).
    """

    name: LocalName
    ssh_keys: Many[Text] = ()
    password_hash: Text | None = None
    api_keys: Many[Text] = ()
    quota_bytes_per_day: Annotated[int, Field(gt=0)] | None = None
    quota_files_per_day: Annotated[int, Field(gt=0)] | None = None
    operator: bool = False
    admin: bool = False
    services: Many[Service] = ()


class Agreement(Model):
    """What a partner may send: one document type, and how it is read, judged and answered.

    accept: "document" (one bad part rejects it) or "part".  severities: finding code → severity
    for this partner.  answers: which answers it gets besides the JSON receipt.
    """

    document: Code
    functions: Many[Code] = ("9", "5", "4", "3", "2", "1")
    accept: Literal["document", "part"] = "document"
    severities: dict[str, Literal["error", "warning", "info"]] = Field(default_factory=dict)
    answers: Many[Literal["contrl", "aperak", "receipt"]] = ("contrl", "aperak", "receipt")
    encoding: str | None = None
    trailer: Literal["required", "absent"] = "required"
    envelope_counts: Literal["error", "warn"] = "error"
    zone: str | None = None
    manifest_kind: Literal["pre_stowage", "clean", "import", "unstated"] = "unstated"
    layouts: dict[str, str] = Field(default_factory=dict)


class Subscription(Model):
    """Which documents a route carries: of these types, from these senders (empty: from all).

    payload: in which form, where it is another one than the route's.
    """

    document: Code
    senders: Many[PartnerCode] = ()
    payload: Payload | None = None


class Route(Model):
    """A way to a partner: where accepted documents and answers go.

    kind: http, sftp, folder, mailbox, kafka.  payload: canonical JSON, the original bytes or the
    name of a format, written in `encoding` (none: as the format has it) from sender_code to
    receiver_code (none: the gateway's name, the partner's first identity).  stage: test routes
    carry only test traffic (UNB test indicator, partner with stage = "test").
    """

    name: LocalName
    kind: Literal["http", "sftp", "folder", "mailbox", "kafka"]
    stage: Literal["production", "test"] = "production"
    payload: Payload = "canonical"
    encoding: Code | None = None
    sender_code: Code | None = None
    receiver_code: Code | None = None
    subscriptions: Many[Subscription] = ()
    url: Text | None = None
    secrets: Many[SecretReference] = ()
    bearer: SecretReference | None = None
    allow_networks: Many[Text] = ()
    ca_file: Text | None = None
    host: Host | None = None
    port: Port = 22
    username: Text | None = None
    password: SecretReference | None = None
    private_key: SecretReference | None = None
    host_keys: Many[Text] = ()
    folder: Text | None = None
    topic: TopicName | None = None
    driver: Literal["pysftp", "asyncssh"] = "pysftp"
    attempts_max: Annotated[int, Field(ge=1, le=50)] | None = None
    acknowledged: bool = False
    acknowledge_within_hours: Annotated[int, Field(ge=1, le=720)] = 24

    def payload_of(self, document: str) -> str:
        """In which form documents of a type go out: that of their first subscription."""
        of_type = (each.payload for each in self.subscriptions if each.document == document)
        return next(filter(None, of_type), self.payload)

    @model_validator(mode="after")
    def _is_whole(self) -> Route:
        """Each kind needs its own address."""
        needs = {
            "http": (self.url, self.secrets),
            "sftp": (self.host, self.username, self.folder, self.host_keys),
            "folder": (self.folder,),
            "mailbox": (),
            "kafka": (self.topic,),
        }[self.kind]
        if not all(needs):
            raise ValueError(f"route {self.name}: a field that kind = {self.kind!r} needs is empty")
        return self


class Poll(Model):
    """A partner's SFTP server that we fetch from; files are moved to `archive` after the commit."""

    name: LocalName
    account: LocalName
    host: Host
    port: Port = 22
    username: Text
    password: SecretReference | None = None
    private_key: SecretReference | None = None
    host_keys: Many[Text]
    folder: Text
    archive: Text
    every_seconds: Annotated[int, Field(ge=5, le=86400)] = 60
    minimum_age_seconds: Annotated[int, Field(ge=0, le=3600)] = 10
    driver: Literal["pysftp", "asyncssh"] = "pysftp"


class Partner(Model):
    """One enterprise we exchange documents with.

    identities: the sender codes that its envelopes may carry (UNB 0004, record 00 field 5).
    state: submitted → review → active → suspended; only an active partner's files are processed,
    others are quarantined and answered.

    types: of the 23 of S0-11.  A partner without any is an institution of the port (a terminal, an
    authority, a carrier's system): its agreements alone say what it may send.  For a firm the role
    tables must allow it, too.  terminal_approved: codes of terminals that confirmed it (S0-40);
    payment_enabled: 随行支付 is open (S0-24).
    """

    code: PartnerCode
    name: Text
    managed_by: Literal["file", "api"] = "file"
    stage: Literal["production", "test"] = "production"
    state: Literal["submitted", "review", "active", "suspended"] = "active"
    roles: Many[Text] = ()
    types: Many[EnterpriseType] = ()
    services: Many[Service] = ()
    terminal_approved: Many[PartnerCode] = ()
    payment_enabled: bool = False
    credit_code: CreditCode | None = None
    taxpayer_number: TaxpayerNumber | None = None
    customs_codes: Many[CustomsCode] = ()
    credit_grades: Many[CreditGrade] = ()
    identities: Many[Code] = ()
    accounts: Many[Account] = ()
    agreements: Many[Agreement] = ()
    routes: Many[Route] = ()
    polls: Many[Poll] = ()

    def agreement(self, document: str) -> Agreement | None:
        """The agreement about a document type, if there is one."""
        return next((each for each in self.agreements if each.document == document), None)

    def route(self, name: str) -> Route | None:
        """A route by its name."""
        return next((each for each in self.routes if each.name == name), None)

    def is_administrator(self, account: str) -> bool:
        """Whether an account administers the firm: the one marked, else the first (S0-25)."""
        marked = [each.name for each in self.accounts if each.admin]
        return account in (marked or [each.name for each in self.accounts[:1]])

    @model_validator(mode="after")
    def _is_consistent(self) -> Partner:
        """Names are unique, a poll names one of the partner's own accounts."""
        for kind, names in (
            ("account", [each.name for each in self.accounts]),
            ("route", [each.name for each in self.routes]),
            ("poll", [each.name for each in self.polls]),
            ("agreement", [each.document for each in self.agreements]),
        ):
            if len(names) != len(set(names)):
                raise ValueError(f"partner {self.code}: two {kind}s of the same name")
        accounts = {each.name for each in self.accounts}
        for poll in self.polls:
            if poll.account not in accounts:
                raise ValueError(f"poll {poll.name}: no account {poll.account!r}")
        return self

    @model_validator(mode="after")
    def _is_within_its_services(self) -> Partner:
        """A sub-account's rights are part of the firm's (S0-28)."""
        for account in self.accounts:
            more = [each for each in account.services if each not in self.services]
            if more:
                raise ValueError(f"account {account.name}: {more[0]} is no service of the firm")
        return self
