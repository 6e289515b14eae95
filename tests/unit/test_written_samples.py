"""`gateway sample` of formats that are written: made by the writer, in the form it always gives.

`GATEWAY_GOLDEN=write pytest tests/unit/test_written_samples.py` writes the golden files anew; read
the difference before you commit it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.cli.app import run
from gateway.cli.written_sample import CREATED, SAMPLES, written_sample
from gateway.mappings import registry
from gateway.mappings.writing import WRITERS
from gateway.resources import resource
from tests.property.documents import read_back, written

GOLDEN = Path(__file__).resolve().parents[1] / "samples" / "written"
# EDIFACT, XML and xlsx keep golden files of their own.
PLAIN = [w for w in WRITERS if w.suffix in (".txt", ".csv")]
SAMPLED = {folder.name for folder in resource(SAMPLES).iterdir()}


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.name)
def test_a_written_sample_is_what_is_written_again(writer):
    """Writing what we read gives the same bytes: a sample is in the form that is always given."""
    if writer.document.name not in SAMPLED:
        pytest.skip("a document type without any sample; test_cli_files.py tells of it")
    first = written_sample(writer)
    assert first is not None, f"no sample of {writer.document.name} that {writer.name} can carry"
    if registry.named(writer.name) is None:
        return
    read = read_back(first)
    assert (read.format, read.errors) == (writer.name, [])
    again = written(
        writer, read.header, read.parts,
        sender=read.header.sender or "TJGATEWAY", receiver=read.header.receiver or "TJTERM01",
        reference="SAMPLE0001", created=CREATED,
    )  # fmt: skip
    assert again == first


def test_the_command_writes_what_the_writer_made(capsysbinary):
    assert run(["sample", "manifest/csv"]) == 0
    writer = next(each for each in WRITERS if each.name == "manifest/csv")
    assert capsysbinary.readouterr().out == written_sample(writer)


@pytest.mark.parametrize("writer", PLAIN, ids=lambda writer: writer.name)
def test_what_is_written_is_what_was_agreed(writer):
    """The bytes of every field, escape, column and count, kept as files that people can read."""
    folder, _, stem = writer.name.partition("/")
    file = GOLDEN / folder / f"{stem}{writer.suffix}"
    made = written_sample(writer)
    if os.environ.get("GATEWAY_GOLDEN") == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(made)
    assert made == file.read_bytes()
