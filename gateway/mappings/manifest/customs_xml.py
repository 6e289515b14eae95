"""MANIFEST as customs XML (海关新舱单, formats.md 7): MT1101 import, MT2101 pre-stowage, MT4101 loading.

All share these tables: an element that a layout lacks never occurs under it.  One part is one
Consignment.  The message type says which kind of manifest it is.
"""

from __future__ import annotations

from typing import Any

from gateway.canonical.document import Function
from gateway.canonical.manifest import MANIFEST, ManifestKind
from gateway.mappings.contract import Format
from gateway.mappings.convert import (
    BadValue,
    bill_number,
    compact_time,
    container_number,
    count,
    number,
    text,
    upper,
)
from gateway.mappings.flat_convert import UNKNOWN_FUNCTION, imo, lines, seal, sequence
from gateway.mappings.node import Convert, Node, Row
from gateway.mappings.table import Table
from gateway.syntax.profile import Profile
from gateway.syntax.record import MessageKind

_PART = "Declaration/Consignment"
_HOUSE = "house_number"
KINDS = {
    "MT1101": ManifestKind.IMPORT,
    "MT2101": ManifestKind.PRE_STOWAGE,
    "MT4101": ManifestKind.CLEAN,
}
# Customs has its own list: 5 is 修改; 0 and 1 are not published (formats.md 7).
FUNCTIONS = {
    "9": Function.ORIGINAL,
    "2": Function.ADD,
    "3": Function.DELETE,
    "5": Function.CHANGE,
    "0": Function.OTHER,
    "1": Function.OTHER,
}


def _function(value: str) -> Function | None:
    bare = value.strip()
    if bare and bare not in FUNCTIONS:
        raise BadValue(UNKNOWN_FUNCTION)
    return FUNCTIONS.get(bare)


def _head(path: str, to: str, convert: Convert = text) -> Row:
    return Row(f"Declaration/{path}", "text", to, convert)


def _bill(path: str, to: str, convert: Convert = text) -> Row:
    return Row(f"{_PART}/{path}", "text", to, convert)


def _named(role: str, path: str, to: str, prefix: str) -> Node:
    """A party of which one element is told."""
    label = f"{prefix}/{path}"
    return Node(path="parties", constants=(("role", role),), rows=(Row(label, "text", to),))


def _address(path: str) -> tuple[Row, ...]:
    return (
        _bill(f"{path}/Line", "lines[]", lines),
        _bill(f"{path}/CityName", "city.name"),
        _bill(f"{path}/PostcodeID", "postcode"),
        _bill(f"{path}/CountryCode", "country", upper),
    )


def _party(role: str, path: str) -> Node:
    return Node(
        path="parties",
        constants=(("role", role),),
        rows=(
            _bill(f"{path}/ID", "code"),
            _bill(f"{path}/Name", "lines[]"),
            *_address(f"{path}/Address"),
            _bill(f"{path}/Contact/Name", "contact"),
            _bill(f"{path}/AEO", "aeo_code"),
        ),
    )


HEADER = Node(
    extras="extras",
    children=(
        _named("sender", "RepresentativePerson/Name", "lines[]", "Declaration"),
        _named("agent", "Agent/ID", "code", "Declaration"),
    ),
    rows=(
        Row("Head/MessageID", "text", "reference"),
        Row("Head/FunctionCode", "text", "function", _function),
        Row("Head/MessageType", "text", ""),
        Row("Head/SenderID", "text", "sender"),
        Row("Head/ReceiverID", "text", "receiver"),
        Row("Head/SendTime", "text", "created_at", compact_time),
        Row("Head/Version", "text", ""),
        _head("ExitCustomsOffice/ID", "departure_port.code", upper),
        _head("EntryCustomsOffice/ID", "discharge_port.code", upper),
        _head("Carrier/ID", "line.code"),
        _head("BorderTransportMeans/JourneyID", "voyage", upper),
        _head("BorderTransportMeans/TypeCode", "transport_mode"),
        _head("BorderTransportMeans/ID", "vessel.code", upper),
        _head("BorderTransportMeans/ID", "vessel.imo", imo),
        _head("BorderTransportMeans/Name", "vessel.name"),
        _head("BorderTransportMeans/FirstArrivalLocationID", "next_port.code", upper),
        _head("BorderTransportMeans/ArrivalDateTime", "arrival", compact_time),
        _head("BorderTransportMeans/DepartureDateTime", "sailing", compact_time),
    ),
)

_SEALS = Node(
    path="seals",
    opens=frozenset({f"{_PART}/TransportEquipment/SealID"}),
    rows=(
        _bill("TransportEquipment/SealID", "number", seal),
        _bill("TransportEquipment/SealID/@AgencyCode", "party", upper),
    ),
)

