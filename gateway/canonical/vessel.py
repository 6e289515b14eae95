"""The ship and its voyage (flat record 10 or 11; EDIFACT TDT+20)."""

from __future__ import annotations

from gateway.canonical.model import Code, CodeName, Model, Text


class Vessel(Model):
    """At least one of code, name, IMO or call sign identifies it.

    `code` is as written (call sign, `UN` + IMO or a local `CN` id, formats.md 1.6); `imo` and
    `call_sign` are filled where the code says which it is.
    """

    code: Code | None = None
    name: Text | None = None
    name_zh: Text | None = None
    nationality: Code | None = None
    imo: Code | None = None
    call_sign: Code | None = None


class Carriage(Model):
    """One leg: vessel and voyage, with the line that runs it."""

    vessel: Vessel | None = None
    voyage: Code | None = None
    line: CodeName | None = None
