"""BOOKING as flat platform file IFTMBF: Sinotrans 3.1 (request side) and classic.

Sources: formats.md 4.1 and 4.2.  The two share a name and the record ids, and little else: each
has its own layout and table.  Which of the two numbers of the classic record 14 is the booking is
not confirmed; 14.11 is taken for it and 14.5 for the bill (docs/formats/booking.md).
"""

from __future__ import annotations

from typing import Any

from gateway.canonical.booking import BOOKING
from gateway.mappings.contract import Format
from gateway.mappings.convert import bill_number, compact_time, container_number, upper
from gateway.mappings.flat_convert import (
    count,
    imo,
    kept,
    lines,
    number,
    seal,
    sequence,
    temperature,
    ventilation,
)
from gateway.mappings.flat_rows import HEAD
from gateway.mappings.table import Node, Row, Table
from gateway.syntax.flat.head import FEEDBACK
from gateway.syntax.profile import Profile
from gateway.syntax.record import MessageKind

# The header of a booking is made from all records, so unknown ones are the part's business.
_HEADER = Node(
    rows=(
        *HEAD,
        Row("00", "version", "message_version"),
        Row("00", "version", "version"),
    ),
)

_FEEDBACK_HEADER = Node(rows=(*_HEADER.rows, Row("00", "receipt_type", "receipt_type")))


def _places(label: str, *names: str) -> tuple[Row, ...]:
    """Code and name of places that the layout calls `<name>_code` and `<name>_name`."""
    return tuple(
        row
        for name in names
        for row in (
            Row(label, f"{name}_code", f"{name}.code", upper),
            Row(label, f"{name}_name", f"{name}.name"),
        )
    )


def _references(label: str, **qualifiers: str) -> tuple[Node, ...]:
    """Numbers that are kept with a qualifier of ours."""
    return tuple(
        Node(
            path="references",
            opens=frozenset({label}),
            constants=(("qualifier", qualifier),),
            rows=(Row(label, field, "number"),),
        )
        for field, qualifier in qualifiers.items()
    )


# What the network keeps apart of an address: layout field → path below the party.
_ADDRESS = {
    "city_code": "city.code",
    "city_name": "city.name",
    "postcode": "postcode",
    "telephone": "telephone",
    "fax": "fax",
    "email": "email",
}
_CODES = {"carrier_code": "carrier_code", "aeo_code": "aeo_code"}


def _party(label: str, role: str, line_fields: tuple[str, ...], details: dict[str, str]) -> Node:
    """A party of 3.1: its code, its name and address lines, and the details that it has."""
    return Node(
        path="parties",
        opens=frozenset({label}),
        constants=(("role", role),),
        rows=(
            Row(label, "code", "code"),
            *(Row(label, name, "lines[]", lines) for name in line_fields),
            *(Row(label, name, path) for name, path in details.items()),
        ),
    )


_BOOKING_31_ROWS = (
    Row("02", "booking_number", "booking_number", upper),
    Row("02", "bill_number", "bill_of_lading", bill_number),
    Row("02", "delivery_term", "delivery_term"),
    *_places("02", "issue_party"),
    Row("02", "transhipment", "transhipment", upper),
    Row("02", "partial_shipment", "partial_shipment", upper),
    Row("02", "shipment_date", "shipment_date", compact_time),
    Row("02", "expiry_date", "expiry_date", compact_time),
    Row("02", "house_bill", "house_bill", bill_number),
    Row("02", "shipping_order", "shipping_order"),
    *_places("03", "issue_place"),
    Row("03", "issue_date", "issue_date", compact_time),
    Row("03", "originals", "originals"),
    Row("11", "vessel_code", "vessel.code", upper),
    Row("11", "vessel_code", "vessel.imo", imo),
    Row("11", "vessel_name", "vessel.name"),
    Row("11", "voyage", "voyage", upper),
    *_places("11", "line"),
    Row("11", "bill_carrier_code", "bill_carrier.code", upper),
    Row("11", "bill_carrier_name", "bill_carrier.name"),
    Row("11", "requested_shipping", "requested_shipping", compact_time),
    *_places("11", "trade"),
    Row("11", "pre_vessel_code", "pre_carriage.vessel.code", upper),
    Row("11", "pre_vessel_name", "pre_carriage.vessel.name"),
    Row("11", "pre_voyage", "pre_carriage.voyage", upper),
    Row("11", "on_vessel_code", "on_carriage.vessel.code", upper),
    Row("11", "on_vessel_name", "on_carriage.vessel.name"),
    Row("11", "on_voyage", "on_carriage.voyage", upper),
    Row("11", "arrival_planned", "arrival", compact_time),
    Row("11", "documents_due", "documents_due", compact_time),
    Row("11", "cut_off", "cut_off", compact_time),
    *_places(
        "12",
        "receipt_place",
        "load_port",
        "discharge_port",
        "transfer_port",
        "delivery_place",
        "destination",
    ),
    Row("12", "depot", "depot"),
    *(
        Row("12", f"printed_{name}", "printed_places[]")
        for name in ("receipt", "load", "discharge", "delivery", "transfer", "destination")
    ),
    Row("14", "code", "freight_clause.code", upper),
    Row("14", "code", "payment", upper),
    Row("14", "text", "freight_clause.name"),
    Row("14", "remark", "remarks[]", lines),
    *(Row("17", f"remark_{n}", "remarks[]", lines) for n in range(1, 6)),
    # Records that other nodes read in part, and those that have no word in our language: their
    # filled fields are kept in `extras`.
    *(
        Row(label, "surplus", "-", kept)
        for label in (
            "01", "06", "13", "18", "19", "20", "21", "22", "23", "25", "42", "43", "44", "47",
            "52", "58", "59",
        )
    ),
)  # fmt: skip

