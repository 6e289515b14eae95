"""Layouts of csv files that are written only: `schemas/csv/<name>.toml`."""

from __future__ import annotations

import tomllib
from functools import cache

from gateway.resources import read_bytes
from gateway.syntax.table.layout import TableLayout, parse

FOLDER = "schemas/csv"


@cache
def load(name: str) -> TableLayout:
    """A layout; FileNotFoundError or BadTable if it is not right."""
    return parse(tomllib.loads(read_bytes(f"{FOLDER}/{name}.toml").decode("utf-8")))
