"""What a customs appointment looks at: both firms, both ports, their calendars, two instants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from gateway.rules.calendar import NO_CALENDAR, PORT_ZONE, Calendar

Profile = Literal["s2", "strict-109"]
PROFILES: tuple[Profile, ...] = ("s2", "strict-109")
Situation = Literal["disaster_or_dangerous", "live_or_perishable", "urgent", "none"]

# S2-13: only the start is entered.
WINDOW = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Firm:
    """Declarant 申报单位 or consignee 收发货人 as customs see it.

    credit: the Chinese name of its class.  unfed: it has an application in 通关完成未反馈.
    """

    credit: str
    qualified: bool
    unfed: bool


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked.  submitted, start: instants with an offset.

    calendars: port → its calendar; a port without one has no data.  situation: of announcement
    2018/109, None where the form does not ask for it.
    """

    submitted: datetime
    start: datetime
    declaring_port: str
    entry_exit_port: str
    declarant: Firm
    consignee: Firm
    calendars: Mapping[str, Calendar]
    profile: Profile = "s2"
    situation: Situation | None = None

    @property
    def end(self) -> datetime:
        """S2-13: two hours after the start."""
        return self.start.astimezone(PORT_ZONE) + WINDOW

    @property
    def firms(self) -> tuple[tuple[str, str, Firm], ...]:
        """Both firms with their names, zh and en."""
        return (
            ("申报单位", "declarant", self.declarant),
            ("收发货人", "consignee", self.consignee),
        )

    @property
    def ports(self) -> tuple[str, ...]:
        """The declaring port, then the other if it is another."""
        return tuple(dict.fromkeys((self.declaring_port, self.entry_exit_port)))

    def calendar(self, port: str) -> Calendar:
        """The calendar of a port, an empty one where none is loaded."""
        return self.calendars.get(port, NO_CALENDAR)


@dataclass(frozen=True, slots=True)
class Timing:
    """When it had to be submitted; None where that was not reached or cannot be known.

    calendar_day: the working day D of the declaring port whose close the lead is measured from.
    """

    deadline: datetime | None = None
    calendar_day: date | None = None
