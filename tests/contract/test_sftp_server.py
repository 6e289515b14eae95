"""The SFTP server as partners' clients use it: OpenSSH's sftp, lftp, pysftp, paramiko, asyncssh."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path

import asyncssh
import pytest

from gateway.adapters.sftp_client.pysftp_driver import _import_pysftp
from gateway.adapters.sftp_server.files import AccountFiles
from tests import services
from tests.contract.inbound import HOST, LIMIT, PASSWORD, World, world_in
from tests.contract.sftp_servers import key_of, private_text, public_line


@pytest.fixture
async def world(tmp_path):
    async with world_in(tmp_path, ssh_keys=(public_line("ed25519"),)) as made:
        yield made


@pytest.fixture
async def port(world: World):
    async with world.sftp() as listener:
        yield listener.port


def connect(port: int, user: str = "agent", **options):
    key = {"client_keys": [key_of("ed25519", 0)]} if user == "agent" else {"password": PASSWORD}
    terms = {"known_hosts": None, "config": None, "client_keys": None, "agent_path": None} | key
    return asyncssh.connect(HOST, port, username=user, **(terms | options))


@pytest.fixture
async def client(port):
    async with connect(port) as connection, connection.start_sftp_client() as sftp:
        yield sftp


async def put(sftp, path, content: bytes) -> None:
    async with sftp.open(path, "wb") as file:
        await file.write(content)


async def names(world: World) -> list[str]:
    return [row.name for row in await world.rows()]


# --- programs that partners use -------------------------------------------------------------------


async def run(*command: str, cwd: Path, commands: str = "") -> subprocess.CompletedProcess:
    environment = {"PATH": services.SYSTEM_PATH, "HOME": str(cwd), "LC_ALL": "C.UTF-8"}
    return await asyncio.to_thread(
        subprocess.run,
        command,
        input=commands.encode(),
        capture_output=True,
        cwd=cwd,
        env=environment,
        timeout=30,
        check=False,
    )


async def openssh(port: int, cwd: Path, commands: str) -> subprocess.CompletedProcess:
    key = cwd / "key"
    if not key.exists():
        key.write_text(private_text("ed25519"))
        key.chmod(0o600)
    options = ["-F", "none", "-q", "-b", "-", "-P", str(port), "-i", str(key)]
    for option in ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "BatchMode=yes"):
        options += ["-o", option]
    program = str(services.require("sftp"))
    return await run(program, *options, f"agent@{HOST}", cwd=cwd, commands=commands)


async def test_openssh_puts_lists_renames_and_collects(world, port, tmp_path):
    (tmp_path / "m.txt").write_bytes(b"manifest" * 20_000)
    (tmp_path / "n.txt").write_bytes(b"booking")
    await world.deliver("answer", b'{"ok": true}')
    done = await openssh(
        port,
        tmp_path,
        "cd inbox\nput m.txt\nput -p n.txt n.txt.part\nrename n.txt.part n.txt\nls -l\n"
        "cd ../outbox\n"
        "ls -l\nget answer-box-1.json\nrm answer-box-1.json\nls\n",
    )
    assert done.returncode == 0, done.stderr.decode()
    assert await names(world) == ["m.txt", "n.txt"]
    assert await world.body((await world.rows())[0]) == b"manifest" * 20_000
    assert (tmp_path / "answer-box-1.json").read_bytes() == b'{"ok": true}'
    assert await world.mailbox.waiting("AGENT", 10) == []
    assert b"160000" in done.stdout


@pytest.mark.parametrize(
    "commands",
    [
        "put empty inbox/empty\n",
        "put big inbox/big\n",
        "put m.txt m.txt\n",
        "put m.txt outbox/m.txt\n",
        "mkdir inbox/x\n",
        "get inbox/m.txt\n",
        "ln -s /etc/passwd inbox/l\n",
        "ln inbox/a inbox/b\n",
        "put m.txt inbox/.m.txt\nrename inbox/.m.txt outbox/m.txt\n",
        "put m.txt inbox/.m.txt\nrename inbox/.m.txt 'inbox/a:b'\n",
    ],
)
async def test_openssh_is_told_of_a_refusal(world, port, tmp_path, commands):
    (tmp_path / "m.txt").write_bytes(b"x")
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "big").write_bytes(b"x" * (LIMIT + 1))
    done = await openssh(port, tmp_path, commands)
    assert done.returncode != 0
    assert await names(world) == []
    assert world.leftovers() == []


async def test_lftp_mirrors_with_temporary_names(world, port, tmp_path):
    program = str(services.require("lftp"))
    (tmp_path / "m.txt").write_bytes(b"manifest" * 9_000)
    await world.deliver("answer", b"yes")
    script = (
        "set sftp:auto-confirm yes; set net:max-retries 1; set xfer:use-temp-file yes;"
        "set xfer:temp-file-name *.part; set sftp:connect-program "
        "'ssh -a -x -F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null';"
        f"open -u agent,'{PASSWORD}' -p {port} sftp://{HOST};"
        "cd inbox; put m.txt; put m.txt -o n.txt; ls; cd ../outbox; get -E answer-box-1.json; bye"
    )
    done = await run(program, "--norc", "-c", script, cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    # The same bytes twice are one interchange (house.md 6).
    assert await names(world) == ["m.txt"]
    assert (tmp_path / "answer-box-1.json").read_bytes() == b"yes"
    assert await world.mailbox.waiting("AGENT", 10) == []


async def test_pysftp_confirms_its_put(world, port, tmp_path):
    (tmp_path / "m.txt").write_bytes(b"manifest" * 30_000)
    await world.deliver("answer", b"yes" * 50_000)

    pysftp = _import_pysftp()
    known = tmp_path / "known_hosts"
    known.write_text(f"elsewhere.example {public_line('ed25519')}\n")  # pysftp demands a line

    def session() -> list[str]:
        options = pysftp.CnOpts(knownhosts=str(known))
        options.hostkeys = None
        with pysftp.Connection(
            HOST, username="agent", password=PASSWORD, port=port, cnopts=options
        ) as sftp:
            stat = sftp.put(str(tmp_path / "m.txt"), "inbox/m.txt", confirm=True)
            assert stat.st_size == 240_000
            sftp.put(str(tmp_path / "m.txt"), "inbox/m.tmp", confirm=True)
            sftp.rename("inbox/m.tmp", "inbox/second.txt")
            sftp.get("outbox/answer-box-1.json", str(tmp_path / "got"))
            sftp.remove("outbox/answer-box-1.json")
            return sftp.listdir("inbox")

    assert sorted(await asyncio.to_thread(session)) == ["m.txt", "second.txt"]
    assert (tmp_path / "got").read_bytes() == b"yes" * 50_000
    assert await names(world) == ["m.txt"]


async def test_a_refused_upload_does_not_exist(world, client):
    with pytest.raises(asyncssh.SFTPFailure, match="TOO_LARGE.*超过上限"):
        await put(client, "inbox/big.txt", b"x" * (LIMIT + 1))
    assert not await client.exists("inbox/big.txt")
    assert [name for name in await client.listdir("inbox") if name not in (".", "..")] == []


# --- complete or nothing (R-13) -------------------------------------------------------------------


@pytest.mark.reliability
@pytest.mark.parametrize("name", ["cut.txt", "cut.txt.part", ".cut.txt"])
async def test_a_cut_connection_is_an_abort(world, port, name):
    size = 200_000
    for percent in range(0, 101, services.sized(5, 1)):
        connection = await connect(port)
        sftp = await connection.start_sftp_client()
        file = await sftp.open(f"inbox/{name}", "wb")
        if percent:
            await file.write(b"x" * (size * percent // 100))
        connection.abort()
        await connection.wait_closed()
    await until(lambda: not world.leftovers())
    assert await names(world) == []
    assert world.intake._uploads_open == 0


@pytest.mark.parametrize("suffix", [".part", ".tmp", ".filepart", ".PART"])
async def test_a_temporary_name_is_accepted_at_its_rename(world, client, suffix):
    await put(client, f"inbox/m.txt{suffix}", b"manifest")
    assert await names(world) == []
    assert (await client.stat(f"inbox/m.txt{suffix}")).size == 8
    await client.rename(f"inbox/m.txt{suffix}", "inbox/m.txt")
    assert await names(world) == ["m.txt"]
    assert not await client.exists(f"inbox/m.txt{suffix}")
    assert (await client.stat("inbox/m.txt")).size == 8


async def test_a_close_without_rename_ends_with_the_session(world, port):
    async with connect(port) as connection, connection.start_sftp_client() as sftp:
        await put(sftp, "inbox/m.part", b"x" * 200_000)
        await put(sftp, "inbox/.hidden", b"x")
        await sftp.rename("inbox/.hidden", "inbox/.still")
    async with connect(port) as connection, connection.start_sftp_client() as sftp:
        assert not await sftp.exists("inbox/m.part")
        with pytest.raises(asyncssh.SFTPNoSuchFile):
            await sftp.rename("inbox/m.part", "inbox/m.txt")
    assert await names(world) == []
    await until(lambda: world.intake._uploads_open == 0)
    assert world.leftovers() == []


async def test_two_writers_of_one_name_are_two_uploads(world, port):
    async with (
        connect(port) as one,
        connect(port) as two,
        one.start_sftp_client() as first,
        two.start_sftp_client() as second,
    ):
        files = [await sftp.open("inbox/m.txt", "wb") for sftp in (first, second)]
        for number in range(10):
            for at, file in enumerate(files):
                await file.write(bytes([65 + at]) * 1000, number * 1000)
        for file in files:
            await file.close()
    bodies = {await world.body(row) for row in await world.rows()}
    assert bodies == {b"A" * 10_000, b"B" * 10_000}


async def test_a_name_may_come_again(world, client):
    await put(client, "inbox/m.txt", b"first")
    await put(client, "inbox/m.txt", b"second one")
    assert await names(world) == ["m.txt", "m.txt"]
    assert (await client.stat("inbox/m.txt")).size == 10
    await put(client, "inbox/other.txt", b"first")
    assert await names(world) == ["m.txt", "m.txt"]


async def test_a_collected_file_stays_readable_while_it_is_open(world, client):
    body = os.urandom(100_000)
    await world.deliver("answer", body)
    async with client.open("outbox/answer-box-1.json", "rb") as file:
        head = await file.read(10)
        await client.remove("outbox/answer-box-1.json")
        assert head + await file.read() == body
    assert not await client.exists("outbox/answer-box-1.json")
    with pytest.raises(asyncssh.SFTPNoSuchFile):
        await client.remove("outbox/answer-box-1.json")


@pytest.mark.parametrize(
    "pieces",
    [
        [(5, b"56789")],
        [(0, b"01234"), (10, b"x")],
        [(0, b"01234"), (3, b"3456")],
        [(0, b"01234"), (0, b"01234")],
        [(0, b"0"), (5_000_000_000, b"sparse")],
        [(2, b"2345"), (0, b"0123")],
    ],
)
async def test_what_is_no_stream_of_bytes_is_refused(world, client, pieces):
    """Resume, holes, overlaps and sparse files: no file is better than a wrong one."""
    file = await client.open("inbox/m.txt", "wb")

    async def send() -> None:
        for offset, piece in pieces:
            await file.write(piece, offset)
        await file.close()

    with pytest.raises(asyncssh.SFTPOpUnsupported):
        await send()
    await until(lambda: world.intake._uploads_open == 0)
    assert await names(world) == []


async def test_pieces_may_overtake_each_other_a_little(world, client):
    file = await client.open("inbox/m.txt", "wb")
    for offset, piece in ((4, b"45"), (2, b"23"), (0, b"01"), (6, b"67")):
        await file.write(piece, offset)
    await file.close()
    assert await world.body((await world.rows())[0]) == b"01234567"


async def test_appending_is_refused(world, client):
    with pytest.raises(asyncssh.SFTPOpUnsupported):
        await client.open("inbox/m.txt", "ab")


@pytest.mark.reliability
@pytest.mark.parametrize(
    ("size", "code"), [(0, "EMPTY"), (1, None), (LIMIT, None), (LIMIT + 1, "TOO_LARGE")]
)
async def test_sizes(world, client, size, code):
    if code is None:
        await put(client, "inbox/m.txt", b"x" * size)
        assert [row.size for row in await world.rows()] == [size]
    else:
        with pytest.raises(asyncssh.SFTPFailure, match=code):
            await put(client, "inbox/m.txt", b"x" * size)
        assert await names(world) == []


async def test_a_retry_storm_is_answered_before_its_bytes(world, client):
    for _ in range(3):
        with pytest.raises(asyncssh.SFTPFailure, match="TOO_LARGE"):
            await put(client, "inbox/big.txt", b"x" * (LIMIT + 1))
    with pytest.raises(asyncssh.SFTPFailure, match="TOO_LARGE"):
        await client.open("inbox/big.txt", "wb")
    await put(client, "inbox/other.txt", b"x")


async def test_a_quota_is_told(world, port):
    async with connect(port, "small") as connection, connection.start_sftp_client() as sftp:
        await put(sftp, "inbox/1", b"1")
        await put(sftp, "inbox/2", b"2")
        with pytest.raises(asyncssh.SFTPFailure, match="OVER_QUOTA.*2 files.*配额"):
            await put(sftp, "inbox/3", b"3")


async def test_a_session_ends_with_its_account(world, client):
    await put(client, "inbox/1", b"1")
    agent = world.directory.partner("AGENT")
    await world.apply(agent.model_copy(update={"accounts": agent.accounts[1:]}))
    with pytest.raises(asyncssh.SFTPPermissionDenied, match="closed"):
        await put(client, "inbox/2", b"2")


# --- modes, times, links (S-11) -------------------------------------------------------------------


@pytest.mark.parametrize("mode", [0o4777, 0o644, 0o000])
async def test_modes_and_times_are_ok_and_do_nothing(client, mode):
    await put(client, "inbox/m.txt", b"x")
    await client.chmod("inbox/m.txt", mode)
    await client.utime("inbox/m.txt", (1, 1))
    await client.chown("inbox/m.txt", 0, 0)
    assert (await client.stat("inbox/m.txt")).permissions & 0o7777 == 0o640
    assert (await client.stat("inbox")).permissions & 0o7777 == 0o750


async def test_links_folders_and_truncation_are_refused(client):
    await put(client, "inbox/m.txt", b"x")
    for refused in (
        client.symlink("/etc/passwd", "inbox/l"),
        client.link("inbox/m.txt", "inbox/l"),
        client.readlink("inbox/m.txt"),
        client.mkdir("inbox/d"),
        client.rmdir("outbox"),
        client.truncate("inbox/m.txt", 0),
        client.remove("inbox/m.txt"),
        client.rename("inbox/m.txt", "inbox/n.txt"),
        client.posix_rename("inbox/m.txt", "inbox/n.txt"),
        client.statvfs("/"),
        client.open("inbox/m.txt", "rb"),
        client.open("outbox/m.txt", "wb"),
        client.rename("inbox/m.txt", "outbox/m.txt"),
    ):
        with pytest.raises((asyncssh.SFTPOpUnsupported, asyncssh.SFTPPermissionDenied)):
            await refused


def test_every_method_that_reaches_a_file_system_is_overridden():
    """asyncssh's own SFTPServer works on real files: what we do not override would let it."""
    harmless = {
        "channel", "connection", "env", "logger", "convert_attrs", "exit", "format_longname",
        "map_path", "reverse_map_path", "open56", "lock", "unlock", "statvfs", "fstatvfs",
    }  # fmt: skip
    theirs = {name for name in vars(asyncssh.SFTPServer) if not name.startswith("_")}
    assert theirs - harmless - set(vars(AccountFiles)) == set()


