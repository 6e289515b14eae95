"""One file through the pure core: what `convert` and `check` both see, and the exit code of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from gateway.cli.failure import EXIT_FINDINGS, EXIT_FINE, EXIT_UNUSABLE, Failure, fault_place
from gateway.cli.sources import Source, chunks

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.canonical.partner import Partner
    from gateway.findings import Finding
    from gateway.pipeline.translation import Part


@dataclass(slots=True)
class Reading:
    """How one file went; `findings` holds the loose ones until `all_findings` adds the parts'."""

    name: str
    envelope: dict[str, object] = field(default_factory=dict)
    complete: bool = False
    documents: int = 0
    parts: int = 0
    format: str | None = None
    findings: list[Finding] = field(default_factory=list)
    total: int = 0
    errors: int = 0
    encoding: str | None = None
    usable: bool = False

    @property
    def exit_code(self) -> int:
        """0 without an error finding, 1 with one, 2 for what cannot be read at all."""
        if not self.usable:
            return EXIT_UNUSABLE
        return EXIT_FINDINGS if self.errors else EXIT_FINE

    def as_json(self) -> dict[str, Any]:
        """The last line of a file (interfaces.md)."""
        kept = [finding.as_json() for finding in self.findings]
        return {
            "file": self.name,
            "interchange": self.envelope,
            "complete": self.complete,
            "documents": self.documents,
            "parts": self.parts,
            "format": self.format,
            "errors": self.errors,
            "findings_total": self.total,
            "findings": kept,
        }


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which terms files are read: a partner's profile, and the type that they must have."""

    partner: Partner | None = None
    type_name: str | None = None


def read(
    source: Source,
    terms: Terms,
    on_part: Callable[[Part], None],
    look: Callable[[IO[bytes], Reading], None] | None = None,
) -> Reading:
    """Translate one file; whatever happens, there is an answer.

    on_part: called for each part in order.  look: called with the open file at the end, to show
    spots of it.
    """
    from gateway.findings import FindingKind, Severity

    reading = Reading(source.name, _no_envelope())
    try:
        with source.open() as file:
            _translate(file, terms, reading, on_part)
            if look is not None:
                look(file, reading)
    except OSError as error:
        kind = FindingKind(
            "FILE-UNREADABLE",
            Severity.ERROR,
            "无法打开或读取文件（{why}）",
            "the file cannot be opened or read ({why})",
        )
        _refuse(reading, kind.at(why=error.strerror or type(error).__name__))
    except Exception as error:  # noqa: BLE001 - our own fault; the files after this one go on
        kind = FindingKind(
            "GATEWAY-FAULT",
            Severity.ERROR,
            "网关自身出错（{why}），请报告此问题",
            "a fault of the gateway itself ({why}); please report it with this file",
        )
        _refuse(reading, kind.at(why=fault_place(error)))
    return reading


def _translate(
    file: IO[bytes], terms: Terms, reading: Reading, on_part: Callable[[Part], None]
) -> None:
    from gateway.pipeline.packed import translate_file
    from gateway.pipeline.translation import Document, Part

    others: dict[str, None] = {}
    errors = 0
    for item in translate_file(chunks(file), terms.partner):
        if isinstance(item, Document):
            if terms.type_name not in (None, item.format.document.name, item.format.name):
                others[item.format.document.name] = None
        elif isinstance(item, Part):
            reading.parts += 1
            errors += item.errors
            on_part(item)
        else:
            reading.envelope = item.interchange.as_json()
            reading.encoding = item.interchange.encoding
            reading.complete = item.interchange.complete
            reading.documents = item.documents
            reading.format = item.format
            reading.findings += item.findings
            reading.total = item.total
            reading.errors = errors + item.errors
            reading.usable = item.documents > 0 or reading.parts > 0
    for other in others:
        _refuse_type(reading, terms.type_name or "", other)


def _refuse_type(reading: Reading, wanted: str, found: str) -> None:
    from gateway.findings import FindingKind, Severity

    kind = FindingKind(
        "FILE-TYPE",
        Severity.ERROR,
        "文件是 {found}，不是 {wanted}",
        "the file is a {found}, not a {wanted}",
    )
    _refuse(reading, kind.at(found=found, wanted=wanted))


def _refuse(reading: Reading, finding: Finding) -> None:
    reading.findings.append(finding)
    reading.total += 1
    reading.errors += 1


def _no_envelope() -> dict[str, object]:
    names = ("sender", "receiver", "reference", "encoding")
    return {"syntax": "unknown", **dict.fromkeys(names)}


def terms_of(partner_file: Path | None, type_name: str | None) -> Terms:
    """What `--partner` and `--type` say; raises Failure for a partner file or type of no use."""
    partner = None
    if partner_file is not None:
        from gateway.cli.partner_files import load_one

        partner = load_one(partner_file)
    if type_name is not None:
        from gateway.mappings import registry

        known = {f.document.name for f in registry.FORMATS} | {f.name for f in registry.FORMATS}
        if type_name not in known:
            raise Failure(f"--type {type_name}: unknown; known are {', '.join(sorted(known))}")
    return Terms(partner, type_name)
