"""MANIFEST → IFCSUM as the Ministry's standard has it (V1), and IFCTST 1.0 (V2); formats.md 2.

The layouts read every variant; what is written are the fields of the standard only.
"""

from __future__ import annotations

from typing import Any

from gateway.mappings.flat_places import (
    join_offices,
    lower_to_goods,
    name_vessel,
    status_digits,
    status_letters,
)
from gateway.mappings.flat_writing import FlatForm, flat_writer
from gateway.mappings.flat_writing_plan import Choices
from gateway.mappings.flat_writing_values import as_customs_time
from gateway.mappings.manifest.ifcsum_flat import IFCSUM_FLAT, IFCTST_FLAT

_PLACES = (
    "load_port",
    "discharge_port",
    "delivery_place",
    "receipt_place",
    "transfer_port",
    "issue_place",
)
# Numbers of cargo items stand before marks and description, too: they tell whose they are.
_AGAIN = frozenset({("44", "sequence"), ("47", "sequence")})
_WIDTHS_V1 = {"00": 9, "10": 13, "12": 16, "13": 9, "41": 9, "51": 16}
_WIDTHS_V2 = {"00": 8, "10": 15, "12": 21, "13": 10, "41": 9, "51": 17}
_LEFT_OUT = frozenset(
    {
        "header.reference", "header.document_number", "header.kind", "header.load_port",
        "header.discharge_port", "header.transport_mode", "header.parties", "header.containers",
        "header.line.office", "header.trade.office", "header.vessel.imo",
        "header.vessel.call_sign", "header.vessel.name_zh", "header.extras",
        "part.master_number", "part.filing_type", "part.discharge_date", "part.goods_value",
        "part.goods_value_currency", "part.remarks", "part.extras",
        "part.pre_carriage.line", "part.pre_carriage.vessel.imo",
        "part.pre_carriage.vessel.call_sign", "part.pre_carriage.vessel.name_zh",
        "part.pre_carriage.vessel.nationality", "part.optional_discharge_ports.office",
        "part.charges.payable_at.office",
        "part.parties.city", "part.parties.postcode", "part.parties.aeo_code",
        "part.parties.carrier_code", "part.charges.payee", "part.goods.hs_code",
        "part.goods.cargo_flag", "part.goods.inner_packages", "part.goods.packages.tare_kg",
        "part.goods.packages.volume_m3", "part.goods.dangerous.packing_group",
        "part.goods.dangerous.marine_pollutant", "part.goods.dangerous.telephone",
        "part.goods.dangerous.email", "part.goods.dangerous.fax", "part.containers.operator",
        "part.containers.gross_weight_kg", "part.containers.shipper_owned",
        "part.containers.goods", "part.containers.movement", "part.containers.positioned_at",
        "part.containers.load_port", "part.containers.discharge_port",
        "part.containers.delivery_place", "part.containers.references",
        "part.containers.texts", "part.containers.package_kind", "part.containers.extras",
        "part.containers.package_kind_code",
    }
)  # fmt: skip


def _undo_header(draft: dict[str, Any]) -> None:
    name_vessel(draft)
    join_offices(draft, ("departure_port", "next_port"))


def _undo_part_v1(draft: dict[str, Any], _header: dict[str, Any]) -> None:
    status_letters(draft.get("containers", ()))
    _undo_part(draft)


def _undo_part_v2(draft: dict[str, Any], _header: dict[str, Any]) -> None:
    status_digits(draft.get("containers", ()))
    _undo_part(draft)


def _undo_part(draft: dict[str, Any]) -> None:
    name_vessel(draft.get("pre_carriage", {}))
    lower_to_goods(draft, ("temperature", "dangerous"))
    join_offices(draft, _PLACES)
    for party in draft.get("parties", ()):
        _gather(party)


def _gather(party: dict[str, Any]) -> None:
    """Country and means of communication behind the name lines, told apart by their prefix."""
    more = []
    if country := party.pop("country", None):
        more.append(country)
    for name, prefix in (
        ("contact", "ATTN"),
        ("telephone", "TEL"),
        ("fax", "FAX"),
        ("email", "EMAIL"),
    ):
        if text := party.pop(name, None):
            more.append(f"{prefix}:{text}")
    if more:
        party["more"] = more


IFCSUM_FLAT_WRITER = flat_writer(
    FlatForm(
        IFCSUM_FLAT,
        message_type="IFCSUM",
        description="MANIFEST",
        choices=Choices(widths=_WIDTHS_V1, again=_AGAIN),
        undo_header=_undo_header,
        undo_part=_undo_part_v1,
        leaves_out=_LEFT_OUT
        | {
            "header.message_version", "part.total_packages", "part.total_gross_weight_kg",
            "part.total_volume_m3", "part.containers.supplier", "part.containers.seals.kind",
            "part.containers.seals.party",
        },
    )
)  # fmt: skip

IFCTST_FLAT_WRITER = flat_writer(
    FlatForm(
        IFCTST_FLAT,
        message_type="IFCTST",
        description="MANIFEST TEST",
        version="1.0",
        choices=Choices(
            widths=_WIDTHS_V2,
            again=_AGAIN,
            says={
                ("10", "arrival"): as_customs_time,
                ("10", "sailing"): as_customs_time,
                ("12", "load_date"): as_customs_time,
                ("12", "issue_date"): as_customs_time,
            },
        ),
        undo_header=_undo_header,
        undo_part=_undo_part_v2,
        leaves_out=_LEFT_OUT
        | {
            "header.sender_port", "header.receiver_port", "part.total_packages.kind",
            "part.total_packages.tare_kg", "part.total_packages.volume_m3",
        },
    )
)  # fmt: skip
