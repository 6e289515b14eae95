"""R-22: files cut at every byte are never taken for complete, through the command that people use."""

from __future__ import annotations

import json
import subprocess
import sys
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


def convert(folder: Path, names: list[str]) -> tuple[int, dict[str, dict]]:
    """(exit code, last line of each file) of one `gateway convert`."""
    program = Path(sys.executable).with_name("gateway")
    command = [str(program), "convert", *names, "--json"]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr[-3000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, {Path(e["file"]).name: e for e in lines if "complete" in e}


@pytest.mark.reliability
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", SAMPLES)
def test_a_cut_file_is_never_complete(name, tmp_path):
    whole = SAMPLES[name]
    end = len(whole.rstrip(BLANKS))
    step = services.sized(1 if services.required() else 7, 1)
    cuts = sorted({*range(1, end, step), *range(end - 40, end)})
    for cut in [*cuts, end, len(whole)]:
        (tmp_path / f"{cut:06d}").write_bytes(whole[:cut])
    code, last = convert(tmp_path, [f"{end:06d}", f"{len(whole):06d}"])
    assert (code, [line["complete"] for line in last.values()]) == (0, [True, True])
    for start in range(0, len(cuts), CUTS_PER_CALL):
        names = [f"{cut:06d}" for cut in cuts[start : start + CUTS_PER_CALL]]
        code, last = convert(tmp_path, names)
        assert code in (1, 2)
        assert sorted(last) == names
        wrong = [file for file, line in last.items() if line["complete"] or not _says_why(line)]
        assert wrong == []


def _says_why(line: dict) -> bool:
    return any(finding["severity"] == "error" for finding in line["findings"])
