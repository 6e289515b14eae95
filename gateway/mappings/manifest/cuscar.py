"""MANIFEST as EDIFACT CUSCAR (customs cargo report): a part is one bill, the RFF group below a CNI.

CNI names the bill above (the line's own, for a forwarder's bills) or nothing; it is handed on with
every bill below it.  Sources: UN directories (schemas/edifact), docs/formats/edifact.md.
"""

from __future__ import annotations

from gateway.canonical.manifest import MANIFEST
from gateway.mappings.contract import Format
from gateway.mappings.convert import bill_number
from gateway.mappings.edifact_remarks import of_goods
from gateway.mappings.manifest.consignment import HEADER, bill, finish_header, finish_part
from gateway.mappings.node import Row
from gateway.mappings.table import Table

_BILL = bill(
    "CNI/RFF",
    (
        Row("CNI/RFF", (1, 1), ""),
        Row("CNI/RFF", (1, 2), "number", bill_number),
    ),
)

CUSCAR = Format(
    name="manifest/cuscar",
    version="1",
    syntax="edifact",
    kinds=frozenset({"CUSCAR"}),
    document=MANIFEST,
    layout="CUSCAR",
    header=Table(HEADER),
    part=Table(_BILL),
    group_labels=frozenset({"CNI/RFF"}),
    finish_header=finish_header,
    finish_part=finish_part,
    remark=of_goods,
    samples="manifest/cuscar",
)
