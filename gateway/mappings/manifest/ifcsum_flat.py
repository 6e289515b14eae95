"""MANIFEST as flat platform file: IFCSUM (formats.md 2, V1) and IFCTST 1.0 (V2).

Both share these tables: the layouts `ifcsum-v1` and `ifctst-v1` name their fields alike, and a row
whose field a layout lacks drops out.  One part is one bill: its record 12 and all up to the next.
43, 44 and 47 belong to the last 41; 52 to the last 51 (formats.md 9.2).
"""

from __future__ import annotations

from typing import Any

from gateway.canonical.manifest import MANIFEST, ManifestKind
from gateway.canonical.party import Party
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
)
from gateway.mappings.flat_rows import HEAD
from gateway.mappings.table import Node, Row, Table
from gateway.syntax.profile import Profile
from gateway.syntax.record import MessageKind

_HEADER = Node(
    extras="extras",
    rows=(
        *HEAD,
        Row("00", "sender_port", "sender_port", upper),
        Row("00", "receiver_port", "receiver_port", upper),
        Row("00", "version", "message_version"),
        *(Row("01", f"receiver_{n}", "other_receivers[]") for n in range(1, 10)),
        Row("10", "vessel_code", "vessel.code", upper),
        Row("10", "vessel_code", "vessel.imo", imo),
        Row("10", "vessel_name", "vessel.name"),
        Row("10", "nationality", "vessel.nationality", upper),
        Row("10", "voyage", "voyage", upper),
        Row("10", "trade_code", "trade.code"),
        Row("10", "trade_name", "trade.name"),
        Row("10", "arrival", "arrival", compact_time),
        Row("10", "sailing", "sailing", compact_time),
        Row("10", "departure_port_code", "departure_port.code", upper),
        Row("10", "departure_port_name", "departure_port.name"),
        Row("10", "next_port_code", "next_port.code", upper),
        Row("10", "next_port_name", "next_port.name"),
        Row("11", "line_code", "line.code"),
        Row("11", "line_name", "line.name"),
    ),
)

_BILL_ROWS = (
    Row("12", "bill_number", "number", bill_number),
    Row("12", "pre_vessel_code", "pre_carriage.vessel.code", upper),
    Row("12", "pre_vessel_name", "pre_carriage.vessel.name"),
    Row("12", "pre_voyage", "pre_carriage.voyage", upper),
    Row("12", "receipt_place_code", "receipt_place.code", upper),
    Row("12", "receipt_place_name", "receipt_place.name"),
    Row("12", "load_port_code", "load_port.code", upper),
    Row("12", "load_port_name", "load_port.name"),
    Row("12", "delivery_term", "delivery_term"),
    Row("12", "payment", "payment", upper),
    Row("12", "load_date", "load_date", compact_time),
    Row("12", "quarantine", "quarantine"),
    Row("12", "issue_date", "issue_date", compact_time),
    Row("12", "currency", "currency", upper),
    Row("12", "exchange_rate", "exchange_rate", number),
    Row("12", "filing_type", "filing_type"),
    Row("12", "master_number", "master_number", bill_number),
    Row("12", "total_packages", "total_packages.count", count),
    Row("12", "total_package_kind", "total_packages.kind_code", upper),
    Row("12", "total_gross_weight", "total_gross_weight_kg", number),
    Row("12", "total_volume", "total_volume_m3", number),
    Row("13", "discharge_port_code", "discharge_port.code", upper),
    Row("13", "discharge_port_name", "discharge_port.name"),
    Row("13", "delivery_place_code", "delivery_place.code", upper),
    Row("13", "delivery_place_name", "delivery_place.name"),
    Row("13", "transfer_port_code", "transfer_port.code", upper),
    Row("13", "transfer_port_name", "transfer_port.name"),
    Row("13", "issue_place_code", "issue_place.code", upper),
    Row("13", "issue_place_name", "issue_place.name"),
    # Fields of the party records beyond those that `_PARTIES` reads.
    *(Row(label, "surplus", "-", kept) for label in ("16", "17", "18", "19", "20")),
    Row("14", "surplus", "-", kept),
)

_OPTIONAL_PORTS = tuple(
    Node(
        path="optional_discharge_ports",
        opens=frozenset({"14"}),
        rows=(
            Row("14", f"port_code_{n}", "code", upper),
            Row("14", f"port_name_{n}", "name"),
        ),
    )
    for n in range(1, 6)
)

