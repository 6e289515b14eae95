"""Texts under the lengths of their elements: refused, or free text broken into more lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.findings import Finding
from gateway.mappings import facts
from gateway.mappings.edifact_writing_place import Scope, Target, parent, parts, put
from gateway.mappings.edifact_writing_tree import Places, Segment
from gateway.mappings.edifact_writing_values import Text

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


class Faulty:
    """Collects what cannot be written, bounded; `format` names the format in the texts."""

    def __init__(self, format_: str, limit: int, leaves_out: frozenset[str] = frozenset()) -> None:
        self.format = format_
        self._leaves_out = leaves_out
        self.findings: list[Finding] = []
        self.paths: set[str] = set()
        self._limit = limit

    def leaves_out(self, path: str) -> bool:
        """Whether a path, or one above it, may be left out."""
        steps = path.split(".")
        return "extras" in steps or any(
            ".".join(steps[:length]) in self._leaves_out for length in range(2, len(steps) + 1)
        )

    def add(self, finding: Finding) -> None:
        if len(self.findings) < self._limit:
            self.findings.append(finding)


def admissible(target: Target, text: Text, path: str, faulty: Faulty, places: Places) -> bool:
    """Whether each part has its room and no control character; a finding where it has not.

    A path that may be left out is, where its text is too long; what no message can hold is told.
    """
    for slot, part in parts(target, text):
        limit, numeric = places.limit(target.label, slot)
        size = sum(c.isdigit() for c in part) if numeric else len(part)
        kind = facts.TOO_LONG if size > limit else None
        if _CONTROLS.search(part):
            kind = facts.NOT_A_VALUE
        if kind is not None:
            if kind is facts.NOT_A_VALUE or not faulty.leaves_out(path):
                faulty.paths.add(path)
                faulty.add(kind.at(value=part, path=path, format=faulty.format, limit=limit))
            return False
    return True


@dataclass(eq=False, slots=True)
class Lines:
    """Texts of a list: position after position of a segment, then a further segment."""

    places: Places
    scope: Scope
    faulty: Faulty
    path: str

    def write(self, targets: list[Target], texts: Sequence[str]) -> None:
        label = next((t.label for t in targets if parent_exists(t, self)), None)
        if label is None:
            return
        fixed = label in self.scope.own
        rows = [
            t for t in targets if t.label == label and (fixed or t.row.when == targets[0].row.when)
        ]
        limit, _numeric = self.places.limit(label, rows[0].slot)
        lines = [
            line for text in texts for line in wrapped(str(text), limit, self.path, self.faulty)
        ]
        if fixed and len(lines) > len(rows):
            self.faulty.add(
                facts.TOO_MANY.at(
                    path=self.path, format=self.faulty.format, count=len(lines), limit=len(rows)
                )
            )
            return
        for start in range(0, len(lines), len(rows)):
            segment = self.scope.own.get(label) or self._new(rows[0])
            if segment is not None:
                for target, line in zip(rows, lines[start : start + len(rows)], strict=False):
                    put(segment, target, line)

    def _new(self, target: Target) -> Segment | None:
        group = parent(target.label, self.scope, self.places)
        return group.add(self.places, target.label)[0] if group is not None else None


def wrapped(text: str, limit: int, path: str, faulty: Faulty) -> Iterator[str]:
    """Lines of at most `limit` characters, broken at blanks and line ends where there are any."""
    if len(text) <= limit and not _CONTROLS.search(text):
        yield text.strip()
        return
    line = ""
    for word in text.split():
        if _CONTROLS.search(word):
            faulty.add(facts.NOT_A_VALUE.at(value=text, path=path, format=faulty.format))
            return
        if line and len(line) + 1 + len(word) > limit:
            yield line
            line = ""
        line = f"{line} {word}".lstrip()
        while len(line) > limit:
            yield line[:limit]
            line = line[limit:]
    if line:
        yield line


def parent_exists(target: Target, lines: Lines) -> bool:
    """Whether the message has a place for this row's segment."""
    return target.label in lines.scope.own or (
        parent(target.label, lines.scope, lines.places) is not None
    )
