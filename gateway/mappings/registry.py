"""Every format that is read, in one explicit list.  A new format is a module and its line here."""

from __future__ import annotations

from gateway.mappings.acknowledgement.aperak import APERAK
from gateway.mappings.acknowledgement.contrl import CONTRL
from gateway.mappings.acknowledgement.mt0102 import CUSTOMS_MT0102
from gateway.mappings.acknowledgement.receipt_flat import RECEIPT_FLAT
from gateway.mappings.appointment_request.request_table import REQUEST_TABLE
from gateway.mappings.booking.booking_table import BOOKING_TABLE
from gateway.mappings.booking.booking_xml import BOOKING_XML
from gateway.mappings.booking.coparn import COPARN
from gateway.mappings.booking.dcsa_booking import DCSA_BOOKING
from gateway.mappings.booking.iftmbf_edifact import IFTMBC, IFTMBF
from gateway.mappings.booking.iftmbf_flat import IFTMBF_CLASSIC, IFTMBF_FEEDBACK, IFTMBF_SINOTRANS
from gateway.mappings.canonical_json import CANONICAL_JSON
from gateway.mappings.container_list.coprar import COPRAR
from gateway.mappings.container_list.ncl_fixed import NCL_FIXED
from gateway.mappings.container_load_plan.costco_edifact import COSTCO_EDIFACT
from gateway.mappings.container_load_plan.cotemp_flat import (
    COSTCO_FLAT,
    COTEMP_FLAT,
    WLCOST_FLAT,
)
from gateway.mappings.container_load_plan.ctnjjd_flat import CTNJJD_FLAT
from gateway.mappings.container_load_plan.load_plan_table import LOAD_PLAN_TABLE
from gateway.mappings.container_load_plan.load_plan_xml import LOAD_PLAN_XML
from gateway.mappings.contract import Format
from gateway.mappings.customs_answer.answer_xml import CUSTOMS_ANSWER_XML
from gateway.mappings.delivery_order.coreor import COREOR
from gateway.mappings.gate_move.codeco import CODECO
from gateway.mappings.gate_plan.plan_table import PLAN_TABLE
from gateway.mappings.load_discharge_report.baplie import BAPLIE
from gateway.mappings.load_discharge_report.baplie_flat import BAPLIE_FLAT
from gateway.mappings.load_discharge_report.coarri import COARRI
from gateway.mappings.load_discharge_report.coarri_flat import COARRI_FLAT
from gateway.mappings.manifest.cuscar import CUSCAR
from gateway.mappings.manifest.customs_xml import CUSTOMS_MT1101, CUSTOMS_MT2101, CUSTOMS_MT4101
from gateway.mappings.manifest.hg_fixed import HG_FIXED
from gateway.mappings.manifest.ifcsum_edifact import IFCSUM_EDIFACT
from gateway.mappings.manifest.ifcsum_flat import IFCSUM_FLAT, IFCTST_FLAT
from gateway.mappings.slot_pool.pool_table import POOL_TABLE
from gateway.mappings.verified_gross_mass.ctnvgm_flat import CTNVGM_FLAT
from gateway.mappings.verified_gross_mass.gross_mass_table import GROSS_MASS_TABLE
from gateway.mappings.verified_gross_mass.vermas import VERMAS
from gateway.mappings.vessel_schedule.call_edifact import CALINF, IFTSAI, VESDEP
from gateway.mappings.vessel_schedule.dcsa_ovs import DCSA_OVS
from gateway.mappings.vessel_schedule.iftsai_flat import IFTSAI_FLAT
from gateway.mappings.vessel_schedule.schedule_table import SCHEDULE_TABLE
from gateway.syntax.profile import Profile
from gateway.syntax.record import MessageKind

FORMATS: tuple[Format, ...] = (
    IFCSUM_FLAT,
    IFCTST_FLAT,
    IFTMBF_SINOTRANS,
    IFTMBF_CLASSIC,
    IFTMBF_FEEDBACK,
    COTEMP_FLAT,
    WLCOST_FLAT,
    COSTCO_FLAT,
    CTNJJD_FLAT,
    CTNVGM_FLAT,
    IFTSAI_FLAT,
    COARRI_FLAT,
    BAPLIE_FLAT,
    NCL_FIXED,
    HG_FIXED,
    COPARN,
    IFTMBF,
    IFTMBC,
    IFCSUM_EDIFACT,
    CUSCAR,
    CUSTOMS_MT1101,
    CUSTOMS_MT2101,
    CUSTOMS_MT4101,
    BOOKING_XML,
    LOAD_PLAN_XML,
    CUSTOMS_ANSWER_XML,
    COPRAR,
    COARRI,
    CODECO,
    IFTSAI,
    CALINF,
    VESDEP,
    VERMAS,
    COREOR,
    COSTCO_EDIFACT,
    BAPLIE,
    CUSTOMS_MT0102,
    CONTRL,
    APERAK,
    RECEIPT_FLAT,
    BOOKING_TABLE,
    LOAD_PLAN_TABLE,
    GROSS_MASS_TABLE,
    SCHEDULE_TABLE,
    POOL_TABLE,
    PLAN_TABLE,
    REQUEST_TABLE,
    DCSA_BOOKING,
    DCSA_OVS,
    *CANONICAL_JSON,
)


def find(kind: MessageKind, profile: Profile | None = None) -> Format | None:  # noqa: ARG001
    """The format that reads a message of this kind, None where nobody does.

    The first one whose syntax and message name fit and that accepts version and association;
    `profile` is there for partners whose variant no message says by itself.
    """
    for format_ in FORMATS:
        if (
            format_.syntax == kind.syntax
            and kind.name in format_.kinds
            and (format_.accepts is None or format_.accepts(kind))
        ):
            return format_
    return None


def named(name: str) -> Format | None:
    """The format of that name ("manifest/ifcsum-flat")."""
    return next((format_ for format_ in FORMATS if format_.name == name), None)
