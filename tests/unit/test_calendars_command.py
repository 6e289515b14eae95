"""`gateway calendars` and `gateway customs`: what they write, what they refuse, how they end."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest

from gateway.adapters.calendar_folder import CalendarFolder
from gateway.cli.app import run
from gateway.pipeline.customs.loading import read_firms, read_goods
from gateway.resources import read_text
from gateway.rules.calendar import hours_of

TABLE = "date,open,close\n2026-12-28,09:00,11:30\n2026-12-28,13:00,16:30\n2026-12-30,08:00,12:00\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "calendars"


def command(folder: Path, *words: str) -> int:
    return run(["calendars", *words, "--folder", str(folder)])


def imported(folder: Path, text: str = TABLE, *words: str, port: str = "0202") -> int:
    table = folder.parent / "table.csv"
    table.write_bytes(text.encode("gb18030"))
    given = ["--from", "2026-12-28", "--to", "2026-12-31", "--source", "口岸公告", *words]
    return command(folder, "import", port, str(table), *given)


def hours(folder: Path, day: str, port: str = "0202"):
    return CalendarFolder(folder).port(port).calendar.hours(date.fromisoformat(day))


def test_a_published_table_becomes_the_calendar(folder):
    assert imported(folder, TABLE, "--name", "样例") == 0
    assert hours(folder, "2026-12-28") == hours_of([("09:00", "11:30"), ("13:00", "16:30")])
    assert hours(folder, "2026-12-29") == ()
    assert hours(folder, "2026-12-27") is None
    assert tomllib.loads((folder / "0202" / "2026.toml").read_text())["source"] == "口岸公告"


@pytest.mark.parametrize(
    "text",
    [
        "day,open\n", "date,open,close\n2026-12-27,09:00,16:30\n",
        "date,open,close\n2026-12-28,09:00,08:00\n", "date,open,close\n28/12/2026,09:00,16:30\n",
        "date,open,close\n2026-12-28,09:00,12:00\n2026-12-28,11:00,16:30\n",
    ],
)  # fmt: skip
def test_a_table_with_a_fault_writes_nothing(folder, text, capsys):
    assert imported(folder, text, "--name", "样例") == 2
    assert not (folder / "0202").exists()
    assert "table.csv" in capsys.readouterr().err


def test_a_new_port_needs_a_name_and_a_file_is_one_year(folder):
    assert imported(folder) == 2
    assert imported(folder, TABLE, "--name", "样例", port="../x") == 2
    assert imported(folder, TABLE, "--name", "样例", "--to", "2027-01-03") == 2
    assert imported(folder, TABLE, "--name", "样例", "--dry-run") == 0
    assert not folder.exists()


def test_a_span_with_a_hole_before_it_is_refused(folder):
    assert imported(folder, TABLE, "--name", "样例") == 0
    early = "date,open,close\n2026-01-05,09:00,16:30\n"
    table = folder.parent / "early.csv"
    table.write_text(early)
    words = ["--from", "2026-01-01", "--to", "2026-01-31", "--source", "x"]
    assert command(folder, "import", "0202", str(table), *words) == 2
    assert hours(folder, "2026-01-05") is None


def test_statutory_days_fill_what_the_port_has_not_said(folder):
    assert imported(folder, TABLE, "--name", "样例") == 0
    assert command(folder, "fill", "0202", "2026") == 0
    usual = hours_of([("09:00", "16:30")])
    assert hours(folder, "2026-10-10") == usual  # a make-up Saturday
    assert hours(folder, "2026-10-01") == ()
    assert hours(folder, "2026-12-30") == hours_of([("08:00", "12:00")])
    shipped = CalendarFolder().port("9999").calendar
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(361)]
    mine = CalendarFolder(folder).port("0202").calendar
    assert [mine.hours(day) for day in days] == [shipped.hours(day) for day in days]


def test_a_year_without_a_notice_writes_nothing(folder, capsys):
    """Fact 7: never guessed."""
    assert command(folder, "fill", "0202", "2199", "--name", "样例") == 2
    assert not folder.exists()
    assert "2199 are not known" in capsys.readouterr().err


def test_gaps_and_the_end_of_the_year(folder, capsys):
    command(folder, "fill", "0202", "2026", "--name", "样例")
    assert command(folder, "gaps", "0202") == 0
    assert command(folder, "gaps", "9999") == 1
    assert command(folder, "gaps", "0303") == 2
    capsys.readouterr()
    assert command(folder, "warn", "--on", "2026-11-21") == 1
    assert capsys.readouterr().out == "0202: data until 2026-12-31\n"
    assert command(folder, "warn", "--on", "2026-06-01") == 0
    assert command(folder, "warn", "--on", "2027-01-01", "--days", "1") == 1
    assert command(folder, "show", "9999", "--from", "2026-12-30", "--to", "2027-01-01") == 0
    told = capsys.readouterr().out.splitlines()
    assert told[-3:] == [
        "2026-12-30 Wed  09:00-16:30",
        "2026-12-31 Thu  09:00-16:30",
        "2027-01-01 Fri  no data",
    ]
    assert command(folder, "list", "--json") == 0
    assert '"port": "0202"' in capsys.readouterr().out


def test_the_folder_stands_before_what_ships_and_is_read_anew(folder):
    calendars = CalendarFolder(folder)
    first = calendars.port("9999")
    day = date(2026, 12, 30)
    assert first.calendar.hours(day) == hours_of([("09:00", "16:30")])
    (folder / "9999").mkdir(parents=True)
    own = folder / "9999" / "2026.toml"
    text = read_text("calendars/9999/2026.toml").replace("16:30", "17:00")
    own.write_text(text)
    second = calendars.port("9999")
    assert second.calendar.hours(day) == hours_of([("09:00", "17:00")])
    assert second.version != first.version
    # The other years still come from what ships.
    assert second.calendar.hours(date(2025, 12, 30)) == hours_of([("09:00", "16:30")])
    own.write_text(text + "\n# broken\nfrom = 3\n")
    assert calendars.port("9999").calendar.hours(day) is None
    own.write_text(text.replace('port = "9999"', 'port = "0100"'))
    assert calendars.port("9999").calendar.hours(day) is None
    for port in ("..", "9999/2026", "", "0" * 30):
        assert calendars.port(port).calendar.hours(day) is None


def test_tables_of_firms_and_goods_say_the_line_that_is_wrong():
    head = "customs_code,credit_code,name,credit,qualified,from,partner\n"
    good = "0299960001,,样例,高级认证,是,2026-04-01,\n"
    (row,) = read_firms(head + good)
    assert (row.credit, row.qualified, row.partner, row.from_day) == (
        "高级认证",
        True,
        None,
        "2026-04-01",
    )
    for bad, what in (
        ("99,,x,高级认证,yes,2026-04-01,", "customs code"),
        ("0299960001,123,x,高级认证,yes,2026-04-01,", "credit code"),
        ("0299960001,,x,优秀,yes,2026-04-01,", "credit class"),
        ("0299960001,,x,常规,maybe,2026-04-01,", "qualified"),
        ("0299960001,,x,常规,yes,01.04.2026,", "YYYY-MM-DD"),
        ("0299960001,,,常规,yes,2026-04-01,", "no name"),
    ):
        with pytest.raises(ValueError, match=rf"line 3: .*{what}"):
            read_firms(head + good + bad)
    with pytest.raises(ValueError, match="stands twice"):
        read_goods("code,name\n0306360000,a\n0306360000,b\n")
    with pytest.raises(ValueError, match="10 digits"):
        read_goods("code,name\n0306,a\n")
    sample = read_goods(read_text("schemas/rules/customs_goods_sample.csv"))
    assert [each.code for each in sample if each.code.startswith("2006")] == [
        "2006001000",
        "2006002000",
        "2006009000",
    ]
