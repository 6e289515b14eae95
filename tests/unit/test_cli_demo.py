"""The parts of the demonstration: what counts as an outcome, and what it refuses to touch."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from gateway.cli.app import run
from gateway.cli.demo import plan
from gateway.cli.demo.plan import Drop, load
from gateway.cli.demo.site import toml
from gateway.cli.demo.watch import Booked, Seen, Watch


def drop(expect, codes=()):
    return Drop(Path("f.txt"), "f.txt", "sftp", "文件", "a file", expect, codes)


def seen(expect="delivered", codes=(), **facts):
    return Seen(drop(expect, codes), **facts)


@pytest.mark.parametrize(
    ("facts", "became"),
    [
        ({}, ""),
        ({"told": "ok"}, ""),
        ({"told": "refused"}, "refused"),
        ({"told": "failed"}, "failed"),
        ({"told": "ok", "detail": "HTTP 202, a repeat (bytes)"}, "repeat"),
        ({"told": "ok", "state": "received"}, ""),
        ({"told": "ok", "state": "quarantined"}, "quarantined"),
        ({"told": "ok", "state": "dead"}, "dead"),
        ({"told": "ok", "state": "decided", "outcome": "rejected"}, "rejected"),
        ({"told": "ok", "state": "decided", "outcome": "accepted"}, ""),
        ({"state": "decided", "outcome": "accepted", "deliveries": {"a": "due"}}, ""),
        ({"state": "decided", "outcome": "accepted", "deliveries": {"a": "sent"}}, "delivered"),
        ({"state": "decided", "outcome": "accepted", "deliveries": {"a": "sent", "b": "due"}}, ""),
        ({"state": "decided", "outcome": "partly", "deliveries": {"a": "sent"}}, "partly"),
    ],
)
def test_what_became_of_a_file(facts, became):
    assert seen(**facts).became == became


def test_the_expected_findings_and_an_answer_belong_to_the_outcome():
    rejected = Seen(drop("rejected", ("INCOMPLETE",)), told="ok", state="decided")
    rejected.outcome = "rejected"
    assert not rejected.as_expected
    rejected.codes = ["X", "INCOMPLETE"]
    assert not rejected.as_expected
    rejected.answers = 1
    assert rejected.as_expected
    rejected.drop = drop("delivered")
    assert not rejected.as_expected
    assert seen("refused", told="refused").as_expected


def test_the_terminal_s_own_ledger_must_agree():
    watch = Watch(None, [drop("delivered")])
    (only,) = watch.seen
    only.state, only.outcome, only.answers = "decided", "accepted", 1
    only.deliveries = {"a": "sent"}
    assert only.as_expected
    assert watch.settled
    assert not watch.good  # the terminal has booked nothing
    watch.booked = Booked(1, 0)
    assert watch.good
    watch.booked = Booked(1, 1)
    assert not watch.good


def test_the_plan_covers_every_kind_of_end_with_files_that_exist():
    drops = load()
    ends = {"delivered", "partly", "rejected", "quarantined", "repeat", "refused"}
    assert {each.expect for each in drops} == ends
    assert {each.channel for each in drops} == {"sftp", "http"}
    assert all(each.file.is_file() for each in drops)
    assert len({each.name for each in drops}) == len(drops)


def test_partner_files_survive_being_written():
    values = {
        "code": "A1",
        "name": "示例",
        "flag": True,
        "numbers": [1, 2.5],
        "accounts": [{"name": "a", "keys": ["x"]}, {"name": "b"}],
        "table": {"inner": {"deep": 'quote " and \\'}},
    }
    assert tomllib.loads(toml(values)) == values


def test_a_folder_of_somebody_else_is_left_alone(tmp_path, capsys):
    (tmp_path / "precious.txt").write_text("x")
    assert run(["demo", "--once", "--folder", str(tmp_path)]) == 2
    assert "not a demo's" in capsys.readouterr().err
    assert (tmp_path / "precious.txt").read_text() == "x"


def test_without_the_checkout_it_says_so(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(plan.gateway, "__file__", str(tmp_path / "gateway" / "__init__.py"))
    assert run(["demo", "--once", "--folder", str(tmp_path / "demo")]) == 2
    assert "checkout" in capsys.readouterr().err
