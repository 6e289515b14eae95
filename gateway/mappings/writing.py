"""Every format that is written, in one explicit list.  A new one is a module and its line here."""

from __future__ import annotations

from gateway.mappings.booking.booking_xml import BOOKING_XML_WRITER
from gateway.mappings.booking.edifact_writer import (
    COPARN_D00B_WRITER,
    COPARN_WRITER,
    IFTMBC_D00B_WRITER,
    IFTMBC_WRITER,
    IFTMBF_D00B_WRITER,
    IFTMBF_WRITER,
)
from gateway.mappings.booking.iftmbf_flat_writer import (
    IFTMBF_CLASSIC_WRITER,
    IFTMBF_FEEDBACK_WRITER,
    IFTMBF_SINOTRANS_WRITER,
)
from gateway.mappings.canonical_json_writer import CANONICAL_JSON_WRITERS
from gateway.mappings.container_list.coprar_writer import COPRAR_D00B_WRITER, COPRAR_WRITER
from gateway.mappings.container_list.csv_writer import LIST_CSV_WRITER
from gateway.mappings.container_list.ncl_fixed_writer import NCL_FIXED_WRITER
from gateway.mappings.container_load_plan.costco_edifact_writer import (
    COSTCO_D00B_WRITER,
    COSTCO_WRITER,
)
from gateway.mappings.container_load_plan.cotemp_flat_writer import (
    COTEMP_FLAT_WRITER,
    WLCOST_FLAT_WRITER,
)
from gateway.mappings.container_load_plan.csv_writer import LOAD_PLAN_CSV_WRITER
from gateway.mappings.container_load_plan.load_plan_xml import LOAD_PLAN_XML_WRITER
from gateway.mappings.contract import Writer
from gateway.mappings.delivery_order.coreor_writer import COREOR_D00B_WRITER, COREOR_WRITER
from gateway.mappings.gate_move.csv_writer import MOVE_CSV_WRITER
from gateway.mappings.load_discharge_report.csv_writer import REPORT_CSV_WRITER
from gateway.mappings.manifest.csv_writer import MANIFEST_CSV_WRITER
from gateway.mappings.manifest.cuscar_writer import CUSCAR_D00B_WRITER, CUSCAR_WRITER
from gateway.mappings.manifest.customs_xml_writer import (
    CUSTOMS_MT2101_WRITER,
    CUSTOMS_MT4101_WRITER,
)
from gateway.mappings.manifest.ifcsum_edifact_writer import (
    IFCSUM_EDIFACT_D00B_WRITER,
    IFCSUM_EDIFACT_WRITER,
)
from gateway.mappings.manifest.ifcsum_flat_writer import IFCSUM_FLAT_WRITER, IFCTST_FLAT_WRITER
from gateway.mappings.verified_gross_mass.ctnvgm_flat_writer import CTNVGM_FLAT_WRITER
from gateway.mappings.verified_gross_mass.vermas_writer import VERMAS_WRITER
from gateway.mappings.vessel_schedule.csv_writer import SCHEDULE_CSV_WRITER
from gateway.mappings.vessel_schedule.iftsai_flat_writer import IFTSAI_FLAT_WRITER
from gateway.mappings.vessel_schedule.iftsai_writer import IFTSAI_D99B_WRITER, IFTSAI_WRITER
from gateway.mappings.vessel_schedule.schedule_table_writer import SCHEDULE_TABLE_WRITER

WRITERS: tuple[Writer, ...] = (
    IFCSUM_FLAT_WRITER,
    IFCTST_FLAT_WRITER,
    IFTMBF_SINOTRANS_WRITER,
    IFTMBF_CLASSIC_WRITER,
    IFTMBF_FEEDBACK_WRITER,
    COTEMP_FLAT_WRITER,
    WLCOST_FLAT_WRITER,
    CTNVGM_FLAT_WRITER,
    IFTSAI_FLAT_WRITER,
    NCL_FIXED_WRITER,
    COPARN_WRITER,
    COPARN_D00B_WRITER,
    IFTMBF_WRITER,
    IFTMBF_D00B_WRITER,
    IFTMBC_WRITER,
    IFTMBC_D00B_WRITER,
    IFCSUM_EDIFACT_WRITER,
    IFCSUM_EDIFACT_D00B_WRITER,
    CUSCAR_WRITER,
    CUSCAR_D00B_WRITER,
    COPRAR_WRITER,
    COPRAR_D00B_WRITER,
    COSTCO_WRITER,
    COSTCO_D00B_WRITER,
    VERMAS_WRITER,
    COREOR_WRITER,
    COREOR_D00B_WRITER,
    IFTSAI_WRITER,
    IFTSAI_D99B_WRITER,
    SCHEDULE_TABLE_WRITER,
    BOOKING_XML_WRITER,
    LOAD_PLAN_XML_WRITER,
    CUSTOMS_MT2101_WRITER,
    CUSTOMS_MT4101_WRITER,
    MANIFEST_CSV_WRITER,
    LOAD_PLAN_CSV_WRITER,
    LIST_CSV_WRITER,
    SCHEDULE_CSV_WRITER,
    MOVE_CSV_WRITER,
    REPORT_CSV_WRITER,
    *CANONICAL_JSON_WRITERS,
)

# Written of an interchange, as its answer (pipeline/writers.py): no route asks for them.
ANSWERS = frozenset(
    {"acknowledgement/contrl", "acknowledgement/aperak", "acknowledgement/receipt-flat"}
)


def writer_named(name: str) -> Writer | None:
    """The writer of that format ("manifest/ifcsum-flat"), None where nobody writes it."""
    return next((writer for writer in WRITERS if writer.name == name), None)
