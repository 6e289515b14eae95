"""The base of every canonical model and the scalar types that they share.

Strict and frozen: a value has its type or the model is not built; text is never coerced.  Units
stand in field names (`_kg`, `_m3`, `_cm`, `_celsius`).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
)


class Model(BaseModel):
    """Strict, frozen, closed; numbers are finite."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", allow_inf_nan=False, ser_json_inf_nan="null"
    )


T = TypeVar("T")
# A list in the making becomes a tuple for good; only the container is coerced, never an item.
Many = Annotated[tuple[T, ...], Strict(False)]
# Free text of one field: what circulates is short, what attacks is long.
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
# Codes, numbers, references: no spaces at the ends, never empty.
Code = Annotated[str, StringConstraints(min_length=1, max_length=70)]
Weight = Annotated[Decimal, Field(ge=0, max_digits=15, decimal_places=6)]
Volume = Annotated[Decimal, Field(ge=0, max_digits=15, decimal_places=6)]
Measure = Annotated[Decimal, Field(max_digits=15, decimal_places=6)]
Count = Annotated[int, Field(ge=0, le=99_999_999)]
Amount = Annotated[Decimal, Field(max_digits=20, decimal_places=6)]

# A wall time as written: never more precise than the file, no zone (that is the port's).
# Only days and times that there are; 24:00 is midnight's other name.
_LEAP_YEAR = r"([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)"
_DAY = (
    r"([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    rf"|02-(0[1-9]|1[0-9]|2[0-8]))|{_LEAP_YEAR}-02-29)"
)
_CLOCK = r"(([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{3})?)?|24:00(:00(\.000)?)?)"
WALL_TIME_PATTERN = rf"^{_DAY}(T{_CLOCK})?$"
WallClock = Annotated[str, StringConstraints(pattern=WALL_TIME_PATTERN)]


class PortTime(Model):
    """A document's time: wall clock of a port, as precise as it was written (house.md 5).

    `wall` is ISO 8601 without offset (date, minute, second or millisecond); `zone` is an IANA name,
    null while the port it concerns is not known.
    """

    wall: WallClock
    zone: Annotated[str, StringConstraints(max_length=40)] | None = None


class CodeName(Model):
    """A code/name pair of which either may be missing (formats.md 0, "M/C – C/M").

    `office` keeps what followed a slash: `CNTXG/0202` is port and customs office (formats.md 10.9).
    """

    code: Code | None = None
    name: Text | None = None
    office: Code | None = None


class RawField(Model):
    """A value that the layout carries and the canonical model has no word for; kept, not judged."""

    record: str
    field: str
    value: Text
