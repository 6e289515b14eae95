"""One suite for both SFTP drivers, against the real OpenSSH server and a hostile one (S-14)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from pydantic import SecretStr

from gateway import limits
from gateway.adapters.push_sftp import push_sftp
from gateway.adapters.sftp_client import driver
from gateway.adapters.sftp_client.contract import (
    SftpClient,
    SftpConflict,
    SftpEndpoint,
    SftpError,
    SftpMissing,
    SftpOversize,
    SftpRefused,
    SftpSession,
    SftpTimeouts,
    SftpUnavailable,
)
from gateway.adapters.sftp_client.packets import BadPacket, Reader
from tests.contract.sftp_servers import (
    HOST,
    KEY_TYPES,
    PASSWORD,
    Behaviour,
    OpenSsh,
    hostile,
    mute,
    openssh,
    private_text,
    public_line,
)
from tests.services import free_port, require

BODY = os.urandom(700_001)
# Patient with a busy machine; a test that waits for a bound makes that one short.
PATIENT = SftpTimeouts(connect=5.0, banner=10.0, auth=10.0, channel=10.0, total=30.0)
SHORT = 0.6
STALL_SECONDS_MAX = 3 * SHORT


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(params=["pysftp", "asyncssh"])
def client(request: pytest.FixtureRequest) -> SftpClient:
    return driver(request.param)


@pytest.fixture(autouse=True)
def _no_thread_left() -> Iterator[None]:
    """Whatever happened, no thread of ours or of paramiko outlives its session."""
    before = set(threading.enumerate())
    yield
    ends = time.monotonic() + 3
    while time.monotonic() < ends and (left := _strangers(before)):
        time.sleep(0.02)
    assert not (left := _strangers(before)), left


def _strangers(before: set[threading.Thread]) -> set[threading.Thread]:
    return {t for t in threading.enumerate() if t not in before and "push-sftp" not in t.name}


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    program = require("openssh")
    with openssh(program, tmp_path_factory.mktemp("sshd"), free_port()) as server:
        yield server


@pytest.fixture
def endpoint(sshd: OpenSsh) -> SftpEndpoint:
    return SftpEndpoint(
        host=HOST,
        port=sshd.port,
        username=sshd.user,
        host_keys=(public_line("ed25519"),),
        private_key=sshd.client_key,
    )


@pytest.fixture
def folder(sshd: OpenSsh, request: pytest.FixtureRequest) -> Path:
    path = sshd.root / f"{abs(hash(request.node.name))}"
    path.mkdir()
    return path


@pytest.fixture
def session(client: SftpClient, endpoint: SftpEndpoint) -> Iterator[SftpSession]:
    opened = client.open(endpoint)
    yield opened
    opened.close()
    opened.close()


def at_port(port: int, **changes: object) -> SftpEndpoint:
    """The hostile server as a partner who is believed."""
    base = SftpEndpoint(
        host=HOST,
        port=port,
        username="agent",
        host_keys=(public_line("ed25519"),),
        password=SecretStr(PASSWORD),
        timeouts=PATIENT,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


# --- the real server ------------------------------------------------------------------------------


def test_written_and_read_back(session: SftpSession, folder: Path) -> None:
    (folder / "M1.txt.part").write_bytes(b"left by a crash" * 100_000)
    session.write(str(folder), "M1.txt", [BODY[:300_000], b"", BODY[300_000:]], len(BODY))
    assert (folder / "M1.txt").read_bytes() == BODY
    assert names_in(folder) == ["M1.txt"]
    assert session.stat(str(folder), "M1.txt") == len(BODY)
    assert session.stat(str(folder), "M2.txt") is None
    parts: list[bytes] = []
    assert session.read_into(str(folder), "M1.txt", parts.append, len(BODY)) == len(BODY)
    assert b"".join(parts) == BODY


@pytest.mark.parametrize("size", [0, 1, 32768, 32769, 524_288])
def test_sizes_around_the_block(session: SftpSession, folder: Path, size: int) -> None:
    session.write(str(folder), "M.txt", [BODY[:size]], size)
    parts: list[bytes] = []
    session.read_into(str(folder), "M.txt", parts.append, size)
    assert b"".join(parts) == BODY[:size]


def test_written_again(session: SftpSession, folder: Path) -> None:
    (folder / "M1.txt").write_bytes(b"12345")
    session.write(str(folder), "M1.txt", iter([b"never asked for"]), 5)
    assert (folder / "M1.txt").read_bytes() == b"12345"
    with pytest.raises(SftpConflict):
        session.write(str(folder), "M1.txt", [b"123456"], 6)
    assert names_in(folder) == ["M1.txt"]


def test_body_of_another_length_never_gets_its_name(session: SftpSession, folder: Path) -> None:
    with pytest.raises(SftpUnavailable):
        session.write(str(folder), "M1.txt", [b"123"], 4)
    assert names_in(folder) == []


def test_listing(session: SftpSession, folder: Path) -> None:
    gbk = "舱单.txt".encode("gb18030")
    for raw in (b"a.txt", gbk, "订舱.edi".encode(), b"line\nbreak", b"tab\there", b"back\\slash"):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + raw)).write_bytes(raw)
    (folder / "folder").mkdir()
    (folder / "link").symlink_to(folder / "a.txt")
    files = {file.name: file for file in session.list(str(folder))}
    assert sorted(files) == ["a.txt", "舱单.txt", "订舱.edi"]
    assert files["舱单.txt"].raw_name == gbk
    assert files["订舱.edi"].raw_name is None
    assert files["a.txt"].size == 5
    assert abs(files["a.txt"].mtime - time.time()) < 60
    assert len(session.refused) == 3
    assert not session.truncated
    for name in ("舱单.txt", gbk):
        parts: list[bytes] = []
        session.read_into(str(folder), name, parts.append, 100)
        assert b"".join(parts) == gbk


def test_moved_to_the_archive(session: SftpSession, folder: Path) -> None:
    archive = f"{folder}/archive/"
    for content in (b"first", b"second"):
        (folder / "day.txt").write_bytes(content)
        name = session.move(str(folder), "day.txt", archive)
        assert (folder / "archive" / name).read_bytes() == content
    assert len(names_in(folder / "archive")) == 2
    with pytest.raises(SftpMissing):
        session.move(str(folder), "day.txt", archive)


def test_what_is_missing(session: SftpSession, folder: Path) -> None:
    with pytest.raises(SftpMissing):
        session.read_into(str(folder), "none.txt", lambda _: None, 10)
    with pytest.raises(SftpMissing):
        session.list(f"{folder}/none")
    with pytest.raises(SftpUnavailable):
        session.write(f"{folder}/none", "M.txt", [b"1"], 1)


@pytest.mark.parametrize(
    "name",
    ["../up.txt", "/abs", "..", ".", "", "a\0b", "a/b", "a\\b", "a\nb", "\u202etxt", "x" * 251],
)
def test_names_of_ours_are_checked(session: SftpSession, folder: Path, name: str) -> None:
    with pytest.raises(SftpRefused):
        session.write(str(folder), name, [b"1"], 1)
    with pytest.raises(SftpRefused):
        session.list(f"{folder}/../other")
    assert names_in(folder) == []


def test_errors_of_the_caller_are_his_own(session: SftpSession, folder: Path) -> None:
    (folder / "M.txt").write_bytes(b"12345")

    def full(_: bytes) -> None:
        raise OSError(28, "the local disk is full")

    with pytest.raises(OSError, match="local disk"):
        session.read_into(str(folder), "M.txt", full, 10)
    assert session.stat(str(folder), "M.txt") == 5


@pytest.mark.parametrize("kind", KEY_TYPES)
def test_every_type_of_host_key(client: SftpClient, endpoint: SftpEndpoint, kind: str) -> None:
    client.open(replace(endpoint, host_keys=(public_line(kind),))).close()


def test_known_hosts_lines(client: SftpClient, endpoint: SftpEndpoint) -> None:
    name = f"[{HOST}]:{endpoint.port}"
    salt = os.urandom(20)
    digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    hashed = "|1|" + "|".join(base64.b64encode(part).decode() for part in (salt, digest))
    key, rsa = public_line("ed25519"), public_line("rsa")
    for lines in (
        [f"{name} {key}"],
        [f"{hashed} {key}"],
        [f"other,{name} {key}", f"@revoked {name} {rsa}"],
    ):
        client.open(replace(endpoint, host_keys=tuple(lines))).close()
    for lines in ([f"{HOST} {key}"], [f"[{HOST}]:1 {key}"], [key, f"@revoked {name} {key}"]):
        with pytest.raises(SftpRefused):
            client.open(replace(endpoint, host_keys=tuple(lines)))


@pytest.mark.parametrize("key", [private_text("ed25519", 8), "no key at all", None])
def test_login_refused(client: SftpClient, endpoint: SftpEndpoint, key: str | None) -> None:
    with pytest.raises(SftpRefused) as caught:
        client.open(replace(endpoint, private_key=key))
    assert "login" in str(caught.value)


async def test_push(client: SftpClient, endpoint: SftpEndpoint, folder: Path) -> None:
    for _ in range(2):
        result = await push_sftp(client, endpoint, str(folder), "M1.json", BODY, len(BODY))
        assert result.outcome == "sent"
    assert (folder / "M1.json").read_bytes() == BODY
    conflict = await push_sftp(client, endpoint, str(folder), "M1.json", b"1", 1)
    assert conflict.outcome == "refused"
    wrong = replace(endpoint, host_keys=(public_line("ed25519", 7),))
    assert (await push_sftp(client, wrong, str(folder), "M2.json", b"1", 1)).outcome == "refused"
    gone = replace(endpoint, port=free_port())
    assert (await push_sftp(client, gone, str(folder), "M2.json", b"1", 1)).outcome == "retry"


# --- the hostile server ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param((public_line("ed25519", 7),), id="changed"),
        pytest.param((), id="unknown"),
        pytest.param((public_line("rsa"),), id="other type"),
        pytest.param((f"[{HOST}]:1 {public_line('ed25519')}",), id="other port"),
        pytest.param((public_line("ed25519"), "@revoked * x"), id="unreadable"),
        pytest.param((public_line("ed25519"), "@revoked " + public_line("ed25519")), id="revoked"),
    ],
)
def test_no_credential_before_the_host_key(client: SftpClient, lines: tuple[str, ...]) -> None:
    with hostile(Behaviour()) as (seen, port):
        # Without a common type both sides hang up; who is first decides what it looks like.
        with pytest.raises(SftpError if lines == (public_line("rsa"),) else SftpRefused):
            client.open(at_port(port, host_keys=lines))
        assert seen.auth_attempts == 0


def test_password_login(client: SftpClient) -> None:
    with hostile(Behaviour()) as (seen, port):
        client.open(at_port(port)).close()
        with pytest.raises(SftpRefused, match="credentials"):
            client.open(at_port(port, password=SecretStr("wrong")))
        assert seen.auth_attempts == 2
    assert "wrong" not in repr(at_port(1, password=SecretStr("wrong"), private_key="wrong"))


@pytest.mark.parametrize(
    "weak",
    [
        {"kex_algs": ["diffie-hellman-group14-sha1"]},
        {"encryption_algs": ["aes256-cbc"]},
        {"mac_algs": ["hmac-sha1"], "encryption_algs": ["aes256-ctr"]},
    ],
)
def test_weak_algorithms(client: SftpClient, weak: dict[str, Any]) -> None:
    with hostile(Behaviour(), "ed25519", **weak) as (seen, port):
        with pytest.raises(SftpError):  # unavailable where the server hangs up first
            client.open(at_port(port))
        assert seen.auth_attempts == 0


def test_names_that_lead_elsewhere(client: SftpClient) -> None:
    evil = [
        b"..",
        b".",
        b"../../etc/passwd",
        b"/etc/passwd",
        b"a/b",
        b"a\0b",
        b"a\\..\\b",
        b"a\x1b[2Jb",
    ]
    evil += [b"\xff\xff", b"x" * 300, "\u202egnp.exe".encode(), b"good.txt"]
    with (
        hostile(Behaviour(listed=[*evil, b"good.txt"])) as (_, port),
        closing(client.open(at_port(port))) as session,
    ):
        assert [file.name for file in session.list("inbox")] == ["good.txt"]
        assert len(session.refused) == len(evil) - 2
        assert all(name.isascii() and name.isprintable() for name in session.refused)


def test_endless_listing(client: SftpClient) -> None:
    with (
        hostile(Behaviour(endless_listing=True)) as (_, port),
        closing(client.open(at_port(port))) as session,
    ):
        assert len(session.list("inbox")) == limits.SFTP_CLIENT_LIST_ENTRIES_MAX
        assert session.truncated


@pytest.mark.parametrize("error", [-1, 1, 1 << 40])
def test_wrong_size(client: SftpClient, error: int) -> None:
    with hostile(Behaviour(size_error=error)) as (seen, port):
        with closing(client.open(at_port(port))) as session, pytest.raises(SftpUnavailable):
            session.write("in", "M.txt", [b"12345"], 5)
        assert b"in/M.txt" not in seen.files


def test_a_hole_is_no_file(client: SftpClient) -> None:
    """One write among many fails and the last succeeds: the size alone would not show it."""
    with hostile(Behaviour(fail_writes_from=300_000)) as (seen, port):
        with (
            closing(client.open(at_port(port))) as session,
            pytest.raises(SftpUnavailable) as caught,
        ):
            session.write("in", "M.txt", [BODY], len(BODY))
        assert "disk" not in str(caught.value)
        assert b"in/M.txt" not in seen.files


def test_answer_to_the_rename_is_lost(client: SftpClient) -> None:
    with hostile(Behaviour(lost_rename=True)) as (seen, port):
        with closing(client.open(at_port(port))) as session:
            session.write("in", "M.txt", [b"12345"], 5)
        assert seen.files == {b"in/M.txt": b"12345"}


def test_more_bytes_than_announced(client: SftpClient) -> None:
    with hostile(Behaviour(endless_file=True, files={b"in/M.txt": bytearray(3)})) as (_, port):
        with closing(client.open(at_port(port))) as session:
            received: list[bytes] = []
            with pytest.raises(SftpOversize):
                session.read_into("in", "M.txt", received.append, 1_000_000)
        assert sum(map(len, received)) <= 1_000_000


def test_short_blocks(client: SftpClient) -> None:
    """A server may answer with less than was asked for; the file must come whole all the same."""
    with hostile(Behaviour(short_blocks=True, files={b"in/M.txt": bytearray(BODY)})) as (
        seen,
        port,
    ):
        with closing(client.open(at_port(port))) as session:
            received: list[bytes] = []
            assert session.read_into("in", "M.txt", received.append, len(BODY)) == len(BODY)
        assert b"".join(received) == seen.files[b"in/M.txt"]


def test_trickle_ends_at_the_total(client: SftpClient) -> None:
    times = replace(PATIENT, total=1.5)
    with (
        hostile(Behaviour(drip_seconds=0.1, files={b"in/M.txt": bytearray(3)})) as (_, port),
        closing(client.open(at_port(port, timeouts=times))) as session,
    ):
        begun = time.monotonic()
        with pytest.raises(SftpUnavailable):
            session.read_into("in", "M.txt", lambda _: None, 1 << 30)
        assert time.monotonic() - begun <= 3 * times.total
        with pytest.raises(SftpUnavailable):
            session.stat("in", "M.txt")


@pytest.mark.parametrize("kind", ["connect", "banner", "drip", "kex"])
def test_stall_before_ssh(client: SftpClient, kind: str) -> None:
    times = replace(PATIENT, connect=SHORT, banner=SHORT, auth=SHORT)
    with mute(kind) as port:
        begun = time.monotonic()
        with pytest.raises(SftpUnavailable):
            client.open(at_port(port, timeouts=times))
        assert time.monotonic() - begun <= STALL_SECONDS_MAX


def _everything(session: SftpSession) -> None:
    session.list("in")
    session.read_into("in", "there.txt", lambda _: None, 10)
    session.write("in", "M.txt", [BODY], len(BODY))
    session.move("in", "there.txt", "archive")


@pytest.mark.parametrize("step", ["list", "open", "read", "stat", "write", "close", "rename"])
def test_stall_at(client: SftpClient, step: str) -> None:
    files = {b"in/there.txt": bytearray(b"12345")}
    times = replace(PATIENT, channel=SHORT)
    with (
        hostile(Behaviour(stall_at=step, files=files)) as (_, port),
        closing(client.open(at_port(port, timeouts=times))) as session,
    ):
        begun = time.monotonic()
        with pytest.raises(SftpUnavailable):
            _everything(session)
        assert time.monotonic() - begun <= STALL_SECONDS_MAX


@pytest.mark.parametrize("step", ["auth", "session"])
def test_stall_at_login(client: SftpClient, step: str) -> None:
    times = replace(PATIENT, banner=2 * SHORT, auth=2 * SHORT, channel=2 * SHORT)
    with hostile(Behaviour(stall_at=step)) as (_, port):
        begun = time.monotonic()
        with pytest.raises(SftpUnavailable):
            client.open(at_port(port, timeouts=times))
        assert time.monotonic() - begun <= 2 * STALL_SECONDS_MAX


async def test_push_to_one_that_stalls(client: SftpClient) -> None:
    with hostile(Behaviour(stall_at="write")) as (_, port):
        endpoint = at_port(port, timeouts=replace(PATIENT, channel=SHORT))
        result = await push_sftp(client, endpoint, "in", "M.txt", BODY, len(BODY))
        assert result.outcome == "retry"
        assert PASSWORD not in result.detail


def test_short_rsa_key(client: SftpClient) -> None:
    line = asyncssh.generate_private_key("ssh-rsa", key_size=2048).export_public_key().decode()
    with pytest.raises(SftpRefused, match="2048"):
        client.open(at_port(1, host_keys=(line,)))


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xff\xff\xff",
        b"\0\0\0\0",
        b"\0\0\0\1\0\0\0\1a\0\0\0\0\x80\0\0\0\xff\xff\xff\xff",
        b"\0\0\0\1\xff\xff\xff\xff",
    ],
)
def test_packets_that_announce_too_much(data: bytes) -> None:
    with pytest.raises(BadPacket):
        Reader(data).entries()
