"""Answers of customs as XML of our own (schemas/xml/customs-answer.xsd); a file holds several."""

from __future__ import annotations

from gateway.canonical.customs_answer import CUSTOMS_ANSWER
from gateway.mappings.model_xml import model_xml

# Read only: customs answer us, nobody wants it back.
CUSTOMS_ANSWER_XML, _ = model_xml(CUSTOMS_ANSWER, "customs-answer")
