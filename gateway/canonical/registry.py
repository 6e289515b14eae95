"""The document types that we speak, in one explicit list."""

from __future__ import annotations

from gateway.canonical.acknowledgement import ACKNOWLEDGEMENT
from gateway.canonical.appointment_request import APPOINTMENT_REQUEST
from gateway.canonical.authority_answer import AUTHORITY_ANSWER
from gateway.canonical.booking import BOOKING
from gateway.canonical.container_list import CONTAINER_LIST
from gateway.canonical.container_load_plan import CONTAINER_LOAD_PLAN
from gateway.canonical.customs_answer import CUSTOMS_ANSWER
from gateway.canonical.customs_application import CUSTOMS_APPLICATION
from gateway.canonical.delivery_order import DELIVERY_ORDER
from gateway.canonical.document import DocumentType
from gateway.canonical.gate_move import GATE_MOVE
from gateway.canonical.gate_plan import GATE_PLAN
from gateway.canonical.load_discharge_report import LOAD_DISCHARGE_REPORT
from gateway.canonical.manifest import MANIFEST
from gateway.canonical.release_notice import RELEASE_NOTICE
from gateway.canonical.slot_pool import SLOT_POOL
from gateway.canonical.verified_gross_mass import VERIFIED_GROSS_MASS
from gateway.canonical.vessel_schedule import VESSEL_SCHEDULE

DOCUMENT_TYPES: dict[str, DocumentType] = {
    kind.name: kind
    for kind in (
        MANIFEST,
        BOOKING,
        CONTAINER_LOAD_PLAN,
        CONTAINER_LIST,
        VERIFIED_GROSS_MASS,
        VESSEL_SCHEDULE,
        LOAD_DISCHARGE_REPORT,
        GATE_MOVE,
        DELIVERY_ORDER,
        SLOT_POOL,
        GATE_PLAN,
        APPOINTMENT_REQUEST,
        CUSTOMS_APPLICATION,
        CUSTOMS_ANSWER,
        ACKNOWLEDGEMENT,
        AUTHORITY_ANSWER,
        RELEASE_NOTICE,
    )
}
