"""The documents are true: what they name exists, and what exists is named."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import cast

import pytest
import typer

from gateway.adapters.http import (
    HttpPorts,
    admin,
    admin_audit,
    admin_partners,
    admin_release,
    export_openapi,
    reconciliation,
    settlements,
    work_items,
)
from gateway.canonical.registry import DOCUMENT_TYPES
from gateway.cli.app import app
from gateway.mappings import registry
from gateway.rules.decide import RULES
from gateway.settings import Settings, load

REPO = Path(__file__).resolve().parents[2]
DOCS = [REPO / "README.md", REPO / "README.zh.md", REPO / "CHANGELOG.md"]
DOCS += sorted((REPO / "docs").rglob("*.md"))
EXAMPLE = REPO / "examples" / "gateway.toml"
# Up to which number each requirements document goes.
NUMBERS = {"S0": 49, "S2": 49, "S3": 37}
REASONS = ("not built yet (", "screen of the portal only: ", "no duty of a gateway: ")
ROW = re.compile(r"^\| (S[0-9]-[0-9]{2}) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
CODE = re.compile(r"`((?:gateway|tests|schemas|examples|partners|docs)/[^`\s]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
ADDRESS = re.compile(r"(?<![\w.])/(?:v1|admin)/[\w/{}-]*\w}?")
# Documents that are told of where their service is, not on a page of their own.
OF_SERVICES = {
    "slot_pool", "gate_plan", "appointment_request", "release_notice", "authority_answer",
    "customs_application", "customs_answer",
}  # fmt: skip


def requirements() -> list[tuple[str, str, str]]:
    text = (REPO / "docs" / "requirements.md").read_text(encoding="utf-8")
    return ROW.findall(text)


def missing(reference: str) -> str | None:
    """What is wrong with `path` or `path::test`; None where both exist."""
    path, _, name = reference.partition("::")
    if not (REPO / path).exists():
        return f"{path} does not exist"
    if name and name not in functions(REPO / path):
        return f"{path} has no {name}"
    return None


def functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


def test_every_requirement_has_its_row_and_only_one():
    expected = [f"{name}-{n:02}" for name, last in NUMBERS.items() for n in range(1, last + 1)]
    assert [number for number, _, _ in requirements()] == expected


@pytest.mark.parametrize("row", requirements(), ids=lambda row: row[0])
def test_a_row_names_code_and_a_test_that_exist_or_a_reason(row):
    _, _, where = row
    references = CODE.findall(where)
    assert not [fault for fault in map(missing, references) if fault]
    has_code = any(reference.startswith("gateway/") for reference in references)
    has_test = any(reference.startswith("tests/") for reference in references)
    assert (has_code and has_test) or where.startswith(REASONS)


@pytest.mark.parametrize(
    "reference",
    ["gateway/nowhere.py", "tests/unit/test_docs.py::test_nothing", "tests/unit/nothing.py::x"],
)
def test_a_reference_to_nothing_is_seen(reference):
    assert missing(reference)


def links(path: Path) -> Iterator[str]:
    for target in LINK.findall(path.read_text(encoding="utf-8")):
        if "://" not in target and not target.startswith(("#", "mailto:")):
            yield target.partition("#")[0]


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(REPO)))
def test_links_lead_somewhere(path):
    broken = [target for target in links(path) if not (path.parent / target).exists()]
    assert not broken


def settings_keys() -> Iterator[tuple[str, str]]:
    """(section or "", key) of everything that an operator may set."""
    for name, field in Settings.model_fields.items():
        section = getattr(type(field.default), "model_fields", None)
        if section is None:
            yield "", name
        else:
            yield from ((name, key) for key in section)


def described() -> set[tuple[str, str]]:
    """Keys of the example, also those that stand there as a comment."""
    found, section = set(), ""
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if header := re.match(r"\[(\w+)\]$", line):
            section = header[1]
        elif key := re.match(r"(?:# )?(\w+) = ", line):
            found.add((section, key[1]))
    return found


def test_the_example_describes_every_setting_and_no_other():
    assert described() == set(settings_keys())


def test_the_example_says_the_defaults(tmp_path, monkeypatch):
    for name in ("GATEWAY_CRASH_AT", "GATEWAY_LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)
    copy = tmp_path / "gateway.toml"
    copy.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    empty = tmp_path / "empty.toml"
    empty.write_text("")
    assert load(copy) == load(empty)


def test_every_comment_of_the_example_that_looks_like_a_key_is_valid_toml():
    text = re.sub(r"^# (\w+ = )", r"\1", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    # A key that is set and shown again as another choice is told twice; TOML takes it once.
    seen: set[str] = set()
    kept = []
    for line in text.splitlines():
        name = line.split(" = ")[0] if " = " in line and not line.startswith("#") else ""
        if line.startswith("["):
            seen.clear()
        if name and name in seen:
            continue
        seen.add(name)
        kept.append(line)
    assert tomllib.loads("\n".join(kept))


def commands() -> list[str]:
    """Every command line up to its arguments: "run", "partners check" …"""
    found = []

    def walk(group, words: tuple[str, ...]) -> None:
        for name, command in getattr(group, "commands", {}).items():
            inner = (*words, name)
            if getattr(command, "commands", None):
                walk(command, inner)
            else:
                found.append(" ".join(inner))

    walk(typer.main.get_command(app), ())
    return found


@pytest.mark.parametrize("command", commands())
def test_every_command_is_told_in_the_docs(command):
    group, _, name = command.partition(" ")
    text = "\n".join(path.read_text(encoding="utf-8") for path in DOCS)
    if not name:
        assert re.search(rf"`{group}`|gateway {group}\b", text)
        return
    # As "gateway partners check" or in a list "partners check|apply|…".
    listed = re.findall(rf"\b{group} ([a-z|-]+)", text)
    assert name in {word for words in listed for word in words.split("|")}


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_the_readme_names_every_message_that_is_read(readme):
    text = (REPO / readme).read_text(encoding="utf-8")
    read = {kind for format_ in registry.FORMATS for kind in format_.kinds}
    unnamed = sorted(kind for kind in read if kind not in text)
    assert not unnamed, f"add them to the table of {readme}"


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(REPO)))
def test_commands_that_the_docs_name_exist(path):
    known = {command.split()[0] for command in commands()}
    text = path.read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|^|\$ |bin/)gateway ([a-z][a-z-]+)", text, re.MULTILINE))
    assert named <= known


@cache
def addresses() -> list[re.Pattern[str]]:
    """Every path that the two applications answer, as a pattern of what may stand for it."""
    nobody = cast("HttpPorts", None)  # routes ask their ports only when they are called
    modules = (admin, admin_audit, admin_partners, admin_release, reconciliation, work_items)
    routers = [settlements.admin_router(nobody), *(each.router(nobody) for each in modules)]
    paths = set(export_openapi()["paths"])
    paths |= {getattr(route, "path", "") for router in routers for route in router.routes}
    return [re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))) for path in paths if path]


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(REPO)))
def test_addresses_that_the_docs_name_are_answered(path):
    named = set(ADDRESS.findall(path.read_text(encoding="utf-8")))
    known = addresses()
    assert len(known) > 80
    assert not [each for each in named if not any(one.fullmatch(each) for one in known)]


@pytest.mark.parametrize("document", sorted(set(DOCUMENT_TYPES) - OF_SERVICES))
def test_every_document_has_its_page_with_all_its_formats_and_how_sure_they_are(document):
    page = REPO / "docs" / "formats" / f"{document}.md"
    text = page.read_text(encoding="utf-8")
    names = [each.name for each in registry.FORMATS if each.document.name == document]
    unnamed = [name for name in names if f"`{name}`" not in text and "canonical-json" not in name]
    assert not unnamed
    assert re.search(r"[Hh]ow sure", text)


def test_a_document_of_a_service_is_told_somewhere():
    text = "\n".join(path.read_text(encoding="utf-8") for path in DOCS)
    assert set(DOCUMENT_TYPES) >= OF_SERVICES
    assert not [name for name in OF_SERVICES if f"`{name}`" not in text]


# Where each function takes the name of an event and its level, and the level where none is given.
TELLING = {"emit": (0, 1, "info"), "emit_seldom": (0, 2, "warning"), "rounds": (3, 9, "warning")}


def events() -> set[str]:
    """Names of the events that are told as warning or error, wherever they come from."""
    found = set()
    for path in (REPO / "gateway").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in TELLING:
                found |= loud(node, *TELLING[node.func.id])
    return found


def loud(call: ast.Call, name: int, level: int, usual: str) -> set[str]:
    """The event of a call; empty where it is quiet or its name is not written there."""
    words = [getattr(each, "value", None) for each in call.args]
    levels = [each.value for each in call.keywords if each.arg == "level"] + call.args[level:]
    quiet = getattr(levels[0], "value", None) if levels else usual
    told = {each for each in words[name : name + 1] if isinstance(each, str)}
    return set() if quiet in ("info", "debug") else told


def test_every_event_that_wants_somebody_is_told():
    text = (REPO / "docs" / "howto" / "events.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", text.partition("## Metrics")[0]))
    named = events()
    assert len(named) > 50
    assert not named - told
    assert not told - named


def test_the_rules_of_a_decision_are_told():
    text = (REPO / "docs" / "rules" / "documents.md").read_text(encoding="utf-8")
    asked = [rule.id for rule in RULES]
    assert len(asked) > 5
    assert not [each for each in asked if f"| `{each}` |" not in text]
