"""The notice to customs as XML of our own schema, `schemas/xml/customs_appointment.xsd`.

The text is built element by element, every value escaped, and judged by the schema before it is
given out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gateway.syntax.xml.written import check_written

KIND = "customs_appointment"
NAME = f"{KIND}/xml"
ENCODING = "utf-8"
SCHEMA = "schemas/xml/customs_appointment.xsd"
NAMESPACE = "urn:portedi:customs-appointment:1"

_FIRM = (
    ("CustomsCode", "customs_code"),
    ("CreditCode", "credit_code"),
    ("InspectionCode", "inspection_code"),
    ("Name", "name"),
)
_DECLARATION = (
    ("Number", "number"),
    ("Flag", "flag"),
    ("Firm", "firm"),
    ("DeclaringPort", "declaring_port"),
    ("EntryExitPort", "entry_exit_port"),
    ("Declared", "declared"),
)
_ATTACHMENT = (
    ("Id", "id"),
    ("Purpose", "purpose"),
    ("Name", "name"),
    ("Size", "size"),
    ("SHA256", "sha256"),
)
_CONTACT = (("Name", "name"), ("Mobile", "mobile"))
_HEAD = (
    ("Event", "event"),
    ("Number", "number"),
    ("ApplicationNumber", "application_number"),
    ("State", "state"),
    ("Revision", "revision"),
    ("At", "at"),
)
# XML 1.0 has no place for these, escaped or not.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_Names = Sequence[tuple[str, str]]


def write_notice(notice: Mapping[str, Any]) -> bytes:
    """The notice (pipeline/customs/telling.py) as XML, UTF-8; raises NotValid."""
    body = "".join(_lines(notice))
    text = f'<CustomsAppointment xmlns="{NAMESPACE}">{body}</CustomsAppointment>'
    content = f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()
    check_written(content, SCHEMA)
    return content


def _lines(notice: Mapping[str, Any]) -> Iterator[str]:
    form = notice["form"]
    yield from _values(_HEAD, notice)
    yield _group("Declarant", _FIRM, form["declarant"])
    yield _group("Consignee", _FIRM, form["consignee"])
    yield _group("Contact", _CONTACT, form["contact"])
    yield from _values(
        (
            ("DeclaringPort", "declaring_port"),
            ("EntryExitPort", "entry_exit_port"),
            ("TransportMode", "transport_mode"),
        ),
        form,
    )
    yield from _values((("Start", "start"), ("End", "end")), notice)
    yield from _values((("Reason", "reason"), ("Flag", "flag"), ("Situation", "situation")), form)
    for item, goods in enumerate(form["goods"], 1):
        numbered = {"item": item, **goods}
        yield _group("Goods", (("Item", "item"), ("Name", "name"), ("HS", "hs")), numbered)
    for declaration in notice["declarations"]:
        yield _group("Declaration", _DECLARATION, declaration)
    for attachment in notice["attachments"]:
        yield _group("Attachment", _ATTACHMENT, attachment)
    yield from _values((("Explanation", "explanation"),), notice)


def _group(name: str, names: _Names, values: Mapping[str, Any]) -> str:
    return f"<{name}>{''.join(_values(names, values))}</{name}>"


def _values(names: _Names, values: Mapping[str, Any]) -> Iterator[str]:
    for name, key in names:
        value = values.get(key)
        if value not in (None, ""):
            yield f"<{name}>{escaped(str(value))}</{name}>"


def escaped(text: str) -> str:
    """Text as XML carries it; what XML cannot carry becomes the replacement character."""
    clean = _UNWRITABLE.sub("\ufffd", text)
    return "".join(_ESCAPES.get(char, char) for char in clean)
