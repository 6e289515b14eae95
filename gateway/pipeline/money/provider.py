"""PROVIDER: what an operator has set about each payment platform, and its keys, read when asked.

Keys are references (`env:NAME`, `file:path`) and are read again every few seconds, so that a key is
rotated by changing what the reference names; several keys are in force at once (S-16).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from gateway.limits import PAYMENT_KEYS_SECONDS
from gateway.pipeline.ports import Clock, Secrets, TransientError
from gateway.rules.callbacks.registry import PROVIDERS, BadConfig, configure
from gateway.telemetry.events import emit_seldom

_REFERENCES = ("env:", "file:")


class KeysUnavailable(TransientError):
    """No key of a provider can be read now: our fault, the provider sends again."""


@dataclass(frozen=True, slots=True)
class ProviderTerms:
    """One `[payments.<provider>]`.

    config: what its verifier takes, keys as references.  merchant: our number with it;
    merchant_name: shown to the payer (S3-20).  own_keys: references to what we sign requests with.
    urls: `checkout`, `api`, `notify`, `back`.  ca_file: of a platform's own authority.
    """

    provider: str
    config: Mapping[str, Any]
    merchant: str | None = None
    merchant_name: str = ""
    own_keys: Mapping[str, str] = field(default_factory=dict)
    urls: Mapping[str, str] = field(default_factory=dict)
    ca_file: str | None = None
    query_after_seconds: float | None = None


class Providers:
    """The payment platforms of this gateway."""

    def __init__(self, terms: Sequence[ProviderTerms], secrets: Secrets, clock: Clock) -> None:
        self._terms = {each.provider: each for each in terms}
        self._secrets = secrets
        self._clock = clock
        self._configs: dict[str, tuple[float, BaseModel]] = {}

    def names(self) -> list[str]:
        """Those that are set up."""
        return sorted(self._terms)

    def terms(self, provider: str) -> ProviderTerms:
        """Raises KeyError for one that is not set up."""
        return self._terms[provider]

    def config(self, provider: str) -> BaseModel:
        """What the verifier takes; raises KeyError, or KeysUnavailable where there is no key."""
        now = self._clock.monotonic()
        kept = self._configs.get(provider)
        if kept is not None and 0 <= now - kept[0] < PAYMENT_KEYS_SECONDS:
            return kept[1]
        config = self._read(self._terms[provider])
        self._configs[provider] = (now, config)
        return config

    def own_key(self, provider: str, name: str) -> str:
        """A key that we sign with, or its name; raises KeysUnavailable."""
        reference = self._terms[provider].own_keys.get(name)
        if reference is None:
            raise KeysUnavailable(f"{provider} has no {name}")
        is_reference = reference.startswith(_REFERENCES)
        return self._resolve(provider, reference) if is_reference else reference

    def _read(self, terms: ProviderTerms) -> BaseModel:
        raw = {name: self._resolved(terms.provider, each) for name, each in terms.config.items()}
        try:
            return configure(terms.provider, raw)
        except BadConfig as error:
            # The text names places, never values.
            emit_seldom("payment_keys_bad", terms.provider, "error", detail=str(error))
            raise KeysUnavailable(terms.provider) from None

    def _resolved(self, provider: str, value: Any) -> Any:  # noqa: ANN401  # of a configuration
        """The value with its references resolved; of several, those that can be read."""
        if isinstance(value, str):
            is_reference = value.startswith(_REFERENCES)
            return self._resolve(provider, value) if is_reference else value
        if isinstance(value, Mapping):
            found = {name: self._maybe(provider, each) for name, each in value.items()}
            return {name: each for name, each in found.items() if each is not None}
        if isinstance(value, list | tuple):
            return [e for e in (self._maybe(provider, each) for each in value) if e is not None]
        return value

    def _maybe(self, provider: str, value: Any) -> Any:  # noqa: ANN401  # of a configuration
        """One of several: its successor may not be there yet."""
        try:
            return self._resolved(provider, value)
        except KeysUnavailable:
            return None

    def _resolve(self, provider: str, reference: str) -> str:
        try:
            return self._secrets.resolve(reference)
        except LookupError:
            emit_seldom("payment_key_missing", provider, "error", reference=reference)
            raise KeysUnavailable(provider) from None


def is_known(provider: str) -> bool:
    """Whether there is a verifier for it."""
    return provider in PROVIDERS
