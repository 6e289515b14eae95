"""BOOKING → IFTMBF flat: Sinotrans 3.1 request, its feedback, and classic (formats.md 4.1, 4.2)."""

from __future__ import annotations

from typing import Any

from gateway.mappings.booking.iftmbf_flat import IFTMBF_CLASSIC, IFTMBF_SINOTRANS
from gateway.mappings.convert import upper
from gateway.mappings.flat_places import lower_to_goods, name_vessel, status_letters
from gateway.mappings.flat_rows import HEAD
from gateway.mappings.flat_writing import FlatForm, flat_writer
from gateway.mappings.flat_writing_plan import Choices
from gateway.mappings.table import Node, Row

Draft = dict[str, Any]

FEEDBACK_NAME = "booking/iftmbf-flat-feedback"

_NAMED = (
    "receipt_place", "load_port", "discharge_port", "transfer_port", "delivery_place",
    "destination", "issue_place", "issue_party", "line", "bill_carrier", "trade",
    "freight_clause", "optional_discharge_ports", "pre_carriage.line", "on_carriage.line",
    "charges.payable_at", "equipment.stuffing_place",
)  # fmt: skip
# The network's own writer releases `+`, too (formats.md 1.1).
_RELEASED_31 = "?:'+"
# What record 43 tells of the goods, EDIFACT of the box.
_OF_43 = ("temperature", "dangerous", "over_dimension")
# Parties of a role that has so many fields for name and address.
_LINES_31 = {"booking_party": 1, "shipper": 2, "consignee": 2, "notify": 2, "contact": 2}
_LINES_FEEDBACK = {
    "shipper": 1, "consignee": 1, "notify": 1, "second_notify": 1, "third_notify": 1,
}  # fmt: skip
_LEFT_OUT = frozenset(
    {
        "header.reference", "header.document_number", "header.message_version", "header.version",
        "header.extras", "part.vessel.imo", "part.vessel.call_sign", "part.vessel.name_zh",
        "part.vessel.nationality", "part.printed_places", "part.release_mode",
        "part.parties.country", "part.parties.contact", "part.charges.payable_at.name",
        "part.equipment.size_type_name", "part.goods.cargo_code", "part.goods.extras",
        "part.goods.packages.volume_m3",
        "part.containers.goods_sequence", "part.containers.operator",
        "part.containers.gross_weight_kg", "part.containers.stowage",
        "part.containers.supplier", "part.containers.movement",
        "part.containers.positioned_at", "part.containers.load_port",
        "part.containers.discharge_port", "part.containers.delivery_place",
        "part.containers.references", "part.containers.texts", "part.containers.extras",
        "part.references", "part.departure", "part.extras", "part.destination", "part.payment",
        "part.pre_carriage.line", "part.on_carriage.line",
    }
    | {f"part.{name}.office" for name in _NAMED}
    | {
        f"part.{leg}.vessel.{name}"
        for leg in ("pre_carriage", "on_carriage")
        for name in ("imo", "call_sign", "name_zh", "nationality")
    }
)  # fmt: skip
# Fields that say again what another one says, the place of the older 3.1 for a verified mass, and
# the destination, which a request must leave blank.
_UNUSED_31 = frozenset(
    {
        ("14", "remark"), ("41", "main_goods"), ("47", "text_zh"),
        ("12", "destination_code"), ("12", "destination_name"),
    }
)  # fmt: skip


def _undo_header(draft: Draft) -> None:
    draft.pop("version", None)


def _places_and_boxes(draft: Draft) -> None:
    name_vessel(draft)
    for name in ("pre_carriage", "on_carriage"):
        name_vessel(draft.get(name, {}))
    status_letters(draft.get("containers", ()))
    status_letters(draft.get("equipment", ()))


def _undo_31(draft: Draft, _header: Draft) -> None:
    _places_and_boxes(draft)
    lower_to_goods(draft, _OF_43)
    _fold_lines(draft, _LINES_31)
    _keep_printed(draft, 6)


def _undo_feedback(draft: Draft, _header: Draft) -> None:
    _places_and_boxes(draft)
    lower_to_goods(draft, _OF_43)
    _fold_lines(draft, _LINES_FEEDBACK)
    draft.pop("printed_places", None)


