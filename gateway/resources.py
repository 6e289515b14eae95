"""Where the data files stand that ship with the code: `schemas/`, `tariffs/`, `calendars/`.

In a checkout they stand beside the package, as the tree of the house has it; the wheel carries
them inside the package, under `gateway/_data/`. Callers name a file by its path in the tree and
need not know which of the two it is.

Only reading of our own package data happens here, so the core may use it; what is read never
changes at run time.
"""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

FOLDERS: Final = ("schemas", "tariffs", "calendars")


def folder(name: str) -> Traversable:
    """Return the data folder `name`, one of FOLDERS.

    Raises ValueError for any other name and FileNotFoundError when the installation is incomplete.
    """
    if name not in FOLDERS:
        raise ValueError(f"not a data folder: {name!r}")
    packaged = files("gateway").joinpath("_data", name)
    if packaged.is_dir():
        return packaged
    beside = Path(__file__).resolve().parent.parent / name
    if beside.is_dir():
        return beside
    raise FileNotFoundError(f"data folder {name} is neither in the package nor beside it")


def resource(path: str) -> Traversable:
    """Return the data file or folder at `path`, for instance `schemas/fixed/e-clp.toml`.

    Raises ValueError for a path that leaves its folder, FileNotFoundError when nothing is there.
    """
    head, *rest = path.split("/")
    if any(part in ("", ".", "..") or "\\" in part for part in rest):
        raise ValueError(f"not a plain resource path: {path!r}")
    found = folder(head).joinpath(*rest) if rest else folder(head)
    if not (found.is_file() or found.is_dir()):
        raise FileNotFoundError(f"no resource {path}")
    return found


def read_bytes(path: str) -> bytes:
    """Return the bytes of the data file at `path`; the same errors as `resource`."""
    return resource(path).read_bytes()


def read_text(path: str) -> str:
    """Return the UTF-8 text of the data file at `path`; the same errors as `resource`."""
    return resource(path).read_text(encoding="utf-8")


def names(path: str, suffix: str = "") -> tuple[str, ...]:
    """Return the sorted names of the files directly in the folder `path` that end with `suffix`."""
    found = (item.name for item in resource(path).iterdir() if item.is_file())
    return tuple(sorted(name for name in found if name.endswith(suffix)))
