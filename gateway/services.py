"""SERVICES: firms, gate appointments, customs appointments and money, wired over the store.

Each has its package in `pipeline`.  What they add to the journey of a file is their counsel; what
the clock does with them are timers; jobs run beside the others; steps are driven by both runners.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.pipeline.counsel import Counsel
from gateway.pipeline.firms.permission import PERMISSION_ADVISER, follow
from gateway.pipeline.gate.desk import Desk
from gateway.pipeline.gate.service import GateService
from gateway.pipeline.ports import Clock, Directory, Secrets, Step, Store
from gateway.pipeline.sealing import SealingJob
from gateway.pipeline.timers import Handler
from gateway.rules.gate_policy_table import PolicyTable, parse_policies, shipped
from gateway.settings import ConfigurationError, Settings
from gateway.streams.supervisor import Job


@dataclass(frozen=True, slots=True)
class Services:
    """What bootstrap hands on: to decide, the timers, the runners and the HTTP application."""

    counsel: Counsel = field(default_factory=Counsel)
    timers: Mapping[str, Handler] = field(default_factory=dict)
    steps: Mapping[str, Step] = field(default_factory=dict)
    jobs: Mapping[str, Job] = field(default_factory=dict)
    gate: GateService | None = None


def build_services(
    settings: Settings,
    store: Store,
    clock: Clock,
    directory: Directory,
    secrets: Secrets,
) -> Services:
    """Every service of this process."""
    follow(settings.firms.permission_profile)
    del secrets
    gate = build_gate(settings, clock, directory)
    advisers = (PERMISSION_ADVISER, *gate.advisers())
    effects = gate.effects()
    jobs: dict[str, Job] = {"sealing": SealingJob(store).run}
    return Services(
        counsel=Counsel(advisers=advisers, effects=effects),
        timers=gate.timers(),
        steps=gate.steps(store),
        jobs=jobs,
        gate=gate,
    )


def build_gate(settings: Settings, clock: Clock, directory: Directory) -> GateService:
    """Gate appointments; raises ConfigurationError for a policy file that cannot be used."""
    desk = Desk(
        clock=clock,
        directory=directory,
        policies=_policies(settings),
        profile=settings.firms.permission_profile,
        driver_filing_required=settings.firms.driver_filing_required,
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
