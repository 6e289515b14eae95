"""A document that was held is decided again when its fact is committed (house.md 5)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from gateway.canonical.partner import Partner
from gateway.pipeline.answering import Answering
from gateway.pipeline.decide import Decide
from gateway.pipeline.rows import DecisionRow, HoldRow
from gateway.pipeline.writers import WRITERS
from tests.contract.stores import Bench, bench, document, empty_sqlite

__all__ = ["bench", "empty_sqlite"]

_ROUTE = {
    "name": "gate", "kind": "folder", "folder": "x", "subscriptions": [{"document": "booking"}],
}  # fmt: skip


@dataclass
class _Partners:
    """The two partners of this test."""

    known: dict[str, Partner]

    def partner(self, code: str) -> Partner | None:
        return self.known.get(code)

    def partners(self) -> list[Partner]:
        return list(self.known.values())


def _partner(**fields: object) -> Partner:
    return Partner.model_validate_json(json.dumps({"name": "Made up", **fields}))


def _decide(bench: Bench) -> Decide:
    partners = _Partners(
        {
            "ACME": _partner(
                code="ACME", identities=["ACME"], agreements=[{"document": "booking"}]
            ),
            "TERM": _partner(code="TERM", routes=[_ROUTE]),
        }
    )
    answering = Answering(partners, WRITERS, "US")  # type: ignore[arg-type] - what it asks of them
    return Decide(bench.stores[0], partners, bench.clock, answering)  # type: ignore[arg-type]


async def test_a_released_hold_brings_the_document_to_its_delivery(bench: Bench) -> None:
    name = bench.receive().interchange
    bench.translated(name, document(1), sender="ACME")
    held = f"{name}-1"

    def hold(tx: object) -> None:
        row = DecisionRow(held, 1, "hold", ["UNPAID"], [], {}, [], {}, bench.clock.now())
        tx.documents.decide(row, "held", "keep")  # type: ignore[attr-defined]
        tx.holds.place(HoldRow(held, "payment", "PO1", None))  # type: ignore[attr-defined]
        tx.interchanges.decided(name, 1, "held")  # type: ignore[attr-defined]

    bench.write(hold)
    assert bench.write(lambda tx: tx.holds.release("payment", "PO1")) == [held]
    assert ("decide", held, 2) in bench.events()
    step = _decide(bench)
    await step.run(held, 2)
    await step.run(held, 2)

    found = bench.read(lambda tx: tx.documents.find(held))
    decisions = bench.read(lambda tx: tx.documents.decisions(held))
    deliveries = bench.read(lambda tx: tx.deliveries.of_interchange(name))
    assert found.state == "accepted"
    assert [(each.revision, each.outcome) for each in decisions] == [(1, "hold"), (2, "accept")]
    assert [each.id for each in deliveries if each.partner == "TERM"] == [f"{held}-TERM_gate-2"]
    assert bench.read(lambda tx: tx.interchanges.find(name)).outcome == "accepted"
    assert any(each.id == f"{name}-ACME_mailbox_json-2" for each in deliveries)
