"""APPOINTMENT REQUEST 预约申请: a fleet asks for slots of a gate; a part is one box.

The same model is the body of `POST /v1/appointments`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from gateway.canonical.document import DocumentType, Header, key_of
from gateway.canonical.model import Code, Many, Model, PortTime, RawField, Text
from gateway.canonical.slot_pool import BoxKind, GateDirection, TerminalCode

ShortText = Annotated[str, StringConstraints(min_length=1, max_length=30)]


class RequestHeader(Header):
    """Who asks stands in the account; nothing else is needed."""

    remarks: Many[Text] = ()


class AppointmentRequest(Model):
    """One box and one slot.

    start: the beginning of the slot.  booking_number, for gate-in, and bill_of_lading or
    delivery_order, for pick-up, tell which papers are looked for; vessel and voyage are those of
    the booking where it names them.  plate, driver (identity number), card: checked where given.
    wait: where nothing but papers is missing, keep the place and decide when they come.
    """

    terminal: TerminalCode
    direction: GateDirection
    start: PortTime
    box: BoxKind | None = None
    container: ShortText
    booking_number: Code | None = None
    bill_of_lading: Code | None = None
    delivery_order: Code | None = None
    vessel: Code | None = None
    voyage: Code | None = None
    plate: ShortText | None = None
    driver: ShortText | None = None
    card: ShortText | None = None
    wait: bool = False
    extras: Many[RawField] = ()


def _part_key(_header: RequestHeader, part: AppointmentRequest) -> dict[str, str]:
    return key_of(
        terminal=part.terminal,
        direction=part.direction.value,
        start=part.start.wall,
        container=part.container.upper(),
    )


def _document_key(header: RequestHeader, part: AppointmentRequest) -> dict[str, str]:
    """Requests are no versions of each other: a file is known by its own number or first box."""
    return key_of(reference=header.reference) or _part_key(header, part)


def _search_keys(_header: RequestHeader, part: AppointmentRequest) -> list[tuple[str, str]]:
    pairs = [
        ("container", part.container),
        ("booking", part.booking_number),
        ("bill_of_lading", part.bill_of_lading),
        ("delivery_order", part.delivery_order),
    ]
    return [(kind, value.upper()) for kind, value in pairs if value]


APPOINTMENT_REQUEST = DocumentType(
    "appointment_request",
    RequestHeader,
    AppointmentRequest,
    _document_key,
    _part_key,
    _search_keys,
)
