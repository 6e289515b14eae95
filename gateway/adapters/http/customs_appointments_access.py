"""Who may act on applications over HTTP, and what an act that was done answers."""

from __future__ import annotations

from gateway.adapters.http import customs_appointments_shapes as shapes
from gateway.adapters.http import problem
from gateway.adapters.http.customs_appointments_problems import problem_of
from gateway.adapters.http.ports import HttpPorts
from gateway.pipeline.customs.desk import CustomsDesk
from gateway.pipeline.customs.office import Act
from gateway.pipeline.receive import check_key
from gateway.pipeline.refusal import Refusal
from gateway.pipeline.rows import AccountRef


def desk(ports: HttpPorts) -> CustomsDesk:
    """The service; a process that was built without it has no such address."""
    if ports.customs is None:
        raise problem.not_found()
    return ports.customs


def active(ports: HttpPorts, account: AccountRef) -> None:
    """Raises Problem 403 for a firm that is not active: it may look, and change nothing."""
    partner = ports.directory.partner(account.partner)
    if partner is None or partner.state != "active":
        raise problem.forbidden()


def checked(key: str | None) -> str | None:
    """The Idempotency-Key; raises Problem 422 for one that cannot be kept."""
    if key is not None:
        try:
            check_key(key)
        except Refusal as why:
            raise problem.of_refusal(why) from None
    return key


def done(act: Act) -> shapes.Appointment:
    """The application as it stands; raises Problem where the act was not done."""
    if act.end != "done":
        raise problem_of(act)
    return shapes.appointment_of(act)
