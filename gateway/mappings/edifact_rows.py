"""Rows and nodes that the EDIFACT formats share: references, parties, ports, times, what is kept.

Labels are given by the format; one label may stand at different depths in different directories,
and a row whose label a directory lacks never fires.
"""

from __future__ import annotations

from dataclasses import replace

from gateway.canonical.party import Party
from gateway.mappings.convert import number, text, upper
from gateway.mappings.edifact_convert import (
    OtherThan,
    degrees,
    function,
    overhang,
    role,
    time,
)
from gateway.mappings.flat_convert import imo
from gateway.mappings.node import Convert, Node, Row, at, tag_of
from gateway.syntax.record import FieldRef

OPTIONAL_PORTS = "64|68|70"
# Columns of the composites that most rows name.
CODE, NAME = (2, 1), (2, 4)
# Read by header and reader: not kept as extras.
SERVICE = (
    *(Row("UNH", index, "") for index in (1, "0065", "0052", "0054", "0051")),
    *(Row("UNH", ref, "") for ref in ("0057", "0110", "0113", 3)),
    *(Row("BGM", ref, "") for ref in ((1, 1), (2, 1), 3, 4)),
    *(Row("CNT", (1, component), "") for component in (1, 2)),
    *(Row("DTM", (1, component), "") for component in (1, 2, 3)),
)
BEGINNING = (
    Row("BGM", (1, 1), "file_description"),
    Row("BGM", (2, 1), "document_number"),
    Row("BGM", 3, "function", function),
    Row("DTM", "C507", "created_at", time, at((1, "137"))),
)


def read_time(*labels: str) -> tuple[Row, ...]:
    """The components of DTM count as read: the whole composite is."""
    return tuple(Row(label, (1, component), "") for label in labels for component in (1, 2, 3))


def ports(label: str, **codes: str) -> tuple[Row, ...]:
    """UN 3227 qualifiers of LOC → places."""
    return tuple(
        row
        for path, qualifiers in codes.items()
        for row in (
            Row(label, CODE, f"{path}.code", upper, at((1, qualifiers))),
            Row(label, NAME, f"{path}.name", when=at((1, qualifiers))),
        )
    )


def optional_ports(*labels: str) -> Node:
    """LOC 64, 68, 70 (SMDG): the first, second and third port where goods may be discharged."""
    return Node(
        path="optional_discharge_ports",
        opens=frozenset(labels),
        when=at((1, OPTIONAL_PORTS)),
        rows=tuple(
            row
            for label in labels
            for row in (Row(label, CODE, "code", upper), Row(label, NAME, "name"))
        ),
    )


def times(label: str, **codes: str) -> tuple[Row, ...]:
    """UN 2005 qualifiers of DTM → times."""
    return tuple(
        Row(label, "C507", path, time, at((1, qualifiers))) for path, qualifiers in codes.items()
    )


def vessel_rows(path: str, qualifier: str, tdt: str = "TDT") -> tuple[Row, ...]:
    """TDT 8213 and 8212: a call sign (1131 = 103), a Lloyd's number (146) or a plain code."""
    stage = (1, qualifier)
    return (
        Row(tdt, (8, 1), f"{path}.code", upper, at(stage)),
        Row(tdt, (8, 1), f"{path}.call_sign", upper, at(stage, ((8, 2), "103"))),
        Row(tdt, (8, 1), f"{path}.imo", imo, at(stage, ((8, 2), "146|ZZZ|"))),
        Row(tdt, (8, 4), f"{path}.name", when=at(stage)),
        Row(tdt, (8, 5), f"{path}.nationality", upper, at(stage)),
    )


def carriage(path: str, qualifier: str, tdt: str = "TDT") -> tuple[Row, ...]:
    """TDT: one leg with its vessel, voyage and line."""
    return (
        *vessel_rows(f"{path}.vessel", qualifier, tdt),
        Row(tdt, 2, f"{path}.voyage", upper, at((1, qualifier))),
        Row(tdt, (5, 1), f"{path}.line.code", upper, at((1, qualifier))),
        Row(tdt, (5, 4), f"{path}.line.name", when=at((1, qualifier))),
    )