_PARTIES_31 = (
    Node(
        path="parties",
        opens=frozenset({"02"}),
        constants=(("role", "booking_party"),),
        rows=(Row("02", "booking_party", "lines[]"), Row("02", "booker", "contact")),
    ),
    _party("18", "shipper", ("name", "address"), _ADDRESS | _CODES),
    _party("19", "consignee", ("name", "address"), _ADDRESS | _CODES),
    _party("20", "notify", ("name", "address"), _ADDRESS | _CODES),
    _party("21", "second_notify", tuple(f"line_{n}" for n in range(1, 7)), _ADDRESS | _CODES),
    _party("22", "third_notify", ("name",), {}),
    _party("23", "carrier", (), {name: name for name in ("telephone", "email", "fax")}),
    _party("25", "contact", ("name", "address"), _ADDRESS),
)

_CHARGES_31 = Node(
    path="charges",
    opens=frozenset({"15"}),
    extras="extras",
    rows=(
        Row("15", "code", "code"),
        Row("15", "text", "text"),
        Row("15", "payment", "payment", upper),
        Row("15", "payable_at_code", "payable_at.code", upper),
        Row("15", "payee", "payee"),
        Row("15", "quantity", "quantity", number),
        Row("15", "currency", "currency", upper),
        Row("15", "rate", "rate", number),
        Row("15", "unit", "unit"),
        Row("15", "amount", "amount", number),
    ),
)

_EQUIPMENT = Node(
    path="equipment",
    opens=frozenset({"40"}),
    extras="extras",
    rows=(
        Row("40", "size_type", "size_type", upper),
        Row("40", "count", "count", count),
        Row("40", "status", "status", upper),
        Row("40", "master_lcl_number", "master_lcl_number"),
        Row("40", "stuffing_mode", "stuffing_mode"),
        *_places("40", "stuffing_place"),
        Row("40", "shipper_owned", "shipper_owned", upper),
        Row("40", "supplier", "supplier"),
        Row("40", "consolidator", "consolidator"),
    ),
)

_DANGEROUS_31 = Node(
    path="dangerous",
    opens=frozenset({"43"}),
    rows=(
        Row("43", "hazard_class", "hazard_class"),
        Row("43", "page", "page"),
        Row("43", "un_number", "un_number"),
        Row("43", "packing_group", "packing_group"),
        Row("43", "label", "label"),
        Row("43", "flash_point", "flash_point"),
        Row("43", "ems", "ems"),
        Row("43", "mfag", "mfag"),
        Row("43", "marine_pollutant", "marine_pollutant"),
        Row("43", "emergency_contact", "emergency_contact"),
        Row("43", "contact", "emergency_contact"),
        Row("43", "telephone", "telephone"),
        Row("43", "email", "email"),
        Row("43", "fax", "fax"),
    ),
)

