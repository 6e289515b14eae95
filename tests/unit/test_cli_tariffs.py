"""`gateway tariffs`: list, explain, diff."""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

from gateway.cli import tariffs
from gateway.cli.failure import Failure
from gateway.resources import read_text


@pytest.fixture
def run():
    app = typer.Typer()
    app.callback()(lambda: None)
    tariffs.register(app)
    return lambda *words: CliRunner().invoke(app, ["tariffs", *words])


def test_list(run):
    rows = [json.loads(line) for line in run("list", "--json").stdout.splitlines()]
    assert [row["code"] for row in rows] == ["CARGO_DUES", "PCF", "SECURITY"]
    assert {row["code"]: row["settles"] for row in rows}["PCF"] is True
    assert "港口建设费" in run("list").stdout


def explained(run, *words):
    ran = run("explain", *words, "--json")
    assert ran.exit_code == 0
    return {row["cell"]: row for row in map(json.loads, ran.stdout.splitlines())}


def test_explain_says_the_source_of_a_time_in_china(run):
    last = explained(run, "PCF", "--at", "2020-12-31T23:59:59")["domestic export 40 general"]
    first = explained(run, "PCF", "--at", "2021-01-01")["domestic export 40 general"]
    assert (last["rate"], last["source"]) == ("48.00", "财综〔2011〕29号")
    assert (first["rate"], first["reason"]) == ("0.00", "ABOLISHED")
    assert "财综〔2011〕29号" in run("explain", "PCF", "--at", "2018-05-10").stdout


def test_explain_with_a_switch(run):
    words = ("PCF", "--at", "2020-09-01", "--switch", "relief_2020_second_half=off")
    assert explained(run, *words)["foreign import 20 general"]["rate"] == "64.00"


def test_diff(run, tmp_path):
    path = tmp_path / "PCF.toml"
    path.write_text(read_text("tariffs/PCF.toml").replace('20 = "64.00"', '20 = "65.00"', 1))
    ran = run("diff", "PCF", str(path))
    assert (ran.exit_code, "65.00" in ran.stdout) == (1, True)
    same = run("diff", "PCF", "PCF")
    assert (same.exit_code, same.stdout) == (0, "")


@pytest.mark.parametrize(
    "words",
    [
        ("explain", "NOPE", "--at", "2018-05-10"),
        ("explain", "PCF", "--at", "yesterday"),
        ("explain", "PCF", "--at", "2018-05-10", "--switch", "nope=on"),
        ("explain", "PCF", "--at", "2018-05-10", "--switch", "relief_2020_second_half=maybe"),
        ("diff", "PCF", "nowhere.toml"),
    ],
)
def test_wrong_words_are_told(run, words):
    assert isinstance(run(*words).exception, Failure)


def test_a_bad_file_is_told_with_its_fault(run, tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text("code = 1")
    ran = run("diff", "PCF", str(path))
    assert isinstance(ran.exception, Failure)
    assert "version" in str(ran.exception)