def _undo_classic(draft: Draft, _header: Draft) -> None:
    """`^` is a line break in the parties; loading and arrival to the day.

    A time to the minute at 12.14 or 12.15 marks the carrier's order of places (quirk
    `carrier-places`), in which the texts of the bill have no place.
    """
    _places_and_boxes(draft)
    for party in draft.get("parties", ()):
        if "lines" in party:
            party["lines"] = ["^".join(party["lines"])]
    _keep_printed(draft, 3)
    for name in ("departure", "arrival"):
        if name in draft:
            draft[name]["wall"] = draft[name]["wall"][:10]


def _fold_lines(draft: Draft, rooms: dict[str, int]) -> None:
    """Lines beyond the fields of a party go into its last field, parted by commas."""
    for party in draft.get("parties", ()):
        room, lines = rooms.get(party["role"]), party.get("lines", [])
        if room and len(lines) > room:
            party["lines"] = [*lines[: room - 1], ", ".join(lines[room - 1 :])]


def _keep_printed(draft: Draft, fields: int) -> None:
    """The texts of the bill have a field each: only where all are there is it known which is which.

    The canonical list does not say which of them is missing.
    """
    if len(draft.get("printed_places", ())) not in (0, fields):
        del draft["printed_places"]


IFTMBF_SINOTRANS_WRITER = flat_writer(
    FlatForm(
        IFTMBF_SINOTRANS,
        message_type="IFTMBF",
        description="BOOKING",
        version="3.1",
        released=_RELEASED_31,
        choices=Choices(widths={"51": 15}, unused=_UNUSED_31),
        always=frozenset({"00", "02", "11", "12"}),
        undo_header=_undo_header,
        undo_part=_undo_31,
        leaves_out=_LEFT_OUT,
    )
)

_FEEDBACK_HEADER = Node(
    rows=(
        *HEAD,
        Row("00", "receipt_type", "receipt_type", upper),
        Row("00", "version", "message_version"),
    )
)

IFTMBF_FEEDBACK_WRITER = flat_writer(
    FlatForm(
        IFTMBF_SINOTRANS,
        message_type="IFTMBF",
        description="BOOKING",
        version="3.1",
        released=_RELEASED_31,
        choices=Choices(unused=frozenset({("14", "remark"), ("41", "main_goods")})),
        always=frozenset({"00", "02", "11", "12"}),
        undo_header=_undo_header,
        undo_part=_undo_feedback,
        name=FEEDBACK_NAME,
        layout="iftmbf-feedback-3.1",
        header=_FEEDBACK_HEADER,
        leaves_out=_LEFT_OUT
        | {
            "part.parties.city", "part.parties.postcode", "part.parties.telephone",
            "part.parties.fax", "part.parties.email", "part.parties.aeo_code",
            "part.parties.carrier_code", "part.house_bill", "part.shipping_order",
            "part.depot", "part.containers.goods", "part.containers.shipper_owned",
            "part.containers.package_kind", "part.containers.package_kind_code",
        },
    )
)  # fmt: skip

IFTMBF_CLASSIC_WRITER = flat_writer(
    FlatForm(
        IFTMBF_CLASSIC,
        message_type="IFTMBF",
        description="BOOKING",
        always=frozenset({"00", "10", "12", "14"}),
        undo_header=_undo_header,
        undo_part=_undo_classic,
        leaves_out=(_LEFT_OUT - {"part.release_mode", "part.departure", "part.destination"})
        | {
            "part.house_bill", "part.shipping_order", "part.transhipment",
            "part.partial_shipment", "part.line", "part.bill_carrier", "part.trade",
            "part.pre_carriage", "part.on_carriage", "part.issue_party.name",
            "part.issue_place.name", "part.issue_date", "part.shipment_date", "part.expiry_date",
            "part.documents_due", "part.cut_off", "part.originals", "part.receipt_place",
            "part.depot", "part.charges", "part.parties.city", "part.parties.postcode",
            "part.parties.telephone", "part.parties.fax", "part.parties.email",
            "part.parties.aeo_code", "part.parties.carrier_code",
            "part.equipment.master_lcl_number", "part.equipment.stuffing_mode",
            "part.equipment.stuffing_place", "part.equipment.supplier",
            "part.equipment.consolidator", "part.goods.hs_code", "part.goods.cargo_flag",
            "part.goods.inner_packages", "part.goods.packages.tare_kg",
            "part.goods.packages.volume_m3", "part.goods.net_weight_kg",
        },
    )
)  # fmt: skip
