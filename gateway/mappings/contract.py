"""What a format is: the one thing to write when a document arrives in one more shape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gateway.canonical.document import DocumentType
from gateway.mappings.table import Table
from gateway.syntax.profile import Profile
from gateway.syntax.record import Grammar, Layout, MessageKind, Split


@dataclass(frozen=True)
class Format:
    """One document in one syntax: which messages, which layout, which tables.

    name: "manifest/ifcsum-flat".  kinds: message names that it reads ("IFCSUM").  layout: the name
    of the layout that both tables are written for; `layouts` maps a variant (a directory version,
    a port's habit) to another layout of the same field names.  group_labels: the labels that open
    a part.  accepts: narrows `kinds` by version or association.  finish: last touch on the drafts
    of header and part (values, profile) before they become models; must not raise.
    samples: folder of golden samples.  split: as in `Grammar`.
    """

    name: str
    version: str
    syntax: str
    kinds: frozenset[str]
    document: DocumentType
    layout: str
    header: Table
    part: Table
    group_labels: frozenset[str] = frozenset()
    accepts: Callable[[MessageKind], bool] | None = None
    finish_header: Callable[[dict[str, Any], MessageKind, Profile], None] | None = None
    finish_part: Callable[[dict[str, Any], dict[str, Any], Profile], None] | None = None
    samples: str = ""
    layouts: dict[str, str] = field(default_factory=dict)
    split: Split | None = None

    def grammar(self, layout: Layout) -> Grammar:
        """What a reader must know to cut a message of this format under a layout."""
        return Grammar(layout, self.group_labels, self.split)
