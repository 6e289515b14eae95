"""NCL → the container list of Tianjin in fixed columns (formats.md 5): 51 a box, 53 its goods.

Every box gets a 53, an empty one where no goods are told: readers give a 53 to all the 51 before it
that have none of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gateway.canonical.container_list import CONTAINER_LIST, ListedContainer, ListHeader
from gateway.findings import Finding, Place
from gateway.limits import FINDINGS_PER_FILE_MAX
from gateway.mappings import facts
from gateway.mappings.container_list.ncl_fixed import looks_right
from gateway.mappings.contract import Outgoing, Unwritable, Writer
from gateway.mappings.flat_places import status_letters
from gateway.mappings.flat_writing import draft_of
from gateway.syntax.charset import GB18030
from gateway.syntax.fixed.layout import FixedLayout, load
from gateway.syntax.fixed.writer import cut_to, line_text, room_of

NAME = "container_list/ncl-fixed"
_DESCRIPTION = "CONTAINER LIST"
# Column of line 51 → canonical path below the part, for what does not fit.
_PATHS = {
    "container_number": "number",
    "seal_number": "seals[1].number",
    "size_type": "size_type",
    "status": "status",
    "bill_number": "bill_of_lading",
}

# A list names boxes and bills; masses, temperatures and over-dimensions reach the terminal with
# the VGM, the load plan and the booking.  Dangerous goods must not go unsaid.
_SPARED = ("vgm_kg", "temperature.", "over_dimension.")


def write(envelope: Outgoing, _header: ListHeader, parts: Iterable[Any]) -> Iterator[bytes]:
    """The list, box by box; the file has no place for ship, voyage and sender."""
    writing = _Writing(load("ncl"), envelope.encoding or GB18030)
    yield writing.line("00", {"message_type": "NCL", "file_description": _DESCRIPTION}, "header")
    boxes = 0
    for part in parts:
        boxes += 1
        yield writing.box(part)
    if not boxes:
        writing.add(facts.MISSING.at(path="part", format=NAME))
    if writing.findings:
        raise Unwritable(writing.findings)


class _Writing:
    """One file in the making."""

    def __init__(self, layout: FixedLayout, encoding: str) -> None:
        self._layout = layout
        self._encoding = encoding
        self._room = room_of(layout, "53", "goods")
        self.findings: list[Finding] = []

    def add(self, finding: Finding) -> None:
        """Keep a finding; what is beyond the usual number is not told."""
        if len(self.findings) < FINDINGS_PER_FILE_MAX:
            self.findings.append(finding)

    def box(self, part: ListedContainer) -> bytes:
        """Line 51 and its lines 53."""
        draft = draft_of(part)
        status_letters((draft,))
        key = draft.pop("number", "")
        seals = draft.get("seals", ())
        values = {
            "container_number": key,
            "seal_number": seals[0].pop("number") if seals else "",
            "size_type": draft.pop("size_type", ""),
            "status": draft.pop("status", ""),
            "bill_number": draft.pop("bill_of_lading", ""),
        }
        goods = draft.pop("goods", "")
        self._judge(draft, values, key)
        texts = [piece for line in goods.split("\n") for piece in cut_to(line, self._room)]
        lines = [{"container_number": key, "goods": text} for text in texts]
        return self.line("51", values, key) + b"".join(self.line("53", v, key) for v in lines)

    def line(self, label: str, values: dict[str, str], key: str) -> bytes:
        """One line in the wanted encoding."""
        text, too_wide = line_text(self._layout, label, values)
        for each in too_wide:
            path = _PATHS.get(each.name, each.name)
            self.add(
                facts.TOO_LONG.at(
                    Place(key=key), each.value, path=path, format=NAME, limit=each.room
                )
            )
        try:
            return text.encode(self._encoding)
        except UnicodeEncodeError as error:
            bad = error.object[error.start : error.end]
            self.add(facts.NOT_ENCODABLE.at(Place(key=key), bad, encoding=self._encoding))
            return text.encode(self._encoding, errors="replace")

    def _judge(self, draft: dict[str, Any], values: dict[str, str], key: str) -> None:
        """What is missing, what these columns are not known for, what must not be lost."""
        place = Place(key=key)
        if not key:
            self.add(facts.MISSING.at(place, path="number", format=NAME))
        if not looks_right(values["size_type"] or None, values["status"] or None):
            shown = f"{values['size_type']} {values['status']}"
            self.add(facts.NOT_A_VALUE.at(place, shown, path="size_type, status", format=NAME))
        for path, told in facts.leaves(draft):
            if facts.is_never_lost(path) and not path.startswith(_SPARED):
                self.add(facts.NO_PLACE.at(place, path=told, format=NAME))


NCL_FIXED_WRITER = Writer(
    name=NAME,
    document=CONTAINER_LIST,
    suffix=".txt",
    content_type="text/plain",
    write=write,
    encoding=GB18030,
    encodings=frozenset({"gb18030", "gbk", "gb2312", "utf-8"}),
    leaves_out=frozenset(
        f"header.{name}"
        for name in ListHeader.model_fields
        if name not in ("message_type", "file_description")
    )
    | frozenset(
        f"part.{name}"
        for name in ListedContainer.model_fields
        if name not in ("number", "seals", "size_type", "status", "bill_of_lading", "goods")
    )
    | {"part.seals.kind", "part.seals.party"},
)
