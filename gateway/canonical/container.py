"""One container as a document names it."""

from __future__ import annotations

from gateway.canonical.goods import DangerousGoods, OverDimension, Temperature
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


class Seal(Model):
    """Number, kind (M mechanical, E electronic), sealing party (AA, CA, CU, SH … formats 1.6)."""

    number: Code
    kind: Code | None = None
    party: Code | None = None


class Container(Model):
    """A box.  `number` is normalised (formats.md 1.7); `size_type` and `status` are as written.

    cargo_weight_kg: goods in the box; gross_weight_kg: box and goods; tare_kg: the empty box;
    vgm_kg: verified gross mass.
    """

    number: Code | None = None
    goods_sequence: Code | None = None
    size_type: Code | None = None
    status: Code | None = None
    operator: CodeName | None = None
    seals: Many[Seal] = ()
    packages: Count | None = None
    package_kind_code: Code | None = None
    package_kind: Text | None = None
    cargo_weight_kg: Weight | None = None
    gross_weight_kg: Weight | None = None
    tare_kg: Weight | None = None
    vgm_kg: Weight | None = None
    volume_m3: Volume | None = None
    stowage: Code | None = None
    shipper_owned: Code | None = None
    supplier: Code | None = None
    goods: Text | None = None
    movement: Code | None = None
    positioned_at: PortTime | None = None
    load_port: CodeName | None = None
    discharge_port: CodeName | None = None
    delivery_place: CodeName | None = None
    references: Many[Reference] = ()
    temperature: Temperature | None = None
    over_dimension: OverDimension | None = None
    dangerous: Many[DangerousGoods] = ()
    texts: Many[Text] = ()
    extras: Many[RawField] = ()


class Reference(Model):
    """A number with its UN 1153 qualifier (EDIFACT RFF) or our word for a flat field."""

    qualifier: Code
    number: Code


class EquipmentRequest(Model):
    """So many boxes of one kind (flat 40; COPARN EQD without a number, EQN)."""

    size_type: Code | None = None
    size_type_name: Text | None = None
    count: Count | None = None
    status: Code | None = None
    master_lcl_number: Code | None = None
    stuffing_mode: Code | None = None
    stuffing_place: CodeName | None = None
    shipper_owned: Code | None = None
    supplier: Code | None = None
    consolidator: Text | None = None
    extras: Many[RawField] = ()


Container.model_rebuild()
