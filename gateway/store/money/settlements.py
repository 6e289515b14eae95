"""SETTLEMENTS: receipts of 补退清算, one per bill and order (S3-22 … S3-30)."""

from __future__ import annotations

from typing import Final

from gateway.pipeline.money.rows import SettlementRow
from gateway.pipeline.rows import Page
from gateway.store.money.settlement_schema import settlement
from gateway.store.money.shelf import Shelf
from gateway.store.query import text_in
from gateway.store.session import Session

_STATES: Final = ("RECEIPT", "APPLIED", "REJECTED", "REFUNDING", "ORDERED", "SETTLED")
_shelf: Final = Shelf(settlement, SettlementRow, states=_STATES)
_c = settlement.c
_OF_BILL: Final = _shelf.where(_c.bill_of_lading == text_in("bill_"))
_OF_REFUND: Final = _shelf.where(_c.refund == text_in("refund_"))
_OF_EXTRA: Final = _shelf.where(_c.extra_order == text_in("order_"))
_FIELDS: Final = (
    *("amount_fen", "reason", "state", "revision", "authority_number", "note", "refund"),
    *("extra_order", "applied_at", "decided_at", "settled_at"),
)
_CHANGE: Final = _shelf.changing(*_FIELDS, revised=True)


class SettlementTable:
    """The port `Settlements`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: SettlementRow) -> bool:
        return _shelf.add(self._session, row)

    def find(self, id_: str) -> SettlementRow | None:
        return _shelf.find(self._session, id_)

    def of_bill(self, bill_of_lading: str) -> list[SettlementRow]:
        return [_shelf.read(row) for row in self._session.fetch(_OF_BILL, bill_=bill_of_lading)]

    def of_refund(self, refund: str) -> SettlementRow | None:
        found = self._session.first(_OF_REFUND, refund_=refund)
        return None if found is None else _shelf.read(found)

    def of_extra(self, order: str) -> list[SettlementRow]:
        return [_shelf.read(row) for row in self._session.fetch(_OF_EXTRA, order_=order)]

    def change(self, row: SettlementRow) -> None:
        _shelf.change(self._session, _CHANGE, row, *_FIELDS)

    def page(
        self, partner: str | None, cursor: str | None, limit: int, state: str | None = None
    ) -> Page:
        return _shelf.page(self._session, partner, cursor, limit, state)
