"""Who takes part: shipper, consignee, notify party, booking party, carrier."""

from __future__ import annotations

from gateway.canonical.model import Code, Many, Model, Text


class Party(Model):
    """Name and address lines as written (flat 16–20; EDIFACT NAD), with what could be told apart.

    `role` is our word: shipper, consignee, notify, second_notify, third_notify, booking_party,
    carrier, sender, receiver, agent, contact, other:<qualifier>.
    """

    role: str
    code: Code | None = None
    lines: Many[Text] = ()
    city: CodeNameText | None = None
    postcode: Code | None = None
    country: Code | None = None
    contact: Text | None = None
    telephone: Text | None = None
    fax: Text | None = None
    email: Text | None = None
    aeo_code: Code | None = None
    carrier_code: Code | None = None


class CodeNameText(Model):
    """City code and name of an address."""

    code: Code | None = None
    name: Text | None = None


Party.model_rebuild()