# --- whose files ----------------------------------------------------------------------------------


async def test_partners_do_not_see_each_other(world, port):
    await world.deliver("secret", b"for other", partner="OTHER")
    async with connect(port) as connection, connection.start_sftp_client() as sftp:
        await put(sftp, "inbox/m.txt", b"x")
        assert not await sftp.exists("outbox/secret-box-1.json")
        with pytest.raises(asyncssh.SFTPNoSuchFile):
            await sftp.remove("outbox/secret-box-1.json")
    async with connect(port, "other") as connection, connection.start_sftp_client() as sftp:
        assert not await sftp.exists("inbox/m.txt")
        assert await sftp.exists("outbox/secret-box-1.json")


async def test_names_are_kept_as_bytes_and_shown_as_text(world, port):
    async with (
        connect(port) as connection,
        connection.start_sftp_client(path_encoding=None) as sftp,
    ):
        for number, raw in enumerate(("舱单.txt".encode(), "舱单.txt".encode("gb18030"))):
            await put(sftp, b"inbox/" + raw, b"%d" % number)
            assert (await sftp.stat(b"inbox/" + raw)).size == 1
    assert await names(world) == ["舱单.txt", "舱单.txt"]


async def test_a_stop_waits_for_the_upload_under_way(world):
    async with world.sftp() as listener, connect(listener.port) as connection:
        sftp = await connection.start_sftp_client()
        file = await sftp.open("inbox/m.txt", "wb")
        await file.write(b"x" * 1000)
        closing = asyncio.create_task(listener.close())
        await asyncio.sleep(0.2)
        with pytest.raises(asyncssh.SFTPFailure, match="OVERLOADED"):
            await sftp.open("inbox/n.txt", "wb")
        await file.close()
        await closing
    assert await names(world) == ["m.txt"]


async def test_too_many_open_files_and_held_names_are_told(world, client):
    files = [await client.open(f"inbox/{number}", "wb") for number in range(40)]
    for number, file in enumerate(files):
        await file.write(b"%d" % number)
        await file.close()
    for number in range(32):
        await put(client, f"inbox/{number}.part", b"x")
    with pytest.raises(asyncssh.SFTPFailure, match="rename"):
        await put(client, "inbox/more.part", b"x")
    assert len(await names(world)) == 40


async def until(condition, seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - looks at counters of the server
            await asyncio.sleep(0.01)
