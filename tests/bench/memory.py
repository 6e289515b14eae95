"""Peak memory of the whole conversion over a 0.9 MB and a 45 MB file, in fresh processes."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.bench.process import Used
from tests.bench.process import measure as run
from tests.bench.row import Row
from tests.crash.files import manifest_chunks

ROUNDS = 3
SMALL, LARGE = 900_000, 45_000_000


def measure() -> list[Row]:
    """The manifest; bookings are measured beside their speed (coparn)."""
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as text:
        return [_row(Path(text), "manifest, flat", _manifest)]


def _row(folder: Path, name: str, write) -> Row:
    growths, detail = [], ""
    files = {size: folder / f"{name.split(',', maxsplit=1)[0]}-{size}" for size in (SMALL, LARGE)}
    for size, path in files.items():
        write(path, size)
    for _ in range(ROUNDS):
        small, large = (_convert(folder, path) for path in files.values())
        growths.append(large.peak_mb - small.peak_mb)
        speed = (files[LARGE].stat().st_size - files[SMALL].stat().st_size) / 1e6
        speed /= large.cpu_seconds - small.cpu_seconds
        detail = f"{small.peak_mb:.0f} → {large.peak_mb:.0f} MB, {speed:.1f} MB a CPU second"
    label = f"peak memory, 0.9 → 45 MB, {name}"
    return Row(label, 16.0, "less", "MB", tuple(growths), detail)


def _convert(folder: Path, path: Path) -> Used:
    program = Path(sys.executable).with_name("gateway")
    used = run([str(program), "convert", str(path), "--json"], folder)
    if used.returncode not in (0, 1):
        raise RuntimeError(f"gateway convert ended with {used.returncode}")
    return used


def _manifest(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.writelines(manifest_chunks(1, size))
