"""CONSISTENCY: what a part says twice, it should say alike.

Totals of a bill against its goods, and boxes that point to goods.  Everything here only warns:
files whose figures differ circulate, and which of the two is right only the sender knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from gateway.canonical.booking import Booking
from gateway.canonical.container import Container
from gateway.canonical.goods import GoodsItem
from gateway.canonical.manifest import Bill
from gateway.canonical.model import Model
from gateway.findings import FindingKind, Severity
from gateway.rules.flaw import NO_FLAWS, CanonicalPath, Flaw

TOTAL_DIFFERS = FindingKind(
    "TOTAL-DIFFERS",
    Severity.WARNING,
    "提单{what_zh}合计 {value}，货物明细合计 {actual}",
    "the bill states {value} {what} in total, its goods add up to {actual}",
    "请核对合计与明细",
    "compare the total with the goods",
)
GOODS_UNKNOWN = FindingKind(
    "GOODS-UNKNOWN",
    Severity.WARNING,
    "集装箱 {box} 指向货物序号 {value}，提单中只有 {known}",
    "container {box} points to goods item {value}, the bill has {known}",
    "请核对箱记录中的货物序号",
    "compare the goods sequence number of the container",
)

# Items that a text names; a bill may have a thousand.
_NAMED_MAX = 5


def consistency_findings(document_type: str, part: Model) -> Sequence[Flaw]:
    """What contradicts itself in a part; the flaws have the paths of identifier_findings."""
    if document_type == "manifest" and isinstance(part, Bill):
        return (*_totals(part), *_links(part.goods, part.containers))
    if document_type == "booking" and isinstance(part, Booking):
        return _links(part.goods, part.containers)
    return NO_FLAWS


def _totals(bill: Bill) -> Sequence[Flaw]:
    """Totals of record 12 against records 41, where every one of them states the figure."""
    packages = bill.total_packages.count if bill.total_packages else None
    weight, volume = bill.total_gross_weight_kg, bill.total_volume_m3
    if not bill.goods or (packages is None and weight is None and volume is None):
        return NO_FLAWS
    flaws = [
        _total(
            ("part", "total_packages", "count"), packages, _counts(bill.goods), "packages", "件数"
        ),
        _total(
            ("part", "total_gross_weight_kg"),
            weight,
            [item.gross_weight_kg for item in bill.goods],
            "kg",
            "毛重(千克)",
        ),
        _total(
            ("part", "total_volume_m3"),
            volume,
            [item.volume_m3 for item in bill.goods],
            "m³",
            "体积(立方米)",
        ),
    ]
    return [flaw for flaw in flaws if flaw is not None]


def _counts(goods: Sequence[GoodsItem]) -> list[int | None]:
    return [item.packages.count if item.packages else None for item in goods]


def _total(
    path: CanonicalPath,
    stated: Decimal | int | None,
    figures: Sequence[Decimal | int | None],
    what: str,
    what_zh: str,
) -> Flaw | None:
    known = [figure for figure in figures if figure is not None]
    if stated is None or len(known) < len(figures):
        return None
    actual = sum(known, Decimal(0))
    if actual == stated:
        return None
    params = {"actual": plain(actual), "what": what, "what_zh": what_zh}
    return Flaw(path, TOTAL_DIFFERS, plain(stated), params)


def plain(figure: Decimal | int) -> str:
    """A figure without exponent and without zeros at its end."""
    text = f"{figure:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _links(goods: Sequence[GoodsItem], boxes: Sequence[Container]) -> Sequence[Flaw]:
    """`goods_sequence` of a box names one of the goods; 0 and an empty one name none."""
    if not goods or not boxes:
        return NO_FLAWS
    known = {_bare(item.sequence) for item in goods if item.sequence}
    if not known:
        return NO_FLAWS
    flaws = []
    for index, box in enumerate(boxes):
        sequence = box.goods_sequence
        if sequence and (bare := _bare(sequence)) and bare not in known:
            path = ("part", "containers", index, "goods_sequence")
            params = {"box": box.number or "?", "known": _listed(known)}
            flaws.append(Flaw(path, GOODS_UNKNOWN, sequence, params))
    return flaws


def _bare(sequence: str) -> str:
    """`001`, `01` and `1` are the same item."""
    return sequence.lstrip("0")


def _listed(known: set[str]) -> str:
    named = sorted(known)[:_NAMED_MAX]
    return ", ".join(named) + (" …" if len(known) > len(named) else "")
