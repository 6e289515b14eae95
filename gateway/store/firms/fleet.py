"""Trucks, drivers and smart cards of a firm (port `Fleet`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, null, select, update
from sqlalchemy.schema import Table

from gateway.pipeline.firms.rows import CardRow, DriverRow, TruckRow
from gateway.store.firms.schema import (
    ACTIVE_TRUCK,
    FILED_DRIVER,
    REMOVED_DRIVER,
    driver,
    smart_card,
    truck,
)
from gateway.store.instant import from_micros, maybe_instant, maybe_micros, to_micros
from gateway.store.query import Query, columns_of, insert, number_in, text_in, word
from gateway.store.row_mapping import maybe_storable, reader, selected, storable
from gateway.store.session import Session

_t = truck.c
_d = driver.c
_k = smart_card.c


def _page(table: Table, kind: type, *where: Any) -> Query:  # noqa: ANN401 - conditions
    return Query(
        select(*selected(table, kind))
        .where(table.c.partner == text_in("partner_"), table.c.id > text_in("after_"), *where)
        .order_by(table.c.id)
        .limit(number_in("limit_"))
    )


def _find(table: Table, kind: type, *where: Any) -> Query:  # noqa: ANN401 - conditions
    return Query(
        select(*selected(table, kind)).where(table.c.partner == text_in("partner_"), *where)
    )


def _count(table: Table, *where: Any) -> Query:  # noqa: ANN401 - conditions
    return Query(
        select(func.count())
        .select_from(table)
        .where(table.c.partner == text_in("partner_"), *where)
    )


_ADD_TRUCK: Final = Query(insert(truck).inline().on_conflict_do_nothing(), columns_of(truck, "seq"))
_TRUCKS: Final = _page(truck, TruckRow, ACTIVE_TRUCK)
_TRUCK: Final = _find(truck, TruckRow, ACTIVE_TRUCK, _t.plate == text_in("plate_"))
_TRUCK_COUNT: Final = _count(truck, ACTIVE_TRUCK)
_REMOVE_TRUCK: Final = Query(
    update(truck)
    .where(_t.partner == text_in("partner_"), _t.id == text_in("id_"), ACTIVE_TRUCK)
    .values(state=word("removed")),
    ("removed_at",),
)
_FILE_DRIVER: Final = Query(
    insert(driver).inline().on_conflict_do_nothing(), columns_of(driver, "seq")
)
_DRIVERS: Final = _page(driver, DriverRow, FILED_DRIVER)
_DRIVER: Final = _find(driver, DriverRow, FILED_DRIVER, _d.id == text_in("id_"))
_DRIVER_WITH: Final = _find(driver, DriverRow, FILED_DRIVER, _d.identity_hash == text_in("hash_"))
_DRIVER_COUNT: Final = _count(driver, FILED_DRIVER)
_REMOVE_DRIVER: Final = Query(
    update(driver)
    .where(_d.partner == text_in("partner_"), _d.id == text_in("id_"), FILED_DRIVER)
    .values(state=word("removed")),
    ("erase_at",),
)
_REMOVE_TRUCKS: Final = Query(
    update(truck)
    .where(_t.partner == text_in("partner_"), ACTIVE_TRUCK)
    .values(state=word("removed")),
    ("removed_at",),
)
_REMOVE_DRIVERS: Final = Query(
    update(driver)
    .where(_d.partner == text_in("partner_"), FILED_DRIVER)
    .values(state=word("removed")),
    ("erase_at",),
)
_NOT_UNDER: Final = Query(
    select(*selected(driver, DriverRow))
    .where(_d.sealed.is_not(None), _d.key_id != text_in("key_id_"))
    .limit(number_in("limit_"))
)
_RESEAL: Final = Query(update(driver).where(_d.id == text_in("id_")), ("key_id", "sealed"))
_DUE: Final = Query(
    select(_d.partner, _d.id)
    .where(REMOVED_DRIVER, _d.erase_at <= number_in("now_"))
    .order_by(_d.erase_at)
    .limit(number_in("limit_"))
)
_ERASE: Final = Query(
    update(driver)
    .where(_d.id == text_in("id_"), REMOVED_DRIVER)
    .values(
        state=word("erased"),
        identity_hash=null(),
        licence_hash=null(),
        key_id=null(),
        sealed=null(),
    ),
    ("shown",),
)
_APPLY_CARD: Final = Query(insert(smart_card).inline(), columns_of(smart_card, "seq"))
_CARDS: Final = _page(smart_card, CardRow)
_CARD: Final = _find(smart_card, CardRow, _k.id == text_in("id_"))
_CARD_NUMBERED: Final = _find(
    smart_card, CardRow, _k.number == text_in("number_"), _k.state == word("issued")
)
_CARD_COUNT: Final = _count(smart_card)
_NUMBER_TAKEN: Final = Query(
    select(_k.id).where(_k.number == text_in("number_"), _k.id != text_in("id_"))
)
_DECIDE_CARD: Final = Query(
    update(smart_card).where(_k.partner == text_in("partner_"), _k.id == text_in("id_")),
    ("number", "state", "decided_at", "who"),
)
_truck = reader(TruckRow, added_at=from_micros, removed_at=maybe_instant)
_driver = reader(
    DriverRow,
    sealed=lambda value: None if value is None else bytes(value),
    filed_at=from_micros,
    erase_at=maybe_instant,
)
_card = reader(CardRow, applied_at=from_micros, decided_at=maybe_instant)
_NOTHING_LEFT: Final = "{}"


class FleetTable:
    """Implements the port `Fleet`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def add_truck(self, row: TruckRow) -> bool:
        return bool(
            self._session.run(
                _ADD_TRUCK,
                id=row.id,
                partner=row.partner,
                plate=row.plate,
                state=row.state,
                added_at=to_micros(row.added_at),
                removed_at=maybe_micros(row.removed_at),
            )
        )

    def trucks(self, partner: str, after: str, limit: int) -> list[TruckRow]:
        rows = self._session.fetch(_TRUCKS, partner_=partner, after_=after, limit_=limit)
        return [_truck(row) for row in rows]

    def truck(self, partner: str, plate: str) -> TruckRow | None:
        row = self._session.first(_TRUCK, partner_=partner, plate_=storable(plate))
        return None if row is None else _truck(row)

    def truck_count(self, partner: str) -> int:
        return int(self._session.scalar(_TRUCK_COUNT, partner_=partner) or 0)

    def remove_truck(self, partner: str, truck: str, at: datetime) -> bool:
        return bool(
            self._session.run(_REMOVE_TRUCK, partner_=partner, id_=truck, removed_at=to_micros(at))
        )

    def file_driver(self, row: DriverRow) -> bool:
        return bool(
            self._session.run(
                _FILE_DRIVER,
                id=row.id,
                partner=row.partner,
                identity_hash=row.identity_hash,
                licence_hash=row.licence_hash,
                key_id=row.key_id,
                sealed=row.sealed,
                shown=storable(row.shown),
                state=row.state,
                filed_at=to_micros(row.filed_at),
                erase_at=maybe_micros(row.erase_at),
            )
        )

    def drivers(self, partner: str, after: str, limit: int) -> list[DriverRow]:
        rows = self._session.fetch(_DRIVERS, partner_=partner, after_=after, limit_=limit)
        return [_driver(row) for row in rows]

    def driver(self, partner: str, driver: str) -> DriverRow | None:
        row = self._session.first(_DRIVER, partner_=partner, id_=driver)
        return None if row is None else _driver(row)

    def driver_with(self, partner: str, identity_hash: str) -> DriverRow | None:
        row = self._session.first(_DRIVER_WITH, partner_=partner, hash_=identity_hash)
        return None if row is None else _driver(row)

    def driver_count(self, partner: str) -> int:
        return int(self._session.scalar(_DRIVER_COUNT, partner_=partner) or 0)

    def remove_driver(self, partner: str, driver: str, erase_at: datetime) -> bool:
        return bool(
            self._session.run(
                _REMOVE_DRIVER, partner_=partner, id_=driver, erase_at=to_micros(erase_at)
            )
        )

    def remove_all(self, partner: str, at: datetime) -> None:
        self._session.run(_REMOVE_TRUCKS, partner_=partner, removed_at=to_micros(at))
        self._session.run(_REMOVE_DRIVERS, partner_=partner, erase_at=to_micros(at))

    def drivers_not_under(self, key_id: str, limit: int) -> list[DriverRow]:
        rows = self._session.fetch(_NOT_UNDER, key_id_=key_id, limit_=limit)
        return [_driver(row) for row in rows]

    def reseal_driver(self, driver: str, key_id: str, sealed: bytes) -> None:
        self._session.run(_RESEAL, id_=driver, key_id=key_id, sealed=sealed)

    def erase_drivers(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        due = self._session.fetch(_DUE, now_=to_micros(now), limit_=limit)
        for _, name in due:
            self._session.run(_ERASE, id_=name, shown=_NOTHING_LEFT)
        return [(str(partner), str(name)) for partner, name in due]

    def apply_card(self, row: CardRow) -> None:
        self._session.run(
            _APPLY_CARD,
            id=row.id,
            partner=row.partner,
            truck=row.truck,
            driver=row.driver,
            number=row.number,
            state=row.state,
            applied_at=to_micros(row.applied_at),
            decided_at=maybe_micros(row.decided_at),
            who=row.who,
        )

    def cards(self, partner: str, after: str, limit: int) -> list[CardRow]:
        rows = self._session.fetch(_CARDS, partner_=partner, after_=after, limit_=limit)
        return [_card(row) for row in rows]

    def card(self, partner: str, card: str) -> CardRow | None:
        row = self._session.first(_CARD, partner_=partner, id_=card)
        return None if row is None else _card(row)

    def card_numbered(self, partner: str, number: str) -> CardRow | None:
        row = self._session.first(_CARD_NUMBERED, partner_=partner, number_=storable(number))
        return None if row is None else _card(row)

    def card_count(self, partner: str) -> int:
        return int(self._session.scalar(_CARD_COUNT, partner_=partner) or 0)

    def decide_card(self, row: CardRow) -> bool:
        session = self._session
        session.lock("smart-cards")
        if row.number and session.first(_NUMBER_TAKEN, number_=row.number, id_=row.id):
            return False
        session.run(
            _DECIDE_CARD,
            partner_=row.partner,
            id_=row.id,
            number=maybe_storable(row.number),
            state=row.state,
            decided_at=maybe_micros(row.decided_at),
            who=maybe_storable(row.who),
        )
        return True