_CHARGES = Node(
    path="charges",
    opens=frozenset({"15"}),
    extras="extras",
    rows=(
        Row("15", "code", "code"),
        Row("15", "text", "text"),
        Row("15", "payable_at_code", "payable_at.code", upper),
        Row("15", "payable_at_name", "payable_at.name"),
        Row("15", "quantity", "quantity", number),
        Row("15", "currency", "currency", upper),
        Row("15", "rate", "rate", number),
        Row("15", "unit", "unit"),
        Row("15", "amount", "amount", number),
        Row("15", "payment", "payment", upper),
    ),
)


def _finish_party(party: dict[str, Any]) -> None:
    """Fields behind the name lines, told apart by prefix: their position differs by sender."""
    for text in party.pop("more", ()):
        prefix, _, rest = text.partition(":")
        word, value = prefix.strip().upper(), rest.strip()
        if word in ("TEL", "PHONE") and value:
            _append(party, "telephone", value)
        elif word == "FAX" and value:
            _append(party, "fax", value)
        elif word in ("ATTN", "CONTACT") and value:
            _append(party, "contact", value)
        elif word in ("EMAIL", "E-MAIL") and value:
            _append(party, "email", value)
        elif len(text) == 2 and text.isascii() and text.isalpha() and "country" not in party:
            party["country"] = text.upper()
        else:
            party.setdefault("lines", []).append(text)


def _append(party: dict[str, Any], name: str, value: str) -> None:
    party[name] = f"{party[name]}; {value}" if name in party else value


# A repeated 16–20 continues the text of the first one, so nothing opens a second element.
_PARTIES = tuple(
    Node(
        path="parties",
        constants=(("role", role),),
        rows=(
            Row(label, "code", "code"),
            *(Row(label, f"line_{n}", "lines[]") for n in range(1, 7)),
            *(Row(label, f"more_{n}", "more[]") for n in range(1, 13)),
        ),
        shared=Party,
        finish=_finish_party,
    )
    for label, role in (
        ("16", "shipper"),
        ("17", "consignee"),
        ("18", "notify"),
        ("19", "second_notify"),
        ("20", "third_notify"),
    )
)

_DANGEROUS = Node(
    path="dangerous",
    opens=frozenset({"43"}),
    rows=(
        Row("43", "hazard_class", "hazard_class"),
        Row("43", "page", "page"),
        Row("43", "un_number", "un_number"),
        Row("43", "label", "label"),
        Row("43", "flash_point", "flash_point"),
        Row("43", "ems", "ems"),
        Row("43", "mfag", "mfag"),
        Row("43", "emergency_contact", "emergency_contact"),
    ),
)

_GOODS = Node(
    path="goods",
    opens=frozenset({"41"}),
    extras="extras",
    children=(_DANGEROUS,),
    rows=(
        Row("41", "sequence", "sequence"),
        Row("41", "cargo_code", "cargo_code"),
        Row("41", "hs_code", "hs_code"),
        Row("41", "packages", "packages.count", count),
        Row("41", "package_kind_code", "packages.kind_code", upper),
        Row("41", "package_kind", "packages.kind"),
        Row("41", "gross_weight", "gross_weight_kg", number),
        Row("41", "net_weight", "net_weight_kg", number),
        Row("41", "volume", "volume_m3", number),
        Row("41", "commodity", "description[]", lines),
        Row("43", "temperature_unit", "temperature.unit", upper),
        Row("43", "temperature_setting", "temperature.setting", temperature),
        Row("43", "temperature_minimum", "temperature.minimum", temperature),
        Row("43", "temperature_maximum", "temperature.maximum", temperature),
        Row("44", "text", "marks[]", lines),
        Row("44", "sequence", "sequence"),
        Row("47", "text", "description[]", lines),
        Row("47", "sequence", "sequence"),
    ),
)

