"""What a process has used: CPU seconds and peak memory, its children included where asked."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_LOOK_SECONDS = 0.02


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of these processes so far."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS


def resident_mb(pids: Iterable[int], what: str = "VmRSS") -> float:
    """Memory of these processes now (or `VmHWM`, their peaks), in 10^6 bytes."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(f"{what}:"):
                total += int(line.split()[1]) * 1024
    return total / 1e6


@dataclass(frozen=True, slots=True)
class Used:
    """Of one command that ran to its end."""

    cpu_seconds: float
    peak_mb: float
    returncode: int


def measure(command: Sequence[str], cwd: Path) -> Used:
    """Run a command with its output thrown away.

    The peak is looked up while it runs: what os.wait4 tells begins with the memory of the process
    that started it.
    """
    peak = 0.0
    with subprocess.Popen(
        command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            peak = max(peak, resident_mb([process.pid], "VmHWM"))
            time.sleep(_LOOK_SECONDS)
        process.returncode = os.waitstatus_to_exitcode(status)
    return Used(usage.ru_utime + usage.ru_stime, peak, process.returncode)
