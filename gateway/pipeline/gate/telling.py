"""TELLING: notices about appointments, for the terminal and for the firm that asked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from gateway.canonical.partner import Partner
from gateway.pipeline.gate.rows import AppointmentRow
from gateway.pipeline.notices import Notice, notify
from gateway.pipeline.ports import Tx

KIND = "appointment"
_SHOWN = (
    *("id", "partner", "terminal", "slot", "direction", "box", "container", "booking"),
    *("bill_of_lading", "delivery_order", "vessel", "voyage", "plate", "driver", "card", "wait"),
    *("state", "revision", "codes", "explanation"),
)


def body(row: AppointmentRow) -> dict[str, Any]:
    """An appointment as others may see it; the driver's number stands there masked."""
    told: dict[str, Any] = {name: getattr(row, name) for name in _SHOWN}
    times = ("starts_at", "ends_at", "created_at", "changed_at")
    return told | {name: getattr(row, name).isoformat() for name in times}


def tell(
    tx: Tx, partners: Iterable[Partner], row: AppointmentRow, what: str, now: datetime
) -> None:
    """Both sides learn of it on the routes that subscribe to appointments.

    what: confirmed, requested, changed, cancelled, used, breached, review, rejected; a terminal
    hears nothing of what was rejected.
    """
    receivers = {row.partner} if what == "rejected" else {row.partner, row.terminal}
    notice = Notice(
        kind=KIND,
        id=row.id,
        revision=row.revision,
        about={"container": row.container},
        body=body(row),
        state=what,
        sender=row.partner,
        receivers=receivers,
        test=row.test,
    )
    notify(tx, partners, notice, now)
