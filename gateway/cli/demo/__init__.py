"""`gateway demo`: a whole port on this machine, in one minute."""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from gateway.cli import screen
from gateway.cli.failure import Failure

if TYPE_CHECKING:
    from gateway.cli.demo.processes import Child
    from gateway.cli.demo.site import Site
    from gateway.cli.demo.watch import Watch

DEFAULT_FOLDER = Path("var/demo")
# Every file must have come to its end within this, on a slow machine too.
_OUTCOMES_SECONDS = 60.0
_LOOK_SECONDS = 0.25


def command(
    once: Annotated[
        bool, typer.Option("--once", help="End by itself; exit code 0 if all went as expected.")
    ] = False,
    folder: Annotated[
        Path | None, typer.Option(help="Where to keep it; else var/demo, or a temporary folder.")
    ] = None,
) -> None:
    """Start a gateway, a terminal and an agent that drops files; show what becomes of each."""
    signal.signal(signal.SIGTERM, _interrupted)
    screen.by_line()
    screen.say("正在启动网关、码头和代理 · starting a gateway, a terminal and an agent …")
    with _folder(folder, once) as place:
        if not _run(place, once):
            screen.note(f"everything of this run is kept in {place}")
            raise typer.Exit(1)


def _interrupted(*_: object) -> NoReturn:
    raise KeyboardInterrupt


@contextmanager
def _folder(wanted: Path | None, once: bool) -> Iterator[Path]:
    """A fresh folder; one that an earlier demo left behind is replaced, anything else is not.

    A temporary one is kept when something went wrong in it.
    """
    from gateway.cli.demo.site import MARK

    if wanted is None and once:
        temporary = Path(tempfile.mkdtemp(prefix="gateway-demo-"))
        yield temporary
        shutil.rmtree(temporary)
        return
    place = (wanted or DEFAULT_FOLDER).resolve()
    if place.exists() and any(place.iterdir()):
        if not (place / MARK).is_file():
            raise Failure(f"{place} is not empty and not a demo's; name another with --folder")
        shutil.rmtree(place)
    place.mkdir(parents=True, exist_ok=True)
    yield place


def _run(place: Path, once: bool) -> bool:
    """Set up, drop, watch; true when every expected outcome was seen."""
    from gateway.cli.demo.plan import load
    from gateway.cli.demo.processes import Child
    from gateway.cli.demo.site import prepare
    from gateway.cli.demo.story import Story, told
    from gateway.cli.demo.watch import Watch

    drops = load()
    started = time.monotonic()
    with ExitStack() as stack:
        site = prepare(
            place,
            lambda: stack.enter_context(Child.terminal(place)),
            lambda: stack.enter_context(Child.platform(place)),
        )
        gateway = stack.enter_context(Child.gateway(site))
        site.learn(gateway.wait_ready())
        _say_where(site, time.monotonic() - started)
        watch = Watch(site, drops)
        agent = stack.enter_context(Child.agent(site, drops))
        good = _watch(watch, agent, gateway)
        screen.say()
        good = told(Story(site, site.platform_url), screen.say) and good
        took = time.monotonic() - started
        _say_verdict(watch, good, took)
        if once:
            if not good:
                screen.note(gateway.log_end())
            return good
        _say_next(site, watch)
        _keep_serving(gateway)
    return good


def _watch(watch: Watch, agent: Child, gateway: Child) -> bool:
    """Show the journeys until each has come to its end, or time is up."""
    from gateway.cli.demo.show import Board

    ends = time.monotonic() + _OUTCOMES_SECONDS
    with Board(watch) as board:
        while time.monotonic() < ends:
            watch.heard(agent.lines())
            watch.look()
            board.draw()
            if watch.settled:
                break
            if gateway.ended or agent.failed:
                break
            time.sleep(_LOOK_SECONDS)
    if agent.failed:
        screen.note(agent.log_end())
    return watch.good


def _say_where(site: Site, seconds: float) -> None:
    screen.say(f"网关已启动 · the gateway runs, after {seconds:.1f} s")
    screen.say(f"  HTTP   {site.url}    SFTP   127.0.0.1:{site.sftp_port}    data   {site.folder}")
    screen.say()


def _say_verdict(watch: Watch, good: bool, seconds: float) -> None:
    screen.say()
    booked = watch.booked
    screen.say(
        f"码头已入账 {booked.effects} 份单证，重复效果 {booked.doubled} 份 · "
        f"the terminal booked {booked.effects} documents, {booked.doubled} of them twice"
    )
    if good:
        screen.say(f"✓ 全部符合预期 · every file came to its expected end, {seconds:.1f} s in all")
    else:
        screen.say(f"✗ 有文件不符合预期 · not as expected: {', '.join(watch.unexpected())}")


def _say_next(site: Site, watch: Watch) -> None:
    """Where to look and what to try; every line can be copied as it is."""
    config = _shown(site.config)
    files = _shown(site.files)
    one = watch.example()
    key = _shown(site.agent_api_key_file)
    box = "TEMU3010013"
    lines = [
        "看看 · look:",
        f"  .venv/bin/gateway check {files}/manifest-faults.txt",
        f"  .venv/bin/gateway show {one} --config {config}",
        f"  .venv/bin/gateway search {box} --config {config}",
        f"  .venv/bin/gateway dead-letters --config {config}",
        f'  curl -s -H "Authorization: Bearer $(cat {key})" {site.url}/v1/interchanges',
        f"  curl -s {site.receiver_url}/ledger",
        f"  curl -s {site.admin_url}/metrics",
        "送一个文件 · send a file:",
        f"  curl -s -H \"Authorization: Bearer $(cat {key})\" -H 'X-Filename: mine.txt' \\",
        "       -H 'Content-Type: application/octet-stream' \\",
        f"       --data-binary @{files}/booking-coparn-d95b.edi {site.url}/v1/interchanges",
        f"  sftp -i {_shown(site.agent_ssh_key_file)} -P {site.sftp_port} \\",
        f"       -o UserKnownHostsFile={_shown(site.known_hosts_file)} {site.account}@127.0.0.1",
        "Ctrl-C 结束 · ends it.",
    ]
    screen.say()
    for line in lines:
        screen.say(line)


def _shown(path: Path) -> str:
    """Relative to where the person stands, where that is shorter."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _keep_serving(gateway: Child) -> None:
    import contextlib

    with contextlib.suppress(KeyboardInterrupt):
        while not gateway.ended:
            time.sleep(_LOOK_SECONDS)
    if gateway.ended:
        screen.note(gateway.log_end())
