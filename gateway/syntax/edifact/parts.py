"""The message in hand as it is cut: what stands before the groups, each group, what follows them.

Where the grammar splits, all from the first group to the end of the last one is held until the
message has ended; `RECORDS_PER_GROUP_MAX` bounds that as it bounds one group.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.findings import Findings
from gateway.syntax.edifact.kinds import Reading
from gateway.syntax.edifact.structure import CLOSES, INSIDE, LEADS, OPENS
from gateway.syntax.record import Event, Group, Message, MessageKind, Record

_NO_KIND = Reading(MessageKind("edifact", ""), None, None)


class Parts:
    """`records` are those since the last cut; the reader appends to them."""

    __slots__ = (
        "_announced",
        "_held",
        "_last",
        "_lead",
        "_reading",
        "header",
        "records",
        "reference",
    )

    def __init__(self) -> None:
        self.begin(_NO_KIND, "", [])

    @property
    def kind(self) -> MessageKind:
        """What the message says it is."""
        return self._reading.kind

    def begin(self, reading: Reading, reference: str, records: list[Record]) -> None:
        """A message begins, with its UNH among the records."""
        self._reading = reading
        self.reference = reference
        self.records = records
        # What was handed out before the first group.
        self.header: list[Record] = []
        self._announced = False
        self._last = INSIDE
        self._lead: list[Record] = []
        self._held = 0

    def cut(self, cut: int) -> Iterator[Event]:
        """A top-level group begins, the last one has ended, or what leads the next ones begins."""
        last = self._last
        if not self._announced:
            if cut == CLOSES:
                return
            yield self.announcement()
        elif self._reading.split is not None:
            if cut == CLOSES != last:
                self._held = len(self.records)
            self._last = cut
            return
        elif last == OPENS or (last == LEADS and cut != OPENS):
            yield Group(self.records)
            self.records = []
        if cut == LEADS:
            self._lead = self.records = []
        elif cut == OPENS:
            self.records = [*self._lead, *(() if last == LEADS else self.records)]
        self._last = cut

    def announcement(self) -> Message:
        """What stands before the first group."""
        self._announced = True
        self.header, self.records = self.records, []
        return Message(self.kind, self.reference, self.header)

    def last(self, findings: Findings) -> Iterator[Event]:
        """What has not been handed out when the message ends; what belongs to no group stays."""
        structure, split = self._reading.structure, self._reading.split
        if structure is None or not structure.group_labels:
            records, self.records = self.records, []
            yield Message(self.kind, self.reference)
            yield Group(records)
        elif not self._announced:
            yield self.announcement()
        elif split is not None:
            held = self._held if self._last == CLOSES else len(self.records)
            records, self.records = self.records[:held], self.records[held:]
            for part in split(records, findings):
                yield Group(part)
        elif self._last in (OPENS, LEADS):
            records, self.records = self.records, []
            yield Group(records)
