"""Manifest → customs XML MT2101 and MT4101 (formats.md 7), each part valid by our XSD.

MessageID is `CN_MT2101_1p0_<sender>_<control reference>`: customs' own programs put the time of
sending last; the reference lets an answer find its delivery.
"""

from __future__ import annotations

from typing import Any

from gateway.canonical.document import Function
from gateway.canonical.manifest import MANIFEST, ManifestKind
from gateway.findings import Finding
from gateway.mappings import facts
from gateway.mappings.contract import Outgoing, Writer
from gateway.mappings.flat_places import join_offices, name_vessel, status_digits
from gateway.mappings.manifest.customs_xml import CONSIGNMENT, FUNCTIONS, HEADER, KINDS, PLACES
from gateway.mappings.xml_inverse import Inverse, left_out
from gateway.mappings.xml_writing import XmlForm, xml_writer
from gateway.syntax.xml.layout import load
from gateway.syntax.xml.writer import Tag

_CODES: dict[Function, str] = {
    function: code for code, function in FUNCTIONS.items() if function is not Function.OTHER
}
_VERSION = "1.0"
# Customs' messages have no element for them, and customs does not handle the box: dangerous goods
# are declared to the maritime authority, and the terminal has a route of its own.
_NOT_CUSTOMS = frozenset({"dangerous", "temperature", "over_dimension", "vgm_kg"})


class _CustomsForm:
    """One message type on its way out."""

    def __init__(self, message: str) -> None:
        self.message = message
        self.name = f"manifest/customs-{message.lower()}"
        self.layout = load(f"customs-{message.lower()}")
        self.head = Inverse(HEADER, self.layout, self.name)
        self.bill = Inverse(CONSIGNMENT, self.layout, self.name, _NOT_CUSTOMS)

    def header(self, values: dict[str, Any], envelope: Outgoing, findings: list[Finding]) -> Tag:
        """Head and everything of Declaration but its consignments."""
        kind = values.pop("kind", ManifestKind.UNSTATED)
        if kind not in (KINDS[self.message], ManifestKind.UNSTATED):
            findings.append(self._wrong("kind", kind.value))
        function = envelope.function or values.pop("function", Function.ORIGINAL)
        if function not in _CODES:
            findings.append(self._wrong("function", function.value))
        join_offices(values, ("departure_port", "next_port", "discharge_port"))
        name_vessel(values)
        for name in ("function", "reference", "sender", "receiver", "created_at"):
            values.pop(name, None)
        root = self.head.tag(values, "", findings)
        head = root.under("Head")
        for name, text in (
            ("MessageID", f"CN_{self.message}_1p0_{envelope.sender}_{envelope.reference}"),
            ("FunctionCode", _CODES.get(function, "")),
            ("MessageType", self.message),
            ("SenderID", envelope.sender),
            ("ReceiverID", envelope.receiver),
            ("SendTime", envelope.created.strftime("%Y%m%d%H%M%S%f")[:17]),
            ("Version", _VERSION),
        ):
            head.add(name, text)
        return root

    def part(self, values: dict[str, Any], findings: list[Finding]) -> Tag:
        """One consignment."""
        join_offices(values, PLACES)
        status_digits(values.get("containers", ()))
        number, master = values.get("number"), values.pop("master_number", None)
        if master is not None:
            prefix, _, house = (number or "").partition("*")
            if prefix != master or not house:
                findings.append(self._wrong("master_number", master))
            values |= {"number": master, "house_number": house}
        return self.bill.tag(values, self.layout.part, findings)

    def _wrong(self, path: str, value: str) -> Finding:
        return facts.NOT_A_VALUE.at(value=value, path=path, format=self.name)

    def leaves_out(self) -> frozenset[str]:
        """What the message has no element for."""
        head = self.head.carried | {"kind", "function"}
        bill = self.bill.carried | {"master_number", "number"}
        return frozenset(
            {
                *(f"header.{path}" for path in left_out(MANIFEST.header, _offices(head), "")),
                *(f"part.{path}" for path in left_out(MANIFEST.part, _offices(bill), "")),
                "header.vessel.imo",
                "header.vessel.call_sign",
            }
        )


def _offices(carried: frozenset[str]) -> frozenset[str]:
    """Places whose code is written carry the customs office with it."""
    ports = {path.removesuffix(".code") for path in carried if path.endswith(".code")}
    names = ("departure_port", "next_port", "discharge_port", *PLACES)
    return carried | {f"{port}.office" for port in ports & set(names)}


def _writer(message: str) -> Writer:
    form = _CustomsForm(message)
    return Writer(
        name=form.name,
        document=MANIFEST,
        suffix=".xml",
        content_type="application/xml",
        write=xml_writer(XmlForm(form.name, form.layout, form.header, form.part)),
        leaves_out=form.leaves_out(),
    )


CUSTOMS_MT2101_WRITER = _writer("MT2101")
CUSTOMS_MT4101_WRITER = _writer("MT4101")
