"""The SFTP server against those who should not get in, or not that far (S-10, S-12, S-13)."""

from __future__ import annotations

import asyncio
import itertools
import time
from statistics import median

import asyncssh
import pytest

from gateway.adapters.sftp_server.attempts import Attempts, source_of
from gateway.adapters.sftp_server.host_key import WeakKey, load, make
from gateway.adapters.sftp_server.password import Passwords
from tests import services
from tests.contract.inbound import HOST, PASSWORD, World, password_hash, world_in
from tests.contract.sftp_servers import key_of, public_line

WEAK_RSA = asyncssh.generate_private_key("ssh-rsa", key_size=2048)


@pytest.fixture
async def world(tmp_path):
    keys = [public_line(kind) for kind in ("ed25519", "ecdsa", "rsa")]
    keys.append(WEAK_RSA.export_public_key().decode().strip())
    async with world_in(tmp_path, ssh_keys=tuple(keys)) as made:
        yield made


@pytest.fixture
async def port(world: World):
    async with world.sftp() as listener:
        yield listener.port


def connect(port: int, user: str = "agent", **options):
    plain = {"known_hosts": None, "config": None, "agent_path": None, "client_keys": None}
    return asyncssh.connect(HOST, port, username=user, **(plain | options))


def with_key(port: int, kind: str = "ed25519", **options):
    return connect(port, client_keys=[key_of(kind, 0)], **options)


# --- names and paths (S-10) -----------------------------------------------------------------------

PARTS = [
    b"..", b"../..", b"/", b"//", b"/etc", b"/etc/passwd", b"../canary", b"..\\canary", b"a\\b",
    b"a\0b", b"\0", b"%2e%2e", b"%2e%2e%2fcanary", b"..%00", b"\xc0\xae\xc0\xae/canary",
    b"\xe0\x80\xae", b"\xff\xfe", b"\xb2\xd5\xb5\xa5", b"x" * 255, b"x" * 256, b"x" * 4096,
    b"x" * 5000, b"CON", b"nul.txt", b"a:b", b"a*b", b"a?b", b"a\nb", b"a\rb", b"a\x1b[31mb", b"~",
    b"~root", b"$HOME", b"a/b", b"a/../b", b"./a", b".", b"", b" ", b"A", b"a\xcc\x81",
    b"\xc3\xa1", b"\xe2\x80\xae", b"\xe2\x80\xa8", b"-rf", b"host_key", b"gateway.sqlite",
    b"archive/work", b"inbox", b"outbox",
]  # fmt: skip
PREFIXES = [b"", b"/", b"inbox/", b"outbox/", b"/inbox/../", b"inbox/./", b"/../../", b"inbox//"]
PATHS = [prefix + part for prefix, part in itertools.product(PREFIXES, PARTS)]
READS = ("stat", "lstat", "listdir", "readlink", "read")
CHANGES = ("write", "remove", "mkdir", "rmdir", "rename_to", "rename_from", "symlink", "link")


async def attempt(sftp, operation: str, path: bytes) -> object:
    if operation == "read":
        async with sftp.open(path, "rb") as file:
            return await file.read()
    if operation == "write":
        async with sftp.open(path, "wb") as file:
            await file.write(b"written")
        return path
    if operation == "rename_to":
        async with sftp.open(b"inbox/.held", "wb") as file:
            await file.write(b"held")
        return await sftp.rename(b"inbox/.held", path)
    if operation == "rename_from":
        return await sftp.rename(path, b"inbox/new")
    if operation in ("symlink", "link"):
        return await getattr(sftp, operation)(path, b"inbox/l")
    return await getattr(sftp, operation)(path)


@pytest.mark.reliability
async def test_no_path_leads_out(world, port):
    """Every path × operation; a canary stands beside the database, where a real root would be."""
    canary = world.folder / "canary"
    canary.write_bytes(b"canary")
    before = {path.name for path in world.folder.iterdir()}
    paths = PATHS if services.full_size() else PATHS[:: 3 if len(PATHS) % 3 else 2]
    allowed: list[tuple[str, bytes]] = []
    async with with_key(port) as connection:
        sftp = await connection.start_sftp_client(path_encoding=None)
        for path, operation in itertools.product(paths, READS + CHANGES):
            try:
                answer = await attempt(sftp, operation, path)
            except (asyncssh.SFTPError, ValueError):
                continue
            allowed.append((operation, path))
            assert b"canary" not in (answer if isinstance(answer, bytes) else b"")
    assert {operation for operation, _ in allowed} <= {
        "stat", "lstat", "listdir", "write", "remove", "rename_to", "rename_from",
    }  # fmt: skip
    for row in await world.rows():
        assert "/" not in row.name
        assert "\\" not in row.name
        assert row.name.isprintable()
    assert canary.read_bytes() == b"canary"
    assert {path.name for path in world.folder.iterdir()} == before


