"""LEASES: the right to act alone for a while.  The fence grows whenever the right changes hands."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import or_, update

from gateway.pipeline.rows import Lease
from gateway.store.instant import to_micros
from gateway.store.query import Query, insert, number, number_in, text_in
from gateway.store.schema import lease
from gateway.store.session import Session

_insert = insert(lease).values(fence=number(1))
_ACQUIRE: Final = Query(
    _insert.on_conflict_do_update(
        index_elements=["name"],
        set_={
            "owner": _insert.excluded.owner,
            "until_at": _insert.excluded.until_at,
            "fence": lease.c.fence + number(1),
        },
        where=or_(lease.c.until_at <= number_in("now_"), lease.c.owner == _insert.excluded.owner),
    ).returning(lease.c.fence),
    ("name", "owner", "until_at"),
)
_mine = (
    lease.c.name == text_in("name_"),
    lease.c.owner == text_in("owner_"),
    lease.c.fence == number_in("fence_"),
)
_RENEW: Final = Query(update(lease).where(*_mine), ("until_at",))
_RELEASE: Final = Query(update(lease).where(*_mine).values(until_at=number(0)), ())


class LeaseTable:
    """The port `Leases`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def acquire(self, name: str, owner: str, now: datetime, until: datetime) -> Lease | None:
        fence = self._session.scalar(
            _ACQUIRE, name=name, owner=owner, now_=to_micros(now), until_at=to_micros(until)
        )
        return None if fence is None else Lease(name, owner, int(fence))

    def renew(self, lease: Lease, until: datetime) -> bool:
        return bool(self._session.run(_RENEW, **_identity(lease), until_at=to_micros(until)))

    def release(self, lease: Lease) -> None:
        self._session.run(_RELEASE, **_identity(lease))


def _identity(lease: Lease) -> dict[str, object]:
    return {"name_": lease.name, "owner_": lease.owner, "fence_": lease.fence}
