"""Booking with 1,000 and with 100,000 live appointments: the p95 in the same run, and their ratio.

`python -m tests.bench.appointments [--live 100000] [--bookings 400]`: a SQLite store on disk, real
bookings (papers, window, quota, notices, timer, one durable commit each), first over the small
store, then over the large one; both are measured alternately in rounds, so that the machine's mood
is the same for both.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from stdnum import iso6346

from gateway.adapters.archive import FolderArchive
from gateway.canonical.partner import Partner
from gateway.pipeline.gate.booking import request
from gateway.pipeline.gate.desk import TIMER, Desk
from gateway.pipeline.gate.rows import AppointmentRow, NewSlot
from gateway.pipeline.gate.wish import Wish
from gateway.pipeline.identity import new_id
from gateway.pipeline.rows import AccountRef, TimerRow
from gateway.rules.gate_policy_table import shipped
from gateway.store import migrate, open_store
from tests.bench.row import Row

START = datetime.fromisoformat("2026-11-28T08:00:00+08:00")
ACCOUNT = AccountRef("FLEET", "fleet")
ROUNDS = 8
_BATCH = 5_000


class _Clock:
    def now(self) -> datetime:
        return START

    def monotonic(self) -> float:
        return time.monotonic()


class _Directory:
    """One fleet and one terminal, both told by mailbox."""

    def __init__(self) -> None:
        route = {"name": "box", "kind": "mailbox", "subscriptions": [{"document": "appointment"}]}
        firm: dict[str, Any] = {"types": ["普通车队"], "terminal_approved": ["T1"]}
        firm |= {"services": ["港口一站通"], "accounts": [{"name": "fleet"}]}
        made: list[dict[str, Any]] = [
            {"code": "FLEET", "name": "Fleet", "routes": [route], **firm},
            {"code": "T1", "name": "Terminal", "routes": [route]},
        ]
        self._known = {each["code"]: Partner.model_validate(each, strict=False) for each in made}

    def partner(self, code: str) -> Partner | None:
        return self._known.get(code)

    def partners(self) -> list[Partner]:
        return list(self._known.values())


class Yard:
    """A store with so many live appointments, and boxes that have none yet."""

    def __init__(self, folder: Path, live: int, spare: int) -> None:
        folder.mkdir()
        url = f"sqlite:///{folder}/gateway.db"
        migrate(url)
        self.store: Any = open_store(url, FolderArchive(folder / "archive"), _Clock(), "bench")
        self.desk = Desk(_Clock(), _Directory(), shipped())  # type: ignore[arg-type]
        self.boxes = _boxes()
        self.slots = [f"T1-in-{_stamp(number)}-ANY" for number in range(240)]
        self.store.write_now(self._publish)
        self.taken = 0
        self.fill(live)
        self.known(spare)

    def _publish(self, tx: Any) -> None:
        quota = 10_000
        tx.gate.slots.publish(
            [
                NewSlot("T1", "export_gate_in", "ANY", _start(n), _start(n + 1), quota, START, "T1")
                for n in range(240)
            ]
        )
        call = {"terminal": "T1", "vessel": "SHIP", "name": "", "voyage": "1W", "source": "bench"}
        times = {"etb": START, "gate_close": START + timedelta(days=30), "partner": "T1"}
        tx.gate.calls.put({**call, **times}, None)

    def known(self, count: int) -> None:
        """Papers for the next boxes."""
        self.ready = [next(self.boxes) for _ in range(count)]

        def work(tx: Any) -> None:
            for box in self.ready:
                for kind in ("booking", "eclp", "vgm"):
                    tx.gate.fact(kind, box)

        self.store.write_now(work)

    def fill(self, live: int) -> None:
        """One is booked as a client would; the others are its copies, with papers and timers."""
        self.known(1)
        wish = self.wish()
        made = self.store.write_now(lambda tx: request(self.desk, tx, ACCOUNT, wish))
        assert made.row.state == "confirmed", made.row.codes
        for begun in range(1, live, _BATCH):
            count = min(_BATCH, live - begun)
            self.store.write_now(lambda tx, n=count: self._copy(tx, made.row, n))

    def _copy(self, tx: Any, row: AppointmentRow, count: int) -> None:
        for _ in range(count):
            box = next(self.boxes)
            self.taken += 1
            number = self.taken % len(self.slots)
            start, end = _start(number), _start(number + 1)
            where = {"slot": self.slots[number], "starts_at": start, "ends_at": end}
            copy = replace(row, id=new_id(), container=box, digest=box, **where)
            for kind in ("booking", "eclp", "vgm"):
                tx.gate.fact(kind, box)
            assert tx.gate.slots.take(copy.slot)
            tx.gate.appointments.add(copy, "bench")
            tx.timers.set(TimerRow(TIMER, copy.id, end))

    def wish(self) -> Wish:
        self.taken += 1
        slot = self.slots[self.taken % len(self.slots)]
        box = self.ready.pop()
        return Wish("T1", "export_gate_in", box, slot=slot, vessel="SHIP", voyage="1W")

    async def measure(self, count: int) -> list[float]:
        """Seconds of each booking, one after the other, durable."""
        took = []
        for _ in range(count):
            wish = self.wish()
            begun = time.perf_counter()
            made = await self.store.write(lambda tx, w=wish: request(self.desk, tx, ACCOUNT, w))
            took.append(time.perf_counter() - begun)
            assert made.row.state == "confirmed", made.row.codes
        return took


def _boxes() -> Iterator[str]:
    for number in range(1_000_000):
        bare = f"MSKU{number:06}"
        yield bare + iso6346.calc_check_digit(bare)


def _start(number: int) -> datetime:
    return START + timedelta(hours=1 + number)


def _stamp(number: int) -> str:
    return _start(number).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


async def run(folder: Path, few: int, many: int, bookings: int) -> tuple[float, str]:
    """The ratio of the larger store's p95 to the smaller one's, and both in milliseconds."""
    yards = {few: Yard(folder / "few", few, bookings), many: Yard(folder / "many", many, bookings)}
    took: dict[int, list[float]] = {few: [], many: []}
    for _ in range(ROUNDS):
        for live, yard in yards.items():
            took[live] += await yard.measure(bookings // ROUNDS)
    told = [
        f"{live} live: median {statistics.median(v) * 1e3:.2f} ms, p95 {p95(v) * 1e3:.2f} ms"
        for live, v in took.items()
    ]
    for yard in yards.values():
        await yard.store.close()
    return p95(took[many]) / p95(took[few]), "; ".join(told)


def measure(few: int = 1_000, many: int = 100_000, bookings: int = 400) -> list[Row]:
    """One row for the table: the ratio of the two p95."""
    with tempfile.TemporaryDirectory(prefix="gate-bench-") as folder:
        ratio, detail = asyncio.run(run(Path(folder), few, many, bookings))
    name = f"booking p95 with {many} live appointments over that with {few}"
    return [Row(name, 2.0, "less", "times", (ratio,), detail)]


def main() -> int:
    """Exit code 1 where the ratio is above 2."""
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    given.add_argument("--few", type=int, default=1_000)
    given.add_argument("--live", type=int, default=100_000)
    given.add_argument("--bookings", type=int, default=400)
    chosen = given.parse_args()
    (row,) = measure(chosen.few, chosen.live, chosen.bookings)
    print(f"{row.name}: {row.value:.2f} (at most 2); {row.detail}")
    return 0 if row.reached else 1


if __name__ == "__main__":
    sys.exit(main())
