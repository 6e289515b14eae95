"""E-CLP as XML of our own (schemas/xml/container-load-plan.xsd): the fields of formats.md 3.6."""

from __future__ import annotations

from gateway.canonical.container_load_plan import CONTAINER_LOAD_PLAN
from gateway.mappings.model_xml import model_xml

LOAD_PLAN_XML, LOAD_PLAN_XML_WRITER = model_xml(CONTAINER_LOAD_PLAN, "container-load-plan")
