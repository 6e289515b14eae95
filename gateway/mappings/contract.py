"""What a format is: the one thing to write when a document arrives, or leaves, in one more shape.

`Format` reads (its line stands in `registry.FORMATS`), `Writer` writes (`writing.WRITERS`); the two
of one format share its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.canonical.document import DocumentType, Function
from gateway.findings import Finding, FindingKind
from gateway.mappings.table import Path, Table
from gateway.syntax.profile import Profile
from gateway.syntax.record import Grammar, Layout, MessageKind, Split

Remark = Callable[[dict[str, Any], dict[str, Any]], Iterable[tuple[FindingKind, Path]]]


@dataclass(frozen=True)
class Format:
    """One document in one syntax: which messages, which layout, which tables.

    name: "manifest/ifcsum-flat".  kinds: message names that it reads ("IFCSUM").  layout: the name
    of the layout that both tables are written for; `layouts` maps a variant (a directory version,
    a port's habit) to another layout of the same field names.  group_labels: the labels that open
    a part.  accepts: narrows `kinds` by version or association.  finish: last touch on the drafts
    of header and part (values, profile) before they become models; must not raise.
    samples: folder of golden samples.  split: as in `Grammar`.
    remark: what is odd about a part (its finished draft, the draft of the header, which it may use
    to remember what came before), as kinds of finding and the paths that they concern.
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
    remark: Remark | None = None

    def grammar(self, layout: Layout) -> Grammar:
        """What a reader must know to cut a message of this format under a layout."""
        return Grammar(layout, self.group_labels, self.split)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The envelope of one file that we send: what the document itself does not say.

    sender, receiver: codes as the receiver knows them (record 00 fields 5 and 6, UNB S002, S003).
    reference: our control reference, at most 14 of A-Z and 0-9, the same at every attempt of a
    delivery and another one for every other delivery; EDIFACT puts it into UNB 0020, messages of
    the file count below it (UNH 0062 "1", "2", …), XML makes its MessageID of it.
    created: aware, already in the zone whose wall clock is to be written.
    test: the file is a test (UNB 0035).
    encoding: IANA name that the receiver wants; None leaves it to the writer.
    function: wins over the header's own, None keeps that.
    message_type: the member of a family to write where the format has several (COSTCO, COSTRP),
    None for the usual one.
    """

    sender: str
    receiver: str
    reference: str
    created: datetime
    test: bool = False
    encoding: str | None = None
    function: Function | None = None
    message_type: str | None = None


class Unwritable(ValueError):
    """The document holds a fact that this format must carry and cannot; findings say which.

    Not a fault of a partner and none of ours: the delivery becomes a dead letter with the code of
    the first finding, and nothing else is disturbed.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(", ".join(dict.fromkeys(finding.code for finding in findings)))
        self.findings = tuple(findings)


Write = Callable[[Outgoing, Any, Iterable[Any]], Iterator[bytes]]


@dataclass(frozen=True)
class Writer:
    """One document into one syntax.

    To add one: a module beside the reader of the format with a function

        def write(envelope: Outgoing, header: ManifestHeader, parts: Iterable[Bill])
            -> Iterator[bytes]

    and a `Writer` naming it; one line in `writing.WRITERS`; golden samples come by themselves
    (tests/property/test_round_trip.py reads back what each writer wrote).  The function

    - is pure, and gives the same bytes for the same arguments: no clock, no counter of its own;
    - takes models of `document.header` and `document.part`, parts one at a time and once: it must
      not hold them all (a manifest has 45 MB), unless the syntax needs all of them at once, as the
      load plan does, under a limit;
    - yields pieces of the file, nothing need be joined: the caller spools them and counts bytes;
    - raises `Unwritable`, at the latest when it ends, where a fact is missing that the format must
      have, does not fit its field, has a character that the encoding lacks, or is one that must
      never be lost (`facts.is_never_lost`: dangerous goods, temperatures, seals, verified masses …)
      and has no place in this format.  All findings together, not the first one only.
      What is written before it raises is thrown away.

    Other facts without a place are left out and named in `leaves_out`: canonical paths below
    header ("header.trade") and part ("goods.hs_code"), lists without index; they are documented in
    docs/formats and left out of the comparison when a test reads back what was written.

    name: as the format that reads it ("manifest/ifcsum-flat").  suffix: of the file, with its dot.
    content_type: without charset.  encoding: used where the envelope wants none.
    """

    name: str
    document: DocumentType
    suffix: str
    content_type: str
    write: Write
    encoding: str = "utf-8"
    encodings: frozenset[str] = frozenset({"utf-8", "gb18030"})
    leaves_out: frozenset[str] = frozenset()
