"""Segments → bytes: escapes only where needed, counts and trailers by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# An element: text, or the components of a composite.
Written = str | Sequence[str]
_SPECIAL = re.compile("[?+:']")
_ESCAPES = str.maketrans({"?": "??", "+": "?+", ":": "?:", "'": "?'"})
# The narrowest character set that holds the text: few receivers read more than the first.
_LEVELS = (
    ("UNOA", "2", re.compile(r"""[A-Z0-9 .,\-()/=!"%&*;<>'+:?\n]*""")),
    ("UNOB", "2", re.compile(r"""[A-Za-z0-9 .,\-()/=!"%&*;<>'+:?\n]*""")),
    ("UNOY", "4", re.compile(r"(?s:.*)")),
)
_REFERENCE_CHARACTERS_MAX = 14


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends to whom: `created` is "YYMMDD", "HHMM" by the caller's clock; `una` writes UNA."""

    sender: str
    receiver: str
    reference: str
    created: tuple[str, str]
    test: bool = False
    una: bool = True


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One message without UNH and UNT; kind is the composite of UNH ("CONTRL", "D", "3", "UN")."""

    reference: str
    kind: Sequence[str]
    segments: Sequence[tuple[str, Sequence[Written]]]


def escaped(text: str) -> str:
    """A value with its service characters released; control characters become blanks."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return text.translate(_ESCAPES) if _SPECIAL.search(text) else text


def segment_text(tag: str, elements: Sequence[Written]) -> str:
    """One segment with its terminator; empty elements and components at ends are left out."""
    texts = [escaped(each) if isinstance(each, str) else _composite(each) for each in elements]
    while texts and not texts[-1]:
        texts.pop()
    return "+".join([tag, *texts]) + "'"


def _composite(components: Sequence[str]) -> str:
    """Components without the empty ones at the end; an escaped ":" at an end is a value."""
    texts = [escaped(each) for each in components]
    while texts and not texts[-1]:
        texts.pop()
    return ":".join(texts)


def message_text(message: OutgoingMessage) -> str:
    """UNH, the segments, and UNT with their number."""
    lines = [segment_text("UNH", (message.reference, message.kind))]
    lines += [segment_text(tag, elements) for tag, elements in message.segments]
    lines.append(segment_text("UNT", (str(len(lines) + 1), message.reference)))
    return "\n".join(lines)


def interchange_bytes(envelope: Envelope, messages: Iterable[OutgoingMessage]) -> bytes:
    """A whole interchange, a segment a line: UNOA or UNOB if its text allows it, else UTF-8 (UNOY).

    Raises ValueError for a control reference that is empty or longer than UNB 0020 takes.
    """
    if not 0 < len(envelope.reference) <= _REFERENCE_CHARACTERS_MAX:
        raise ValueError(f"not a control reference: {envelope.reference!r}")
    texts = [message_text(message) for message in messages]
    body = "\n".join([envelope.sender, envelope.receiver, *texts])
    syntax, version = next((s, v) for s, v, level in _LEVELS if level.fullmatch(body))
    date, clock = envelope.created
    header: list[Written] = [
        (syntax, version), envelope.sender, envelope.receiver,
        (f"20{date}" if version == "4" else date, clock), envelope.reference,
    ]  # fmt: skip
    header += ["", "", "", "", "", "1" if envelope.test else ""]
    lines = ["UNA:+.? '"] if envelope.una else []
    lines += [segment_text("UNB", header), *texts]
    lines.append(segment_text("UNZ", (str(len(texts)), envelope.reference)))
    return ("\n".join(lines) + "\n").encode()
