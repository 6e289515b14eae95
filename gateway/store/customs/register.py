"""REGISTER: firms and the classification list as the operator has loaded them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy import delete, or_, select

from gateway.pipeline.customs.rows import FirmRow, GoodsCodeRow
from gateway.store.customs.schema import customs_firm, customs_goods_code
from gateway.store.query import Query, columns_of, insert, number, number_in, text_in
from gateway.store.row_mapping import maybe_storable, reader, selected, storable
from gateway.store.session import Session

_f = customs_firm.c
_g = customs_goods_code.c
_FIRM: Final = Query(
    select(*selected(customs_firm, FirmRow))
    .where(
        or_(_f.customs_code == text_in("code_"), _f.credit_code == text_in("code_")),
        _f.from_day <= text_in("day_"),
    )
    .order_by(_f.from_day.desc(), _f.customs_code)
    .limit(number(1))
)
_insert_firm = insert(customs_firm).inline()
_LOAD_FIRM: Final = Query(
    _insert_firm.on_conflict_do_update(
        index_elements=["customs_code", "from_day"],
        set_={
            name: getattr(_insert_firm.excluded, name)
            for name in ("credit_code", "name", "credit", "qualified", "partner")
        },
    ),
    columns_of(customs_firm),
)
_GOODS: Final = Query(
    select(*selected(customs_goods_code, GoodsCodeRow))
    .where(_g.code >= text_in("from_"), _g.code < text_in("to_"))
    .order_by(_g.code)
    .limit(number_in("limit_"))
)
_ANY_GOODS: Final = Query(select(_g.code).limit(number(1)))
_CLEAR_GOODS: Final = Query(delete(customs_goods_code))
_LOAD_GOODS: Final = Query(insert(customs_goods_code).inline(), columns_of(customs_goods_code))
_firm = reader(FirmRow, qualified=bool)
_goods = reader(GoodsCodeRow)


class RegisterTable:
    """The port `Register`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def firm(self, code: str, day: date) -> FirmRow | None:
        row = self._session.first(_FIRM, code_=storable(code), day_=day.isoformat())
        return None if row is None else _firm(row)

    def load_firms(self, rows: Sequence[FirmRow]) -> None:
        self._session.many(
            _LOAD_FIRM,
            [
                {
                    "customs_code": row.customs_code,
                    "from_day": row.from_day,
                    "credit_code": storable(row.credit_code),
                    "name": storable(row.name),
                    "credit": row.credit,
                    "qualified": row.qualified,
                    "partner": maybe_storable(row.partner),
                }
                for row in rows
            ],
        )

    def goods(self, prefix: str, limit: int) -> list[GoodsCodeRow]:
        # ':' follows '9'.
        rows = self._session.fetch(_GOODS, from_=prefix, to_=f"{prefix}:", limit_=limit)
        return [_goods(row) for row in rows]

    def lists_goods(self) -> bool:
        return self._session.scalar(_ANY_GOODS) is not None

    def load_goods(self, rows: Sequence[GoodsCodeRow]) -> None:
        self._session.lock("customs-goods")
        self._session.run(_CLEAR_GOODS)
        self._session.many(
            _LOAD_GOODS, [{"code": row.code, "name": storable(row.name)} for row in rows]
        )
