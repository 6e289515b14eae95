"""SERVICE of money, put together for bootstrap, the HTTP adapter and the command line."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.pipeline.money.callbacks import Callbacks
from gateway.pipeline.money.calling import CallJob
from gateway.pipeline.money.ledger import Office
from gateway.pipeline.money.orders import OrderDesk
from gateway.pipeline.money.settle import Settle


@dataclass(frozen=True, slots=True)
class MoneyService:
    """Everything that has to do with orders and what happens to them."""

    office: Office
    callbacks: Callbacks
    orders: OrderDesk
    settle: Settle
    calls: CallJob
