"""BOOKING as DCSA Booking 2 (JSON).  Source: sample messages of the DCSA conformance suite.

One object is one booking.  Members without a word in our language stay in `extras`.
"""

from __future__ import annotations

from typing import Any

from gateway.canonical.booking import BOOKING
from gateway.mappings.contract import Format
from gateway.mappings.convert import count, number, upper
from gateway.mappings.flat_convert import lines
from gateway.mappings.json_rows import code_of, flag, offset_time, pounds
from gateway.mappings.node import Node, Row
from gateway.mappings.table import Table
from gateway.syntax.profile import Profile

_BOX = "requestedEquipments"
_GOODS = f"{_BOX}.commodities"
_PACKED = f"{_GOODS}.outerPackaging"
_RISK = f"{_PACKED}.dangerousGoods"
_PLACES = {
    "PRE": "receipt_place",
    "POL": "load_port",
    "POD": "discharge_port",
    "PDE": "delivery_place",
}
_PARTIES = {
    "bookingAgent": "booking_party",
    "shipper": "shipper",
    "consignee": "consignee",
    "serviceContractOwner": "other:service_contract_owner",
    "carrierBookingOffice": "carrier",
}
_SERVICE = code_of(CY="CY", SD="DOOR", CFS="CFS")


def _party(label: str, role: str) -> Node:
    address = f"{label}.address"
    return Node(
        path="parties",
        opens=frozenset({label}),
        constants=(("role", role),),
        rows=(
            Row(f"{label}.partyName", "text", "lines[]", lines),
            Row(f"{label}.name", "text", "lines[]", lines),
            Row(address, "text", ""),
            *(
                Row(f"{address}.{name}", "text", "lines[]")
                for name in ("street", "streetNumber", "floor")
            ),
            Row(f"{address}.city", "text", "city.name"),
            Row(f"{address}.postCode", "text", "postcode"),
            Row(f"{address}.countryCode", "text", "country", upper),
            Row(f"{label}.partyContactDetails", "text", ""),
            Row(f"{label}.partyContactDetails.name", "text", "contact"),
            Row(f"{label}.partyContactDetails.phone", "text", "telephone"),
            Row(f"{label}.partyContactDetails.email", "text", "email"),
        ),
    )


def _reference(label: str, qualifier: str) -> Node:
    return Node(
        path="references",
        opens=frozenset({label}),
        constants=(("qualifier", qualifier),),
        rows=(Row(label, "text", "number"),),
    )


_DANGEROUS = Node(
    path="dangerous",
    opens=frozenset({_RISK}),
    rows=(
        Row(f"{_RISK}.UNNumber", "text", "un_number"),
        Row(f"{_RISK}.imoClass", "text", "hazard_class"),
        Row(f"{_RISK}.packingGroup", "text", "packing_group"),
        Row(f"{_RISK}.EMSNumber", "text", "ems"),
        Row(f"{_RISK}.isMarinePollutant", "text", "marine_pollutant", flag),
        Row(f"{_RISK}.emergencyContactDetails", "text", ""),
        Row(f"{_RISK}.emergencyContactDetails.contact", "text", "emergency_contact"),
        Row(f"{_RISK}.emergencyContactDetails.phone", "text", "telephone"),
    ),
)

_COMMODITIES = Node(
    path="goods",
    opens=frozenset({_GOODS}),
    children=(_DANGEROUS,),
    rows=(
        Row(f"{_GOODS}.commodityType", "text", "description[]", lines),
        Row(f"{_GOODS}.HSCodes", "text", "hs_code"),
        Row(f"{_GOODS}.cargoGrossWeight[KGM]", "text", ""),
        Row(f"{_GOODS}.cargoGrossWeight[KGM].value", "text", "gross_weight_kg", number),
        Row(f"{_GOODS}.cargoGrossWeight[LBR].value", "text", "gross_weight_kg", pounds),
        Row(f"{_GOODS}.cargoGrossWeight", "text", "weight", number),
        Row(f"{_GOODS}.cargoGrossWeightUnit", "text", "weight_unit", code_of(KGM="1", LBR="2")),
        Row(f"{_GOODS}.cargoNetWeight[KGM].value", "text", "net_weight_kg", number),
        Row(f"{_GOODS}.cargoGrossVolume[MTQ].value", "text", "volume_m3", number),
        Row(_PACKED, "text", ""),
        Row(f"{_PACKED}.numberOfPackages", "text", "packages.count", count),
        Row(f"{_PACKED}.packageCode", "text", "packages.kind_code", upper),
        Row(f"{_PACKED}.description", "text", "packages.kind"),
    ),
)

