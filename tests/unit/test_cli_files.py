"""convert, check, formats, sample: exit codes, JSON lines, and what a person sees."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.cli.app import run
from gateway.mappings import registry
from gateway.mappings.writing import ANSWERS, WRITERS

REPO = Path(__file__).resolve().parents[2]
FILES = REPO / "examples" / "files"
FINDING_KEYS = {
    "code", "severity", "record", "tag", "field", "component", "line", "offset", "key", "value",
    "zh", "en", "hint",
}  # fmt: skip


def told(capsys, *arguments):
    """(exit code, stdout, stderr) of a command run in this process."""
    code = run([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def lines(out):
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("manifest-import.txt", 0),
        ("booking-flat.txt", 0),
        ("manifest-faults.txt", 1),
        ("manifest-truncated.txt", 1),
        ("notes.txt", 2),
        ("empty.txt", 2),
        ("no-such-file.txt", 2),
    ],
)
@pytest.mark.parametrize("command", ["convert", "check"])
def test_exit_codes(capsys, command, name, code):
    assert told(capsys, command, FILES / name, "--json")[0] == code


def test_convert_has_a_line_for_each_part_and_one_for_the_file(capsys):
    _, out, _ = told(capsys, "convert", FILES / "manifest-faults.txt", "--json")
    *parts, last = lines(out)
    assert parts[0]["key"]["bill_of_lading"] == "BHXTXG2611003"
    assert len(parts) == last["parts"] == 3
    keys = {"file", "document", "format", "key", "header", "canonical", "findings"}
    assert all(set(part) == keys for part in parts)
    assert {"file", "interchange", "complete", "documents", "findings"} <= set(last)
    envelope = {"syntax", "sender", "receiver", "reference", "encoding"}
    assert set(last["interchange"]) == envelope
    findings = [finding for line in [*parts, last] for finding in line["findings"]]
    assert findings
    assert all(set(finding) == FINDING_KEYS for finding in findings)
    assert last["findings_total"] == len(findings)
    assert last["errors"] == sum(finding["severity"] == "error" for finding in findings)


@pytest.mark.parametrize("name", ["no-such-file.txt", "empty.txt", "notes.txt"])
def test_the_last_line_is_there_for_unreadable_files_too(capsys, name):
    _, out, _ = told(capsys, "convert", FILES / name, "--json")
    (last,) = lines(out)
    assert last["file"] == str(FILES / name)
    assert last["complete"] is False
    assert last["findings"][0]["severity"] == "error"


def test_chinese_is_written_as_it_is(capsys):
    _, out, _ = told(capsys, "convert", FILES / "manifest-export-gbk-crlf.txt", "--json")
    assert "天津样例化工有限公司" in out
    assert lines(out)[-1]["interchange"]["encoding"] == "gb18030"


def test_a_folder_is_read_in_order_with_progress_on_stderr(capsys, tmp_path):
    for name in ("b/2.txt", "a.txt", "b/1.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((FILES / "booking-flat.txt").read_bytes())
    code, out, err = told(capsys, "check", tmp_path, "--json")
    assert code == 0
    names = [str(Path(line["file"]).relative_to(tmp_path)) for line in lines(out)]
    assert names == ["a.txt", "b/1.txt", "b/2.txt"]
    assert "3/3" in err


def test_the_worst_file_decides_the_exit_code(capsys):
    assert told(capsys, "check", FILES / "booking-flat.txt", FILES / "notes.txt")[0] == 2
    assert told(capsys, "check", FILES / "booking-flat.txt", FILES / "booking-faults.txt")[0] == 1


def test_check_shows_place_texts_spot_and_hint(capsys):
    _, out, _ = told(capsys, "check", FILES / "booking-faults.txt")
    shown = out.splitlines()
    (at,) = [n for n, line in enumerate(shown) if "heavy" in line and "│" in line]
    assert "10 │ 41::::160:DR:DRUMS:heavy:36.800" in shown[at]
    assert shown[at + 1].index("^") == shown[at].index("heavy")
    assert shown[at + 1].count("^") == len("heavy")
    assert "field 8" in shown[at - 3]
    assert "不是数字" in shown[at - 2]
    assert "is not a number" in shown[at - 1]
    assert shown[at + 2].lstrip().startswith("→")
    assert "2 errors" in out


def test_check_json_has_every_finding_in_file_order(capsys):
    _, out, _ = told(capsys, "check", FILES / "manifest-faults.txt", "--json")
    (line,) = lines(out)
    offsets = [f["offset"] for f in line["findings"] if f["offset"] is not None]
    assert offsets == sorted(offsets)
    assert len(line["findings"]) == line["findings_total"]


def test_type_refuses_another_document(capsys):
    file = FILES / "booking-flat.txt"
    assert told(capsys, "convert", file, "--type", "booking")[0] == 0
    code, out, _ = told(capsys, "convert", file, "--type", "manifest")
    assert code == 1
    assert lines(out)[-1]["findings"][-1]["code"] == "FILE-TYPE"
    code, _, err = told(capsys, "convert", file, "--type", "nonsense")
    assert code == 2
    assert "booking" in err


def test_a_partner_s_profile_changes_the_reading(capsys, tmp_path):
    whole = (FILES / "booking-flat.txt").read_bytes()
    cut = tmp_path / "cut.txt"
    cut.write_bytes(whole[: whole.rindex(b"99:")])
    partner = tmp_path / "AGENT1.toml"
    partner.write_text(
        'code = "AGENT1"\nname = "x"\n[[agreements]]\ndocument = "booking"\ntrailer = "absent"\n'
    )
    assert told(capsys, "check", cut)[0] == 1
    assert told(capsys, "check", cut, "--partner", partner)[0] == 0
    partner.write_text('code = "AGENT1"\nnonsense = 1\n')
    code, _, err = told(capsys, "check", cut, "--partner", partner)
    assert code == 2
    assert "nonsense" in err


@pytest.mark.parametrize(
    "arguments", [[], ["convert"], ["nonsense"], ["check", "--nonsense", "x"], ["sample", "x/y"]]
)
def test_wrong_usage_is_2(capsys, arguments):
    assert told(capsys, *arguments)[0] == 2


def test_a_fault_of_ours_is_told_without_a_traceback(capsys, monkeypatch):
    def broken(*_):
        raise RuntimeError("secret text of a file")

    monkeypatch.setattr("gateway.pipeline.translation.translate", broken)
    code, out, err = told(capsys, "convert", FILES / "booking-flat.txt", FILES / "booking-flat.txt")
    assert code == 2
    first, second = lines(out)
    assert first == second
    assert first["findings"][0]["code"] == "GATEWAY-FAULT"
    assert "RuntimeError" in first["findings"][0]["en"]
    assert "secret text" not in out + err


@pytest.mark.parametrize("format_", registry.FORMATS, ids=lambda format_: format_.name)
def test_every_format_has_a_correct_sample(capsysbinary, tmp_path, format_):
    assert run(["sample", format_.name]) == 0, f"add schemas/samples/{format_.name}.<suffix>"
    sample = tmp_path / "sample"
    sample.write_bytes(capsysbinary.readouterr().out)
    assert run(["convert", str(sample), "--json", "--type", format_.name]) == 0


def test_formats_lists_all_of_them(capsys):
    code, out, _ = told(capsys, "formats", "--json")
    assert code == 0
    listed = {line["format"]: line["ways"] for line in lines(out)}
    assert list(listed)[: len(registry.FORMATS)] == [f.name for f in registry.FORMATS]
    read, written = {f.name for f in registry.FORMATS}, {w.name for w in WRITERS} | ANSWERS
    assert listed == {
        name: "R" * (name in read) + "W" * (name in written) for name in read | written
    }
    assert "manifest/ifcsum-flat" in told(capsys, "formats")[1]


def gateway(*arguments, **how):
    command = [sys.executable, "-m", "gateway", *arguments]
    return subprocess.run(command, capture_output=True, timeout=30, check=False, **how)


def test_stdin_and_a_locale_without_chinese():
    whole = (FILES / "manifest-export-gbk-crlf.txt").read_bytes()
    done = gateway("convert", "-", "--json", input=whole, env={"LC_ALL": "C", "PYTHONUTF8": "0"})
    assert done.returncode == 0
    assert "天津样例化工有限公司" in done.stdout.decode("utf-8")


def test_who_reads_only_the_beginning_causes_no_traceback(tmp_path):
    for number in range(40):
        (tmp_path / f"{number}.txt").write_bytes((FILES / "manifest-import.txt").read_bytes())
    command = f"{sys.executable} -m gateway convert {tmp_path} --json | head -c 100"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, timeout=30, check=True)
    assert b"Traceback" not in done.stderr
    assert b"Error" not in done.stderr


def test_convert_starts_without_servers_and_database():
    program = (
        "import sys; from gateway.cli.app import run;"
        f"code = run(['convert', {str(FILES / 'booking-flat.txt')!r}]);"
        "heavy = {'fastapi', 'asyncssh', 'sqlalchemy', 'paramiko', 'uvicorn', 'httpx2', 'rich'};"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, timeout=30, check=True, cwd=REPO
    )
    assert done.stderr.decode().strip() == "[]"
