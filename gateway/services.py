"""SERVICES: firms, gate appointments, customs appointments and money, wired over the store.

Each has its package in `pipeline`.  What they add to the journey of a file is their counsel; what
the clock does with them are timers; jobs run beside the others; steps are driven by both runners.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from gateway.adapters.calendar_folder import CalendarFolder
from gateway.adapters.payments import platforms
from gateway.adapters.payments.connection import Connection
from gateway.adapters.pdf_pages.measuring import PdfChildren
from gateway.findings import Severity
from gateway.pipeline.counsel import Counsel
from gateway.pipeline.customs.office import Office as CustomsOffice
from gateway.pipeline.customs.office import Terms as CustomsTerms
from gateway.pipeline.customs.service import CustomsService
from gateway.pipeline.customs.standing import FirmRegister
from gateway.pipeline.fees.desk import FeePolicy
from gateway.pipeline.fees.service import FeeService
from gateway.pipeline.firms.permission import PERMISSION_ADVISER, follow
from gateway.pipeline.firms.personal import PersonalData
from gateway.pipeline.firms.retention import RetentionJob
from gateway.pipeline.firms.setup import FirmSetup
from gateway.pipeline.gate.desk import Desk
from gateway.pipeline.gate.service import GateService
from gateway.pipeline.money.callbacks import Callbacks
from gateway.pipeline.money.calling import CallJob
from gateway.pipeline.money.ledger import Office
from gateway.pipeline.money.orders import OrderDesk
from gateway.pipeline.money.provider import Providers, ProviderTerms
from gateway.pipeline.money.service import MoneyService
from gateway.pipeline.money.settle import Settle
from gateway.pipeline.ports import Clock, Directory, Secrets, Step, Store
from gateway.pipeline.sealing import SealingJob
from gateway.pipeline.timers import Handler
from gateway.rules import tariff
from gateway.rules.callbacks.registry import PROVIDERS
from gateway.rules.gate_policy_table import PolicyTable, parse_policies, shipped
from gateway.rules.rating_case import Options
from gateway.settings import ConfigurationError, PaymentSettings, Settings
from gateway.streams.supervisor import Job

Closer = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Services:
    """What bootstrap hands on: to decide, the timers, the runners and the HTTP application."""

    counsel: Counsel = field(default_factory=Counsel)
    timers: Mapping[str, Handler] = field(default_factory=dict)
    steps: Mapping[str, Step] = field(default_factory=dict)
    jobs: Mapping[str, Job] = field(default_factory=dict)
    gate: GateService | None = None
    money: MoneyService | None = None
    fees: FeeService | None = None
    customs: CustomsService | None = None
    firms: FirmSetup = field(default_factory=FirmSetup)
    closers: Sequence[Closer] = ()


def build_services(
    settings: Settings,
    store: Store,
    clock: Clock,
    directory: Directory,
    secrets: Secrets,
) -> Services:
    """Every service of this process."""
    follow(settings.firms.permission_profile)
    gate = build_gate(settings, clock, directory, secrets)
    connection = Connection()
    money = build_money(settings, store, clock, directory, secrets, connection)
    customs = build_customs(settings, store, clock, directory)
    fees = build_fees(settings, store, clock, directory)
    advisers = (
        *(PERMISSION_ADVISER, *gate.advisers(), *customs.advisers()),
        *(fees.advisers() if fees else ()),
    )
    effects = (*gate.effects(), *customs.effects(), *(fees.effects() if fees else ()))
    jobs: dict[str, Job] = {
        "sealing": SealingJob(store).run,
        "retention": RetentionJob(store, clock).run,
        "payments": money.calls.run,
        "calendars": customs.watch.run,
    }
    return Services(
        counsel=Counsel(advisers=advisers, effects=effects),
        timers={**gate.timers(), **customs.timers(), **(fees.timers() if fees else {})},
        steps={**gate.steps(store), "settle": money.settle, **(fees.steps() if fees else {})},
        jobs=jobs,
        gate=gate,
        money=money,
        fees=fees,
        customs=customs,
        firms=build_firms(settings, secrets),
        closers=(connection.aclose,),
    )


def build_firms(settings: Settings, secrets: Secrets) -> FirmSetup:
    """Keys of personal data, and how long drivers are kept."""
    chosen = settings.firms
    personal = PersonalData(secrets, chosen.hash_key, chosen.key, chosen.keys)
    return FirmSetup(personal, timedelta(days=chosen.drivers_kept_days))


def build_customs(
    settings: Settings, store: Store, clock: Clock, directory: Directory
) -> CustomsService:
    """Clearance by appointment."""
    chosen = settings.customs
    strict = chosen.declaration_mismatch == "error"
    office = CustomsOffice(
        clock=clock,
        directory=directory,
        calendars=CalendarFolder(chosen.calendars),
        standings=FirmRegister(directory),
        terms=CustomsTerms(
            profile=chosen.profile,
            mismatch=Severity.ERROR if strict else Severity.WARNING,
        ),
    )
    return CustomsService.over(store, office, PdfChildren())


def build_fees(
    settings: Settings, store: Store, clock: Clock, directory: Directory
) -> FeeService | None:
    """Declarations, charges, receipts; None where no tariff is rated."""
    chosen = settings.fees
    known = tariff.shipped()
    if unknown := [code for code in chosen.tariffs if code not in known]:
        raise ConfigurationError(f"fees.tariffs: there is no tariff {', '.join(unknown)}")
    if not chosen.tariffs:
        return None
    options = Options(
        half_rate_port=chosen.half_rate_port,
        stack_half_rates=chosen.stack_half_rates,
        switches=chosen.switches,
    )
    policy = FeePolicy(
        tariffs=tuple(known[code] for code in chosen.tariffs),
        options=options,
        approver=chosen.approver,
        submit=chosen.submit,
        filing_required=chosen.filing_required,
        hold_delivery_orders=chosen.hold_delivery_orders,
    )
    return FeeService(store, clock, directory, policy)


def build_money(
    settings: Settings,
    store: Store,
    clock: Clock,
    directory: Directory,
    secrets: Secrets,
    connection: Connection,
) -> MoneyService:
    """Orders, callbacks, settling and the calls to platforms."""
    terms = [_terms(name, each) for name, each in settings.payments.items()]
    providers = Providers(terms, secrets, clock)
    known = platforms(providers, connection)
    office = Office(directory.partners)
    return MoneyService(
        office=office,
        callbacks=Callbacks(store, clock, providers),
        orders=OrderDesk(store, clock, office, providers, known),
        settle=Settle(store, clock, office),
        calls=CallJob(store, clock, known, f"{socket.gethostname()}:{os.getpid()}"),
    )


def _terms(provider: str, chosen: PaymentSettings) -> ProviderTerms:
    """A section as the service takes it; what is not set is the verifier's own default."""
    takes = PROVIDERS[provider].config.model_fields
    config = {name: getattr(chosen, name) for name in takes if getattr(chosen, name, None)}
    own = {"private_key": chosen.private_key, "private_key_serial": chosen.private_key_serial}
    urls = ("checkout", "api", "notify", "back")
    return ProviderTerms(
        provider=provider,
        config=config,
        merchant=chosen.merchant,
        merchant_name=chosen.merchant_name,
        own_keys={name: value for name, value in own.items() if value},
        urls={name: url for name in urls if (url := getattr(chosen, f"{name}_url"))},
        ca_file=str(chosen.ca_file) if chosen.ca_file else None,
        query_after_seconds=chosen.query_after_seconds,
    )


def build_gate(
    settings: Settings, clock: Clock, directory: Directory, secrets: Secrets
) -> GateService:
    """Gate appointments; raises ConfigurationError for a policy file that cannot be used."""
    firms = settings.firms
    desk = Desk(
        clock=clock,
        directory=directory,
        policies=_policies(settings),
        profile=settings.firms.permission_profile,
        driver_filing_required=settings.firms.driver_filing_required,
        personal=PersonalData(secrets, firms.hash_key) if firms.hash_key else None,
    )
    return GateService(desk)


def _policies(settings: Settings) -> PolicyTable:
    path = settings.gate.policy
    if path is None:
        return shipped()
    try:
        return parse_policies(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"gate.policy: {error}") from None
