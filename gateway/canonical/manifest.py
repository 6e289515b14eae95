"""MANIFEST 舱单 (formats.md 2): a vessel's voyage and its bills of lading; a part is one bill."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

from gateway.canonical.charge_line import ChargeLine
from gateway.canonical.container import Container
from gateway.canonical.document import DocumentType, Header, found_by, key_of
from gateway.canonical.goods import GoodsItem, Packages
from gateway.canonical.model import (
    Amount,
    Code,
    CodeName,
    Many,
    Model,
    PortTime,
    RawField,
    Text,
    Volume,
    Weight,
)
from gateway.canonical.party import Party
from gateway.canonical.vessel import Carriage, Vessel


class ManifestKind(StrEnum):
    """Pre-stowage 预配, clean 清洁/装载, import 进口; the flat file itself does not say which."""

    PRE_STOWAGE = "pre_stowage"
    CLEAN = "clean"
    IMPORT = "import"
    UNSTATED = "unstated"


class ManifestHeader(Header):
    """Records 00, 01, 10, 11 (EDIFACT: UNH … TDT groups before the first CNI).

    `containers`: boxes told once for all bills (EDIFACT EQD); each bill repeats its own.
    """

    kind: ManifestKind = ManifestKind.UNSTATED
    sender_port: Code | None = None
    receiver_port: Code | None = None
    other_receivers: Many[Code] = ()
    vessel: Vessel | None = None
    voyage: Code | None = None
    trade: CodeName | None = None
    line: CodeName | None = None
    arrival: PortTime | None = None
    sailing: PortTime | None = None
    departure_port: CodeName | None = None
    next_port: CodeName | None = None
    load_port: CodeName | None = None
    discharge_port: CodeName | None = None
    # Customs BorderTransportMeans/TypeCode as written (1 sea, 4 air).
    transport_mode: Code | None = None
    parties: Many[Party] = ()
    containers: Many[Container] = ()
    extras: Many[RawField] = ()


class Bill(Model):
    """One bill of lading: records 12–20 with their 41–52 (EDIFACT: one CNI group)."""

    number: Code | None = None
    master_number: Code | None = None
    filing_type: Code | None = None
    pre_carriage: Carriage | None = None
    receipt_place: CodeName | None = None
    load_port: CodeName | None = None
    discharge_port: CodeName | None = None
    delivery_place: CodeName | None = None
    transfer_port: CodeName | None = None
    issue_place: CodeName | None = None
    optional_discharge_ports: Many[CodeName] = ()
    delivery_term: Code | None = None
    payment: Code | None = None
    load_date: PortTime | None = None
    # Customs MT2101: day at the port of discharge (no zone: another port's clock), goods value.
    discharge_date: PortTime | None = None
    goods_value: Amount | None = None
    goods_value_currency: Code | None = None
    quarantine: Code | None = None
    issue_date: PortTime | None = None
    currency: Code | None = None
    exchange_rate: Amount | None = None
    total_packages: Packages | None = None
    total_gross_weight_kg: Weight | None = None
    total_volume_m3: Volume | None = None
    charges: Many[ChargeLine] = ()
    parties: Many[Party] = ()
    remarks: Many[Text] = ()
    goods: Many[GoodsItem] = ()
    containers: Many[Container] = ()
    extras: Many[RawField] = ()


def vessel_key(vessel: Vessel | None) -> str | None:
    """The vessel as a key: IMO, else code without its `UN`/`CN` prefix, else name (formats 1.7)."""
    if vessel is None:
        return None
    code = vessel.imo or vessel.code
    if code:
        bare = code[2:] if code[:2] in ("UN", "CN") and code[2:].isdigit() else code
        return bare.upper()
    return vessel.name.upper() if vessel.name else None


def call_keys(vessel: Vessel | None, voyage: str | None) -> tuple[tuple[str, str], ...]:
    """The search keys of a call: thousands of parts have the same."""
    return _call_keys(vessel_key(vessel), vessel.name if vessel else None, voyage)


@lru_cache(maxsize=256)
def _call_keys(
    key: str | None, name: str | None, voyage: str | None
) -> tuple[tuple[str, str], ...]:
    return tuple(found_by(("vessel", key), ("vessel", name), ("voyage", voyage)))


def _document_key(header: ManifestHeader, _part: Bill) -> dict[str, str]:
    return key_of(vessel=vessel_key(header.vessel), voyage=header.voyage, kind=header.kind.value)


def _part_key(header: ManifestHeader, part: Bill) -> dict[str, str]:
    return _document_key(header, part) | key_of(bill_of_lading=part.number)


def _search_keys(header: ManifestHeader, part: Bill) -> list[tuple[str, str]]:
    pairs = [("vessel", vessel_key(header.vessel)), ("voyage", header.voyage)]
    pairs += [("vessel", header.vessel.name if header.vessel else None)]
    pairs += [("bill_of_lading", part.number)]
    pairs += [("container", box.number) for box in part.containers]
    return found_by(*pairs)


MANIFEST = DocumentType(
    "manifest",
    ManifestHeader,
    Bill,
    _document_key,
    _part_key,
    _search_keys,
    header_is_key=True,
)
