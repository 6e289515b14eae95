"""LOAD_DISCHARGE_REPORT → csv: the columns of schemas/csv/load_discharge_report.toml."""

from __future__ import annotations

from gateway.canonical.load_discharge_report import LOAD_DISCHARGE_REPORT
from gateway.mappings.csv_writing import csv_writer
from gateway.syntax.table.layout import WRITTEN_FOLDER, load

REPORT_CSV_WRITER = csv_writer(LOAD_DISCHARGE_REPORT, load("load_discharge_report", WRITTEN_FOLDER))
