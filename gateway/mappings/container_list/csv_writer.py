"""CONTAINER_LIST → csv: the columns of schemas/csv/container_list.toml."""

from __future__ import annotations

from gateway.canonical.container_list import CONTAINER_LIST
from gateway.mappings.csv_layouts import load
from gateway.mappings.csv_writing import csv_writer

LIST_CSV_WRITER = csv_writer(CONTAINER_LIST, load("container_list"))
