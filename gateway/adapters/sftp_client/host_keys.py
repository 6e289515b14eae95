"""Pinned host keys: what a partner's server must show before it hears a single credential."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from gateway import limits
from gateway.adapters.sftp_client.contract import SftpEndpoint, SftpRefused

# Key type of a line → signature algorithms that may be agreed on for it; RSA never with SHA-1.
_SIGNATURES = {
    "ssh-ed25519": ("ssh-ed25519",),
    "ecdsa-sha2-nistp256": ("ecdsa-sha2-nistp256",),
    "ecdsa-sha2-nistp384": ("ecdsa-sha2-nistp384",),
    "ecdsa-sha2-nistp521": ("ecdsa-sha2-nistp521",),
    "ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256"),
}


@dataclass(frozen=True)
class PinnedKeys:
    """`blobs`: public keys in wire form; `signatures`: algorithms to offer, strongest first."""

    blobs: frozenset[bytes]
    signatures: tuple[str, ...]


def pinned_keys(endpoint: SftpEndpoint) -> PinnedKeys:
    """The keys that `endpoint` may show; raises SftpRefused if there is none or a line is bad."""
    if len(endpoint.host_keys) > limits.SFTP_CLIENT_HOST_KEYS_MAX:
        raise SftpRefused("too many host key lines")
    accepted: dict[bytes, str] = {}
    revoked: set[bytes] = set()
    for number, line in enumerate(endpoint.host_keys, start=1):
        marker, key_type, blob = _read_line(line, number, endpoint)
        if blob is None:
            continue
        if marker == "@revoked":
            revoked.add(blob)
        else:
            accepted[blob] = key_type
    kept = {blob: key_type for blob, key_type in accepted.items() if blob not in revoked}
    if not kept:
        raise SftpRefused("no pinned host key for this host and port")
    types = set(kept.values())
    return PinnedKeys(
        blobs=frozenset(kept),
        signatures=tuple(a for t, names in _SIGNATURES.items() if t in types for a in names),
    )


def _read_line(line: str, number: int, endpoint: SftpEndpoint) -> tuple[str, str, bytes | None]:
    """Read (marker, type, blob) of a public key or known_hosts line; blob None: another host's."""
    words = line.split()
    marker = words.pop(0) if words and words[0].startswith("@") else ""
    if marker not in ("", "@revoked"):
        raise SftpRefused(f"host key line {number}: {marker[:20]!r} is not supported")
    hosts = "" if words and words[0] in _SIGNATURES else words.pop(0) if words else ""
    if len(words) < 2 or words[0] not in _SIGNATURES:
        raise SftpRefused(f"host key line {number}: no key of an accepted type")
    if hosts and not _is_for(hosts, endpoint):
        return marker, words[0], None
    return marker, words[0], _read_blob(words[0], words[1], number)


def _read_blob(key_type: str, text: str, number: int) -> bytes:
    try:
        blob = base64.b64decode(text, validate=True)
        fields = list(_fields(blob))
    except (binascii.Error, ValueError) as error:
        raise SftpRefused(f"host key line {number}: the key is damaged") from error
    if not fields or fields[0] != key_type.encode():
        raise SftpRefused(f"host key line {number}: the key is of another type than it says")
    if key_type == "ssh-rsa":
        bits = int.from_bytes(fields[2], "big").bit_length() if len(fields) == 3 else 0
        if bits < limits.SFTP_CLIENT_RSA_BITS_MIN:
            raise SftpRefused(f"host key line {number}: RSA key of {bits} bits is too short")
    return blob


def _fields(blob: bytes) -> Iterator[bytes]:
    """The length-prefixed strings of a key (RFC 4253, 6.6); raises ValueError when cut."""
    position = 0
    while position < len(blob):
        end = position + 4 + int.from_bytes(blob[position : position + 4], "big")
        if position + 4 > len(blob) or end > len(blob):
            raise ValueError("cut")
        yield blob[position + 4 : end]
        position = end


def _is_for(hosts: str, endpoint: SftpEndpoint) -> bool:
    """Whether a known_hosts line names `[host]:port` (or `host` at port 22)."""
    host = endpoint.host.lower()
    wanted = [f"[{host}]:{endpoint.port}"]
    if endpoint.port == 22:
        wanted.append(host)
    if hosts.startswith("|1|"):
        return any(_hash_matches(hosts, name) for name in wanted)
    return any(pattern.lower() in wanted for pattern in hosts.split(","))


def _hash_matches(hashed: str, name: str) -> bool:
    """OpenSSH's HashKnownHosts form: `|1|salt|HMAC-SHA1(salt, name)`, both in base64.

    SHA-1 hides names here and proves nothing; the format knows no other.
    """
    try:
        salt, digest = (base64.b64decode(part, validate=True) for part in hashed[3:].split("|"))
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(digest, hmac.new(salt, name.encode(), hashlib.sha1).digest())
