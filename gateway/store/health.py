"""HEALTH: a write like any other, to see whether writes go through."""

from __future__ import annotations

from typing import Final

from gateway.store.query import Query, columns_of, insert
from gateway.store.schema import health
from gateway.store.tx import Transaction

_insert = insert(health).inline()
_TOUCH: Final = Query(
    _insert.on_conflict_do_update(
        index_elements=["name"], set_={"checked_at": _insert.excluded.checked_at}
    ),
    columns_of(health),
)


def touch(tx: Transaction) -> None:
    """Record that this process could write just now."""
    tx.session.run(_TOUCH, name=tx.session.owner, checked_at=tx.session.now())
