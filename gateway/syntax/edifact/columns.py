"""Columns: what the segments of one label have in common, whatever shape they stand in."""

from __future__ import annotations

from collections.abc import Callable
from re import Match

from gateway.limits import EDIFACT_SEGMENTS_OF_A_LABEL_MAX
from gateway.syntax.edifact.separators import Separators, collapse

Values = tuple[str, ...]
_MARK = "\x01"


class Column:
    """The segments of one label: their pattern, and the values of those that come again."""

    __slots__ = ("fullmatch", "memo", "room", "use")

    def __init__(self, fullmatch: Callable[[str], Match[str] | None]) -> None:
        self.fullmatch = fullmatch
        self.memo: dict[str, Values] = {}
        # What a shape calls for each of its segments.
        self.use = (self.memo.get, fullmatch, self)
        self.room = EDIFACT_SEGMENTS_OF_A_LABEL_MAX

    def values(self, text: str, separators: Separators) -> Values | None:
        """The values of a segment, None where something is wrong with it."""
        found = self.fullmatch(text)
        if found is not None:
            return self.kept(text, found.groups(""))
        return self.restored(text, separators)

    def restored(self, text: str, separators: Separators) -> Values | None:
        """The values of a segment that does not match as it is: something may be released."""
        if _MARK not in text or (found := self.fullmatch(collapse(text))) is None:
            return None
        restored = separators.restored
        values = [v if v.isprintable() else restored(v) for v in found.groups("")]
        return self.kept(text, tuple(values))

    def kept(self, text: str, values: Values) -> Values:
        """The values, for segments that come again."""
        if self.room > 0:
            self.room -= 1
            self.memo[text] = values
        return values

    def known(self, text: str, separators: Separators) -> Values | None:
        """As `values`, of a segment that may have come before."""
        return self.memo.get(text) or self.values(text, separators)

    def renew(self) -> None:
        """Forget what may not come again."""
        if self.room <= 0:
            self.memo.clear()
            self.room = EDIFACT_SEGMENTS_OF_A_LABEL_MAX
