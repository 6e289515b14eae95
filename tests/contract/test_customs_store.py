"""The store of customs applications on both databases: numbers, papers, pages, the watch."""

from __future__ import annotations

import asyncio
import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.adapters.archive import FolderArchive
from gateway.adapters.calendar_folder import CalendarFolder
from gateway.adapters.clock import SystemClock
from gateway.pipeline.customs.drafts import empty
from gateway.pipeline.customs.rows import (
    AttachmentRow,
    ExplanationRow,
    FirmRow,
    GoodsCodeRow,
    Question,
)
from gateway.pipeline.customs.watching import KIND, CalendarWatch, ending
from gateway.pipeline.rows import AccountRef
from gateway.pipeline.sweep import SweepJob
from gateway.pipeline.timers import TimerJob
from gateway.rules.calendar import PORT_ZONE, port_day
from gateway.rules.customs_application import pre_entry_number
from gateway.store import backup, migrate, open_store, restore
from gateway.telemetry.events import EVENTS
from tests.contract.customs_world import calendars_in
from tests.contract.stores import START, Bench, bench, empty_sqlite

__all__ = ["bench", "empty_sqlite"]
ACCOUNT = AccountRef("ACME", "acme")


def application(number: str, **fields: Any) -> Any:
    return replace(empty(number, ACCOUNT, START), **fields)


def add(bench: Bench, *rows: Any) -> None:
    for row in rows:
        bench.write(lambda tx, row=row: tx.customs.applications.add(row))


def test_a_serial_is_never_given_twice(bench: Bench):
    """S2-07: eight writers, in PostgreSQL each with connections of its own; gaps are allowed."""
    stores = [bench.stores[0]]
    if not bench.sqlite:
        stores += [bench.open() for _ in range(3)]

    def take(index: int) -> int:
        store = stores[index % len(stores)]

        def work(tx: Any) -> int:
            serial = int(tx.customs.applications.next_serial(2026))
            number = pre_entry_number(2026, serial)
            tx.customs.applications.add(application(number))
            return serial

        return int(store.write_now(work))

    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(take, range(80)))
    assert len(set(given)) == 80
    assert bench.write(lambda tx: tx.customs.applications.next_serial(2027)) == 1


def test_a_number_is_not_given_again_after_a_deletion_or_a_failure(bench: Bench):
    def fail(tx: Any) -> None:
        tx.customs.applications.next_serial(2026)
        raise RuntimeError("before the commit")

    def draft(tx: Any) -> int:
        serial = int(tx.customs.applications.next_serial(2026))
        tx.customs.applications.add(application(pre_entry_number(2026, serial)))
        return serial

    first = bench.write(draft)
    bench.write(lambda tx: tx.customs.applications.remove(pre_entry_number(2026, first)))
    with pytest.raises(RuntimeError):
        bench.write(fail)
    assert bench.write(draft) > first


def test_a_reference_names_one_application_of_a_firm(bench: Bench):
    add(bench, application("YTG202600000000001", reference="R1"))
    with pytest.raises(KeyError):
        add(bench, application("YTG202600000000002", reference="R1"))
    other = application("YTG202600000000003", reference="R1", partner="OTHER")
    add(bench, other, application("YTG202600000000004"))
    late = application("YTG202600000000004", reference="R1")
    with pytest.raises(KeyError):
        bench.write(lambda tx: tx.customs.applications.save(late))
    found = bench.read(lambda tx: tx.customs.applications.by_reference("OTHER", "R1"))
    assert found.number == other.number


def test_what_is_stored_is_read_again(bench: Bench):
    at = START + timedelta(microseconds=7)
    row = application(
        "YTG202600000000001",
        form={"consignee": {"customs_code": "0299910002"}, "reason": "急\u0000运"},
        reference="R1",
        start_at=at,
        submitted_at=at,
        fed_back_at=at,
        explained_at=at,
        answered_at=at,
        decision={"codes": []},
        test=True,
        revision=3,
        state="已受理",
        application_number="A1",
    )
    add(bench, row)
    found = bench.read(lambda tx: tx.customs.applications.find(row.number))
    assert replace(found, seq=0) == row
    with pytest.raises(Exception, match=r"(?i)check"):
        add(bench, application("YTG202600000000002", state="完成"))


