"""SETUP of a gateway that keeps firms: keys of personal data, how long drivers are kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from gateway.pipeline.firms.personal import PersonalData


class _NoSecrets:
    """Nothing is referred to."""

    def resolve(self, reference: str) -> str:
        """Raise LookupError, whatever is asked."""
        raise LookupError(reference)


@dataclass(frozen=True, slots=True)
class FirmSetup:
    """The default is not set up for personal data: drivers and contacts are refused."""

    personal: PersonalData = field(default_factory=lambda: PersonalData(_NoSecrets()))
    drivers_kept: timedelta = timedelta(days=730)
