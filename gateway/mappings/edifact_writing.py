"""Documents → EDIFACT: a `Message` says how the drafts of its format are made, the rest is common.

Segments come from the read tables turned round (edifact_writing_rows); each message is read back
before it is sent on (edifact_writing_check), so that no fact goes missing unnoticed: one that
`leaves_out` does not name refuses the document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gateway.canonical.document import Function, Header
from gateway.canonical.model import Model
from gateway.limits import FINDINGS_PER_FILE_MAX, LOAD_PLAN_RECORDS_MAX
from gateway.mappings import facts
from gateway.mappings.contract import Outgoing, Unwritable, Writer
from gateway.mappings.edifact_writing_message import Draft, Message, plan_of
from gateway.mappings.edifact_writing_output import ENCODINGS, Output
from gateway.mappings.edifact_writing_text import Faulty
from gateway.mappings.edifact_writing_work import Work

# BGM 1001; what a flat file says of itself there is a text.
_CODE_CHARACTERS = 3

__all__ = ["Message", "writer"]


def writer(message: Message, directory: str | None = None) -> Writer:
    """The registry's line for a message.

    directory: another one than the first; the name tells it ("booking/coparn-d00b").
    """

    def write(envelope: Outgoing, header: Header, parts: Iterable[Model]) -> Iterator[bytes]:
        return write_document(message, envelope, header, parts, directory)

    variant = f"-{directory.replace('.', '').lower()}" if directory else ""
    return Writer(
        name=message.format.name + variant,
        document=message.format.document,
        suffix=".edi",
        content_type="application/EDIFACT",
        write=write,
        encodings=frozenset(ENCODINGS),
        leaves_out=message.leaves_out,
    )


def write_document(
    message: Message,
    envelope: Outgoing,
    header: Header,
    parts: Iterable[Model],
    variant: str | None = None,
) -> Iterator[bytes]:
    """An interchange: one message for all parts, or one a part where a message holds only one.

    Raises `Unwritable` at its end, with all findings.
    """
    directory = variant or _directory(message, envelope)
    plan = plan_of(message, directory)
    faulty = Faulty(message.format.name, FINDINGS_PER_FILE_MAX, message.leaves_out)
    out = Output(envelope, faulty)
    head = head_of(envelope, header, faulty)
    if not 0 < len(head.get("file_description", "")) <= _CODE_CHARACTERS:
        head["file_description"] = message.beginning
    work = Work(plan, head, faulty, envelope)
    composite = (message.kind, *directory.split("."), "UN", message.association)
    if message.sort is not None:
        for shared in _sorted(message, parts, faulty):
            yield from out.message(composite, work.of_many(shared))
    elif message.groups:
        yield from out.message(composite, work.of_many(parts))
    else:
        for part in parts:
            yield from out.message(composite, work.of_one(part))
        if not out.messages:
            faulty.add(facts.MISSING.at(format=message.format.name, path="part"))
    yield from out.end()
    if faulty.findings:
        raise Unwritable(faulty.findings)


def _sorted(message: Message, parts: Iterable[Model], faulty: Faulty) -> Iterator[list[Model]]:
    """The parts that share a message, in the order of the first of them; none make one, too."""
    shared: dict[tuple[str, ...], list[Model]] = {}
    for count, part in enumerate(parts, 1):
        if count > LOAD_PLAN_RECORDS_MAX:
            limit = LOAD_PLAN_RECORDS_MAX
            name = message.format.name
            faulty.add(facts.TOO_MANY.at(path="part", format=name, count=count, limit=limit))
            break
        key = message.sort(part) if message.sort is not None else ()
        shared.setdefault(key, []).append(part)
    yield from shared.values() or [[]]


def head_of(envelope: Outgoing, header: Header, faulty: Faulty) -> Draft:
    """The header's values with the function that the envelope wants.

    A function without a code of its own is refused: left out it would read as an original.
    """
    head: Draft = header.model_dump(exclude_defaults=True)
    function = head["function"] = envelope.function or header.function
    if function is Function.OTHER:
        name = faulty.format
        faulty.add(facts.NOT_A_VALUE.at(value="other", path="header.function", format=name))
    return head


def _directory(message: Message, envelope: Outgoing) -> str:
    """The directory that the route wants, where it names one of ours."""
    asked = (envelope.message_type or "").upper()
    return next((each for each in message.directories if each in asked), message.directories[0])
