"""LISTENERS: who wants to know that there is news."""

from __future__ import annotations

from collections.abc import Callable

from gateway.telemetry.events import emit


class Listeners:
    """Called from whatever thread has committed; a listener only hands over."""

    def __init__(self) -> None:
        self._wakes: list[Callable[[], None]] = []

    def add(self, wake: Callable[[], None]) -> None:
        """From now on."""
        self._wakes.append(wake)

    def __bool__(self) -> bool:
        """Whether anybody listens."""
        return bool(self._wakes)

    def wake(self) -> None:
        """Tell everybody."""
        for wake in self._wakes:
            try:
                wake()
            except Exception as error:  # noqa: BLE001  # the committing thread must live on
                # A loop that has just closed is nobody's loss: its runner has ended.
                emit("listener_failed", "warning", error=type(error).__name__)
