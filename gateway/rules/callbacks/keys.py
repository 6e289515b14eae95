"""KEYS of providers: RSA keys from PEM or bare base64, certificates, and the check of a chain."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key
from cryptography.x509.oid import NameOID

from gateway.limits import CALLBACK_CHAIN_MAX
from gateway.rules.callbacks.contract import Refused

_RSA_BITS_MIN = 2048


class BadKey(ValueError):
    """A key in our own configuration is no key; the text never holds the key."""


def public_key(text: str) -> RSAPublicKey:
    """An RSA public key: PEM, a certificate's PEM, or the bare base64 that Alipay's page shows."""
    try:
        key: object
        if "BEGIN CERTIFICATE" in text:
            key = x509.load_pem_x509_certificate(text.encode()).public_key()
        elif "BEGIN" in text:
            key = load_pem_public_key(text.encode())
        else:
            key = load_der_public_key(base64.b64decode("".join(text.split()), validate=True))
    except ValueError:
        raise BadKey("not a public key") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < _RSA_BITS_MIN:
        raise BadKey(f"not an RSA key of {_RSA_BITS_MIN} bits or more")
    return key


def certificates(texts: Iterable[str]) -> list[x509.Certificate]:
    """Certificates of our own configuration, from PEM."""
    try:
        return [each for text in texts for each in x509.load_pem_x509_certificates(text.encode())]
    except ValueError:
        raise BadKey("not a certificate") from None


def signed_by(keys: Iterable[RSAPublicKey], signature: str, signed: bytes) -> bool:
    """Whether one of the keys made this base64 signature, RSA with SHA-256."""
    try:
        raw = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    return any(_verifies(key, raw, signed) for key in keys)


def _verifies(key: RSAPublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed, PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def chained_key(
    leaf_text: str,
    anchors: Sequence[x509.Certificate],
    common_names: Sequence[str],
    now: datetime,
) -> RSAPublicKey:
    """The key of a certificate that came with a message, after its chain and name were checked.

    anchors: our own roots and intermediates; nothing else in the message is trusted.
    """
    try:
        leaf = x509.load_pem_x509_certificate(leaf_text.encode())
    except ValueError:
        raise Refused("CERTIFICATE", "the certificate in the message is none") from None
    _check_chain(leaf, anchors, now)
    if not _is_named(leaf, common_names):
        raise Refused("CERTIFICATE", "the certificate is not in the provider's name")
    key = leaf.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < _RSA_BITS_MIN:
        raise Refused("CERTIFICATE", "the certificate has no RSA key that is long enough")
    return key


def _check_chain(
    leaf: x509.Certificate, anchors: Sequence[x509.Certificate], now: datetime
) -> None:
    current = leaf
    for _ in range(CALLBACK_CHAIN_MAX):
        if not current.not_valid_before_utc <= now <= current.not_valid_after_utc:
            raise Refused("CERTIFICATE", "a certificate of the chain is not valid now")
        if current in anchors and current.subject == current.issuer:
            return
        issuer = next((each for each in anchors if _issued(each, current)), None)
        if issuer is None:
            raise Refused("CERTIFICATE", "nobody we trust issued the certificate")
        current = issuer
    raise Refused("CERTIFICATE", "the chain is too long")


def _issued(issuer: x509.Certificate, issued: x509.Certificate) -> bool:
    try:
        issued.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return _is_authority(issuer)


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except (x509.ExtensionNotFound, ValueError):
        return False
    return basic.value.ca


def _is_named(certificate: x509.Certificate, common_names: Sequence[str]) -> bool:
    """The whole CN, or the third part of one that is written `041@…@中国银联股份有限公司@…`."""
    for attribute in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME):
        name = str(attribute.value)
        parts = name.split("@")
        if name in common_names or (len(parts) > 2 and parts[2] in common_names):
            return True
    return False
