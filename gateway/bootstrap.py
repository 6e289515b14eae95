"""The only module that knows everybody: settings in, a running gateway out."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway import interpreter
from gateway.adapters.archive import FolderArchive
from gateway.adapters.clock import SystemClock
from gateway.adapters.mailbox import Mailbox
from gateway.adapters.parsers.pool import ParserPool
from gateway.adapters.push_http.push import HttpPusher
from gateway.adapters.push_kafka import KafkaRoutes
from gateway.adapters.push_routes import FolderRoutes, HttpRoutes, SftpRoutes, remote_folders
from gateway.pipeline import order
from gateway.pipeline.answering import Answering
from gateway.pipeline.channels import Pusher
from gateway.pipeline.checking import Checking
from gateway.pipeline.confirm import Confirm
from gateway.pipeline.crash_points import arm
from gateway.pipeline.decide import Decide
from gateway.pipeline.deliver import Deliver, DeliveryTerms
from gateway.pipeline.directory import PartnerDirectory
from gateway.pipeline.health import Health
from gateway.pipeline.parcel import ParcelMaker
from gateway.pipeline.poll import PollJob
from gateway.pipeline.ports import Clock, Step, Store, Tx
from gateway.pipeline.receive import Intake
from gateway.pipeline.rows import OutboxRow
from gateway.pipeline.sweep import SweepJob
from gateway.pipeline.timers import TimerJob, acknowledgement_overdue
from gateway.pipeline.translate import Translate
from gateway.pipeline.writers import WRITERS
from gateway.services import Services, build_services
from gateway.settings import EnvironmentSecrets, Settings
from gateway.store import open_archive, open_store
from gateway.streams.embedded import EmbeddedRunner
from gateway.streams.guard import OnDead
from gateway.streams.quiet import quieten
from gateway.streams.supervisor import Supervisor
from gateway.telemetry.events import configure, emit

if TYPE_CHECKING:
    from gateway.adapters.http import HttpListener
    from gateway.streams.published import TopicWriter

Ready = Callable[[dict[str, int]], None]
Causes = Callable[[], Awaitable[dict[str, str]]]


def open_gateway_store(settings: Settings, clock: Clock | None = None) -> Store:
    """The store of these settings; raises SchemaMismatch for a schema behind or ahead."""
    clock = clock or SystemClock()
    # PostgreSQL keeps large bodies itself: a folder would be one machine's alone.
    archive = open_archive(settings.store.url, clock) or FolderArchive(settings.store.archive)
    return open_store(settings.store.url, archive, clock, owner_name())


def owner_name() -> str:
    """Who holds a lease: this process, told from all others."""
    return f"{socket.gethostname()}:{os.getpid()}"


@dataclass
class Gateway:
    """The parts of one process, wired and not yet running."""

    settings: Settings
    clock: Clock
    store: Store
    directory: PartnerDirectory
    parsers: ParserPool
    intake: Intake
    steps: Mapping[str, Step]
    on_dead: OnDead
    parcels: ParcelMaker
    runner: EmbeddedRunner
    deliver: Deliver
    poll: PollJob
    timers: TimerJob
    http_pusher: HttpPusher
    services: Services
    closers: list[Callable[[], Awaitable[None]]] = field(default_factory=list)


def build(settings: Settings) -> Gateway:
    """Wire one process that does everything (the embedded runner, SQLite or PostgreSQL)."""
    clock = SystemClock()
    store = open_gateway_store(settings, clock)
    secrets = EnvironmentSecrets()
    directory = PartnerDirectory(store)
    parsers = ParserPool(
        store.archive,
        settings.parser.children,
        settings.parser.nice,
        settings.parser.silence_seconds,
    )
    intake = Intake(
        store, clock, order.order_key, settings.intake.bytes_max, settings.intake.uploads_max
    )
    answering = Answering(directory, WRITERS, settings.name)
    services = build_services(settings, store, clock, directory, secrets)
    steps: dict[str, Step] = {
        "translate": Translate(store, parsers, directory),
        "decide": Decide(store, directory, clock, answering, services.counsel),
        "confirm": Confirm(store, clock),
        **services.steps,
    }
    parcels = ParcelMaker(store, settings.name, directory)
    http_pusher = HttpPusher()
    topics = _topic_writer(settings, secrets)
    pushers: dict[str, Pusher] = {
        "http": HttpRoutes(http_pusher, secrets, settings.delivery.call_seconds),
        "sftp": SftpRoutes(secrets, settings.delivery.call_seconds),
        "folder": FolderRoutes(settings.delivery.folder_root),
        "kafka": KafkaRoutes(topics),
    }
    terms = DeliveryTerms(
        settings.delivery.retry_seconds,
        settings.delivery.call_seconds,
        settings.delivery.lease_seconds,
        owner_name(),
    )

    def on_dead(tx: Tx, event: OutboxRow) -> None:
        answering.dead(tx, event, clock.now())

    return Gateway(
        settings=settings,
        clock=clock,
        store=store,
        directory=directory,
        parsers=parsers,
        intake=intake,
        steps=steps,
        on_dead=on_dead,
        parcels=parcels,
        runner=EmbeddedRunner(store, steps, on_dead=on_dead),
        deliver=Deliver(store, directory, clock, pushers, parcels, terms),
        poll=PollJob(store, directory, clock, intake, remote_folders(secrets), owner_name()),
        timers=TimerJob(
            store,
            clock,
            {"acknowledgement_overdue": acknowledgement_overdue, **services.timers},
            owner_name(),
        ),
        services=services,
        http_pusher=http_pusher,
        closers=[*services.closers, *([topics.aclose] if topics else [])],
    )


def _topic_writer(settings: Settings, secrets: EnvironmentSecrets) -> TopicWriter | None:
    """Imported here: one machine has neither Kafka nor its packages."""
    if not settings.kafka.servers:
        return None
    from gateway.streams.connection import terms_of  # noqa: PLC0415
    from gateway.streams.published import TopicWriter  # noqa: PLC0415

    return TopicWriter(terms_of(settings.kafka, secrets))


async def serve(settings: Settings, ready: Ready | None = None) -> None:
    """Run everything until SIGTERM or SIGINT, then stop taking, finish what is in hand, close."""
    configure(settings.log_level)
    quieten()
    if settings.crash_at:
        arm(settings.crash_at)
    gateway = build(settings)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    try:
        await gateway.directory.refresh()
        await gateway.parsers.start()
        await _run(gateway, stopping, ready)
    finally:
        await gateway.http_pusher.aclose()
        await gateway.parsers.close()
        for close in gateway.closers:
            await close()
        await gateway.store.close()
        emit("stopped")


async def _run(gateway: Gateway, stopping: asyncio.Event, ready: Ready | None) -> None:
    """Jobs and listeners; the listeners close first, so that nothing new arrives."""
    draining = asyncio.Event()
    supervisor = Supervisor(draining)
    health = Health(gateway.store, supervisor.failing)
    gateway.store.on_write(_threadsafe(gateway.deliver.wake))
    settings = gateway.settings
    async with contextlib.AsyncExitStack() as listeners:
        wanted = {"sftp"} if settings.sftp.enabled else set()
        wanted |= {"http", "admin"} if settings.http.enabled else set()
        ports = await listen(gateway, health.causes, listeners, wanted)
        interpreter.prepare()
        # After the listeners: what a crash has left to do must not keep partners waiting.
        supervisor.start("directory", gateway.directory.run)
        supervisor.start("runner", gateway.runner.run)
        supervisor.start("deliver", gateway.deliver.run)
        supervisor.start("poll", gateway.poll.run)
        supervisor.start("timers", gateway.timers.run)
        for name, job in gateway.services.jobs.items():
            supervisor.start(name, job)
        supervisor.start("sweep", SweepJob(gateway.store, gateway.clock).run)
        emit("ready", "info", **ports)
        if ready is not None:
            ready(ports)
        await stopping.wait()
        emit("stopping")
    draining.set()
    await supervisor.finish()


def _threadsafe(wake: Callable[[], None]) -> Callable[[], None]:
    loop = asyncio.get_running_loop()

    def call() -> None:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(wake)

    return call


async def listen(
    gateway: Gateway,
    causes: Causes,
    listeners: contextlib.AsyncExitStack,
    wanted: Collection[str],
) -> dict[str, int]:
    """Open what is wanted of sftp, http and admin; the stack closes it.  Port by listener."""
    ports: dict[str, int] = {}
    mailbox = Mailbox(gateway.store, gateway.directory, gateway.parcels.make)
    if "sftp" in wanted:
        ports["sftp"] = await _listen_sftp(gateway, mailbox, listeners)
    if {"http", "admin"} & set(wanted):
        for name, http in (await _listen_http(gateway, causes, mailbox, wanted)).items():
            listeners.push_async_callback(http.close)
            ports[name] = http.port
    return ports


async def _listen_sftp(
    gateway: Gateway, mailbox: Mailbox, listeners: contextlib.AsyncExitStack
) -> int:
    # Imported here, for most processes of many machines need neither server.
    from gateway.adapters.sftp_server import SftpSettings, serve_sftp  # noqa: PLC0415

    wanted = gateway.settings.sftp
    sftp = await serve_sftp(
        gateway.intake,
        gateway.store,
        gateway.directory,
        mailbox,
        gateway.clock,
        SftpSettings((wanted.host_key,), wanted.host, wanted.port),
    )
    listeners.push_async_callback(sftp.close)
    return sftp.port


async def _listen_http(
    gateway: Gateway, causes: Causes, mailbox: Mailbox, wanted: Collection[str]
) -> dict[str, HttpListener]:
    """The listener for partners, and the one for this machine."""
    from gateway.adapters import http  # noqa: PLC0415

    chosen = gateway.settings.http
    settings = http.HttpSettings(
        host=chosen.host,
        port=chosen.port,
        admin_port=chosen.admin_port,
        tls_certificate=chosen.tls_certificate,
        tls_key=chosen.tls_key,
        behind_proxy=chosen.behind_proxy,
        requests_per_second=chosen.requests_per_second,
    )
    ports = http.HttpPorts(
        intake=gateway.intake,
        store=gateway.store,
        directory=gateway.directory,
        mailbox=mailbox,
        clock=gateway.clock,
        health=causes,
        checker=Checking(gateway.parsers.read).check,
        money=gateway.services.money,
        customs=gateway.services.customs.desk if gateway.services.customs else None,
        gate=gateway.services.gate.desk if gateway.services.gate else None,
        fees=gateway.services.fees,
        firms=gateway.services.firms,
    )
    opened = {}
    if "http" in wanted:
        opened["http"] = await http.serve_http(http.build_app(ports, settings), settings)
    if "admin" in wanted:
        app = http.build_admin_app(ports, settings)
        opened["admin"] = await http.serve_admin(app, settings)
    return opened
