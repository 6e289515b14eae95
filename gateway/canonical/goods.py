"""Goods: packages, weights, texts, dangerous and temperature-controlled cargo, over-dimension."""

from __future__ import annotations

from gateway.canonical.model import (
    Code,
    Count,
    Many,
    Measure,
    Model,
    RawField,
    Text,
    Volume,
    Weight,
)


class Packages(Model):
    """Count and kind (UN/ECE Rec 21 code and/or name), one packing layer."""

    count: Count | None = None
    kind_code: Code | None = None
    kind: Text | None = None
    tare_kg: Weight | None = None
    volume_m3: Volume | None = None


class DangerousGoods(Model):
    """Flat 43/55, EDIFACT DGS: IMDG class, page, UN number and what goes with them."""

    hazard_class: Code | None = None
    page: Code | None = None
    un_number: Code | None = None
    packing_group: Code | None = None
    label: Text | None = None
    flash_point: Text | None = None
    ems: Text | None = None
    mfag: Text | None = None
    marine_pollutant: Text | None = None
    emergency_contact: Text | None = None
    telephone: Text | None = None
    email: Text | None = None
    fax: Text | None = None


class Temperature(Model):
    """Set point and range in the unit that was written: `C` Celsius or `F` Fahrenheit."""

    unit: Code | None = None
    setting: Measure | None = None
    minimum: Measure | None = None
    maximum: Measure | None = None
    ventilation: Text | None = None


class OverDimension(Model):
    """Centimetres beyond the box (flat 51.11–15; EDIFACT DIM 5–8, 13)."""

    front_cm: Measure | None = None
    back_cm: Measure | None = None
    left_cm: Measure | None = None
    right_cm: Measure | None = None
    height_cm: Measure | None = None


class GoodsItem(Model):
    """One cargo item (flat 41 with 43, 44, 47; EDIFACT GID group).  Weights are of the cargo."""

    sequence: Code | None = None
    cargo_code: Code | None = None
    hs_code: Code | None = None
    cargo_flag: Code | None = None
    packages: Packages | None = None
    inner_packages: Packages | None = None
    gross_weight_kg: Weight | None = None
    net_weight_kg: Weight | None = None
    volume_m3: Volume | None = None
    marks: Many[Text] = ()
    description: Many[Text] = ()
    dangerous: Many[DangerousGoods] = ()
    temperature: Temperature | None = None
    over_dimension: OverDimension | None = None
    extras: Many[RawField] = ()
