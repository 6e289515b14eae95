"""The two role tables of S0 and the three profiles made of them (`schemas/rules/permission.toml`).

Source: rules.md F.1 ("The two role tables side by side") and H-1.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from gateway.resources import read_text

FILE = "schemas/rules/permission.toml"
Profile = Literal["table1", "table2", "merged"]
PROFILES: tuple[Profile, ...] = ("table1", "table2", "merged")


@dataclass(frozen=True, slots=True)
class RoleTable:
    """One table: the enterprise types it names, and function → types with a mark."""

    name: str
    types: frozenset[str]
    cells: Mapping[str, frozenset[str]]

    def allows(self, function: str, type_: str) -> bool:
        """Whether the cell is marked."""
        return type_ in self.cells.get(function, frozenset())


@dataclass(frozen=True, slots=True)
class Function:
    """A function's names, and the function whose row it follows (itself, mostly)."""

    zh: str
    en: str
    row: str


@dataclass(frozen=True, slots=True)
class Tables:
    """The whole file."""

    version: str
    types: tuple[str, ...]
    services: tuple[str, ...]
    functions: Mapping[str, Function]
    needs_terminal: frozenset[str]
    needs_payment: frozenset[str]
    table1: RoleTable
    table2: RoleTable

    def deciding(self, profile: Profile, function: str, type_: str) -> RoleTable:
        """The table that a cell follows.

        merged (H-1): a function that one table alone has follows that table, so does a type that
        one table alone names; a contested cell follows table 2, the stricter.
        """
        if profile != "merged":
            return self.table1 if profile == "table1" else self.table2
        row = self.functions[function].row
        if row in self.table1.cells and row not in self.table2.cells:
            return self.table1
        if type_ in self.table1.types and type_ not in self.table2.types:
            return self.table1
        return self.table2

    def allows(self, profile: Profile, function: str, type_: str) -> bool:
        """Whether firms of a type may use a function."""
        row = self.functions[function].row
        return self.deciding(profile, function, type_).allows(row, type_)


@lru_cache(maxsize=1)
def tables() -> Tables:
    """The tables that ship with the code."""
    return parse_tables(read_text(FILE))


def parse_tables(text: str) -> Tables:
    """Read the file; raises ValueError where it names a type or a function it does not declare."""
    raw = tomllib.loads(text)
    functions = {
        name: Function(each["zh"], each["en"], each.get("as", name))
        for name, each in raw["functions"].items()
    }
    read = Tables(
        version=raw["version"],
        types=tuple(raw["types"]),
        services=tuple(raw["services"]),
        functions=functions,
        needs_terminal=frozenset(raw["needs"]["terminal_approval"]),
        needs_payment=frozenset(raw["needs"]["payment_enabled"]),
        table1=_table("table1", raw["table1"]),
        table2=_table("table2", raw["table2"]),
    )
    _known("type", _types_of(read), read.types)
    _known("function", _functions_of(read), read.functions)
    return read


def _table(name: str, raw: dict[str, Any]) -> RoleTable:
    cells = {function: frozenset(types) for function, types in raw["cells"].items()}
    return RoleTable(name, frozenset(raw["types"]), cells)


def _types_of(read: Tables) -> set[str]:
    named = set(read.table1.types | read.table2.types)
    for table in (read.table1, read.table2):
        for function, types in table.cells.items():
            if types - table.types:
                raise ValueError(f"{FILE}: {table.name}.{function} has types the table lacks")
    return named


def _functions_of(read: Tables) -> set[str]:
    named = set(read.table1.cells) | set(read.table2.cells)
    named |= {function.row for function in read.functions.values()}
    return named | set(read.needs_terminal) | set(read.needs_payment)


def _known(what: str, named: set[str], declared: object) -> None:
    unknown = named.difference(declared)  # type: ignore[arg-type]
    if unknown:
        raise ValueError(f"{FILE}: unknown {what} {sorted(unknown)}")
