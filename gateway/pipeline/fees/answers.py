"""ANSWERS of the maritime authority: a document moves filings, declarations and receipts.

An answer that comes late, twice, or about something that has moved on is kept with its document and
becomes work for a person; it is never applied backwards.
"""

from __future__ import annotations

import json
from typing import Any

from gateway.canonical.authority_answer import AuthorityDecision
from gateway.pipeline.counsel import Matter
from gateway.pipeline.fees import goods, receipts
from gateway.pipeline.fees.clean import settle_when_confirmed
from gateway.pipeline.fees.desk import Desk
from gateway.pipeline.fees.filing import decide_filing
from gateway.pipeline.fees.telling import FEE_DESK
from gateway.pipeline.money.rows import WorkRow
from gateway.rules import declaration_life as life
from gateway.rules import settlement_life

# A message of more decisions is rejected at the door (an answer is small).
DECISIONS_MAX = 1000
_GOODS = {
    ("goods", "approved"): life.Event.APPROVE,
    ("goods", "rejected"): life.Event.REJECT,
    ("cancellation", "approved"): life.Event.CANCEL_APPROVED,
    ("cancellation", "rejected"): life.Event.CANCEL_REJECTED,
}


class OutOfTurn(Exception):
    """The thing decided is not there, or not waiting for this."""


def take(desk: Desk, matter: Matter) -> None:
    """Apply every decision of an accepted answer; what is out of turn becomes work."""
    parts = matter.tx.documents.parts(matter.document.id, 0, DECISIONS_MAX)
    for part in parts:
        said = AuthorityDecision.model_validate_json(part.canonical)
        try:
            _apply(desk, said)
        except (OutOfTurn, goods.Refused, receipts.NotNow) as error:
            _out_of_turn(desk, matter, said, type(error).__name__)


def _apply(desk: Desk, said: AuthorityDecision) -> None:
    if said.subject == "filing":
        _filing(desk, said)
    elif said.subject == "settlement":
        _settlement(desk, said)
    else:
        _declaration(desk, said)


def _filing(desk: Desk, said: AuthorityDecision) -> None:
    row = desk.tx.money.filings.find(said.id)
    if row is None or row.state != "submitted":
        raise OutOfTurn(said.id)
    decide_filing(desk, row, said.decision, said.number, said.reason)


def _settlement(desk: Desk, said: AuthorityDecision) -> None:
    row = desk.tx.money.settlements.find(said.id)
    if row is None:
        raise OutOfTurn(said.id)
    event = settlement_life.Event.APPROVE
    if said.decision == "rejected":
        event = settlement_life.Event.REJECT
    receipts.decide(desk, row, event, number=said.number, note=said.reason)


def _declaration(desk: Desk, said: AuthorityDecision) -> None:
    """Only the revision that was asked about is answered (a withdrawn bill may be asked anew)."""
    row = desk.tx.money.declarations.find(said.id)
    if row is None or (said.revision is not None and said.revision != row.revision):
        raise OutOfTurn(said.id)
    event = _GOODS[said.subject, said.decision]
    decided = goods.answer(
        desk, row, event, number=said.number, fen=said.amount_fen, reason=said.reason
    )
    if decided.kind == "clean":
        clean = desk.tx.money.manifests.find(decided.manifest)
        if clean is not None:
            settle_when_confirmed(desk, clean)


def _out_of_turn(desk: Desk, matter: Matter, said: AuthorityDecision, why: str) -> None:
    detail: dict[str, Any] = json.loads(said.model_dump_json())
    desk.tx.money.work.add(
        WorkRow(
            key=f"ANSWER_OUT_OF_TURN:{matter.document.id}:{said.subject}:{said.id}",
            kind="ANSWER_OUT_OF_TURN",
            owner=FEE_DESK,
            created_at=desk.now,
            partner=matter.document.partner,
            reference=said.id,
            detail={**detail, "document": matter.document.id, "why": why},
        )
    )
