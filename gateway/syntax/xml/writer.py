"""Elements → XML text: escapes, order, declaration; characters that XML cannot hold are told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

# XML 1.0 has no place for these, escaped or not.
IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_ATTRIBUTE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", '"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
)


@dataclass(slots=True)
class Tag:
    """One element to be written: text, or elements below it."""

    name: str
    text: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    below: list[Tag] = field(default_factory=list)

    def under(self, name: str) -> Tag:
        """The last element of that name below this one, made where there is none."""
        for tag in reversed(self.below):
            if tag.name == name:
                return tag
        return self.add(name)

    def add(self, name: str, text: str = "") -> Tag:
        """One more element below this one."""
        tag = Tag(name, text)
        self.below.append(tag)
        return tag

    def sort(self, order: Mapping[str, int], path: str = "") -> None:
        """Bring everything below into the order of a layout (path → rank), stable."""
        prefix = f"{path}/" if path else ""
        self.below.sort(key=lambda tag: order.get(prefix + tag.name, len(order)))
        for tag in self.below:
            tag.sort(order, prefix + tag.name)

    def pieces(self) -> Iterator[str]:
        """The text of the element."""
        told = "".join(
            f' {name}="{value.translate(_IN_ATTRIBUTE)}"' for name, value in self.attributes.items()
        )
        if not self.below and not self.text:
            yield f"<{self.name}{told}/>"
            return
        yield f"<{self.name}{told}>{self.text.translate(_ESCAPES)}"
        for tag in self.below:
            yield from tag.pieces()
        yield f"</{self.name}>"

    def __str__(self) -> str:
        return "".join(self.pieces())


def opening(root: str, namespace: str, encoding: str) -> str:
    """Declaration and the start of the root element."""
    return f'<?xml version="1.0" encoding="{encoding.upper()}"?>\n<{root} xmlns="{namespace}">\n'
