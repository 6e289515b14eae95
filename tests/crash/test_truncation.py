"""R-22: files cut at every byte are never taken for complete, by the command that people use."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests import services
from tests.crash.files import booking, manifest

CUTS_PER_CALL = 400
SAMPLES = {
    "manifest, GB18030, CRLF": manifest(1, bills=1).data,
    "manifest, UTF-8, one line": manifest(2, bills=1, encoding="utf-8", newline="").data,
    "booking, COPARN": booking(3).data,
}
BLANKS = b" \r\n\t\x00\x1a"


def convert(folder: Path, names: list[str]) -> tuple[int, dict[str, tuple[bool, int]]]:
    """(exit code, file → (complete, error findings of its parts and its last line))."""
    program = Path(sys.executable).with_name("gateway")
    command = [str(program), "convert", *names, "--json"]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr[-3000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    errors: Counter[str] = Counter()
    for line in lines:
        errors[line["file"]] += sum(f["severity"] == "error" for f in line["findings"])
    ends = [line for line in lines if "complete" in line]
    return done.returncode, {e["file"]: (e["complete"], errors[e["file"]]) for e in ends}


@pytest.mark.reliability
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", SAMPLES)
def test_a_cut_file_is_never_complete(name, tmp_path):
    whole = SAMPLES[name]
    end = len(whole.rstrip(BLANKS))
    step = services.sized(1, 1, brief=7)
    cuts = sorted({*range(1, end, step), *range(end - 40, end)})
    for cut in [*cuts, end, len(whole)]:
        (tmp_path / f"{cut:06d}").write_bytes(whole[:cut])
    names = sorted({f"{end:06d}", f"{len(whole):06d}"})
    assert convert(tmp_path, names) == (0, dict.fromkeys(names, (True, 0)))
    for start in range(0, len(cuts), CUTS_PER_CALL):
        names = [f"{cut:06d}" for cut in cuts[start : start + CUTS_PER_CALL]]
        code, ends = convert(tmp_path, names)
        assert code in (1, 2)
        assert sorted(ends) == names
        assert [name for name, (complete, errors) in ends.items() if complete or not errors] == []
