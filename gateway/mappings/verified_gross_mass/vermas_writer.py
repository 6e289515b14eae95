"""VGM → VERMAS D.16A: a box after the other, each with its ship and the proof of its mass."""

from __future__ import annotations

from typing import Any

from gateway.canonical.verified_gross_mass import VERIFIED_GROSS_MASS
from gateway.mappings.edifact_left_out import left_out
from gateway.mappings.edifact_writing import Message, writer
from gateway.mappings.verified_gross_mass.vermas import VERMAS

_METHODS = {"1": "SM1", "2": "SM2"}
# Who answers for the mass is told as the responsible party (UN 3035 SPC) of the proof.
_ANSWERS = frozenset({"other:SPC", "shipper", "other:AM"})


def _part(values: dict[str, Any], head: dict[str, Any]) -> dict[str, Any]:
    for name in ("vessel", "voyage"):
        if name not in values and name in head:
            values[name] = head[name]
    if "method" in values:
        values["method"] = _METHODS.get(values["method"], values["method"])
    parties = list(values.get("parties", ()))
    if not any(each["role"] in _ANSWERS for each in parties):
        answering = _answering(values)
        if len(answering) > 1:
            values["parties"] = [*parties, answering]
    return values


def _answering(values: dict[str, Any]) -> dict[str, Any]:
    """Shipper, signature and the rest of the flat file as a party."""
    found: dict[str, Any] = {"role": "other:SPC"}
    if "shipper" in values:
        found["lines"] = [values[name] for name in ("shipper", "address") if name in values]
    for name, source in (("contact", "signature"), ("telephone",) * 2, ("email",) * 2):
        if source in values:
            found[name] = values[source]
    return found


VERMAS_MESSAGE = Message(
    format=VERMAS,
    kind="VERMAS",
    beginning="749",
    directories=("D.16A",),
    association="SMDG10",
    part=_part,
    groups=("EQD",),
    leaves_out=left_out(
        VERIFIED_GROSS_MASS,
        "header.vessel",
        "header.voyage",
        "sender_port",
        "receiver_port",
        "booking_department",
        "remarks",
        "part.kind",
        "weighing_place",
        "others",
        "address",
    ),
)
VERMAS_WRITER = writer(VERMAS_MESSAGE)
