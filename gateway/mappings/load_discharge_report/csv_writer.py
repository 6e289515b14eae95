"""LOAD_DISCHARGE_REPORT → csv: the columns of schemas/csv/load_discharge_report.toml."""

from __future__ import annotations

from gateway.canonical.load_discharge_report import LOAD_DISCHARGE_REPORT
from gateway.mappings.csv_layouts import load
from gateway.mappings.csv_writing import csv_writer

REPORT_CSV_WRITER = csv_writer(LOAD_DISCHARGE_REPORT, load("load_discharge_report"))
