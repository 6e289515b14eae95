"""VGM 核实重量 (formats.md 3.5; SOLAS VI/2): what a packed box really weighs; a part is one box."""

from __future__ import annotations

from gateway.canonical.container import Reference, Seal
from gateway.canonical.document import DocumentType, Header, found_by, key_of
from gateway.canonical.manifest import call_keys, vessel_key
from gateway.canonical.model import Code, CodeName, Many, Model, PortTime, RawField, Text, Weight
from gateway.canonical.party import Party
from gateway.canonical.vessel import Vessel


class GrossMassHeader(Header):
    """Records 00, 10.  The voyage includes its direction, which CTNVGM keeps in its own field."""

    vessel: Vessel | None = None
    voyage: Code | None = None
    sender_port: Code | None = None
    receiver_port: Code | None = None
    booking_department: CodeName | None = None
    remarks: Many[Text] = ()
    parties: Many[Party] = ()
    extras: Many[RawField] = ()


class WeighedContainer(Model):
    """Record 50: one box.  `method` 称重方法 is 1 (the packed box) or 2 (the sum), as written.

    `vgm_kg` is box and goods; who answers for it is `shipper` with `signature` and the rest.
    EDIFACT names ship and voyage box by box, and all `parties` to the weighing.
    """

    number: Code | None = None
    size_type: Code | None = None
    status: Code | None = None
    operator: CodeName | None = None
    kind: Code | None = None
    vgm_kg: Weight | None = None
    weighed_at: PortTime | None = None
    method: Code | None = None
    weighing_place: Text | None = None
    shipper: Text | None = None
    signature: Text | None = None
    telephone: Text | None = None
    email: Text | None = None
    address: Text | None = None
    others: Many[Text] = ()
    remarks: Many[Text] = ()
    seals: Many[Seal] = ()
    references: Many[Reference] = ()
    vessel: Vessel | None = None
    voyage: Code | None = None
    load_port: CodeName | None = None
    discharge_port: CodeName | None = None
    booking_number: Code | None = None
    bill_of_lading: Code | None = None
    parties: Many[Party] = ()
    extras: Many[RawField] = ()


def _part_key(header: GrossMassHeader, part: WeighedContainer) -> dict[str, str]:
    return key_of(
        vessel=vessel_key(header.vessel or part.vessel),
        voyage=header.voyage or part.voyage,
        container=part.number,
    )


def _search_keys(header: GrossMassHeader, part: WeighedContainer) -> list[tuple[str, str]]:
    own = found_by(
        ("container", part.number),
        ("booking", part.booking_number),
        ("bill_of_lading", part.bill_of_lading),
    )
    return [*call_keys(header.vessel or part.vessel, header.voyage or part.voyage), *own]


# Masses arrive box by box: a document is known by its first one.
VERIFIED_GROSS_MASS = DocumentType(
    "verified_gross_mass", GrossMassHeader, WeighedContainer, _part_key, _part_key, _search_keys
)
