"""SERVICES: firms, gate appointments, customs appointments and money, wired over the store.

Each has its package in `pipeline`.  What they add to the journey of a file is their counsel; what
the clock does with them are timers; jobs run beside the others; steps are driven by both runners.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.pipeline.counsel import Counsel
from gateway.pipeline.firms.permission import PERMISSION_ADVISER, follow
from gateway.pipeline.ports import Clock, Directory, Secrets, Step, Store
from gateway.pipeline.sealing import SealingJob
from gateway.pipeline.timers import Handler
from gateway.settings import Settings
from gateway.streams.supervisor import Job


@dataclass(frozen=True, slots=True)
class Services:
    """What bootstrap hands on: to decide, the timers, the runners and the HTTP application."""

    counsel: Counsel = field(default_factory=Counsel)
    timers: Mapping[str, Handler] = field(default_factory=dict)
    steps: Mapping[str, Step] = field(default_factory=dict)
    jobs: Mapping[str, Job] = field(default_factory=dict)


def build_services(
    settings: Settings,
    store: Store,
    clock: Clock,
    directory: Directory,
    secrets: Secrets,
) -> Services:
    """Every service of this process."""
    follow(settings.firms.permission_profile)
    del clock, directory, secrets
    advisers = (PERMISSION_ADVISER,)
    jobs: dict[str, Job] = {"sealing": SealingJob(store).run}
    return Services(counsel=Counsel(advisers=advisers, effects=()), timers={}, steps={}, jobs=jobs)
