"""Hypothesis makes canonical documents, for tests that write them and read them back.

    DOCUMENTS = documents(MANIFEST, leave=writer.leaves_out, values={"part.parties.role": ROLES})

gives a strategy of (header, parts): models with every field filled now and then, lists of few
items.  A canonical path ("part.goods.packages.count", lists without index, header or part before
it) names a field:

- leave: paths that are never filled, with all below them;
- values: path or its end ("containers.status") → maker of the value, instead of the usual one;
- always: paths that are filled in every document (below a parent that is);
- unique: list path → field that tells its elements apart;
- most: list path → how many items at most, where it is not two;
- words: strategy of free text; what a syntax cannot carry at all belongs here.

Hypothesis draws the texts, how densely the fields are filled (so a failing document shrinks to a
few fields) and a seed for the rest: a document has hundreds of fields, and a draw for each would
take seconds.  A maker takes that random source and gives a value; `one_of` makes one.

`facts_of` is what two documents are compared by: the dumped models without what a file says of
itself (sender, reference, time …), without zones (a rule adds them) and without `leave`.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from random import Random
from typing import Any, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel

from gateway.canonical.document import DocumentType
from gateway.canonical.model import PortTime, RawField
from gateway.mappings.contract import Outgoing, Writer
from gateway.pipeline.translation import Document, End, Part, translate
from tests.services import sized

Maker = Callable[[Random], Any]

# Documents for each format and encoding: 10,000 in the suite, 100,000 at full size.
EACH = sized(200, 2_000, brief=40)

# What a file says of itself: the envelope's, not the document's.
ENVELOPE = frozenset(
    {
        "header.message_type", "header.message_version", "header.reference", "header.created_at",
        "header.sender", "header.receiver", "header.file_description", "header.version",
        "header.document_number",
    }
)  # fmt: skip

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS = "0123456789"
WORDS = (
    st.text(st.sampled_from(_LETTERS + "?:'+*^ -/.,()&\"<>天津油漆é一"), min_size=1, max_size=24)
    .map(str.strip)
    .filter(bool)
)


def one_of(*choices: Any) -> Maker:
    """A maker that takes one of these values."""
    return lambda random: random.choice(choices)


def text_of(alphabet: str, least: int, most: int) -> Maker:
    """A maker of texts over an alphabet."""
    return lambda random: "".join(random.choices(alphabet, k=random.randint(least, most)))


def _minute(random: Random) -> dict[str, str]:
    at = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=random.randrange(40_000_000))
    return {"wall": at.strftime("%Y-%m-%dT%H:%M")}


def _day(random: Random) -> dict[str, str]:
    return {"wall": _minute(random)["wall"][:10]}


CODES = text_of(_LETTERS + _DIGITS, 1, 5)
PLACES = one_of("CNTXG", "KRPUS", "KRINC", "JPYOK", "CNSHA")
DAYS: Maker = _day
MINUTES: Maker = _minute


def BOXES(random: Random) -> str:  # noqa: N802 - a maker among the others
    """A box number of the right form."""
    return f"{''.join(random.choices(_LETTERS, k=3))}U{random.randrange(10_000_000):07d}"


def NUMBERS(random: Random) -> str:  # noqa: N802 - a maker among the others
    """A bill or booking number."""
    return "BL" + "".join(random.choices(_LETTERS + _DIGITS, k=8))


def _decimal(low: int, high: int, places: int) -> Maker:
    return lambda random: Decimal(random.randint(low, high)).scaleb(-random.randint(0, places))


# Ends of paths whose values have a form of their own.
FORMS: dict[str, Maker] = {
    "containers.number": BOXES,
    "size_type": one_of("20GP", "40HC", "22G1", "45R1"),
    "status": one_of("E", "F", "L"),
    "vessel.code": text_of(_LETTERS, 4, 5),
    "voyage": one_of("081E", "082W", "0816E", "X1"),
    "goods.sequence": lambda random: str(random.randint(1, 999)),
    "goods_sequence": lambda random: str(random.randint(1, 999)),
    "temperature.unit": one_of("C", "F"),
    "un_number": lambda random: f"{random.randint(4, 3600):04d}",
    "bill_of_lading": NUMBERS,
    "bills.number": NUMBERS,
    "house_bill": NUMBERS,
    "seals.number": text_of(_DIGITS, 5, 9),
    "currency": one_of("USD", "CNY"),
    "port.code": PLACES,
    "ports.code": PLACES,
    "place.code": PLACES,
    "function": one_of("9", "4", "5", "3"),
}


@dataclass(frozen=True)
class Terms:
    """What `documents` was asked for; see the module."""

    leave: frozenset[str] = frozenset()
    values: Mapping[str, Maker] = field(default_factory=dict)
    always: frozenset[str] = frozenset()
    unique: Mapping[str, str] = field(default_factory=dict)
    most: Mapping[str, int] = field(default_factory=dict)


def documents(
    document: DocumentType,
    *,
    parts: int = 2,
    key: str = "",
    words: st.SearchStrategy[str] = WORDS,
    **terms: Any,
) -> st.SearchStrategy[tuple[Any, list[Any]]]:
    """Headers with one to `parts` parts; `key` names a field in which parts must differ."""
    how = Terms(**terms)

    def build(seed: int, density: int, pool: list[str], count: int) -> tuple[Any, list[Any]]:
        making = _Making(Random(seed), density / 100, pool, how)
        head = {"message_type": "X", **making.model(document.header, "header")}
        drafts = [making.model(document.part, "part") for _ in range(count)]
        if key:
            drafts = list({draft[key]: draft for draft in drafts}.values())
        models = [document.part.model_validate(draft) for draft in drafts if draft]
        return document.header.model_validate(head), models

    made = st.builds(
        build,
        st.integers(0, 2**32),
        st.integers(0, 90),
        st.lists(words, min_size=1, max_size=5),
        st.integers(1, parts),
    )
    return made.filter(lambda document: bool(document[1]))


class _Making:
    """One document in the making."""

    def __init__(self, random: Random, density: float, pool: list[str], how: Terms) -> None:
        self._random = random
        self._density = density
        self._pool = pool
        self._how = how

    def model(self, model: type[BaseModel], path: str) -> dict[str, Any]:
        """A draft of a model; what came out empty is left away."""
        draft = {}
        for name, info in model.model_fields.items():
            below = f"{path}.{name}"
            if below in self._how.leave or below in ENVELOPE:
                continue
            sure = below in self._how.always or info.is_required()
            if not sure and self._random.random() >= self._density:
                continue
            value = self._value(info, below, sure=sure)
            if value not in ({}, [], None):
                draft[name] = value
        return draft

    def _value(self, info: Any, path: str, *, sure: bool) -> Any:
        kind, many, metadata = _kind(info.annotation, list(info.metadata))
        if kind is RawField:
            return None
        maker = _by_end(path, self._how.values)
        if not many:
            return maker(self._random) if maker else self._one(kind, metadata, path)
        count = self._random.randint(1 if sure else 0, self._how.most.get(path, 2))
        items = [
            maker(self._random) if maker else self._one(kind, metadata, path) for _ in range(count)
        ]
        differ = self._how.unique.get(path)
        if differ:
            items = list({item[differ]: item for item in items if differ in item}.values())
        return [item for item in items if item]

    def _one(self, kind: Any, metadata: Collection[Any], path: str) -> Any:
        if issubclass(kind, PortTime):
            return self._random.choice((_day, _minute))(self._random)
        if issubclass(kind, BaseModel):
            return self.model(kind, path)
        form = _by_end(path, FORMS)
        if issubclass(kind, Enum):
            known = [each for each in kind if each.value not in ("other", "unstated")]
            return kind(form(self._random)) if form else self._random.choice(known)
        return (form or self._scalar(kind, metadata))(self._random)

    def _scalar(self, kind: Any, metadata: Collection[Any]) -> Maker:
        if kind is int:
            return lambda random: random.randint(1, 9_999)
        if kind is Decimal:
            if any(getattr(each, "ge", None) == 0 for each in metadata):
                return _decimal(0, 999_999_999, 3)
            return _decimal(-999, 999, 2)
        longest = max((getattr(each, "max_length", None) or 0 for each in metadata), default=70)
        return one_of(*self._pool) if longest >= 1_000 else CODES


def _by_end(path: str, known: Mapping[str, Maker]) -> Maker | None:
    steps = path.split(".")
    for start in range(len(steps)):
        found = known.get(".".join(steps[start:]))
        if found is not None:
            return found
    return None


def _kind(annotation: Any, metadata: list[Any]) -> tuple[Any, bool, list[Any]]:
    """The type behind Optional, Annotated and tuples; whether there are many; its constraints."""
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        inner = next(each for each in get_args(annotation) if each is not type(None))
        return _kind(inner, metadata)
    if hasattr(annotation, "__metadata__"):
        own = [getattr(each, "metadata", [each]) for each in annotation.__metadata__]
        return _kind(annotation.__origin__, [*metadata, *(m for each in own for m in each)])
    if origin is tuple:
        kind, _, found = _kind(get_args(annotation)[0], metadata)
        return kind, True, found
    return annotation, False, metadata


# Writing and reading back.

SENT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def outgoing(**changes: Any) -> Outgoing:
    """The envelope that the tests write under."""
    given: dict[str, Any] = {
        "sender": "TJGATEWAY", "receiver": "TJTERM01", "reference": "A1B2C3", "created": SENT,
    }  # fmt: skip
    return Outgoing(**{**given, **changes})


def written(writer: Writer, header: Any, parts: Iterable[Any], **changes: Any) -> bytes:
    """A whole file; raises Unwritable."""
    return b"".join(writer.write(outgoing(**changes), header, parts))


@dataclass
class Read:
    """What came of one file: header and parts as models (None where one could not be built)."""

    header: Any
    parts: list[Any]
    errors: list[Any]
    format: str | None


def read_back(data: bytes, partner: Any = None) -> Read:
    """The one document of a file, as the gateway reads it."""
    read = Read(None, [], [], None)
    for item in translate([data], partner):
        if isinstance(item, Document):
            read.header, read.format = item.header.model, item.format.name
        elif isinstance(item, Part):
            read.parts.append(item.draft.model)
            read.errors += [f for f in item.findings if f.severity.value == "error"]
        elif isinstance(item, End):
            read.errors += [f for f in item.findings if f.severity.value == "error"]
    return read


def facts_of(model: BaseModel, root: str, leave: Collection[str] = ()) -> dict[str, Any]:
    """A dumped model for comparison; root is "header" or "part"."""
    dumped = model.model_dump(exclude_none=True, exclude_defaults=True)
    return _pruned(dumped, root, frozenset(leave) | ENVELOPE)


def _pruned(value: Any, path: str, leave: frozenset[str]) -> Any:
    if isinstance(value, dict):
        kept = {
            name: _pruned(below, f"{path}.{name}", leave)
            for name, below in value.items()
            if name != "zone" and f"{path}.{name}" not in leave
        }
        return {name: below for name, below in kept.items() if below not in ({}, [], ())}
    if isinstance(value, list | tuple):
        kept = [below for each in value if (below := _pruned(each, path, leave)) != {}]
        # Parties are told apart by their roles; a syntax has them in an order of its own.
        return sorted(kept, key=lambda each: each["role"]) if path.endswith(".parties") else kept
    return value
