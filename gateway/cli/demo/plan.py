"""PLAN of the demonstration: what is dropped and what must become of it (examples/demo)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import gateway
from gateway.cli.failure import Failure

# Between two drops, so that a person can follow.
PAUSE_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Drop:
    """One file to send; `expect` and `codes` as explained in plan.toml."""

    file: Path
    name: str
    channel: str
    zh: str
    en: str
    expect: str
    codes: tuple[str, ...]


def checkout() -> Path:
    """The folder that holds `gateway/` and `examples/`; raises Failure for a bare installation."""
    root = Path(gateway.__file__).resolve().parent.parent
    if not (root / "examples" / "demo" / "plan.toml").is_file():
        raise Failure("the demonstration needs the project's checkout (examples/, partners/)")
    return root


def load() -> list[Drop]:
    """The drops in order."""
    root = checkout()
    files = root / "examples" / "files"
    data = tomllib.loads((root / "examples" / "demo" / "plan.toml").read_text(encoding="utf-8"))
    return [
        Drop(
            file=files / drop["file"],
            name=drop.get("name", drop["file"]),
            channel=drop["channel"],
            zh=drop["zh"],
            en=drop["en"],
            expect=drop["expect"],
            codes=tuple(drop.get("codes", ())),
        )
        for drop in data["drop"]
    ]