_GOODS_31 = Node(
    path="goods",
    opens=frozenset({"41"}),
    extras="extras",
    children=(_DANGEROUS_31,),
    rows=(
        Row("41", "sequence", "sequence"),
        Row("41", "hs_code", "hs_code"),
        Row("41", "cargo_flag", "cargo_flag", upper),
        Row("41", "packages", "packages.count", count),
        Row("41", "package_kind_code", "packages.kind_code", upper),
        Row("41", "package_kind", "packages.kind"),
        Row("41", "package_tare", "packages.tare_kg", number),
        Row("41", "volume", "volume_m3", number),
        Row("41", "inner_packages", "inner_packages.count", count),
        Row("41", "inner_package_kind_code", "inner_packages.kind_code", upper),
        Row("41", "inner_package_kind", "inner_packages.kind"),
        Row("41", "inner_package_tare", "inner_packages.tare_kg", number),
        Row("41", "inner_volume", "inner_packages.volume_m3", number),
        Row("41", "gross_weight", "gross_weight_kg", number),
        Row("41", "net_weight", "net_weight_kg", number),
        Row("41", "main_goods", "description[]", lines),
        Row("43", "ventilation", "temperature.ventilation", ventilation),
        Row("43", "temperature_unit", "temperature.unit", upper),
        Row("43", "temperature_setting", "temperature.setting", temperature),
        Row("43", "temperature_minimum", "temperature.minimum", temperature),
        Row("43", "temperature_maximum", "temperature.maximum", temperature),
        Row("43", "over_front", "over_dimension.front_cm", number),
        Row("43", "over_back", "over_dimension.back_cm", number),
        Row("43", "over_left", "over_dimension.left_cm", number),
        Row("43", "over_right", "over_dimension.right_cm", number),
        Row("43", "over_height", "over_dimension.height_cm", number),
        *(Row("44", f"line_{n}", "marks[]", lines) for n in range(1, 6)),
        *(Row("47", f"line_{n}", "description[]", lines) for n in range(1, 6)),
        Row("47", "text_zh", "description[]", lines),
    ),
)

_CONTAINERS_31 = Node(
    path="containers",
    opens=frozenset({"51"}),
    extras="extras",
    children=(
        Node(
            path="seals",
            opens=frozenset({"51"}),
            rows=(
                Row("51", "seal_number", "number", seal),
                Row("51", "seal_kind", "kind", upper),
                Row("51", "seal_party", "party", upper),
            ),
        ),
        Node(
            path="seals",
            opens=frozenset({"52"}),
            rows=(
                Row("52", "seal_number", "number", seal),
                Row("52", "seal_kind", "kind", upper),
                Row("52", "seal_party", "party", upper),
            ),
        ),
    ),
    rows=(
        Row("51", "container_number", "number", container_number),
        Row("51", "size_type", "size_type", upper),
        Row("51", "status", "status", upper),
        Row("51", "packages", "packages", count),
        Row("51", "cargo_weight", "cargo_weight_kg", number),
        Row("51", "tare", "tare_kg", number),
        Row("51", "volume", "volume_m3", number),
        Row("51", "shipper_owned", "shipper_owned", upper),
        Row("51", "goods", "goods", lines),
        Row("51", "package_kind_code", "package_kind_code", upper),
        Row("51", "package_kind", "package_kind"),
        Row("51", "vgm", "vgm_kg", number),
    ),
)

_BOOKING_31 = Node(
    extras="extras",
    rows=_BOOKING_31_ROWS,
    children=(
        *_references(
            "02",
            quotation_number="quotation",
            tariff_code="tariff",
            service_contract="service_contract",
            bond_number="bond",
            ams_code="ams",
            sinotrans_number="network_number",
            scac="scac",
        ),
        *_references("42", number="unique_consignment"),
        Node(
            path="optional_discharge_ports",
            opens=frozenset({"13"}),
            rows=(
                Row("13", "discharge_port_code", "code", upper),
                Row("13", "discharge_port_name", "name"),
            ),
        ),
        *_PARTIES_31,
        _CHARGES_31,
        _EQUIPMENT,
        _GOODS_31,
        _CONTAINERS_31,
    ),
)

