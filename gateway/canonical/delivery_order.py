"""D/O 提货单 (EDIFACT COREOR): the carrier lets a consignee fetch goods or boxes; exactly one part."""

from __future__ import annotations

from gateway.canonical.container import Container, EquipmentRequest, Reference
from gateway.canonical.document import DocumentType, Header, found_by, key_of
from gateway.canonical.goods import GoodsItem
from gateway.canonical.manifest import vessel_key
from gateway.canonical.model import Code, CodeName, Many, Model, PortTime, RawField, Text
from gateway.canonical.party import Party
from gateway.canonical.vessel import Vessel


class OrderHeader(Header):
    """UNH and BGM."""

    extras: Many[RawField] = ()


class DeliveryOrder(Model):
    """One order: `number` is that of the order, `release_number` what the lorry has to show.

    `valid_until` 有效期.  `containers` may be fetched; `equipment` are kinds of box without a number.
    """

    number: Code | None = None
    release_number: Code | None = None
    bill_of_lading: Code | None = None
    booking_number: Code | None = None
    references: Many[Reference] = ()
    vessel: Vessel | None = None
    voyage: Code | None = None
    line: CodeName | None = None
    load_port: CodeName | None = None
    discharge_port: CodeName | None = None
    delivery_place: CodeName | None = None
    arrival: PortTime | None = None
    valid_until: PortTime | None = None
    parties: Many[Party] = ()
    remarks: Many[Text] = ()
    goods: Many[GoodsItem] = ()
    containers: Many[Container] = ()
    equipment: Many[EquipmentRequest] = ()
    extras: Many[RawField] = ()


def _document_key(_header: OrderHeader, part: DeliveryOrder) -> dict[str, str]:
    return key_of(bill_of_lading=part.bill_of_lading, delivery_order=part.number)


def _search_keys(_header: OrderHeader, part: DeliveryOrder) -> list[tuple[str, str]]:
    pairs = [
        ("delivery_order", part.number),
        ("delivery_order", part.release_number),
        ("bill_of_lading", part.bill_of_lading),
        ("booking", part.booking_number),
        ("vessel", vessel_key(part.vessel)),
        ("vessel", part.vessel.name if part.vessel else None),
        ("voyage", part.voyage),
    ]
    pairs += [("container", box.number) for box in part.containers]
    return found_by(*pairs)


DELIVERY_ORDER = DocumentType(
    "delivery_order", OrderHeader, DeliveryOrder, _document_key, _document_key, _search_keys
)
