"""BOOKING → COPARN, IFTMBF, IFTMBC: one message a booking."""

from __future__ import annotations

from typing import Any

from gateway.canonical.booking import BOOKING
from gateway.mappings.booking.coparn import COPARN
from gateway.mappings.booking.iftmbf_edifact import IFTMBC, IFTMBF
from gateway.mappings.edifact_left_out import ASKED_FOR, left_out
from gateway.mappings.edifact_writing import Message, writer
from gateway.mappings.edifact_writing_boxes import with_boxes

_NO_PLACE = (
    *ASKED_FOR, "header.version", "shipping_order", "part.payment", "partial_shipment",
    "release_mode", "bill_carrier", "issue_party", "issue_place", "issue_date", "shipment_date",
    "documents_due", "originals", "depot", "printed_places", "freight_clause",
    "containers.goods_sequence", "containers.packages", "containers.stowage",
)  # fmt: skip
# What the boxes of IFTMBF and IFTMBC have no segment for.
_NO_PLACE_OF_BOXES = (
    "transhipment", "containers.positioned_at", "containers.load_port",
    "containers.discharge_port", "containers.delivery_place", "containers.references",
)  # fmt: skip
# D.95B: no DTM of the message, no COM of a party.
_NOT_IN_D95B = (
    "header.created_at", "expiry_date", "requested_shipping", "parties.telephone", "parties.fax",
    "parties.email", "goods.marks",
)  # fmt: skip


def _part(values: dict[str, Any], head: dict[str, Any]) -> dict[str, Any]:
    """A booking that is known by the number of its message needs no reference to itself."""
    draft = with_boxes(values, head)
    named = any(each["qualifier"] == "BN" for each in values.get("references", ()))
    if not named and values.get("booking_number") == head.get("document_number"):
        draft.pop("booking_number", None)
    return draft


COPARN_MESSAGE = Message(
    format=COPARN,
    kind="COPARN",
    beginning="126",
    part=with_boxes,
    totals=("16", "EQD"),
    supplied=("NAD",),
    leaves_out=left_out(BOOKING, *_NO_PLACE, *_NOT_IN_D95B),
)
IFTMBF_MESSAGE = Message(
    format=IFTMBF,
    kind="IFTMBF",
    beginning="335",
    part=_part,
    leaves_out=left_out(BOOKING, *_NO_PLACE, *_NO_PLACE_OF_BOXES),
)
IFTMBC_MESSAGE = Message(
    format=IFTMBC,
    kind="IFTMBC",
    beginning="770",
    part=_part,
    leaves_out=left_out(
        BOOKING,
        *_NO_PLACE,
        *_NO_PLACE_OF_BOXES,
        "parties.contact",
        "parties.telephone",
        "parties.fax",
        "parties.email",
        "hs_code",
        "goods.marks",
    ),
)

COPARN_WRITER = writer(COPARN_MESSAGE)
COPARN_D00B_WRITER = writer(COPARN_MESSAGE, "D.00B")
IFTMBF_WRITER = writer(IFTMBF_MESSAGE)
IFTMBF_D00B_WRITER = writer(IFTMBF_MESSAGE, "D.00B")
IFTMBC_WRITER = writer(IFTMBC_MESSAGE)
IFTMBC_D00B_WRITER = writer(IFTMBC_MESSAGE, "D.00B")
