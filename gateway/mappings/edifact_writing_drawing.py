"""A message drawn by hand, where its read table cannot be turned round."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.mappings import facts
from gateway.mappings.edifact_writing_place import Scope, parent
from gateway.mappings.edifact_writing_text import Faulty, wrapped
from gateway.mappings.edifact_writing_tree import Group, Places, Segment


class Drawing:
    """A message being drawn by hand: segments by label and position."""

    def __init__(self, places: Places, tree: Group, faulty: Faulty) -> None:
        self._places = places
        self._faulty = faulty
        self.tree = tree

    def add(self, group: Group, label: str, **texts: str | None) -> Group:
        """A segment in a group: `_1`, `_2_4` name element and component; gives its group."""
        segment, inside = group.add(self._places, label)
        self.fill(segment, **texts)
        return inside

    def main_leg(self) -> Group:
        """The group of the ship's own leg (TDT 20)."""
        scope = Scope({"": self.tree}, {})
        group = parent("TDT/LOC", scope, self._places)
        if group is None:  # pragma: no cover - every message that is drawn has one
            raise KeyError("TDT/LOC")
        return group

    def texts(self, group: Group, label: str, path: str, texts: Sequence[str], room: int) -> None:
        """Free text, `room` lines a segment (FTX 4440)."""
        limit, _numeric = self._places.segment(label).limit(
            self._places.segment(label).layout.index((4, 1)) or 0
        )
        lines = [line for each in texts for line in wrapped(each, limit, path, self._faulty)]
        for start in range(0, len(lines), room):
            segment, _inside = group.add(self._places, label)
            for number, line in enumerate(lines[start : start + room], 1):
                segment.put((4, number), line)

    def fill(self, segment: Segment, **texts: str | None) -> None:
        """Put texts into a segment; one that is too long is a finding."""
        for name, text in texts.items():
            steps = tuple(int(step) for step in name.strip("_").split("_"))
            index = segment.layout.index(steps if len(steps) == 2 else steps[0])
            if not text or index is None:
                continue
            limit, _numeric = segment.limit(index)
            if len(text) > limit or any(c < " " or c == "\x7f" for c in text):
                kind = facts.TOO_LONG if len(text) > limit else facts.NOT_A_VALUE
                self._faulty.add(
                    kind.at(value=text, path=segment.label, format=self._faulty.format, limit=limit)
                )
                continue
            segment.values[index] = text
