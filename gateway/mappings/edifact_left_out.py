"""Which facts of a document an EDIFACT message has no place for, named shortly.

A name stands for every path that has its steps one after the other: "office" for all offices,
"charges" for all that is below charges, "part.payment" for one field.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator

from pydantic import BaseModel

from gateway.canonical.document import DocumentType
from gateway.canonical.model import PortTime

# No EDIFACT message of this trade, or not every directory, has a place for these: what is told of
# a danger are class, page, UN number, group, flash point, EmS and MFAG; a delivery term and what
# the file is about are told where they are codes; a vessel has one code.
EVERYWHERE = (
    "extras", "office", "name_zh", "aeo_code", "carrier_code", "city.code", "trade", "charges",
    "packages.tare_kg", "packages.volume_m3", "inner_packages.tare_kg",
    "inner_packages.volume_m3", "cargo_code", "cargo_flag", "seals.kind",
    "package_kind_code", "package_kind", "shipper_owned", "file_description", "delivery_term",
    "vessel.imo", "vessel.call_sign", "dangerous.label", "dangerous.marine_pollutant",
    "dangerous.emergency_contact", "dangerous.telephone", "dangerous.email", "dangerous.fax",
)  # fmt: skip
# A kind of box that is asked for: size, status, supplier and how many are told.
ASKED_FOR = (
    "equipment.size_type_name", "equipment.master_lcl_number", "equipment.stuffing_mode",
    "equipment.stuffing_place", "equipment.consolidator",
)  # fmt: skip


def left_out(document: DocumentType, *names: str) -> frozenset[str]:
    """The paths of a document's header and part that the names stand for."""
    wanted = [f".{name}." for name in (*EVERYWHERE, *names)]
    return frozenset(
        path for path in paths_of(document) if any(name in f".{path}." for name in wanted)
    )


def paths_of(document: DocumentType) -> Iterator[str]:
    """Every field of header and part that holds a value, lists without index."""
    yield from _paths(document.header, "header")
    yield from _paths(document.part, "part")


def _paths(model: type[BaseModel], above: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = _model_of(field.annotation)
        if inner is None or inner is PortTime:
            yield f"{above}.{name}"
        else:
            yield from _paths(inner, f"{above}.{name}")


def _model_of(annotation: object) -> type[BaseModel] | None:
    """The model inside an optional, a list or an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for each in typing.get_args(annotation):
        found = _model_of(each)
        if found is not None:
            return found
    return None
