"""Segments that stand in no message: what they mean depends on where in the envelope they stand."""

from __future__ import annotations

import re
from collections.abc import Callable

from gateway.findings import Findings, Place
from gateway.syntax.edifact import faults
from gateway.syntax.edifact.envelope import Envelope
from gateway.syntax.edifact.separators import Separators, collapse

_SHOWN_CHARACTERS_MAX = 80


class Outside:
    """Reports each gap between messages once."""

    def __init__(
        self,
        envelope: Envelope,
        separators: Separators,
        findings: Findings,
        once: Callable[[str], bool],
    ) -> None:
        self._envelope = envelope
        self._separators = separators
        self._findings = findings
        self._once = once
        self._reported = False

    def reset(self) -> None:
        """A service segment ends the gap."""
        self._reported = False

    def after_trailer(self, place: Place) -> None:
        """Text after UNZ that begins no interchange."""
        if self._once("after"):
            self._findings.add(faults.AFTER_UNZ.at(place))

    def segment(self, place: Place) -> None:
        """A segment with a tag."""
        tag = place.tag or ""
        if self._envelope.after_trailer:
            self.after_trailer(place)
            return
        self._envelope.need_header(tag, place)
        if tag in ("UNO", "UNP"):
            self._findings.add(faults.OBJECT.at(place, tag=tag))
        elif not self._reported:
            self._reported = True
            self._findings.add(faults.NO_UNH.at(place, tag=tag))

    def bad_tag(self, body: str, place: Place) -> None:
        """What should be a tag and is none, inside of a message or outside."""
        place = Place(place.record, line=place.line, offset=place.offset)
        if self._envelope.after_trailer:
            self.after_trailer(place)
            return
        shown = self._separators.restored(collapse(re.split("[+:]", body, maxsplit=1)[0]))
        shown = shown[:_SHOWN_CHARACTERS_MAX]
        shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in shown)
        if place.record == 1:
            self._envelope.need_header(shown[:3], place)
        self._findings.add(faults.BAD_TAG.at(place, shown))
