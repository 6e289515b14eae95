"""What the golden tests of all syntaxes share: good samples give exactly this, bad ones say that.

`GATEWAY_GOLDEN=write pytest tests/samples/…` writes the expectations anew; read the difference
before you commit it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from gateway.findings import Findings, Severity
from gateway.mappings import registry
from gateway.mappings.contract import Format
from gateway.mappings.convert import BadValue
from gateway.pipeline.drafting import tables_for
from gateway.pipeline.translation import Document, End, Part, translate
from gateway.syntax.profile import Profile
from gateway.syntax.record import Group, Message

HERE = Path(__file__).parent
TOLD = ".told.json"


def formats_of(syntax: str) -> list[Format]:
    return [each for each in registry.FORMATS if each.syntax == syntax]


def samples_of(formats: Iterable[Format]) -> list[Path]:
    """The sample files of formats, without what is expected of them."""
    return [path for format_ in formats for path in samples_in(HERE / format_.samples)]


def samples_in(folder: Path) -> list[Path]:
    def is_sample(path: Path) -> bool:
        stem = path.with_suffix("")
        others = [p for p in folder.iterdir() if p != path and p.with_suffix("") == stem]
        return not path.name.endswith(TOLD) and not (path.suffix == ".json" and others)

    return [path for path in sorted(folder.iterdir()) if is_sample(path)]


def sample_id(path: Path) -> str:
    return path.relative_to(HERE).as_posix()


def told(finding: Any) -> str:
    place = finding.place
    return f"{finding.severity} {finding.code} {place.tag} line {place.line}: {finding.value}"


def worded(finding: Any) -> dict[str, str]:
    """With the texts that a clerk reads."""
    return {"told": told(finding), "zh": finding.zh, "en": finding.en}


def translated(data: bytes, tell: Callable[[Any], object] = told) -> dict[str, object]:
    """What the file says and what is wrong with it, in a form that people can compare."""
    parts: list[object] = []
    headers: list[object] = []
    findings: list[object] = []
    envelope: dict[str, Any] = {}
    for item in translate([data]):
        if isinstance(item, Document):
            headers.append(json.loads(item.header.json()))
        elif isinstance(item, Part):
            parts.append({"key": item.key(), "canonical": json.loads(item.draft.json())})
        if isinstance(item, Part | End):
            findings += [tell(f) for f in item.findings]
        if isinstance(item, End):
            envelope = {**item.interchange.as_json(), "complete": item.interchange.complete}
    return {"interchange": envelope, "headers": headers, "parts": parts, "findings": findings}


def demand_samples(format_: Format) -> None:
    """Three good ones and three bad ones."""
    names = [path.name for path in samples_in(HERE / format_.samples)]
    assert len([name for name in names if name.startswith("good-")]) >= 3
    assert len([name for name in names if name.startswith("bad-")]) >= 3


def expected_of(path: Path) -> Path:
    """The file beside the sample that tells what is expected of it."""
    return path.with_suffix(TOLD if path.suffix == ".json" else ".json")


def demand_expected(path: Path, got: object) -> None:
    """The file beside the sample says the same, or is written."""
    expected = expected_of(path)
    if os.environ.get("GATEWAY_GOLDEN") == "write":
        expected.write_text(json.dumps(got, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert got == json.loads(expected.read_text("utf-8"))


def demand_good_or_bad(path: Path) -> None:
    """Errors in bad ones, and in no other."""
    items = list(translate([path.read_bytes()]))
    findings = [f for item in items if isinstance(item, Part | End) for f in item.findings]
    errors = [finding.en for finding in findings if finding.severity is Severity.ERROR]
    assert bool(errors) == path.name.startswith("bad-"), errors
    end = items[-1]
    assert isinstance(end, End)
    if not errors:
        assert end.interchange.complete


def grammar(kind: Any) -> Any:
    format_ = registry.find(kind)
    return format_.grammar(tables_for(format_, kind, Profile()).layout) if format_ else None


class Reading:
    """A reader alone, without tables and models."""

    def __init__(self, reader: Callable[..., Any]) -> None:
        self._reader = reader

    def events(self, chunks: list[bytes]) -> tuple[list[Any], list[Any], Any]:
        """Events and findings in a comparable form, and the interchange."""
        findings = Findings(keep_max=10_000)
        reader = self._reader(iter(chunks), grammar, Profile(), findings)
        seen = [(type(event).__name__, list(event.records)) for event in reader]
        return seen, [finding.as_json() for finding in findings], reader.interchange

    def demand_no_prefix_is_complete(self, path: Path, trailing: bytes) -> None:
        """R-22: only what stands behind the end of the root may be cut off."""
        data = path.read_bytes()
        whole = len(data.rstrip(trailing))
        for length in range(0, whole, 7 if len(data) > 3000 else 3):
            _seen, findings, interchange = self.events([data[:length]])
            errors = [each["code"] for each in findings if each["severity"] == "error"]
            assert not interchange.complete, length
            assert errors, length
            if path.name.startswith("good-"):
                assert errors == ["INCOMPLETE"]

    def demand_chunks_make_no_difference(self, path: Path, size: int) -> None:
        data = path.read_bytes()
        chunks = [data[i : i + size] for i in range(0, len(data), size)]
        assert self.events(chunks) == self.events([data])

    def demand_fast_equals_slow(self, path: Path) -> None:
        """The compiled table reads what the interpreter reads, or both refuse."""
        compiled: Any = None
        for event in self._reader(iter([path.read_bytes()]), grammar, Profile(), Findings()):
            if isinstance(event, Message):
                format_ = registry.find(event.kind)
                assert format_ is not None
                compiled = format_.part.compile(tables_for(format_, event.kind, Profile()).layout)
            elif isinstance(event, Group):
                slow = compiled.interpret(event.records)
                if slow.findings:
                    with pytest.raises(BadValue):
                        compiled.read(event.records)
                else:
                    assert compiled.read(event.records) == slow.values
