"""BOOKING as csv or xlsx (schemas/table/booking.toml).

Rows of one number make one booking; a row adds equipment, a goods line, or both.
"""

from __future__ import annotations

from gateway.canonical.booking import BOOKING
from gateway.mappings.table_columns import table_format

BOOKING_TABLE = table_format(BOOKING, grouped=False)
