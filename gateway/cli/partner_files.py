"""Partner files on disk: found, read, judged by rules.partner_file, their faults told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli import screen
from gateway.cli.failure import Failure

if TYPE_CHECKING:
    from gateway.canonical.partner import Partner
    from gateway.findings import Finding
    from gateway.rules.partner_file import Checked


def load_one(path: Path) -> Partner:
    """One partner; raises Failure with the first faults of its file."""
    from gateway.pipeline.writing import written_formats
    from gateway.rules.partner_file import check_partner

    # Where a file lies and what it is called matters only to the folder of partners.
    checked = check_partner(None, _text(path), written_formats())
    errors = [f for f in checked.findings if f.severity.value == "error"]
    if checked.partner is None:
        raise Failure("\n".join([f"partner {path}:", *map(line_of, errors)]))
    return checked.partner


def load_folder(folder: Path) -> dict[str, Checked]:
    """Every `*.toml` of a folder by name, judged alone and together; raises Failure."""
    from gateway.pipeline.writing import written_formats
    from gateway.rules.partner_file import SUFFIX, check_partners

    if not folder.is_dir():
        raise Failure(f"there is no folder of partners at {folder}")
    paths = sorted(folder.glob(f"*{SUFFIX}"))
    return check_partners({path.name: _text(path) for path in paths}, written_formats())


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"partner {path}: {error}") from None


def line_of(finding: Finding) -> str:
    """A finding in one line."""
    place = finding.place
    where = place.key or (f"line {place.line}" if place.line else "")
    hints = " · ".join(hint for hint in (finding.hint_zh, finding.hint_en) if hint)
    text = f"  {finding.severity.value}  {where}: {finding.zh} · {finding.en}"
    return screen.printable(text + (f"  → {hints}" if hints else ""))