def references(*labels: str) -> Node:
    """RFF: every reference with its qualifier."""
    return Node(
        path="references",
        opens=frozenset(labels),
        rows=tuple(
            row
            for label in labels
            for row in (
                Row(label, (1, 1), "qualifier", upper),
                Row(label, (1, 2), "number"),
            )
        ),
    )


def kept(label: str, field: FieldRef) -> Node:
    """A field without a word of ours, kept under its tag and position."""
    return Node(
        path="extras",
        opens=frozenset({label}),
        constants=(("record", tag_of(label)), ("field", _position(field))),
        rows=(Row(label, field, "value"),),
    )


def _position(field: FieldRef) -> str:
    """As in findings: "5", "3.1"."""
    return ".".join(map(str, field)) if isinstance(field, tuple) else str(field)


def kept_others(label: str, value: FieldRef, convert: Convert = text, known: str = "") -> Node:
    """Values whose qualifier (the first element) is none of the known ones, kept under it."""
    return Node(
        path="extras",
        opens=frozenset({label}),
        constants=(("record", tag_of(label)),),
        when=((1, OtherThan(known)),),
        rows=(Row(label, 1, "field"), Row(label, value, "value", convert)),
    )


def texts(label: str, path: str) -> tuple[Row, ...]:
    """The five lines of an FTX."""
    return tuple(Row(label, (4, line), path) for line in range(1, 6))


def dangerous(label: str) -> Node:
    """DGS with its contact."""
    return Node(
        path="dangerous",
        opens=frozenset({label}),
        rows=(
            Row(label, (2, 1), "hazard_class"),
            Row(label, (2, 2), "page"),
            Row(label, (3, 1), "un_number"),
            Row(label, (4, 1), "flash_point"),
            Row(label, 5, "packing_group"),
            Row(label, 6, "ems"),
            Row(label, 7, "mfag"),
            Row(f"{label}/CTA", (2, 2), "emergency_contact"),
            Row(f"{label}/CTA/COM", (1, 1), "telephone", when=at(((1, 2), "TE"))),
            Row(f"{label}/CTA/COM", (1, 1), "email", when=at(((1, 2), "EM"))),
            Row(f"{label}/CTA/COM", (1, 1), "fax", when=at(((1, 2), "FX"))),
        ),
    )


def temperature(tmp: str, *ranges: str) -> tuple[Row, ...]:
    """TMP and RNG."""
    return (
        Row(tmp, (2, 1), "temperature.setting", number),
        Row(tmp, (2, 2), "temperature.unit", degrees),
        *(
            row
            for rng in ranges
            for row in (
                Row(rng, (2, 2), "temperature.minimum", number),
                Row(rng, (2, 3), "temperature.maximum", number),
            )
        ),
    )


def party(label: str) -> Node:
    """NAD with its contact; lines are what was written of name and address, in order."""
    contact, numbers = f"{label}/CTA", (f"{label}/CTA/COM", f"{label}/COM")
    return Node(
        path="parties",
        opens=frozenset({label}),
        rows=(
            Row(label, 1, "role", role),
            Row(label, (2, 1), "code"),
            *(Row(label, (3, line), "lines[]") for line in range(1, 6)),
            *(Row(label, (4, line), "lines[]") for line in range(1, 6)),
            *(Row(label, (5, line), "lines[]") for line in range(1, 5)),
            Row(label, 6, "city.name"),
            Row(label, "3251", "postcode"),
            Row(label, "3207", "country", upper),
            Row(contact, (2, 2), "contact"),
            *(
                Row(where, (1, 1), path, when=at(((1, 2), channel)))
                for where in numbers
                for path, channel in (("telephone", "TE"), ("fax", "FX"), ("email", "EM"))
            ),
        ),
    )


def shared_party(label: str) -> Node:
    """The same where the format itself looks at no party."""
    return replace(party(label), shared=Party)


def sizes(label: str) -> tuple[Row, ...]:
    """DIM 6145: 5 front, 6 back, 7 right, 8 left, 9 and 13 height (SMDG)."""
    sides = {"front": "5", "back": "6", "right": "7", "left": "8", "height": "9|13"}
    return tuple(
        Row(label, "C211", f"over_dimension.{side}_cm", overhang, at((1, code)))
        for side, code in sides.items()
    )
