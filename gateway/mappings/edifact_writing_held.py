"""Text of a message that is held while what stands before it is not yet known, under a limit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gateway.findings import FindingKind, Severity
from gateway.limits import EDIFACT_HELD_CHARACTERS_MAX
from gateway.mappings.contract import Unwritable
from gateway.mappings.edifact_writing_output import text_of
from gateway.mappings.edifact_writing_tree import Segment

TOO_BIG = FindingKind(
    "WRITE-SIZE",
    Severity.ERROR,
    "{format} 须先列出所有箱，提单内容超过 {limit} 个字符，无法写出",
    "{format} tells every box first; bills of more than {limit} characters cannot be written",
    "请为该路由选择 IFCSUM 或平台文件",
    "choose IFCSUM or a platform file for this route",
)


class Held:
    """Segments as text, in order."""

    def __init__(self, format_: str) -> None:
        self._format = format_
        self._texts: list[str] = []
        self._size = 0

    def add(self, segments: Iterable[Segment]) -> None:
        """Keep them; raises `Unwritable` beyond the limit."""
        for segment in segments:
            text = text_of(segment)
            self._size += len(text)
            self._texts.append(text)
        if self._size > EDIFACT_HELD_CHARACTERS_MAX:
            limit = EDIFACT_HELD_CHARACTERS_MAX
            raise Unwritable([TOO_BIG.at(format=self._format, limit=limit)])

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)
