"""MANIFEST → csv: the columns of schemas/csv/manifest.toml."""

from __future__ import annotations

from gateway.canonical.manifest import MANIFEST
from gateway.mappings.csv_writing import csv_writer
from gateway.syntax.table.layout import WRITTEN_FOLDER, load

MANIFEST_CSV_WRITER = csv_writer(MANIFEST, load("manifest", WRITTEN_FOLDER))
