"""CONFIGURATION of a provider: strict; one key may be written in the singular and alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import model_validator

from gateway.canonical.model import Model

_PLURALS = {
    "secret": "secrets",
    "public_key": "public_keys",
    "api_v3_key": "api_v3_keys",
    "certificate": "certificates",
    "common_name": "common_names",
}


class ProviderConfig(Model):
    """The base of every provider's configuration."""

    @model_validator(mode="before")
    @classmethod
    def _in_plural(cls, raw: object) -> object:
        if not isinstance(raw, Mapping):
            return raw
        told: dict[str, Any] = {}
        for name, value in raw.items():
            plural = _PLURALS.get(str(name), str(name))
            if plural in told:
                raise ValueError(f"{plural} is given twice")
            is_text = isinstance(value, str) and plural in _PLURALS.values()
            told[plural] = [value] if is_text else value
        return told
