"""E-CLP 电子装箱单 (formats.md 3): what was packed into which box; a part is one box."""

from __future__ import annotations

from gateway.canonical.container import Container
from gateway.canonical.document import DocumentType, Header, key_of
from gateway.canonical.goods import GoodsItem
from gateway.canonical.manifest import call_keys, vessel_key
from gateway.canonical.model import (
    Code,
    CodeName,
    Count,
    Many,
    Model,
    PortTime,
    RawField,
    Text,
    Volume,
    Weight,
)
from gateway.canonical.party import Party
from gateway.canonical.vessel import Vessel


class LoadPlanHeader(Header):
    """Records 00 and 10 (hand-over list: 11): the call that the boxes are meant for.

    `inlet_terminal` 进箱码头 is where the boxes go in (formats.md 3.6).
    """

    vessel: Vessel | None = None
    voyage: Code | None = None
    line: CodeName | None = None
    sailing: PortTime | None = None
    inlet_terminal: CodeName | None = None
    extras: Many[RawField] = ()


class BillLine(Model):
    """One bill of lading as far as it concerns the box of its part.

    `goods` tell of the whole bill (records 52 to 55); what of it lies in this box is
    `packages_in_box`, `cargo_weight_in_box_kg` and `volume_in_box_m3` (record 56).
    """

    number: Code | None = None
    load_port: CodeName | None = None
    discharge_port: CodeName | None = None
    delivery_place: CodeName | None = None
    delivery_term: Code | None = None
    packages_in_box: Count | None = None
    cargo_weight_in_box_kg: Weight | None = None
    volume_in_box_m3: Volume | None = None
    parties: Many[Party] = ()
    goods: Many[GoodsItem] = ()
    extras: Many[RawField] = ()


class LoadedContainer(Container):
    """One box: record 50 and the bills that name it; the field set is that of formats.md 3.6.

    `packed_at` 装箱日期; `damage_flag` is the digit of 50.5, whose meaning is not known; `yard` 堆场;
    `loading_condition` and `discharge_condition` are the texts of a hand-over list.  Ports are
    those of the bills where all bills name the same.
    """

    bills: Many[BillLine] = ()
    packed_at: PortTime | None = None
    packer: Text | None = None
    truck_licence: Code | None = None
    equipment_order: Code | None = None
    stuffing_place: CodeName | None = None
    yard: CodeName | None = None
    damage_flag: Code | None = None
    customs_code: Code | None = None
    transport_mode: Code | None = None
    trade_direction: Code | None = None
    liner_flag: Code | None = None
    loading_condition: Text | None = None
    discharge_condition: Text | None = None
    remarks: Many[Text] = ()


def _part_key(header: LoadPlanHeader, part: LoadedContainer) -> dict[str, str]:
    return key_of(
        vessel=vessel_key(header.vessel), voyage=header.voyage, container=part.number
    ) or key_of(bill_of_lading=next((bill.number for bill in part.bills), None))


def _search_keys(header: LoadPlanHeader, part: LoadedContainer) -> list[tuple[str, str]]:
    bills = dict.fromkeys([bill.number for bill in part.bills])
    return [
        *call_keys(header.vessel, header.voyage),
        *([("container", part.number.upper())] if part.number else ()),
        *[("bill_of_lading", number.upper()) for number in bills if number],
    ]


# A voyage has many plans: a document is known by its first box.
CONTAINER_LOAD_PLAN = DocumentType(
    "container_load_plan", LoadPlanHeader, LoadedContainer, _part_key, _part_key, _search_keys
)
