"""The interpreter, set up for processes that serve for months."""

from __future__ import annotations

import gc
import sys
from typing import Final

from gateway.limits import THREAD_SWITCH_SECONDS

# How many more containers must live than at the last look before the next one, and how many looks
# at the young ones make one at the older ones.
_THRESHOLDS: Final = (50_000, 20, 100)


def prepare() -> None:
    """Once everything is imported and built, before the first work.

    Modules and tables live as long as the process, and what comes later dies young: the collector
    need not walk through all of it again and again.
    """
    sys.setswitchinterval(THREAD_SWITCH_SECONDS)
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
