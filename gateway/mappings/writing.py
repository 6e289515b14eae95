"""Every format that is written, in one explicit list.  A new one is a module and its line here."""

from __future__ import annotations

from gateway.mappings.booking.iftmbf_flat_writer import (
    IFTMBF_CLASSIC_WRITER,
    IFTMBF_FEEDBACK_WRITER,
    IFTMBF_SINOTRANS_WRITER,
)
from gateway.mappings.container_load_plan.cotemp_flat_writer import (
    COTEMP_FLAT_WRITER,
    WLCOST_FLAT_WRITER,
)
from gateway.mappings.contract import Writer
from gateway.mappings.manifest.ifcsum_flat_writer import IFCSUM_FLAT_WRITER, IFCTST_FLAT_WRITER
from gateway.mappings.verified_gross_mass.ctnvgm_flat_writer import CTNVGM_FLAT_WRITER
from gateway.mappings.vessel_schedule.iftsai_flat_writer import IFTSAI_FLAT_WRITER
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
    SCHEDULE_TABLE_WRITER,
)


def writer_named(name: str) -> Writer | None:
    """The writer of that format ("manifest/ifcsum-flat"), None where nobody writes it."""
    return next((writer for writer in WRITERS if writer.name == name), None)
