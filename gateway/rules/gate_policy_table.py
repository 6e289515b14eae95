"""The dated versions of the gate policy (`schemas/rules/gate_policy.toml`, or an operator's file).

Source: rules.md C.3; every figure is `policy`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from gateway.resources import read_text
from gateway.rules.calendar import PORT_ZONE, port_day
from gateway.rules.gate_policy import GatePolicy

FILE = "schemas/rules/gate_policy.toml"
_SPANS = {
    "slot_minutes": ("slot", "minutes"),
    "grace_before_minutes": ("grace_before", "minutes"),
    "grace_after_minutes": ("grace_after", "minutes"),
    "window_days_before_etb": ("window_before_etb", "days"),
    "breach_days": ("breach_span", "days"),
    "suspended_days": ("suspended_for", "days"),
}
_PLAIN = ("suspended_after", "driver_filing_required")
_OWN = ("version", "since", "released_days_before", "released_at")
_SPAN_DAYS_MAX = 366


@dataclass(frozen=True, slots=True)
class DatedPolicy:
    """The figures that hold from a day on, and when a pool that does not say so is released."""

    version: str
    since: date
    figures: GatePolicy
    released_days_before: int
    released_at: time

    def released(self, start: datetime) -> datetime:
        """When the places of a slot that starts then are given out."""
        day = port_day(start) - timedelta(days=self.released_days_before)
        return datetime.combine(day, self.released_at, PORT_ZONE)


@dataclass(frozen=True, slots=True)
class PolicyTable:
    """All versions, oldest first; the first holds for any earlier day too."""

    versions: tuple[DatedPolicy, ...]

    def on(self, instant: datetime) -> DatedPolicy:
        """The version of an instant's day on the port's clock."""
        day = port_day(instant)
        begun = [each for each in self.versions if each.since <= day]
        return begun[-1] if begun else self.versions[0]

    def version(self, name: str) -> DatedPolicy | None:
        """A version by its name."""
        return next((each for each in self.versions if each.version == name), None)


@lru_cache(maxsize=1)
def shipped() -> PolicyTable:
    """The table that ships with the code."""
    return parse_policies(read_text(FILE))


def parse_policies(text: str) -> PolicyTable:
    """Read a file; raises ValueError naming what is wrong with which version."""
    raw = tomllib.loads(text)
    versions = sorted(map(_version, raw.get("policy", ())), key=lambda each: each.since)
    for values in ([v.version for v in versions], [v.since for v in versions]):
        if len(set(values)) < len(values):
            raise ValueError("two policies with one version or one day")
    if not versions or set(raw) != {"policy"}:
        raise ValueError("a gate policy file has [[policy]] tables and nothing else")
    return PolicyTable(tuple(versions))


def _version(raw: Mapping[str, Any]) -> DatedPolicy:
    name = raw.get("version")
    known = {*_SPANS, *_PLAIN, *_OWN}
    if set(raw) != known:
        raise ValueError(f"policy {name!r}: missing or unknown {sorted(set(raw) ^ known)}")
    kinds = {"version": str, "since": date, "released_at": time, "driver_filing_required": bool}
    wrong = [key for key, kind in kinds.items() if not isinstance(raw[key], kind)]
    if wrong:
        raise ValueError(f"policy {name!r}: {wrong[0]} is no {kinds[wrong[0]].__name__}")
    spans = {field: _span(raw, key, unit) for key, (field, unit) in _SPANS.items()}
    breaches = _whole(raw, "suspended_after", 1)
    filed, at = raw["driver_filing_required"], raw["released_at"]
    figures = GatePolicy(**spans, suspended_after=breaches, driver_filing_required=filed)
    return DatedPolicy(
        raw["version"], raw["since"], figures, _whole(raw, "released_days_before", 0), at
    )


def _span(raw: Mapping[str, Any], key: str, unit: str) -> timedelta:
    span = timedelta(**{unit: _whole(raw, key, 1 if key == "slot_minutes" else 0)})
    if span > timedelta(days=_SPAN_DAYS_MAX):
        raise ValueError(f"policy {raw['version']!r}: {key} is more than a year")
    return span


def _whole(raw: Mapping[str, Any], key: str, least: int) -> int:
    value = raw[key]
    if type(value) is not int or value < least:
        raise ValueError(f"policy {raw['version']!r}: {key} is a whole number from {least} on")
    return value
