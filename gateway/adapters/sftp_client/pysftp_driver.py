"""The default driver: pysftp 0.2.9, tamed, on paramiko 5.

pysftp has had no release since 2016.  What is wrong with it is set right here and nowhere else: it
does not import without DSA keys, has no time-outs, knows pinned keys by host name only and only the
first of them, reads ~/.ssh and the environment behind one's back, and closes itself in `__del__`.
`get_d`, `get_r`, `put_r` and `cd` are never used: a hostile server wrote outside the target folder.
"""

import importlib
import io
import logging
import socket
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Any

import paramiko
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from gateway.adapters.sftp_client import algorithms
from gateway.adapters.sftp_client.contract import (
    SftpEndpoint,
    SftpError,
    SftpRefused,
    SftpUnavailable,
)
from gateway.adapters.sftp_client.dial import Watchdog, dial
from gateway.adapters.sftp_client.host_keys import PinnedKeys, pinned_keys
from gateway.adapters.sftp_client.packets import BadPacket
from gateway.adapters.sftp_client.private_key import openssh_text, private_key
from gateway.adapters.sftp_client.requests import Requests
from gateway.adapters.sftp_client.session import Attributes, CheckedSession, Entry

# paramiko logs tracebacks and the server's words as errors; what matters we raise ourselves.
_LOG_CHANNEL = "gateway.sftp_client.paramiko"
logging.getLogger(_LOG_CHANNEL).propagate = False
logging.getLogger(_LOG_CHANNEL).addHandler(logging.NullHandler())


def _import_pysftp() -> ModuleType:
    """Import pysftp, which asks for the `paramiko.DSSKey` that paramiko 4 took away.

    It is lent a name for it while it imports; no DSA key can come of it.
    """
    if hasattr(paramiko, "DSSKey"):
        return importlib.import_module("pysftp")
    placeholder = type("DSSKey", (paramiko.PKey,), {})
    paramiko.DSSKey = placeholder  # type: ignore[attr-defined]
    try:
        return importlib.import_module("pysftp")
    finally:
        del paramiko.DSSKey  # type: ignore[attr-defined]


# pysftp has no types.
_PysftpConnection: Any = _import_pysftp().Connection


class PysftpClient:
    """SftpClient over pysftp."""

    def open(self, endpoint: SftpEndpoint) -> CheckedSession:
        """See SftpClient.open."""
        pinned, key = pinned_keys(endpoint), _paramiko_key(endpoint)
        connection = dial(endpoint.host, endpoint.port, endpoint.timeouts.connect)
        try:
            transport = _PinnedTransport(connection, endpoint, pinned)
        except BaseException:
            connection.close()
            raise
        return CheckedSession(_PysftpWire(endpoint, key, transport))


def _paramiko_key(endpoint: SftpEndpoint) -> paramiko.PKey | None:
    key = private_key(endpoint)
    if key is None:
        return None
    kind: type[paramiko.PKey] = paramiko.RSAKey
    if isinstance(key, ed25519.Ed25519PrivateKey):
        kind = paramiko.Ed25519Key
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        kind = paramiko.ECDSAKey
    return kind.from_private_key(io.StringIO(openssh_text(key)))


class _PinnedTransport(paramiko.Transport):
    """A transport that checks the host key against all pinned keys, and only then logs in."""

    def __init__(
        self, connection: socket.socket, endpoint: SftpEndpoint, pinned: PinnedKeys
    ) -> None:
        super().__init__(connection)
        self.set_log_channel(_LOG_CHANNEL)
        self._connection, self._endpoint, self._pinned = connection, endpoint, pinned
        times = endpoint.timeouts
        self.banner_timeout = self.handshake_timeout = times.banner
        self.auth_timeout, self.channel_timeout = times.auth, times.channel
        offered = self.get_security_options()
        known = set(offered.kex)
        offered.kex = tuple(name for name in algorithms.KEY_EXCHANGES if name in known)
        offered.ciphers = algorithms.CIPHERS
        offered.digests = algorithms.MACS
        offered.key_types = pinned.signatures

    def connect(
        self,
        hostkey: paramiko.PKey | None = None,
        username: str = "",
        password: str | None = None,
        pkey: paramiko.PKey | None = None,
    ) -> None:
        """Exchange keys, check the host key, log in; pysftp calls this with its `_tconnect`.

        Raises SftpRefused or SftpUnavailable.
        """
        try:
            self.start_client(timeout=2 * self._endpoint.timeouts.banner)
        except paramiko.ssh_exception.IncompatiblePeer as error:
            raise SftpRefused("host key: no algorithm in common with the pinned keys") from error
        if not self.initial_kex_done:
            raise SftpUnavailable("key exchange: no answer in time")
        if self.get_remote_server_key().asbytes() not in self._pinned.blobs:
            raise SftpRefused("host key: not one of the pinned keys")
        self._log_in(username, password, pkey)

    def cut(self) -> None:
        """End it from any thread, without a word to the server; may be called again.

        Shutting down first lets paramiko's own thread leave by itself: closing a socket under a
        thread that reads from it may hand it another connection's bytes.
        """
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        if self.is_alive():
            self.join(timeout=1.0)
        self.packetizer.complete_handshake()  # its timer would outlive a handshake that failed
        self.close()
        self._connection.close()

    def _log_in(self, username: str, password: str | None, key: paramiko.PKey | None) -> None:
        """Key first, then the password where it is (still) wanted."""
        attempts: list[Callable[[], object]] = []
        if key is not None:
            attempts.append(lambda: self.auth_publickey(username, key))
        if password is not None:
            attempts.append(lambda: self.auth_password(username, password))
        for attempt in attempts:
            try:
                attempt()
            except paramiko.AuthenticationException as error:
                if not self.is_active() or "timeout" in str(error):
                    raise SftpUnavailable("login: no answer in time") from error
        if not self.is_authenticated():
            raise SftpRefused("login: the server refuses these credentials")