_CONTAINERS = Node(
    path="containers",
    opens=frozenset({f"{_PART}/TransportEquipment"}),
    children=(_SEALS,),
    rows=(
        _bill("TransportEquipment/EquipmentIdentification/ID", "number", container_number),
        _bill("TransportEquipment/CharacteristicCode", "size_type", upper),
        _bill("TransportEquipment/FullnessCode", "status", upper),
    ),
)

_GOODS = Node(
    path="goods",
    opens=frozenset({f"{_PART}/ConsignmentItem"}),
    rows=(
        _bill("ConsignmentItem/SequenceNumeric", "sequence", sequence),
        _bill("ConsignmentItem/Commodity/CargoDescription", "description[]", lines),
    ),
)

CONSIGNMENT = Node(
    extras="extras",
    children=(
        _party("shipper", "Consignor"),
        _party("consignee", "Consignee"),
        _party("notify", "NotifyParty"),
        _named("other:consolidator", "TransportContractDocument/Consolidator/ID", "code", _PART),
        _named("other:intermediate_carrier", "IntermediateCarrier/ID", "code", _PART),
        _named("other:dangerous_goods_contact", "UNDGContact/Name", "contact", _PART),
        Node(
            path="parties",
            constants=(("role", "other:delivery_destination"),),
            rows=_address("DeliveryDestination"),
        ),
        _CONTAINERS,
        _GOODS,
    ),
    rows=(
        _bill("TransportContractDocument/ID", "number", bill_number),
        _bill("TransportContractDocument/ConditionCode", "delivery_term"),
        _bill("AssociatedTransportDocument/ID", _HOUSE, bill_number),
        _bill("GrossVolumeMeasure", "total_volume_m3", number),
        _bill("ValueAmount", "goods_value", number),
        _bill("ValueAmount/@CurrencyTypeCode", "goods_value_currency", upper),
        _bill("LoadingLocation/ID", "load_port.code", upper),
        _bill("LoadingLocation/LoadingDate", "load_date", compact_time),
        _bill("UnloadingLocation/ID", "discharge_port.code", upper),
        _bill("UnloadingLocation/ArrivalDate", "discharge_date", compact_time),
        _bill("GoodsReceiptPlace/ID", "receipt_place.code", upper),
        _bill("GoodsReceiptPlace/Name", "receipt_place.name"),
        _bill("TranshipmentLocation/ID", "transfer_port.code", upper),
        _bill("FreightPayment/MethodCode", "payment", upper),
        _bill("ConsignmentPackaging/QuantityQuantity", "total_packages.count", count),
        _bill("ConsignmentPackaging/TypeCode", "total_packages.kind_code", upper),
        _bill("TotalGrossMassMeasure", "total_gross_weight_kg", number),
    ),
)

PLACES = ("load_port", "discharge_port", "receipt_place", "transfer_port")


def _finish_header(values: dict[str, Any], kind: MessageKind, _profile: Profile) -> None:
    values["kind"] = KINDS[kind.name]
    for name in ("departure_port", "next_port", "discharge_port"):
        _split_office(values.get(name))


def _finish_part(values: dict[str, Any], _header: dict[str, Any], _profile: Profile) -> None:
    """A house bill is told by both numbers, joined by `*` as the port systems write it."""
    for name in PLACES:
        _split_office(values.get(name))
    for box in values.get("containers", ()):
        if "seals" in box:
            box["seals"] = [each for each in box["seals"] if "number" in each]
    house, master = values.pop(_HOUSE, None), values.get("number")
    if house is None:
        return
    if master is not None:
        values["master_number"] = master
    values["number"] = f"{master}*{house}" if master else house


def _split_office(place: dict[str, Any] | None) -> None:
    """`CNTXG/0202`: place and customs office."""
    if place and "/" in place.get("code", ""):
        code, _, office = place.pop("code").partition("/")
        place |= {name: text for name, text in (("code", code), ("office", office)) if text}


def _format(message: str) -> Format:
    name = f"customs-{message.lower()}"
    return Format(
        name=f"manifest/{name}",
        version="1",
        syntax="xml",
        kinds=frozenset({message}),
        document=MANIFEST,
        layout=name,
        header=Table(HEADER),
        part=Table(CONSIGNMENT),
        group_labels=frozenset({_PART}),
        finish_header=_finish_header,
        finish_part=_finish_part,
        samples=f"manifest/{name}",
    )


CUSTOMS_MT1101 = _format("MT1101")
CUSTOMS_MT2101 = _format("MT2101")
CUSTOMS_MT4101 = _format("MT4101")
