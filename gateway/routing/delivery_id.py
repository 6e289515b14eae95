"""Names of what goes out: delivery ids, lanes, file names (interfaces.md, Delivery).

An id is `{message}-{leg}-{revision}` and serves as Idempotency-Key, as Standard Webhooks id (which
allows letters, digits, `-` and `_` only: a dot would end it in the signed text) and as file name.
"""

from __future__ import annotations

import base64
import hashlib
import re
import string
from collections.abc import Mapping
from functools import lru_cache

from gateway.limits import LANE_CHARACTERS_MAX

_DIGITS = string.digits + string.ascii_uppercase
# 36 ** 8 deliveries outlast any port; 6 characters of a digest are 30 bits.
_NUMBER_DIGITS, _DIGEST_CHARACTERS = 8, 6
_REFERENCE = re.compile(r"[0-9A-Z]{8}[A-Z2-7]{6}", re.ASCII)
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]", re.ASCII)
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}$", re.ASCII)
# The parts of a business key that make a lane, by document type; any other type takes the first of
# _KEY_NAMES that its key has.
_VOYAGE_TYPES = frozenset({"manifest", "container_list", "vessel_schedule"})
_KEY_NAMES = ("booking", "bill_of_lading", "delivery_order", "container")


@lru_cache(maxsize=4096)
def leg(receiver: str, route: str, *more: str) -> str:
    """`{receiver}_{route}`, with what tells several things on one route apart."""
    return _UNSAFE.sub("_", "_".join((receiver, route, *more)))


def delivery_id(message: str, leg_name: str, revision: int) -> str:
    """The key under which a delivery is made, the same at every attempt."""
    return f"{_UNSAFE.sub('_', message)}-{leg_name}-{revision}"


def control_reference(delivery: str, number: int) -> str:
    """Our own reference of a delivery (UNB 0020 takes 14 characters): the same at every attempt.

    Its number in the store, by which an acknowledgement finds it, and a digest of its id, so that
    a number that comes again after a restore is not taken for the old one.
    """
    digest = base64.b32encode(hashlib.sha256(delivery.encode()).digest()).decode("ascii")
    return f"{_in_digits(number):0>{_NUMBER_DIGITS}}{digest[:_DIGEST_CHARACTERS]}"


def delivery_number(reference: str) -> int | None:
    """The number that a control reference holds; None for one that is not of our making."""
    return int(reference[:_NUMBER_DIGITS], 36) if _REFERENCE.fullmatch(reference) else None


def _in_digits(number: int) -> str:
    """A number to the base of 36."""
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text


def file_name(delivery: str, suffix: str) -> str:
    """The file that carries a delivery; `suffix` with its dot."""
    return f"{delivery}{suffix}"


def suffix_of(name: str) -> str:
    """The suffix of an original name where it is harmless, else `.txt`."""
    found = _SUFFIX.search(name)
    return found.group() if found else ".txt"


def lane(
    receiver: str, route: str, document_type: str, key: Mapping[str, str], document: str
) -> str:
    """Route and business object: deliveries of one lane keep their order (house.md 4, Order).

    Vessel and voyage for manifest, container list and schedule; else booking, bill or container.
    A document without any of them is a lane of its own.
    """
    if document_type in _VOYAGE_TYPES:
        names = [name for name in ("vessel", "voyage") if name in key]
    else:
        names = [name for name in _KEY_NAMES if name in key][:1]
    about = "/".join(f"{name}={key[name]}" for name in names) or f"document={document}"
    return f"{receiver}/{route}/{about}"[:LANE_CHARACTERS_MAX]
