"""Documents a second from received to decided: embedded, and under Faust with one and two workers.

Ratios against a bare group-commit insert of the same rows, and against a Faust pipeline of as many
stages that does nothing.  Small documents, received beforehand, so that only the steps are timed:
from the first that is translated to the last that is decided.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median

from gateway.bootstrap import Gateway, build
from gateway.canonical.partner import Account
from gateway.pipeline.rows import AccountRef
from gateway.settings import load
from gateway.store import migrate
from tests import services
from tests.bench.coparn import message
from tests.bench.process import cpu_seconds
from tests.bench.row import Row
from tests.crash.configuration import Site
from tests.crash.files import AGENT, RECEIVER, Sample, sample
from tests.crash.gateway_process import GatewayProcess
from tests.crash.machines import ManySite, Process, read
from tests.kafka.server import Kafka
from tests.services import REPO

DOCUMENTS = 800
# So many that starting a second parser child does not count for much.
EMBEDDED = 4_000
# The same journey for interchanges of many bookings, as lines send them.
PER_FILE = 50
# Of each fiftieth file of one document; the others have two bills or one booking.
BILLS = 260
# Senders: decide keeps the order of each, so that is how many can be decided side by side.
ACCOUNTS = 8
NOOP_EVENTS = 2_000
# One fsync for so many documents, as the embedded runner's writer does under load.
GROUP = 100
SECONDS_MAX = 240
# Of the embedded runner and its peer by turns: the clock of a busy machine says little once.
ROUNDS = 3


class _StepsProcess(GatewayProcess):
    """Only the steps are timed: nothing is sent, everything is there to be sent."""

    def command(self, *arguments: str) -> list[str]:
        if arguments != ("run",):
            return super().command(*arguments)
        return [sys.executable, str(REPO / "tests/bench/steps.py"), str(self.site.file)]


def measure() -> list[Row]:
    """A line per ratio.  Only the embedded ones have a pass mark (issue 3)."""
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        root = Path(folder)
        rows = []
        for many in (PER_FILE, 1):
            runs = [_embedded(root / f"embedded-{many}-{n}", many) for n in range(ROUNDS)]
            what = "one document a file" if many == 1 else f"{many} documents a file"
            embedded, cost, bare = map(median, zip(*runs, strict=True))
            rows.append(
                Row(
                    f"embedded, received to decided / bare insert of the same rows, {what}",
                    0.20,
                    "more",
                    "x",
                    tuple(rate / peer for rate, _, peer in runs),
                    f"{embedded:.0f} and {bare:.0f} documents/s, {cost * 1e3:.1f} ms CPU each",
                )
            )
        if services.find("kafka") and services.find("postgres"):
            rows += _faust(root, embedded, cost)
    return rows


def _faust(root: Path, embedded: float, embedded_cost: float) -> list[Row]:
    postgres = services.Postgres.start(services.require("postgres"))
    kafka = Kafka.start()
    try:
        noop, noop_cost = _noop(kafka)
        rows = []
        for workers in (1, 2):
            rate, cost, parts = _many(root / f"workers-{workers}", postgres, kafka, workers)
            name = f"Faust, {workers} worker{'s' if workers > 1 else ''}"
            said = ", ".join(f"{part} {used * 1e3:.1f}" for part, used in parts.items())
            detail = f"{rate:.0f} documents/s, {cost * 1e3:.1f} ms CPU a document ({said})"
            rows += [
                Row(f"{name} / embedded", 0, "more", "x", (rate / embedded,), detail),
                Row(f"{name}, CPU / embedded", 0, "more", "x", (cost / embedded_cost,)),
            ]
        detail = f"{noop:.0f} events/s through two stages, {noop_cost * 1e3:.2f} ms CPU each"
        ratio = noop / rows[0].values[0] / embedded
        rows.append(Row("no-op Faust of two stages / 1 worker", 0, "more", "x", (ratio,), detail))
        return rows
    finally:
        kafka.stop()
        postgres.stop()


def _embedded(folder: Path, per_file: int) -> tuple[float, float, float]:
    """(documents a second, CPU seconds each, documents a second of the bare insert)."""
    files = EMBEDDED // per_file
    site = Site(folder)
    site.add_agent()
    site.add_terminal(1)
    gateway = _StepsProcess(site)
    gateway.prepare()
    _receive(site, files, per_file)
    gateway.spawn()
    try:
        rate, cost = _timed(
            lambda: _count(site.database, "SELECT count(*) FROM document"),
            lambda: _decided(site.database),
            lambda: {"gateway": [*gateway.children(), gateway.pid]},
            EMBEDDED,
        )
    finally:
        gateway.close()
    return rate, cost["gateway"], _bare(site.database, folder / "bare.sqlite", EMBEDDED, files)


def _many(
    folder: Path, postgres: services.Postgres, kafka: Kafka, workers: int
) -> tuple[float, float, dict[str, float]]:
    url = postgres.url(postgres.create())
    settings = {
        "store": {"url": url},
        "kafka": {"servers": [kafka.servers], "prefix": f"bench{workers}", "partitions": 6},
        "parser": {"children": 2 // workers},
    }
    site = ManySite(folder, settings=settings)
    site.add_agent()
    site.add_terminal(1)
    GatewayProcess(site).prepare()
    _receive(site)
    made = [Process(site, role="worker", number=n) for n in range(workers)]
    made.append(Process(site, role="relay"))
    for process in made[:-1]:
        process.spawn()
    for process in made[:-1]:
        process.wait_ready(60)
    made[-1].spawn()
    try:
        rate, used = _timed(
            lambda: _reached(url, "translated", "decided"),
            lambda: _reached(url, "decided"),
            lambda: (
                {each.name: [*each.children(), each.pid] for each in made} | {"kafka": [kafka.pid]}
            ),
        )
        gateway = sum(cost for name, cost in used.items() if name != "kafka")
        return rate, gateway, used
    finally:
        for process in made:
            process.close()


def _receive(site: Site, files: int = DOCUMENTS, per_file: int = 1) -> None:
    """All documents, as the intake records them; no runner is awake."""

    async def receive() -> None:
        gateway = build(load(site.file))
        await gateway.directory.refresh()
        found = gateway.directory.account(site.agent.account)
        assert found is not None
        partner, terms = found
        who = [AccountRef(partner.code, f"{terms.name}{n}") for n in range(ACCOUNTS)]
        try:
            for start in range(0, files, 50):
                some = range(start, min(start + 50, files))
                made = {n: _file(n, per_file) for n in some}
                await asyncio.gather(
                    *(_one(gateway, who[n % ACCOUNTS], terms, made[n]) for n in some)
                )
        finally:
            await gateway.store.close()

    asyncio.run(receive())


def _file(number: int, per_file: int) -> Sample:
    """A file of one document, or an interchange of many bookings."""
    if per_file == 1:
        return sample(2 * number + 1, large=BILLS)
    first = number * per_file
    body = "".join(message(n) for n in range(first, first + per_file))
    head = f"UNB+UNOA:2+{AGENT}+{RECEIVER}+241121:0930+B{number:08d}'\n"
    text = f"{head}{body}UNZ+{per_file}+B{number:08d}'\n"
    return Sample(number, f"B{number:07d}.edi", "booking", f"B{number}", text.encode("ascii"))


async def _one(gateway: Gateway, who: AccountRef, terms: Account, file: Sample) -> None:
    name = file.name.encode()
    upload = await gateway.intake.admit(who, terms, name, len(file.data))
    upload.write(file.data)
    await gateway.intake.accept(upload, who, name, "http")


def _timed(
    translated: Callable[[], int],
    decided: Callable[[], int],
    pids: Callable[[], dict[str, list[int]]],
    documents: int = DOCUMENTS,
) -> tuple[float, dict[str, float]]:
    """From the first translation to the last decision: (rate, CPU seconds a document of each)."""
    ends = time.monotonic() + SECONDS_MAX
    while not translated():
        if time.monotonic() > ends:
            raise RuntimeError("nothing was translated")
        time.sleep(0.02)
    started = time.monotonic()
    before = {name: cpu_seconds(each) for name, each in pids().items()}
    while (last := decided()) < documents:
        if time.monotonic() > ends:
            raise RuntimeError(f"only {last} of {documents} were decided")
        time.sleep(0.02)
    seconds = time.monotonic() - started
    used = {name: cpu_seconds(each) - before[name] for name, each in pids().items()}
    return documents / seconds, {name: each / documents for name, each in used.items()}


def _decided(database: Path) -> int:
    return _count(database, "SELECT count(*) FROM document WHERE state <> 'translated'")


def _count(database: Path, query: str) -> int:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
        return int(connection.execute(query).fetchone()[0])


def _reached(url: str, *states: str) -> int:
    return sum(each.state in states for each in read(url).interchanges)


def _bare(full: Path, empty: Path, documents: int, files: int) -> float:
    """The rows that the steps left, inserted in groups of a commit each; documents a second."""
    migrate(f"sqlite:///{empty}")
    with closing(sqlite3.connect(full)) as source, closing(sqlite3.connect(empty)) as target:
        target.execute("PRAGMA journal_mode = WAL")
        target.execute("PRAGMA synchronous = FULL")
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        names = [row[0] for row in source.execute(query) if row[0] != "alembic_version"]
        tables = {name: source.execute(f"SELECT * FROM {name}").fetchall() for name in names}
        tables = {name: rows for name, rows in tables.items() if len(rows) >= files}
        groups = -(-documents // GROUP)
        started = time.monotonic()
        for group in range(groups):
            for name, rows in tables.items():
                part = rows[len(rows) * group // groups : len(rows) * (group + 1) // groups]
                marks = ",".join("?" * len(part[0]))
                target.executemany(f"INSERT OR IGNORE INTO {name} VALUES ({marks})", part)
            target.commit()
        return documents / (time.monotonic() - started)


def _noop(kafka: Kafka) -> tuple[float, float]:
    """(events a second, CPU seconds an event) of two stages that only pass on."""
    with _script(kafka.servers) as process:
        assert process.stdout is not None
        answer = json.loads(process.stdout.readline())
    return answer["rate"], answer["cpu"]


@contextmanager
def _script(servers: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.bench.noop_faust", servers, str(NOOP_EVENTS)]
    with subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()
