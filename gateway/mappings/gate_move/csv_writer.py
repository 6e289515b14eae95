"""GATE_MOVE → csv: the columns of schemas/csv/gate_move.toml."""

from __future__ import annotations

from gateway.canonical.gate_move import GATE_MOVE
from gateway.mappings.csv_writing import csv_writer
from gateway.syntax.table.layout import WRITTEN_FOLDER, load

MOVE_CSV_WRITER = csv_writer(GATE_MOVE, load("gate_move", WRITTEN_FOLDER))
