"""Calendars: the files that ship, the statutory days in them, and files that are wrong."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from gateway.resources import names, read_text
from gateway.rules.calendar import Calendar, hours_of, minutes_of
from gateway.rules.calendar_file import calendar_text, gaps, join, parse_calendar, shipped
from gateway.rules.calendar_table import changed_days, covered_until, fill, read_table, span_of

PORT = "9999"
YEARS = (2018, 2023, 2025, 2026)
# rules.md C.2: days off of 2026, and the make-up workdays 调休上班 of the four years.
OFF_2026 = (
    ("01-01", "01-03"),
    ("02-15", "02-23"),
    ("04-04", "04-06"),
    ("05-01", "05-05"),
    ("06-19", "06-21"),
    ("09-25", "09-27"),
    ("10-01", "10-07"),
)
MAKE_UPS = {
    2018: "02-11 02-24 04-08 04-28 09-29 09-30 12-29",
    2023: "01-28 01-29 04-23 05-06 06-25 10-07 10-08",
    2025: "01-26 02-08 04-27 09-28 10-11",
    2026: "01-04 02-14 02-28 05-09 09-20 10-10",
}
SATURDAY = 5


def working(year):
    days = shipped(PORT).days
    return {day for day in days if day.year == year and days[day]}


def test_the_files_are_whole_years_and_round_trip():
    files = names(f"calendars/{PORT}", ".toml")
    assert files == tuple(f"{year}.toml" for year in YEARS)
    for name in files:
        text = read_text(f"calendars/{PORT}/{name}")
        file = parse_calendar(text)
        assert f"{file.first.year}.toml" == name
        assert (file.port, file.first.day, file.last.month) == (PORT, 1, 12)
        assert calendar_text(file) == text


@pytest.mark.parametrize("year", YEARS)
def test_make_up_workdays(year):
    weekends = {day for day in working(year) if day.weekday() >= SATURDAY}
    assert weekends == {date.fromisoformat(f"{year}-{day}") for day in MAKE_UPS[year].split()}


def test_days_off_of_2026():
    off = set()
    for first, last in OFF_2026:
        day = date.fromisoformat(f"2026-{first}")
        while day <= date.fromisoformat(f"2026-{last}"):
            off.add(day)
            day += timedelta(days=1)
    weekdays = {
        day
        for day in shipped(PORT).days
        if day.year == 2026 and day.weekday() < SATURDAY and day not in working(2026)
    }
    assert weekdays == {day for day in off if day.weekday() < SATURDAY}
    assert not off & working(2026)


def test_between_the_years_that_ship_there_is_no_data():
    calendar = shipped(PORT)
    assert calendar.hours(date(2026, 12, 31))
    assert calendar.hours(date(2026, 12, 27)) == ()
    assert calendar.hours(date(2027, 1, 1)) is None
    assert gaps(calendar) == [
        (date(2019, 1, 1), date(2022, 12, 31)),
        (date(2024, 1, 1), date(2024, 12, 31)),
    ]
    assert shipped("0000") is None
    assert shipped("../schemas") is None


HEAD = 'port = "9999"\nname = "样例"\nsource = "made up"\nfrom = 2026-01-01\nto = 2026-01-31\n'
DAY = '[[working]]\nhours = [["09:00", "16:30"]]\ndays = [2026-01-05]\n'
WRONG = [
    ("no TOML", "port =", "Invalid|invalid"),
    ("no port", HEAD.replace('port = "9999"\n', ""), "port"),
    ("a span backwards", HEAD.replace("to = 2026-01-31", "to = 2025-12-31"), "span"),
    ("two years", HEAD.replace("to = 2026-01-31", "to = 2027-12-31"), "span"),
    ("no dates", HEAD.replace("2026-01-01", '"2026-01-01"'), "no date"),
    ("an unknown key", HEAD + 'weekdays = "yes"\n', "unknown key"),
    ("a day twice", HEAD + DAY + DAY, "twice"),
    ("a day outside", HEAD + DAY.replace("01-05", "02-05"), "outside"),
    ("hours backwards", HEAD + DAY.replace("16:30", "08:30"), "interval"),
    ("hours that overlap", HEAD + DAY.replace('"]]', '"], ["16:00", "17:00"]]'), "overlap"),
    ("hours of no clock", HEAD + DAY.replace("16:30", "16.30"), "HH:MM"),
    ("no hours", HEAD + DAY.replace('[["09:00", "16:30"]]', "[]"), "closed days"),
    ("hours that are no pairs", HEAD + DAY.replace('[["09:00", "16:30"]]', '["09:00"]'), "close"),
    ("another key of a table", HEAD + DAY + 'note = "x"\n', "nothing else"),
    ("a novel", "#" * 300_000, "too long"),
]


@pytest.mark.parametrize(
    ("text", "message"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
def test_a_wrong_file_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        parse_calendar(text)


def test_two_files_must_not_cover_the_same_day():
    file = parse_calendar(HEAD + DAY)
    assert join([file]).hours(date(2026, 1, 5)) == hours_of([["09:00", "16:30"]])
    assert join([file]).hours(date(2026, 1, 6)) == ()
    assert join([file]).hours(date(2026, 2, 1)) is None
    with pytest.raises(ValueError, match="covered twice"):
        join([file, file])
    assert gaps(Calendar()) == []


@pytest.mark.parametrize(
    "text", ["9:00", "09:60", "24:01", "０９:00", "09-00", "", "+9:00", "-1:00"]
)
def test_only_hh_mm_is_a_time(text):
    with pytest.raises(ValueError, match="HH:MM|24:00"):
        minutes_of(text)
    assert minutes_of("24:00") == 24 * 60


# --- tables ---------------------------------------------------------------------------------------

ABOUT = span_of(2026, "0202", "made up", "made up")
TABLE = """date,open,close,name
2026-01-05,09:00,11:30,made up
2026-01-05, 13:00, 16:30,made up
2026-01-04,09:00,16:30,made up
"""


def test_a_published_table_becomes_a_file():
    file = read_table("\ufeff" + TABLE, ABOUT)
    assert parse_calendar(calendar_text(file)) == file
    calendar = join([file])
    assert calendar.hours(date(2026, 1, 5)) == hours_of([["09:00", "11:30"], ["13:00", "16:30"]])
    assert calendar.hours(date(2026, 1, 6)) == ()
    assert calendar.hours(date(2027, 1, 1)) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TABLE.replace("open", "opens"), "line 1: no column 'open'"),
        (TABLE.replace("2026-01-04", "2027-01-04"), "line 4: 2027-01-04 is outside"),
        (TABLE.replace("2026-01-04", "4.1.2026"), "line 4: not YYYY-MM-DD"),
        (TABLE.replace("13:00", "11:00"), "2026-01-05: .* overlap"),
        (TABLE.replace("13:00", ""), "2026-01-05: not HH:MM"),
        ("", "line 1: no column 'date'"),
        ("date,open,close\n2026-01-04\n", "2026-01-04: not HH:MM"),
        ("x" * 300_000, "too long"),
    ],
)
def test_a_wrong_table_is_refused_with_its_place(text, message):
    with pytest.raises(ValueError, match=message):
        read_table(text, ABOUT)


def test_how_far_data_reaches():
    calendar = shipped(PORT)
    assert covered_until(calendar, date(2026, 11, 21)) == date(2026, 12, 31)
    assert covered_until(calendar, date(2018, 3, 1)) == date(2018, 12, 31)
    assert covered_until(calendar, date(2027, 1, 1)) is None


def test_filling_takes_the_days_that_are_stated_and_no_others():
    hours = hours_of([["09:00", "16:30"]])
    days = [date(2026, 1, 4), date(2026, 1, 5), date(2027, 1, 4)]
    calendar = join([fill(ABOUT, days, hours)])
    assert {day for day, found in calendar.days.items() if found} == set(days[:2])
    assert len(calendar.days) == 365
    assert changed_days(join([ABOUT]), calendar) == days[:2]
    assert len(changed_days(Calendar(), calendar)) == 365
