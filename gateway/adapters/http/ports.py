"""What the HTTP applications are made of; bootstrap fills it in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.adapters.http import problem
from gateway.adapters.mailbox import Mailbox
from gateway.canonical.partner import Partner
from gateway.pipeline.customs.desk import CustomsDesk
from gateway.pipeline.fees.service import FeeService
from gateway.pipeline.firms.setup import FirmSetup
from gateway.pipeline.gate.desk import Desk
from gateway.pipeline.money.service import MoneyService
from gateway.pipeline.ports import Clock, Directory, Store
from gateway.pipeline.receive import Intake

# What is wrong now, by part of the gateway; empty when all is well (pipeline/health).
Health = Callable[[], Awaitable[Mapping[str, str]]]
# (body, file name, partner) → the answer of POST /v1/check; larger bodies come as a file.
Checker = Callable[[bytes | Path, str, Partner | None], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class HttpPorts:
    """The world, as the HTTP adapter sees it."""

    intake: Intake
    store: Store
    directory: Directory
    mailbox: Mailbox
    clock: Clock
    health: Health
    checker: Checker
    customs: CustomsDesk | None = None
    money: MoneyService | None = None
    gate: Desk | None = None
    fees: FeeService | None = None
    firms: FirmSetup = field(default_factory=FirmSetup)

    @property
    def desk(self) -> Desk:
        """That of the gate; raises Problem 404 where this process serves none."""
        if self.gate is None:
            raise problem.not_found()
        return self.gate
