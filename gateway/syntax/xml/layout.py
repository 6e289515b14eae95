"""XML layouts as data: `schemas/xml/<name>.toml`.

Every element of a file is a record: its label is the path below the root
("Declaration/Consignment/LoadingLocation/ID"), its only value the text.  An attribute is a record
behind its element's ("…/SealID/@AgencyCode").  A layout file says

    name, version, title_zh, title_en
    envelope   sender, receiver, reference, created: the paths of these facts
    part       the path of the element that is one part
    alone      each part is a document of its own, under the same head
    root, namespace   of the root element, for those that are written
    types      [types] path, or last name → decimal, count, digits, time: what a schema admits
    elements   one a line: path (below the part where it begins with "./"), occurrence (1 or n),
               flag (M warns where it is missing, R is an error, C), confidence, zh
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from gateway.findings import Place
from gateway.resources import read_bytes
from gateway.syntax.record import FieldRef, Record

FOLDER = "schemas/xml"


class BadLayout(ValueError):
    """A layout file of ours is wrong."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element or attribute."""

    path: str
    many: bool
    flag: str
    confidence: str
    zh: str


@dataclass(frozen=True, eq=False)
class XmlLayout:
    """A loaded layout; satisfies `gateway.syntax.record.Layout`."""

    name: str
    version: str
    envelope: dict[str, str]
    part: str
    elements: dict[str, Element]
    root: str = ""
    namespace: str = ""
    alone: bool = False
    types: dict[str, str] = field(default_factory=dict)

    def type_of(self, path: str) -> str:
        """What an element holds: "text" where nothing is said."""
        return self.types.get(path) or self.types.get(path.rpartition("/")[2], "text")

    def index(self, label: str, field: FieldRef) -> int | None:
        """The text of an element is its only value."""
        return 0 if field == "text" else None

    def fields(self, label: str) -> Sequence[tuple[int, str]]:
        """The text, for an element that the layout has."""
        return ((0, "text"),) if label in self.elements else ()

    def width(self, label: str) -> int:
        """One value; 0 for an element that the layout does not have."""
        return 1 if label in self.elements else 0

    def place(self, record: Record, index: int) -> Place:
        """Element name and line; the parser tells no byte offset."""
        return place_of(record)

    def is_in_part(self, path: str) -> bool:
        """Whether an element belongs to a part."""
        return path.startswith(self.part + "/")


def place_of(record: Record) -> Place:
    """Where an element stands."""
    tag = record.label.rsplit("/", 1)[-1]
    return Place(record.ordinal, tag, None, None, record.line or None)


@cache
def load(name: str) -> XmlLayout:
    """The layout `schemas/xml/<name>.toml`; FileNotFoundError or BadLayout if it is not right."""
    data = tomllib.loads(read_bytes(f"{FOLDER}/{name}.toml").decode("utf-8"))
    part: str = data["part"]
    elements = [_element(line, part) for line in data["elements"].strip().splitlines()]
    return XmlLayout(
        data["name"],
        data["version"],
        data["envelope"],
        part,
        {e.path: e for e in elements},
        data.get("root", ""),
        data.get("namespace", ""),
        data.get("alone", False),
        {path.replace("./", part + "/", 1): kind for path, kind in data.get("types", {}).items()},
    )


def _element(line: str, part: str) -> Element:
    columns = line.split(None, 4)
    if len(columns) != 5 or columns[1] not in "1n" or columns[2] not in "MRC":
        raise BadLayout(f"path, 1 or n, M R or C, confidence and zh expected in {line!r}")
    path, occurs, flag, confidence, zh = columns
    return Element(path.replace("./", part + "/", 1), occurs == "n", flag, confidence, zh.strip())
