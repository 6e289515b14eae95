"""Freight and charges as a document states them (not the gateway's own charges)."""

from __future__ import annotations

from gateway.canonical.model import Amount, Code, CodeName, Many, Measure, Model, RawField, Text


class ChargeLine(Model):
    """Flat 15: code, text, where payable, quantity, rate and amount with their currency."""

    code: Code | None = None
    text: Text | None = None
    payable_at: CodeName | None = None
    payee: Code | None = None
    quantity: Measure | None = None
    currency: Code | None = None
    rate: Amount | None = None
    unit: Code | None = None
    amount: Amount | None = None
    payment: Code | None = None
    extras: Many[RawField] = ()
