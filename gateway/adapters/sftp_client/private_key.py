"""Our own key for a partner's server, from text in any usual form, never from ~/.ssh."""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

from gateway.adapters.sftp_client.contract import SftpEndpoint, SftpRefused

PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def private_key(endpoint: SftpEndpoint) -> PrivateKey | None:
    """The endpoint's key; raises SftpRefused if it is unreadable or there is no credential at all.

    Nothing of the text goes into the message.
    """
    if endpoint.private_key is None:
        if endpoint.password is None:
            raise SftpRefused("login: neither a password nor a key is configured")
        return None
    data = endpoint.private_key.strip().encode() + b"\n"
    load = load_ssh_private_key if b"BEGIN OPENSSH" in data else load_pem_private_key
    try:
        key = load(data, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SftpRefused("login: the private key cannot be read") from None
    if not isinstance(key, PrivateKey):
        raise SftpRefused("login: the private key is of a type that is not used")
    return key


def openssh_text(key: PrivateKey) -> str:
    """The one form that both drivers read."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
