"""What a process has used: CPU seconds and peak memory, its children included where asked."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


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
    """Run a command with its output thrown away; os.wait4 tells what it alone has used."""
    with subprocess.Popen(
        command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return Used(usage.ru_utime + usage.ru_stime, _peak_mb(usage), process.returncode)


def _peak_mb(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss * 1024 / 1e6