_BOOKING_CLASSIC = Node(
    extras="extras",
    rows=(
        Row("10", "vessel_code", "vessel.code", upper),
        Row("10", "vessel_code", "vessel.imo", imo),
        Row("10", "vessel_name", "vessel.name"),
        Row("10", "voyage", "voyage", upper),
        Row("10", "requested_shipping", "requested_shipping", compact_time),
        Row("11", "surplus", "-", kept),
        *_places(
            "12", "load_port", "discharge_port", "delivery_place", "destination", "transfer_port"
        ),
        Row("12", "printed_load", "printed_places[]"),
        Row("12", "printed_discharge", "printed_places[]"),
        Row("12", "printed_delivery", "printed_places[]"),
        Row("12", "loading_at", "departure", compact_time),
        Row("12", "arrival_at", "arrival", compact_time),
        Row("13", "surplus", "-", kept),
        Row("14", "issue_party_code", "issue_party.code", upper),
        Row("14", "bill_number", "bill_of_lading", bill_number),
        Row("14", "booking_number", "booking_number", upper),
        Row("14", "issue_place_code", "issue_place.code", upper),
        Row("14", "delivery_term", "delivery_term"),
        Row("14", "payment", "payment", upper),
        *(Row(label, "surplus", "-", kept) for label in ("20", "21", "22", "44", "47")),
        Row("60", "payment", "freight_clause.code", upper),
        Row("60", "text", "freight_clause.name"),
        Row("70", "text", "remarks[]", lines),
        Row("71", "release_mode", "release_mode"),
    ),
    children=(
        Node(
            path="optional_discharge_ports",
            opens=frozenset({"13"}),
            rows=(
                Row("13", "discharge_port_code", "code", upper),
                Row("13", "discharge_port_name", "name"),
            ),
        ),
        *(
            Node(
                path="parties",
                constants=(("role", role),),
                rows=(Row(label, "code", "code"), Row(label, "text", "lines[]", lines)),
            )
            for label, role in (("20", "shipper"), ("21", "consignee"), ("22", "notify"))
        ),
        _EQUIPMENT,
        Node(
            path="goods",
            opens=frozenset({"41"}),
            extras="extras",
            rows=(
                Row("41", "sequence", "sequence", sequence),
                Row("41", "packages", "packages.count", count),
                Row("41", "package_kind_code", "packages.kind_code", upper),
                Row("41", "package_kind", "packages.kind"),
                Row("41", "gross_weight", "gross_weight_kg", number),
                Row("41", "volume", "volume_m3", number),
                Row("44", "text", "marks[]", lines),
                Row("47", "text", "description[]", lines),
            ),
        ),
    ),
)


def _finish_31(values: dict[str, Any], _header: dict[str, Any], _profile: Profile) -> None:
    """Seals that have no number are none; 51 and 52 may name the same one."""
    for box in values.get("containers", ()):
        seals: dict[str, dict[str, Any]] = {}
        for each in box.get("seals", ()):
            if "number" in each:
                seals.setdefault(each["number"], {}).update(each)
        box["seals"] = list(seals.values())


def _finish_classic(values: dict[str, Any], _header: dict[str, Any], _profile: Profile) -> None:
    """`^` is a line break in the parties, `*` parts the remarks (formats.md 4.2)."""
    for party in values.get("parties", ()):
        if "lines" in party:
            party["lines"] = _broken(party["lines"], "^")
    if "remarks" in values:
        values["remarks"] = _broken(values["remarks"], "*")


def _broken(texts: list[str], separator: str) -> list[str]:
    return [piece.strip() for text in texts for piece in text.split(separator) if piece.strip()]


def _has_version(kind: MessageKind) -> bool:
    return kind.version.startswith("3.")


def _is_feedback(kind: MessageKind) -> bool:
    return kind.version.startswith(FEEDBACK)


def _is_classic(kind: MessageKind) -> bool:
    return not _has_version(kind) and not _is_feedback(kind)


def _finish_feedback(values: dict[str, Any], _kind: MessageKind, _profile: Profile) -> None:
    """The version is said in the head; the codes of 00.8 are not known, so they are kept."""
    values["message_version"] = values.get("version", "")
    receipt = values.pop("receipt_type", None)
    if receipt:
        values["extras"] = [{"record": "00", "field": "receipt_type", "value": receipt}]


IFTMBF_SINOTRANS = Format(
    name="booking/iftmbf-flat-3.1",
    version="1",
    syntax="flat",
    kinds=frozenset({"IFTMBF"}),
    document=BOOKING,
    layout="iftmbf-sinotrans-3.1",
    header=Table(_HEADER),
    part=Table(_BOOKING_31),
    accepts=_has_version,
    finish_part=_finish_31,
    samples="booking/iftmbf-flat-3.1",
)

# The network's answer (回执): the same records, some with other fields.
IFTMBF_FEEDBACK = Format(
    name="booking/iftmbf-flat-feedback",
    version="1",
    syntax="flat",
    kinds=frozenset({"IFTMBF"}),
    document=BOOKING,
    layout="iftmbf-feedback-3.1",
    header=Table(_FEEDBACK_HEADER),
    part=Table(_BOOKING_31),
    accepts=_is_feedback,
    finish_header=_finish_feedback,
    finish_part=_finish_31,
    samples="booking/iftmbf-flat-feedback",
)

IFTMBF_CLASSIC = Format(
    name="booking/iftmbf-flat-classic",
    version="1",
    syntax="flat",
    kinds=frozenset({"IFTMBF"}),
    document=BOOKING,
    layout="iftmbf-classic",
    header=Table(_HEADER),
    part=Table(_BOOKING_CLASSIC),
    accepts=_is_classic,
    finish_part=_finish_classic,
    samples="booking/iftmbf-flat-classic",
)
