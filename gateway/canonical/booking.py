"""BOOKING 订舱 (formats.md 4): space and equipment for one consignment; exactly one part."""

from __future__ import annotations

from gateway.canonical.charge_line import ChargeLine
from gateway.canonical.container import Container, EquipmentRequest, Reference
from gateway.canonical.document import DocumentType, Header, found_by, key_of
from gateway.canonical.goods import GoodsItem
from gateway.canonical.manifest import vessel_key
from gateway.canonical.model import Code, CodeName, Many, Model, PortTime, RawField, Text
from gateway.canonical.party import Party
from gateway.canonical.vessel import Carriage, Vessel


class BookingHeader(Header):
    """Record 00 (EDIFACT: UNH, BGM)."""

    version: Code | None = None
    extras: Many[RawField] = ()


class Booking(Model):
    """One booking: records 02–60 of the flat file, or one COPARN message.

    Times: `requested_shipping` 要求装运, `cut_off` 截港, `documents_due` 接单.  `conveyances` are the
    ship's own calls; `containers` are boxes already known, `equipment` is what was asked for.
    """

    booking_number: Code | None = None
    bill_of_lading: Code | None = None
    house_bill: Code | None = None
    shipping_order: Code | None = None
    references: Many[Reference] = ()
    delivery_term: Code | None = None
    payment: Code | None = None
    transhipment: Code | None = None
    partial_shipment: Code | None = None
    release_mode: Text | None = None
    vessel: Vessel | None = None
    voyage: Code | None = None
    line: CodeName | None = None
    bill_carrier: CodeName | None = None
    trade: CodeName | None = None
    pre_carriage: Carriage | None = None
    on_carriage: Carriage | None = None
    issue_party: CodeName | None = None
    issue_place: CodeName | None = None
    issue_date: PortTime | None = None
    shipment_date: PortTime | None = None
    expiry_date: PortTime | None = None
    requested_shipping: PortTime | None = None
    arrival: PortTime | None = None
    departure: PortTime | None = None
    documents_due: PortTime | None = None
    cut_off: PortTime | None = None
    originals: Code | None = None
    receipt_place: CodeName | None = None
    load_port: CodeName | None = None
    discharge_port: CodeName | None = None
    transfer_port: CodeName | None = None
    delivery_place: CodeName | None = None
    destination: CodeName | None = None
    optional_discharge_ports: Many[CodeName] = ()
    depot: Code | None = None
    printed_places: Many[Text] = ()
    freight_clause: CodeName | None = None
    charges: Many[ChargeLine] = ()
    parties: Many[Party] = ()
    remarks: Many[Text] = ()
    equipment: Many[EquipmentRequest] = ()
    goods: Many[GoodsItem] = ()
    containers: Many[Container] = ()
    extras: Many[RawField] = ()


def _number(part: Booking) -> str | None:
    return part.booking_number or part.bill_of_lading


def _document_key(_header: BookingHeader, part: Booking) -> dict[str, str]:
    return key_of(booking=_number(part))


def _part_key(_header: BookingHeader, part: Booking) -> dict[str, str]:
    """The most telling name comes last: findings are shown under it."""
    return key_of(
        vessel=vessel_key(part.vessel),
        voyage=part.voyage,
        bill_of_lading=part.bill_of_lading,
        booking=part.booking_number,
    )


def _search_keys(_header: BookingHeader, part: Booking) -> list[tuple[str, str]]:
    pairs = [
        ("booking", part.booking_number),
        ("bill_of_lading", part.bill_of_lading),
        ("vessel", vessel_key(part.vessel)),
        ("vessel", part.vessel.name if part.vessel else None),
        ("voyage", part.voyage),
    ]
    pairs += [("container", box.number) for box in part.containers]
    return found_by(*pairs)


BOOKING = DocumentType("booking", BookingHeader, Booking, _document_key, _part_key, _search_keys)
