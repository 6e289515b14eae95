"""MANIFEST as EDIFACT IFCSUM (D.94B to D.16A): a part is one consignment (CNI).

Sources: UN directories (schemas/edifact), formats.md 9, docs/formats/edifact.md.
"""

from __future__ import annotations

from gateway.canonical.manifest import MANIFEST
from gateway.mappings.contract import Format
from gateway.mappings.convert import bill_number
from gateway.mappings.edifact_remarks import of_goods
from gateway.mappings.edifact_rows import kept_others
from gateway.mappings.manifest.consignment import HEADER, bill, finish_header, finish_part
from gateway.mappings.node import Row, at
from gateway.mappings.table import Table

_NUMBER = "BM|AAA"
_BILL = bill(
    "CNI",
    (
        *(Row("CNI/RFF", (1, component), "") for component in (1, 2)),
        Row("CNI/RFF", (1, 2), "number", bill_number, at(((1, 1), _NUMBER))),
        Row("CNI/RFF", (1, 2), "master_number", bill_number, at(((1, 1), "MB|MWB"))),
    ),
    (kept_others("CNI/RFF", (1, 2), known=f"{_NUMBER}|MB|MWB"),),
)

IFCSUM_EDIFACT = Format(
    name="manifest/ifcsum",
    version="1",
    syntax="edifact",
    kinds=frozenset({"IFCSUM"}),
    document=MANIFEST,
    layout="IFCSUM",
    header=Table(HEADER),
    part=Table(_BILL),
    group_labels=frozenset({"CNI"}),
    finish_header=finish_header,
    finish_part=finish_part,
    remark=of_goods,
    samples="manifest/ifcsum",
)
