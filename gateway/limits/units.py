"""Bytes by the thousand and by the million, as computers count."""

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB
