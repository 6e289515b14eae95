"""What a reader remembers of faulty messages, for the CONTRL that answers them."""

from __future__ import annotations

from typing import NamedTuple

from gateway.findings import Finding, Findings, Place
from gateway.syntax.record import MessageKind


class MessageReport(NamedTuple):
    """A message with errors: UNH 0062, what it is, its first and last segment, how many errors."""

    reference: str
    kind: MessageKind
    first: int
    last: int
    errors: int


class Relay(Findings):
    """Hands findings on and counts the reader's own errors."""

    def __init__(self, target: Findings) -> None:
        super().__init__(keep_max=0)
        self._target = target

    def stand(self, place: Place) -> None:
        """As the file's findings do."""
        self._target.stand(place)

    def add(self, finding: Finding) -> None:
        """Add to the file's findings, whose agreed severities decide what is an error."""
        before = self._target.errors
        self._target.add(finding)
        self.errors += self._target.errors - before