def test_a_firm_with_an_unfed_application_is_known_by_either_code_and_side(bench: Bench):
    form = {
        "declarant": {"customs_code": "0299960001"},
        "consignee": {"customs_code": "0299910002", "credit_code": "91120116MA06EXAM10"},
    }
    row = application("YTG202600000000001", form=form, state="预约成功")
    add(bench, row)

    def unfed(*codes: str) -> bool:
        return bool(bench.read(lambda tx: tx.customs.applications.unfed(codes)))

    assert not unfed("0299960001")
    marked = replace(row, state="通关完成未反馈")
    bench.write(lambda tx: tx.customs.applications.save(marked))
    assert unfed("0299960001")
    assert unfed("", "91120116MA06EXAM10")
    assert not unfed("0299900009")


def test_pages_go_on_where_they_ended(bench: Bench):
    add(bench, *(application(pre_entry_number(2026, n)) for n in range(1, 6)))
    seen, cursor = [], None
    while True:
        rows, cursor = bench.read(
            lambda tx, at=cursor: tx.customs.applications.page(Question("ACME"), at, 2)
        )
        seen += [row.number for row in rows]
        if cursor is None:
            break
    assert seen == [pre_entry_number(2026, n) for n in range(5, 0, -1)]
    rows, _ = bench.read(lambda tx: tx.customs.applications.page(Question("OTHER"), None, 9))
    assert rows == []


def test_papers_go_with_their_draft_and_an_explanation_is_one(bench: Bench):
    row = application("YTG202600000000001")
    add(bench, row)
    file = AttachmentRow(
        0, row.number, "application", "a.pdf", 3, "ab" * 32, (900,), None, START, b"pdf"
    )
    kept = bench.write(lambda tx: tx.customs.papers.attach(file))
    again = bench.write(lambda tx: tx.customs.papers.attach(file))
    assert again.seq == kept.seq
    found = bench.read(lambda tx: tx.customs.papers.attachment(row.number, kept.seq))
    assert replace(found, seq=0) == file
    said = ExplanationRow(row.number, "x", START, "acme")
    assert bench.write(lambda tx: tx.customs.papers.explain(said))
    assert not bench.write(lambda tx: tx.customs.papers.explain(said))
    bench.write(lambda tx: tx.customs.applications.remove(row.number))
    assert bench.read(lambda tx: tx.customs.papers.attachments(row.number)) == []
    assert bench.read(lambda tx: tx.customs.papers.explanation(row.number)) is None


async def test_the_sweep_leaves_attachments_alone(bench: Bench):
    row = application("YTG202600000000001")
    add(bench, row)
    writer = bench.stores[0].archive.begin()
    writer.write(b"pdf")
    sha256 = "f" * 64
    reference = writer.commit(sha256)
    file = AttachmentRow(0, row.number, "application", "a.pdf", 3, sha256, (1,), reference, START)
    bench.write(lambda tx: tx.customs.papers.attach(file))
    bench.clock.at = datetime.now(UTC) + timedelta(days=3)
    assert await SweepJob(bench.stores[0], bench.clock).once() == 0
    assert b"".join(bench.stores[0].archive.read(reference)) == b"pdf"
    bench.write(lambda tx: tx.customs.applications.remove(row.number))
    assert await SweepJob(bench.stores[0], bench.clock).once() == 1


