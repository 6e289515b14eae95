"""VGM as EDIFACT VERMAS (SMDG): a part is one EQD, with its ship and the proof of its mass.

Sources: UN directories (schemas/edifact), formats.md 9, docs/formats/edifact.md.
"""

from __future__ import annotations

from typing import Any

from gateway.canonical.verified_gross_mass import VERIFIED_GROSS_MASS
from gateway.mappings.contract import Format
from gateway.mappings.convert import bill_number, container_number, upper
from gateway.mappings.edifact_box import prune, seals
from gateway.mappings.edifact_convert import OtherThan, time, time_text, weight
from gateway.mappings.edifact_remarks import told_twice
from gateway.mappings.edifact_rows import (
    BEGINNING,
    SERVICE,
    kept,
    kept_others,
    party,
    ports,
    read_time,
    references,
    vessel_rows,
)
from gateway.mappings.node import Node, Row, at
from gateway.mappings.table import Table
from gateway.syntax.profile import Profile

# SMDG: SM1 is method 1 of SOLAS VI/2 (the packed box), SM2 method 2 (the sum).
_METHODS = {"SM1": "1", "SM2": "2"}
# Who answers for the mass: UN 3035 SPC (SMDG), else the shipper.
_ANSWERS = ("other:SPC", "shipper", "other:AM")
_MAIN = at((1, "20"))


def _method(value: str) -> str | None:
    return _METHODS.get(value.strip().upper(), value.strip() or None)


_HEADER = Node(
    extras="extras",
    rows=(*SERVICE, *BEGINNING),
    children=(
        kept("BGM", 4),
        kept_others("DTM", "C507", time_text, "137"),
        kept_others("RFF", (1, 2)),
        party("NAD"),
    ),
)
_PART = Node(
    extras="extras",
    rows=(
        Row("EQD", 1, ""),
        Row("EQD", (2, 1), "number", container_number),
        Row("EQD", (3, 1), "size_type", upper),
        Row("EQD", 6, "status", upper),
        *(Row("EQD/RFF", (1, component), "") for component in (1, 2)),
        Row("EQD/RFF", (1, 2), "booking_number", upper, at(((1, 1), "BN"))),
        Row("EQD/RFF", (1, 2), "bill_of_lading", bill_number, at(((1, 1), "BM"))),
        Row("EQD/LOC", 1, ""),
        *ports("EQD/LOC", load_port="9", discharge_port="11"),
        *(Row("EQD/MEA", ref, "") for ref in (1, (2, 1), (3, 1), (3, 2))),
        Row("EQD/MEA", "C174", "vgm_kg", weight, at(((2, 1), "VGM"))),
        *read_time("EQD/MEA/DTM", "EQD/DOC/DTM"),
        Row("EQD/MEA/DTM", "C507", "weighed_at", time, at((1, "798|WAT"))),
        *(Row("EQD/TDT", ref, "") for ref in (1, (3, 1), (8, 1))),
        *vessel_rows("vessel", "20", "EQD/TDT"),
        Row("EQD/TDT", 2, "voyage", upper, _MAIN),
        Row("EQD/TDT", (5, 1), "operator.code", upper, _MAIN),
        Row("EQD/TDT", (5, 4), "operator.name", when=_MAIN),
        Row("EQD/DOC", (1, 1), "method", _method),
    ),
    children=(
        references("EQD/RFF", "EQD/TDT/RFF"),
        seals("EQD/SEL"),
        party("EQD/DOC/NAD"),
        kept_others("EQD/LOC", (2, 1), upper, "9|11"),
        kept_others("EQD/MEA/DTM", "C507", time_text, "798|WAT"),
        kept_others("EQD/DOC/DTM", "C507", time_text),
        Node(
            path="extras",
            opens=frozenset({"EQD/MEA"}),
            constants=(("record", "MEA"),),
            when=(((2, 1), OtherThan("VGM")),),
            rows=(Row("EQD/MEA", (2, 1), "field"), Row("EQD/MEA", "C174", "value")),
        ),
    ),
)


def _finish_header(values: dict[str, Any], _kind: object, _profile: Profile) -> None:
    prune(values)


def _finish_part(values: dict[str, Any], _header: dict[str, Any], _profile: Profile) -> None:
    """Who answers for the mass, as the flat file has it, beside all parties."""
    prune(values)
    parties = values.get("parties", ())
    for wanted in _ANSWERS:
        for each in parties:
            if each.get("role") == wanted:
                _answer(values, each)
                return


def _answer(values: dict[str, Any], who: dict[str, Any]) -> None:
    lines = who.get("lines", ())
    if lines:
        values["shipper"] = lines[0]
    if len(lines) > 1:
        values["address"] = ", ".join(lines[1:])
    for name, source in (("signature", "contact"), ("telephone",) * 2, ("email",) * 2):
        if source in who:
            values[name] = who[source]


VERMAS = Format(
    name="verified_gross_mass/vermas",
    version="1",
    syntax="edifact",
    kinds=frozenset({"VERMAS"}),
    document=VERIFIED_GROSS_MASS,
    layout="VERMAS",
    header=Table(_HEADER),
    part=Table(_PART),
    group_labels=frozenset({"EQD"}),
    finish_header=_finish_header,
    finish_part=_finish_part,
    remark=told_twice,
    samples="verified_gross_mass/vermas",
)
