"""The platform's own books: orders, payments, refunds, and the settlement file of a day."""

import csv
import io
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

CHINA = timezone(timedelta(hours=8))
COLUMNS = ("kind", "order_no", "refund_no", "transaction", "amount_fen", "fee_fen", "time")


class RefusedError(Exception):
    """The platform says no; the text is its code."""


@dataclass
class Refund:
    """A refund, as the merchant numbered it.  state: PROCESSING, SUCCESS, CLOSED or ABNORMAL."""

    number: str
    fen: int
    id: str
    state: str = "PROCESSING"
    at: datetime | None = None


@dataclass
class Payment:
    """An order.  state: NOTPAY, SUCCESS or CLOSED."""

    order: str
    fen: int
    state: str = "NOTPAY"
    paid_fen: int = 0
    transaction: str = ""
    at: datetime | None = None
    refunds: dict[str, Refund] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def refunded_fen(self) -> int:
        """What went back so far."""
        return sum(each.fen for each in self.refunds.values() if each.state == "SUCCESS")


class Books:
    """All orders; what happens to one becomes an event that the platform calls back with."""

    def __init__(self) -> None:
        self.payments: dict[str, Payment] = {}
        self._number = 0

    def open(self, order: str, fen: int) -> Payment:
        """The merchant's order; the same again is the same."""
        payment = self.payments.setdefault(order, Payment(order, fen))
        if payment.fen != fen:
            raise RefusedError("ORDER_REUSED")
        return payment

    def find(self, order: str) -> Payment | None:
        """The order, where the platform knows it."""
        return self.payments.get(order)

    def pay(self, order: str, now: datetime, fen: int | None = None) -> dict[str, Any]:
        """A payer has paid; with another amount where the platform is mistaken."""
        payment = self.payments[order]
        payment.state, payment.at = "SUCCESS", now
        payment.paid_fen = payment.fen if fen is None else fen
        payment.transaction = payment.transaction or self._next("T")
        return self._happened(payment, "payment.succeeded", payment.paid_fen, now)

    def close(self, order: str, now: datetime) -> dict[str, Any]:
        """Nobody has paid in time."""
        payment = self.payments[order]
        payment.state = "CLOSED"
        payment.transaction = payment.transaction or self._next("T")
        return self._happened(payment, "payment.closed", payment.fen, now)

    def ask_refund(self, order: str, number: str, fen: int) -> Refund:
        """The merchant wants a refund; the same number is the same refund."""
        payment = self.payments.get(order)
        if payment is None or payment.state != "SUCCESS":
            raise RefusedError("TRADE_NOT_PAID")
        if number in payment.refunds:
            if payment.refunds[number].fen != fen:
                raise RefusedError("REFUND_REUSED")
            return payment.refunds[number]
        going = sum(r.fen for r in payment.refunds.values() if r.state in ("PROCESSING", "SUCCESS"))
        if going + fen > payment.paid_fen:
            raise RefusedError("NOT_ENOUGH")
        refund = Refund(number, fen, self._next("F"))
        payment.refunds[number] = refund
        return refund

    def end_refund(
        self, order: str, number: str, now: datetime, state: str = "SUCCESS"
    ) -> dict[str, Any]:
        """The bank has spoken: SUCCESS, CLOSED or ABNORMAL."""
        payment = self.payments[order]
        refund = payment.refunds[number]
        refund.state, refund.at = state, now
        word = {"SUCCESS": "succeeded", "CLOSED": "closed", "ABNORMAL": "abnormal"}[state]
        event = self._happened(payment, f"refund.{word}", refund.fen, now)
        event.update(refund=number, refund_id=refund.id, total_fen=payment.refunded_fen)
        return event

    def settlement_csv(self, day: str) -> str:
        """What moved on a day of China's time; `kind` is payment or refund."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for payment in self.payments.values():
            moves = [("payment", "", payment.paid_fen, payment.at, payment.transaction)]
            moves += [
                ("refund", each.number, each.fen, each.at, each.id)
                for each in payment.refunds.values()
                if each.state == "SUCCESS"
            ]
            for kind, number, fen, at, transaction in moves:
                local = at.astimezone(CHINA) if at else None
                if local is not None and f"{local:%Y-%m-%d}" == day:
                    when = f"{local:%Y-%m-%d %H:%M:%S}"
                    writer.writerow([kind, payment.order, number, transaction, fen, 0, when])
        return out.getvalue()

    def _happened(self, payment: Payment, kind: str, fen: int, now: datetime) -> dict[str, Any]:
        event = {
            "id": self._next("E"),
            "type": kind,
            "order": payment.order,
            "fen": fen,
            "order_fen": payment.fen,
            "transaction": payment.transaction,
            "at": now,
        }
        payment.events.append(event)
        return event

    def _next(self, prefix: str) -> str:
        self._number += 1
        return f"{prefix}{self._number:014}"
