"""DESK: what every function of fees has at hand inside one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from gateway.canonical.partner import Partner
from gateway.pipeline.ports import Tx
from gateway.rules.rating_case import Options
from gateway.rules.tariff import Tariff


@dataclass(frozen=True, slots=True)
class FeePolicy:
    """What a port decides.

    tariffs: rated for every bill, in this order.  approver: `route` asks the authority and waits
    for its answer; `embedded` approves by itself (a demonstration, a port whose authority only
    wants to be told).  submit: whether goods declarations made from a manifest are handed in at
    once, or by the declarant.  filing_required: a firm declares only in regions that it filed for.
    hold_delivery_orders: a D/O waits until the fees of its bills are paid.
    """

    tariffs: tuple[Tariff, ...]
    options: Options = field(default_factory=Options)
    approver: Literal["route", "embedded"] = "route"
    submit: Literal["automatic", "declarant"] = "automatic"
    filing_required: bool = True
    hold_delivery_orders: bool = True


@dataclass(frozen=True, slots=True)
class Desk:
    """One transaction, the policy, who is to be told, and the time."""

    tx: Tx
    policy: FeePolicy
    partners: Sequence[Partner]
    now: datetime
