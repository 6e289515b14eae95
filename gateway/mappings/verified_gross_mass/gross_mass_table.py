"""VGM as csv or xlsx (schemas/table/verified_gross_mass.toml).  A row is one box."""

from __future__ import annotations

from gateway.canonical.verified_gross_mass import VERIFIED_GROSS_MASS
from gateway.mappings.table_columns import table_format

GROSS_MASS_TABLE = table_format(VERIFIED_GROSS_MASS)
