"""CONTAINER_LIST → csv: the columns of schemas/csv/container_list.toml."""

from __future__ import annotations

from gateway.canonical.container_list import CONTAINER_LIST
from gateway.mappings.csv_writing import csv_writer
from gateway.syntax.table.layout import WRITTEN_FOLDER, load

LIST_CSV_WRITER = csv_writer(CONTAINER_LIST, load("container_list", WRITTEN_FOLDER))