_SEALS = (
    Node(
        path="seals",
        opens=frozenset({"51"}),
        rows=(Row("51", "seal_number", "number", seal),),
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
)

_CONTAINERS = Node(
    path="containers",
    opens=frozenset({"51"}),
    extras="extras",
    children=_SEALS,
    rows=(
        Row("51", "sequence", "goods_sequence", sequence),
        Row("51", "container_number", "number", container_number),
        Row("51", "size_type", "size_type", upper),
        Row("51", "status", "status", upper),
        Row("51", "packages", "packages", count),
        Row("51", "cargo_weight", "cargo_weight_kg", number),
        Row("51", "tare", "tare_kg", number),
        Row("51", "volume", "volume_m3", number),
        Row("51", "over_front", "over_dimension.front_cm", number),
        Row("51", "over_back", "over_dimension.back_cm", number),
        Row("51", "over_left", "over_dimension.left_cm", number),
        Row("51", "over_right", "over_dimension.right_cm", number),
        Row("51", "over_height", "over_dimension.height_cm", number),
        Row("51", "stowage", "stowage"),
        Row("51", "supplier", "supplier"),
        Row("51", "shipper_owned", "shipper_owned", upper),
        Row("51", "received_at", "positioned_at", compact_time),
        Row("51", "temperature_unit", "temperature.unit", upper),
        Row("51", "temperature_setting", "temperature.setting", temperature),
        Row("51", "temperature_minimum", "temperature.minimum", temperature),
        Row("51", "temperature_maximum", "temperature.maximum", temperature),
        Row("51", "ventilation", "temperature.ventilation"),
        *(Row("51", f"seal_{n}", "more_seals[]", seal) for n in range(2, 10)),
    ),
)

_BILL = Node(
    extras="extras",
    rows=_BILL_ROWS,
    children=(*_OPTIONAL_PORTS, _CHARGES, *_PARTIES, _GOODS, _CONTAINERS),
)

_PLACES = (
    "load_port",
    "discharge_port",
    "delivery_place",
    "receipt_place",
    "transfer_port",
    "issue_place",
)


def _finish_header(values: dict[str, Any], _kind: MessageKind, profile: Profile) -> None:
    """The flat file does not say what kind of manifest it is: the partner's profile does."""
    try:
        values["kind"] = ManifestKind(profile.manifest_kind)
    except ValueError:
        values["kind"] = ManifestKind.UNSTATED
    for name in ("departure_port", "next_port"):
        _split_office(values.get(name))


def _finish_part(values: dict[str, Any], _header: dict[str, Any], _profile: Profile) -> None:
    for name in _PLACES:
        _split_office(values.get(name))
    for party in values.get("parties", ()):
        if isinstance(party, dict):
            _finish_party(party)
    for box in values.get("containers", ()):
        _finish_seals(box)


def _split_office(place: dict[str, Any] | None) -> None:
    """`CNTXG/0202`: port and customs office (formats.md 10.9)."""
    if place and "/" in place.get("code", ""):
        code, _, office = place["code"].partition("/")
        del place["code"]
        place |= {name: text for name, text in (("code", code), ("office", office)) if text}


def _finish_seals(box: dict[str, Any]) -> None:
    if "more_seals" in box:
        more = box.pop("more_seals")
        box.setdefault("seals", []).extend({"number": number} for number in more)
    seals = box.get("seals")
    if seals and (len(seals) > 1 or "number" not in seals[0]):
        box["seals"] = _merged(seals)


def _merged(seals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One element per seal number: 51 names a seal, 52 says its kind and who put it on."""
    found: dict[str, dict[str, Any]] = {}
    for each in seals:
        if "number" in each:
            found.setdefault(each["number"], {}).update(each)
    return list(found.values())


IFCSUM_FLAT = Format(
    name="manifest/ifcsum-flat",
    version="1",
    syntax="flat",
    kinds=frozenset({"IFCSUM"}),
    document=MANIFEST,
    layout="ifcsum-v1",
    header=Table(_HEADER),
    part=Table(_BILL),
    group_labels=frozenset({"12"}),
    finish_header=_finish_header,
    finish_part=_finish_part,
    samples="manifest/ifcsum-flat",
)

IFCTST_FLAT = Format(
    name="manifest/ifctst-flat",
    version="1",
    syntax="flat",
    kinds=frozenset({"IFCTST"}),
    document=MANIFEST,
    layout="ifctst-v1",
    header=Table(_HEADER),
    part=Table(_BILL),
    group_labels=frozenset({"12"}),
    finish_header=_finish_header,
    finish_part=_finish_part,
    samples="manifest/ifctst-flat",
)