def test_the_register_knows_a_firm_as_it_stood_on_a_day(bench: Bench):
    def firm(since: str, credit: str) -> FirmRow:
        return FirmRow("0299960001", since, "91120116MA06EXAM10", "样例", credit, True, "ACME")

    rows = [firm("2025-01-01", "常规"), firm("2026-04-01", "高级认证")]
    bench.write(lambda tx: tx.customs.register.load_firms(rows))

    def credit(code: str, day: str) -> str | None:
        from datetime import date  # noqa: PLC0415

        found = bench.read(lambda tx: tx.customs.register.firm(code, date.fromisoformat(day)))
        return found.credit if found else None

    assert credit("0299960001", "2024-12-31") is None
    assert credit("0299960001", "2026-03-31") == "常规"
    assert credit("91120116MA06EXAM10", "2026-04-01") == "高级认证"
    bench.write(lambda tx: tx.customs.register.load_firms([firm("2026-04-01", "失信")]))
    assert credit("0299960001", "2026-04-02") == "失信"


def test_goods_codes_are_found_by_prefix_and_replaced_whole(bench: Bench):
    first = [GoodsCodeRow("0306360000", "虾"), GoodsCodeRow("0306390000", "蟹")]
    bench.write(lambda tx: tx.customs.register.load_goods(first))

    def codes(prefix: str) -> list[str]:
        return [each.code for each in bench.read(lambda tx: tx.customs.register.goods(prefix, 9))]

    assert codes("0306") == ["0306360000", "0306390000"]
    assert codes("03063900") == ["0306390000"]
    assert codes("0307") == []
    bench.write(lambda tx: tx.customs.register.load_goods([GoodsCodeRow("2006001000", "枣")]))
    assert codes("0306") == []


# --- calendars ------------------------------------------------------------------------------------


def test_what_ends_soon(tmp_path):
    calendars = calendars_in(tmp_path / "calendars")
    day = datetime(2026, 11, 21).date()  # noqa: DTZ001  # a day has no zone
    assert dict(ending(calendars, day)) == {
        "9997": None,
        "9998": datetime(2026, 12, 31).date(),  # noqa: DTZ001
    }
    june = datetime(2026, 6, 1).date()  # noqa: DTZ001
    assert dict(ending(calendars, june)) == {"9997": None}
    # What ships is a sample, and nobody's port.
    assert list(ending(CalendarFolder(), day)) == []


async def test_the_watch_speaks_once_a_day(bench: Bench):
    bench.clock.at = datetime(2026, 11, 21, 12, tzinfo=PORT_ZONE)
    store = bench.stores[0]
    calendars = calendars_in(bench.folder / "calendars")
    watch = CalendarWatch(store, bench.clock, calendars)
    job = TimerJob(store, bench.clock, {KIND: watch.fire}, "tests")

    def told() -> float:
        return float(EVENTS.labels("calendar_ends", "warning")._value.get())

    before = told()
    for _ in range(2):
        bench.write(watch._first)
    assert await job.once() == 1
    assert told() - before == 2
    assert await job.once() == 0
    bench.clock.at += timedelta(hours=11, minutes=59)
    assert await job.once() == 0
    bench.clock.at += timedelta(minutes=1)
    assert port_day(bench.clock.at).day == 22
    assert await job.once() == 1
    assert told() - before == 4


def test_a_backup_has_the_attachments(tmp_path):
    """Bytes that only an attachment refers to are backed up, and come back."""
    place, other = tmp_path / "house", tmp_path / "other"
    archive = FolderArchive(place / "archive")
    url = f"sqlite:///{place}/gateway.db"
    migrate(url)
    store = open_store(url, archive, SystemClock(), "tests")
    writer = archive.begin()
    writer.write(b"pdf" * 30_000)
    sha256 = hashlib.sha256(b"pdf" * 30_000).hexdigest()
    reference = writer.commit(sha256)
    row = application("YTG202600000000001")
    file = AttachmentRow(
        0, row.number, "application", "a.pdf", 90_000, sha256, (1,), reference, START
    )

    def keep(tx: Any) -> None:
        tx.customs.applications.add(row)
        tx.customs.papers.attach(file)

    store.write_now(keep)
    assert backup(url, archive, tmp_path / "copy", SystemClock()).objects == 1
    restored = FolderArchive(other / "archive")
    restore(tmp_path / "copy", f"sqlite:///{other}/gateway.db", restored)
    assert b"".join(restored.read(reference)) == b"pdf" * 30_000
    asyncio.run(store.close())