@pytest.mark.parametrize("name", [b"x" * 256, b"a:b", b"a\x1b[31m", b"\xe2\x80\xae", b"a|b"])
async def test_a_bad_name_is_told_why(port, name):
    async with with_key(port) as connection:
        sftp = await connection.start_sftp_client(path_encoding=None)
        with pytest.raises(asyncssh.SFTPPermissionDenied, match="BAD_NAME.*文件名无效"):
            await sftp.open(b"inbox/" + name, "wb")


# --- algorithms and requests (S-12) ---------------------------------------------------------------

WEAK = [
    *({"kex_algs": [name]} for name in (
        "diffie-hellman-group1-sha1", "diffie-hellman-group14-sha1",
        "diffie-hellman-group-exchange-sha1",
    )),
    *({"encryption_algs": [name]} for name in (
        "3des-cbc", "aes128-cbc", "aes192-cbc", "aes256-cbc", "chacha20-poly1305@openssh.com",
        "arcfour", "blowfish-cbc",
    )),
    *({"encryption_algs": ["aes128-ctr"], "mac_algs": [name]} for name in (
        "hmac-md5", "hmac-sha1", "hmac-md5-96", "hmac-sha1-96", "hmac-sha1-etm@openssh.com",
        "hmac-md5-etm@openssh.com", "umac-64@openssh.com",
    )),
    {"compression_algs": ["zlib@openssh.com"]},
    {"server_host_key_algs": ["ssh-rsa"]},
    {"server_host_key_algs": ["ssh-dss"]},
]  # fmt: skip


@pytest.mark.parametrize("offer", WEAK, ids=lambda offer: next(reversed(offer.values()))[0])
async def test_a_weak_algorithm_is_refused(port, offer):
    try:
        connecting = with_key(port, **offer)
        connection = await connecting
    except (asyncssh.Error, ValueError, OSError) as refused:
        assert not isinstance(refused, asyncssh.PermissionDenied)  # noqa: PT017 - any of several
        return
    connection.abort()
    pytest.fail(f"{offer} was accepted")


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
async def test_a_strong_key_gets_in(port, kind):
    async with with_key(port, kind) as connection:
        assert connection.get_extra_info("username") == "agent"


@pytest.mark.parametrize(
    ("key", "options"),
    [(WEAK_RSA, {}), ("rsa", {"signature_algs": ["ssh-rsa"]}), ("other", {})],
    ids=["rsa-2048", "sha1-signature", "unknown"],
)
async def test_a_weak_or_unknown_key_does_not(port, key, options):
    if key == "other":
        key = asyncssh.generate_private_key("ssh-ed25519")
    elif key == "rsa":
        key = key_of("rsa", 0)
    with pytest.raises(asyncssh.PermissionDenied):
        await connect(port, client_keys=[key], **options)


async def test_only_the_sftp_subsystem_is_served(port):
    async with with_key(port) as connection:
        for request in (
            connection.create_process("id"),
            connection.create_process(),
            connection.create_process(term_type="xterm"),
            connection.create_process(subsystem="netconf"),
            connection.create_process("scp -t inbox", encoding=None),
            connection.open_connection(HOST, port),
            connection.open_unix_connection("/run/x.sock"),
            connection.start_server(lambda *_: None, "", 0),
            connection.start_unix_server(lambda *_: None, "/tmp/x.sock"),
        ):
            with pytest.raises((asyncssh.ChannelOpenError, asyncssh.ChannelListenError)):
                await request
        async with connection.start_sftp_client() as sftp:
            assert "inbox" in await sftp.listdir("/")


async def test_channels_are_bounded(port):
    async with with_key(port) as connection:
        for _ in range(4):
            await connection.start_sftp_client()
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.start_sftp_client()


def test_a_weak_host_key_starts_no_server(tmp_path):
    path = tmp_path / "key"
    path.write_bytes(WEAK_RSA.export_private_key())
    with pytest.raises(WeakKey):
        load([path])
    with pytest.raises(WeakKey):
        load([])


def test_a_made_host_key_is_private_and_stays(tmp_path):
    path = tmp_path / "key"
    make(path)
    first = path.read_bytes()
    make(path)
    assert path.read_bytes() == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert load([path])[0].get_algorithm() == "ssh-ed25519"


# --- guessing (S-13) ------------------------------------------------------------------------------


