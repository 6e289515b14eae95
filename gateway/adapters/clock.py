"""The system's clock: UTC instants for records, monotonic seconds for durations."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    """Implements `gateway.pipeline.ports.Clock`."""

    def now(self) -> datetime:
        """The instant, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return time.monotonic()
