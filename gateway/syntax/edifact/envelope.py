"""The envelope of an interchange: UNB/UNG … UNE/UNZ, checked at both ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.findings import Findings, Place, Severity
from gateway.limits import EDIFACT_INTERCHANGES_KEPT_MAX, EDIFACT_REFERENCES_REMEMBERED_MAX
from gateway.syntax.edifact import faults
from gateway.syntax.edifact.charset import DECLARED
from gateway.syntax.edifact.directory import service_layout
from gateway.syntax.profile import Profile
from gateway.syntax.record import Interchange

SERVICE = service_layout()
Values = tuple[str, ...]


def pick(tag: str, values: Values, element: int, component: int = 1) -> str:
    """A value of a service segment, stripped."""
    segment = SERVICE.segment(tag)
    index = segment.index((element, component)) if segment else None
    return "" if index is None else values[index].strip()


@dataclass(slots=True)
class _Counted:
    """One open level: its reference, where it began, and what it holds so far."""

    reference: str
    place: Place
    messages: int = 0
    groups: int = 0
    references: dict[str, int] = field(default_factory=dict)


class Envelope:
    """What is open, what was counted, and the interchanges seen; the first one is the file's."""

    def __init__(self, profile: Profile, findings: Findings) -> None:
        self._findings = findings
        self._excused = profile.trailer == "absent"
        self._count_severity = Severity(
            "error" if profile.envelope_counts == "error" else "warning"
        )
        self.first = Interchange("edifact")
        self.interchanges = [self.first]
        self._number = 0
        self._open: _Counted | None = None
        self._group: _Counted | None = None
        self._headless = False
        self._closed_well = 0
        self._groups_seen: dict[str, int] = {}
        self.messages = 0

    @property
    def is_open(self) -> bool:
        """Whether a message may begin here without its interchange header being missed."""
        return self._open is not None or self._headless

    @property
    def after_trailer(self) -> bool:
        """Whether an interchange ended and none has begun since."""
        return self._open is None and self._number > 0

    def handlers(self) -> dict[str, Callable[[Values, Place], None]]:
        """Tag → what to do with its values."""
        return {"UNB": self.begin, "UNG": self.begin_group, "UNE": self.end_group, "UNZ": self.end}

    def begin(self, values: Values, place: Place) -> None:
        """UNB."""
        if self._open is not None:
            self._order("UNB", place, "上一个交换没有 UNZ", "the interchange before has no UNZ")
            self._close(complete=False)
        self._number += 1
        self._open = _Counted(pick("UNB", values, 5), place)
        self._groups_seen = {}
        interchange = self.first if self._number == 1 else Interchange("edifact")
        if self._number > 1:
            self._findings.add(faults.SEVERAL.at(place, number=self._number))
            if len(self.interchanges) < EDIFACT_INTERCHANGES_KEPT_MAX:
                self.interchanges.append(interchange)
        self._fill(interchange, values)
        self._check_header(values, place)

    def _fill(self, interchange: Interchange, values: Values) -> None:
        interchange.sender = pick("UNB", values, 2)
        interchange.receiver = pick("UNB", values, 3)
        interchange.reference = pick("UNB", values, 5)
        interchange.created = f"{pick('UNB', values, 4, 1)}:{pick('UNB', values, 4, 2)}"
        interchange.acknowledgement_requested = pick("UNB", values, 9) in ("1", "2")
        interchange.test = pick("UNB", values, 11) == "1"

    def _check_header(self, values: Values, place: Place) -> None:
        syntax, version = pick("UNB", values, 1, 1), pick("UNB", values, 1, 2)
        if syntax not in DECLARED:
            self._findings.add(faults.SYNTAX_UNKNOWN.at(place, syntax))
        digits = 8 if version >= "4" else 6
        date = pick("UNB", values, 4, 1)
        if date and len(date) != digits:
            self._findings.add(faults.UNB_DATE.at(place, date, digits=digits, version=version))
        if not pick("UNB", values, 5):
            self._findings.add(faults.NO_REFERENCE.at(place, tag="UNB"))

    def begin_group(self, values: Values, place: Place) -> None:
        """UNG."""
        self.need_header("UNG", place)
        if self._group is not None:
            self._order("UNG", place, "上一个报文组没有 UNE", "the group before has no UNE")
        reference = pick("UNG", values, 5)
        self._group = _Counted(reference, place)
        if self._open is not None:
            self._open.groups += 1
        seen = self._groups_seen.get(reference)
        if seen is not None:
            self._findings.add(faults.DUPLICATE_GROUP.at(place, reference, first=seen))
        elif len(self._groups_seen) < EDIFACT_REFERENCES_REMEMBERED_MAX:
            self._groups_seen[reference] = place.record or 0

    def begin_message(self, reference: str, place: Place) -> None:
        """UNH: counted at every level, its reference compared with those before."""
        self.need_header("UNH", place)
        self.messages += 1
        if self._group is not None:
            self._group.messages += 1
        if self._open is None:
            return
        self._open.messages += 1
        known = self._open.references
        first = known.get(reference)
        if first is not None:
            self._findings.add(faults.DUPLICATE_MESSAGE.at(place, reference, first=first))
        elif len(known) < EDIFACT_REFERENCES_REMEMBERED_MAX:
            known[reference] = place.record or 0

    def need_header(self, tag: str, place: Place) -> None:
        """Report once that the interchange header is missing."""
        if self.is_open:
            return
        self._headless = True
        if self.after_trailer:
            self._order(tag, place, "它在 UNZ 之后", "it follows UNZ")
        else:
            self._findings.add(faults.NO_UNB.at(place, tag=tag))

    def end_group(self, values: Values, place: Place) -> None:
        """UNE: messages of the group, and its reference."""
        group, self._group = self._group, None
        if group is None:
            self._order("UNE", place, "没有对应的 UNG", "there is no UNG for it")
            return
        self.check_count("UNE", pick("UNE", values, 1), group.messages, ("报文", "messages"), place)
        self.check_reference(("UNE", "UNG"), pick("UNE", values, 2), group.reference, place)

    def end(self, values: Values, place: Place) -> None:
        """UNZ: groups, or messages where there are no groups, and the reference."""
        interchange = self._open
        if interchange is None:
            self._order("UNZ", place, "没有对应的 UNB", "there is no UNB for it")
            return
        if self._group is not None:
            self._order("UNZ", place, "报文组没有 UNE", "the group has no UNE")
            self._group = None
        actual = interchange.groups or interchange.messages
        what = ("报文组", "groups") if interchange.groups else ("报文", "messages")
        self.check_count("UNZ", pick("UNZ", values, 1), actual, what, place)
        self.check_reference(("UNZ", "UNB"), pick("UNZ", values, 2), interchange.reference, place)
        self._close(complete=True)

    def _close(self, *, complete: bool) -> None:
        self._open = None
        self._group = None
        self._headless = False
        self._closed_well += complete

    def check_count(
        self, tag: str, said: str, actual: int, what: tuple[str, str], place: Place
    ) -> None:
        """A declared count against ours; leading zeros do not matter."""
        if not (said.isascii() and said.isdigit() and int(said[-12:]) == actual):
            self._findings.add(
                faults.COUNT.at(
                    place,
                    said,
                    self._count_severity,
                    tag=tag,
                    actual=actual,
                    zh=what[0],
                    en=what[1],
                )
            )

    def check_reference(
        self, tags: tuple[str, str], said: str, expected: str, place: Place
    ) -> None:
        """The reference of a trailer against that of its header."""
        if said != expected:
            self._findings.add(
                faults.REFERENCE.at(place, said, tag=tags[0], header=tags[1], expected=expected)
            )

    def _order(self, tag: str, place: Place, zh: str, en: str) -> None:
        self._findings.add(faults.ENVELOPE_ORDER.at(place, tag=tag, zh=zh, en=en))

    def incomplete(self, tag: str, place: Place, zh: str, en: str) -> None:
        """Something that should have come did not; excused by the profile where it is a trailer."""
        if not self._excused:
            self._findings.add(faults.INCOMPLETE.at(place, zh=zh, en=en))

    def finish_stopped(self) -> None:
        """The end after a bound was reached: nothing more is known, nothing is complete."""
        self.first.messages = self.messages
        self.first.complete = False

    def finish(self, place: Place, *, broken: bool) -> None:
        """The end of the bytes; broken: a segment or a message was left open."""
        missing = self._open is not None or self._number == 0
        if missing:
            self.incomplete("UNZ", place, "缺少交换尾 UNZ", "interchange trailer UNZ is missing")
        self.first.messages = self.messages
        started = self._number > 0
        well = started and not broken and self._open is None and self._closed_well == self._number
        self.first.complete = well or (started and self._excused and not broken)