_REEFER = f"{_BOX}.activeReeferSettings"
_EQUIPMENT = Node(
    path="equipment",
    opens=frozenset({_BOX}),
    children=(_COMMODITIES,),
    rows=(
        Row(f"{_BOX}.ISOEquipmentCode", "text", "size_type", upper),
        Row(f"{_BOX}.units", "text", "count", count),
        Row(f"{_BOX}.isShipperOwned", "text", "shipper_owned", flag),
        Row(_REEFER, "text", ""),
        Row(f"{_REEFER}.temperatureSetpoint", "text", "temperature.setting", number),
        Row(f"{_REEFER}.temperatureUnit", "text", "temperature.unit", code_of(CEL="C", FAH="F")),
    ),
)


def _places() -> tuple[Row, ...]:
    rows = []
    for code, name in _PLACES.items():
        label = f"shipmentLocations[{code}].location"
        rows += [
            Row(label, "text", ""),
            Row(f"{label}.UNLocationCode", "text", f"{name}.code", upper),
            Row(f"{label}.locationName", "text", f"{name}.name"),
        ]
    return tuple(rows)


_BOOKING = Node(
    extras="extras",
    children=(
        _reference("carrierBookingRequestReference", "booking_request"),
        _reference("serviceContractReference", "service_contract"),
        _reference("contractQuotationReference", "quotation"),
        Node(
            path="references",
            opens=frozenset({"references"}),
            rows=(
                Row("references.type", "text", "qualifier"),
                Row("references.value", "text", "number"),
            ),
        ),
        *(_party(f"documentParties.{name}", role) for name, role in _PARTIES.items()),
        Node(
            path="parties",
            opens=frozenset({"partyContactDetails"}),
            constants=(("role", "contact"),),
            rows=(
                Row("partyContactDetails.name", "text", "contact"),
                Row("partyContactDetails.phone", "text", "telephone"),
                Row("partyContactDetails.email", "text", "email"),
            ),
        ),
        _EQUIPMENT,
    ),
    rows=(
        Row("carrierBookingReference", "text", "booking_number", upper),
        Row("receiptTypeAtOrigin", "text", "receipt", _SERVICE),
        Row("deliveryTypeAtDestination", "text", "delivery", _SERVICE),
        Row("freightPaymentTermCode", "text", "payment", code_of(PRE="P", COL="C")),
        Row("isPartialLoadAllowed", "text", "partial_shipment", flag),
        Row("expectedDepartureDate", "text", "requested_shipping", offset_time),
        Row("documentParties", "text", ""),
        Row("vessel", "text", ""),
        Row("vessel.name", "text", "vessel.name"),
        Row("vessel.vesselIMONumber", "text", "vessel.imo"),
        Row("carrierExportVoyageNumber", "text", "voyage", upper),
        Row("carrierServiceCode", "text", "trade.code"),
        Row("carrierServiceName", "text", "trade.name"),
        *_places(),
    ),
)


def _finish_part(values: dict[str, Any], _header: dict[str, Any], _profile: Profile) -> None:
    """Goods stand below their equipment, whose temperature is theirs."""
    ends = [values.pop(name, "") for name in ("receipt", "delivery")]
    if all(ends):
        values["delivery_term"] = "-".join(ends)
    for box in values.get("equipment", ()):
        temperature = box.pop("temperature", None)
        for item in box.pop("goods", ()):
            weight, unit = item.pop("weight", None), item.pop("weight_unit", None)
            if weight is not None and unit == "1":
                item.setdefault("gross_weight_kg", weight)
            if temperature is not None:
                item["temperature"] = temperature
            values.setdefault("goods", []).append(item)


DCSA_BOOKING = Format(
    name="booking/dcsa-booking-2",
    version="1",
    syntax="json",
    kinds=frozenset({"DCSA-BKG"}),
    document=BOOKING,
    layout="dcsa-booking",
    header=Table(Node(rows=())),
    part=Table(_BOOKING),
    finish_part=_finish_part,
    samples="booking/dcsa-booking-2",
)
