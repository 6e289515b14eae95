"""BOOKING as XML of our own (schemas/xml/booking.xsd); one file holds one booking or several."""

from __future__ import annotations

from gateway.canonical.booking import BOOKING
from gateway.mappings.model_xml import model_xml

BOOKING_XML, BOOKING_XML_WRITER = model_xml(BOOKING, "booking")