async def guesses(port: int, source: str, user: str, most: int = 10) -> int:
    """How many passwords one connection may try."""
    tried = 0

    class Guesser(asyncssh.SSHClient):
        def password_auth_requested(self) -> str | None:
            nonlocal tried
            if tried >= most:
                return None
            tried += 1
            return f"guess {tried}"

    try:
        connection, _ = await asyncssh.create_connection(
            Guesser, HOST, port, username=user, known_hosts=None, config=None,
            agent_path=None, client_keys=None, local_addr=(source, 0),
        )  # fmt: skip
    except (asyncssh.Error, OSError):
        return tried
    connection.abort()
    raise AssertionError("a guess got in")


async def test_three_guesses_a_connection_then_a_penalty(port):
    assert await guesses(port, "127.0.0.9", "agent") == 3
    assert await guesses(port, "127.0.0.9", "agent") == 0
    async with connect(port, password=PASSWORD, local_addr=("127.0.0.8", 0)) as connection:
        assert connection.get_extra_info("username") == "agent"


@pytest.mark.reliability
async def test_guesses_from_many_sources_do_not_lock_the_user_out(world, port):
    """Many sources guess at one user; who signed in before, or has a key, still gets in."""
    async with connect(port, password=PASSWORD, local_addr=("127.0.0.8", 0)):
        pass
    checked = 0
    verify = Passwords.verify

    async def counting(self, password_hash, password):
        nonlocal checked
        checked += 1
        return await verify(self, password_hash, password)

    Passwords.verify = counting
    try:
        for number in range(services.sized(8, 200)):
            await guesses(port, f"127.0.1.{number + 1}", "agent")
    finally:
        Passwords.verify = verify
    assert checked <= 20
    async with connect(port, password=PASSWORD, local_addr=("127.0.0.8", 0)):
        pass
    async with with_key(port, local_addr=("127.0.0.7", 0)):
        pass


async def test_unauthenticated_connections_of_a_source_are_bounded(world):
    async with world.sftp(login_seconds=1.0) as listener:
        streams = [await asyncio.open_connection(HOST, listener.port) for _ in range(12)]
        banners = await asyncio.gather(
            *(reader.read(8) for reader, _ in streams), return_exceptions=True
        )
        assert sum(1 for banner in banners if banner == b"SSH-2.0-") == 10
        begun = time.monotonic()
        for reader, _ in streams[:10]:
            while await reader.read(4096):
                pass
        assert time.monotonic() - begun < 5
        for _, writer in streams:
            writer.close()
        async with with_key(listener.port):
            pass


async def test_an_unknown_user_takes_as_long_as_a_known_one():
    """Medians over interleaved tries; the full size is a matter of `make reliability`."""
    passwords = Passwords()
    known, unknown = password_hash(), None
    taken: dict[str | None, list[float]] = {known: [], unknown: []}
    try:
        for _ in range(services.sized(5, 2000)):
            for stored, times in taken.items():
                begun = time.perf_counter()
                assert not await passwords.verify(stored, "wrong")
                times.append(time.perf_counter() - begun)
        assert await passwords.verify(known, PASSWORD)
    finally:
        passwords.close()
    ratio = median(taken[known]) / median(taken[unknown])
    assert 0.5 < ratio < 2, ratio


class HandClock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


def test_penalties_double_up_to_a_quarter_of_an_hour():
    clock = HandClock()
    attempts = Attempts(clock)
    waits = []
    for _ in range(10):
        attempts.failed("a")
        begun = clock.seconds
        while attempts.barred("a"):
            clock.seconds += 1
        waits.append(clock.seconds - begun)
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]
    assert not attempts.barred("b")
    clock.seconds += 3600
    attempts.failed("a")
    clock.seconds += 5
    assert not attempts.barred("a")


@pytest.mark.parametrize(
    ("source_count", "seconds", "most"), [(20, 1, 20), (1, 900, 10), (5, 900, 20), (200, 899, 20)]
)
def test_guesses_are_counted_by_source_and_by_user(source_count, seconds, most):
    clock = HandClock()
    attempts = Attempts(clock)
    allowed = 0
    for _ in range(seconds):
        clock.seconds += 1
        allowed += sum(attempts.spend(f"s{n}", "user") for n in range(source_count))
    assert allowed == most


def test_a_right_password_is_no_guess():
    attempts = Attempts(HandClock())
    for _ in range(100):
        assert attempts.spend("a", "user")
        attempts.right("a", "user")


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("?", "?"),
    ],
)
def test_what_counts_as_one_source(address, source):
    assert source_of(address) == source