class _Options:
    """pysftp's CnOpts without its look into ~/.ssh/known_hosts and without its log files."""

    log = False
    compression = False
    ciphers = None
    hostkeys = None  # checked by the transport, for every key type


class _Connection(_PysftpConnection):  # type: ignore[misc]
    """pysftp's connection with our transport, our channel and no surprises."""

    def __init__(
        self, endpoint: SftpEndpoint, key: paramiko.PKey | None, transport: _PinnedTransport
    ) -> None:
        self._endpoint, self._key, self._given = endpoint, key, transport
        self._is_open = False
        super().__init__(
            endpoint.host, username=endpoint.username, port=endpoint.port, cnopts=_Options()
        )
        self._tconnect.clear()  # the password; it is not needed again

    def __del__(self) -> None:
        """Do nothing; pysftp closes here, but garbage collection is no time to talk to a server."""

    def _start_transport(self, host: str, port: int) -> None:
        self._transport = self._given

    def _set_authentication(self, *_credentials: object) -> None:
        """Never ~/.ssh/id_rsa: what the endpoint has, and nothing else."""
        secret = self._endpoint.password
        self._tconnect["password"] = secret.get_secret_value() if secret else None
        self._tconnect["pkey"] = self._key

    def _sftp_connect(self) -> None:
        if self._is_open:
            return
        channel = self._given.open_session(timeout=self._endpoint.timeouts.channel)
        channel.settimeout(self._endpoint.timeouts.channel)
        channel.invoke_subsystem("sftp")
        self._sftp = Requests(channel)
        self._is_open = True

    @property
    def requests(self) -> Requests:
        """The SFTP client on its channel, which is opened the first time."""
        self._sftp_connect()
        client: Requests = self._sftp
        return client


class _PysftpWire:
    """Wire over pysftp; making it connects, logs in and starts the SFTP subsystem."""

    def __init__(
        self, endpoint: SftpEndpoint, key: paramiko.PKey | None, transport: _PinnedTransport
    ) -> None:
        times = endpoint.timeouts
        self._transport = transport
        self._watchdog = Watchdog(times.total, transport.cut)
        try:
            with self._step("login"), self._watchdog.guard(2 * times.banner + times.auth):
                self._connection = _Connection(endpoint, key, transport)
            with self._step("subsystem"), self._watchdog.guard(times.channel):
                _ = self._connection.requests
        except BaseException:
            self.close()
            raise

    def entries(self, folder: bytes, limit: int) -> list[Entry]:
        with self._step("list"):
            return self._connection.requests.entries(folder, limit)

    def attributes(self, path: bytes) -> Attributes | None:
        with self._step("stat"):
            return self._connection.requests.attributes(path)

    def read(self, path: bytes, sink: Callable[[bytes], object]) -> None:
        with self._step("read"):
            self._connection.requests.read(path, sink)

    def write(self, path: bytes, chunks: Iterable[bytes]) -> int | None:
        with self._step("write"):
            return self._connection.requests.write(path, chunks)

    def rename(self, old: bytes, new: bytes) -> None:
        with self._step("rename"):
            self._connection.rename(old, new)

    def remove(self, path: bytes) -> None:
        with self._step("remove"):
            self._connection.remove(path)

    def mkdir(self, path: bytes) -> None:
        with self._step("mkdir"):
            self._connection.mkdir(path, mode=750)  # pysftp reads the decimal digits as octal

    def close(self) -> None:
        self._watchdog.stop()
        self._transport.cut()

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        """Whatever goes wrong on the way becomes one of ours; the server's words stay outside."""
        try:
            yield
        except SftpError as error:
            if self._watchdog.expired:
                raise SftpUnavailable(f"{name}: not done in time") from error
            raise
        except TimeoutError as error:
            raise SftpUnavailable(f"{name}: no answer in time") from error
        except (BadPacket, struct.error) as error:
            raise SftpUnavailable(f"{name}: the server breaks the protocol") from error
        except (paramiko.SSHException, paramiko.SFTPError, OSError, EOFError) as error:
            late = "not done in time" if self._watchdog.expired else "the connection broke"
            raise SftpUnavailable(f"{name}: {late}") from error
