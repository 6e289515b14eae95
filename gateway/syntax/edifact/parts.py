"""The message in hand as it is cut: what stands before the groups, each group, what follows them.

Where the grammar splits, all from the first group to the end of the last one is held until the
message has ended; `RECORDS_PER_GROUP_MAX` bounds that as it bounds one group.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.findings import Findings
from gateway.syntax.edifact.kinds import Reading
from gateway.syntax.edifact.shapes import Run
from gateway.syntax.edifact.structure import CLOSES, INSIDE, LEADS, OPENS
from gateway.syntax.record import Event, Group, Message, MessageKind, Record

_NO_KIND = Reading(MessageKind("edifact", ""), None, None)


class Parts:
    """`records` are those since the last cut; the reader appends to them.

    Where `run` is set it is all there is since the last cut, and `records` is empty.
    """

    __slots__ = (
        "_announced", "_held", "_last", "_lead", "_reading",
        "header", "records", "reference", "run",
    )  # fmt: skip

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
        self.run: Run | None = None
        # What was handed out before the first group.
        self.header: list[Record] = []
        self._announced = False
        self._last = INSIDE
        self._lead: list[Record] = []
        self._held = 0

    def hold(self, run: Run) -> None:
        """A run that begins with all that is in hand."""
        self.run, self.records = run, []

    def follow(self, run: Run) -> Group | None:
        """A run behind another one: that one as a group; None where there is more to it."""
        if self.run is None or self._last != OPENS or self._lead:
            return None
        group, self.run = Group(self.run), run
        return group

    def take(self, run: Run) -> bool:
        """A run after a cut; False where it had to be taken apart."""
        if self.records or self._reading.split is not None:
            self.loose().extend(run)
            return False
        self.run = run
        return True

    def loose(self) -> list[Record]:
        """The records in hand, those of a run taken apart."""
        if self.run is not None:
            self.records, self.run = list(self.run), None
        return self.records

    def _handed(self) -> Sequence[Record]:
        """What is in hand, which leaves it."""
        run, records = self.run, self.records
        self.run, self.records = None, []
        return records if run is None else run

    def cut(self, cut: int) -> Iterator[Event]:
        """A top-level group begins, the last one has ended, or what leads the next ones begins."""
        last = self._last
        if not self._announced:
            if cut == CLOSES:
                return
            yield self.announcement()
        elif self._reading.split is not None:
            if cut == CLOSES != last:
                self._held = len(self.loose())
            self._last = cut
            return
        elif last == OPENS or (last == LEADS and cut != OPENS):
            yield Group(self._handed())
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
            yield Message(self.kind, self.reference)
            yield Group(self._handed())
        elif not self._announced:
            yield self.announcement()
        elif split is not None:
            held = self._held if self._last == CLOSES else len(self.loose())
            records, self.records = self.records[:held], self.records[held:]
            for part in split(records, findings):
                yield Group(part)
        elif self._last in (OPENS, LEADS):
            yield Group(self._handed())
