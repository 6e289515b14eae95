"""DECIDE, step 4: facts from the store, rules over them, and everything that follows, recorded.

Arrival order holds within a lane (account and document type): an interchange whose predecessor is
still undecided does nothing here; whoever decides the predecessor goes on with it in the same
transaction, or announces it.  Documents are decided page by page, each claimed once, so that a
process that dies in the middle goes on.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from functools import partial

from gateway.findings import Finding
from gateway.limits import DOCUMENTS_PER_DECISION_MAX, FOLLOWERS_PER_LOOK
from gateway.pipeline.answering import Answering, Ending
from gateway.pipeline.counsel import NO_COUNSEL, Counsel
from gateway.pipeline.crash_points import crash_point
from gateway.pipeline.dispatch import Ways
from gateway.pipeline.judging import QUARANTINE, Judge
from gateway.pipeline.ports import Clock, Directory, Stale, Store, StoreUnavailable, Tx
from gateway.pipeline.rows import InterchangeRow, NewDelivery
from gateway.rules.decision import outcome_of

STAGE = "decide"


class Decide:
    """The step."""

    # Whoever comes too early does nothing and is announced by its predecessor.
    side_by_side = True

    def __init__(
        self,
        store: Store,
        directory: Directory,
        clock: Clock,
        answering: Answering,
        counsel: Counsel = NO_COUNSEL,
    ) -> None:
        self._store = store
        self._ways = Ways(directory)
        self._clock = clock
        self._answering = answering
        self._counsel = counsel

    async def run(self, subject: str, revision: int) -> None:
        """Decide one interchange, if it is its turn, with small ones that wait behind it.

        Or a document whose hold was released.
        """
        # Another process had the same event and was sooner; it goes on with the lane, too.
        with contextlib.suppress(Stale):
            await self._in_company(subject, revision)

    async def _in_company(self, subject: str, revision: int) -> None:
        company: list[str] = []
        try:
            await self._decide(subject, revision, company)
        except StoreUnavailable:
            raise
        except Exception:  # any fault of those that went along; one of its own comes again below
            if not company:
                raise
            await self._decide(subject, revision, None)

    async def _decide(self, subject: str, revision: int, company: list[str] | None) -> None:
        after: int | None = 0
        while after is not None:
            turn = partial(self._turn, subject, revision, after, company)
            after = await self._store.write(turn)
            crash_point("decide.recorded")

    def _turn(
        self, subject: str, revision: int, after: int, company: list[str] | None, tx: Tx
    ) -> int | None:
        """One transaction: some documents; the last ordinal, None when the interchange is done.

        company: gets the ids of those that went along; None where it shall go alone.
        """
        row = tx.interchanges.find(subject)
        if row is None:
            self._again(tx, subject, revision)
            return None
        if row.state != "translated" or row.revision != revision:
            return None
        if not after and tx.interchanges.earlier_undecided(row.order_key, row.seq):
            return None
        outgoing: list[NewDelivery] = []
        last = self._page(tx, row, after, outgoing)
        if last is None:
            # Where it has company already, the store ran this before and rolled it back: two such
            # transactions may want the same rows crosswise.  Now it goes alone.
            if company is not None and not company:
                self._follow(tx, row, company, outgoing)
            tx.interchanges.announce_next(row.order_key)
        # All lanes at once: two transactions that took them by and by could wait crosswise.
        tx.deliveries.add(outgoing)
        return last

    def _follow(
        self, tx: Tx, row: InterchangeRow, company: list[str], outgoing: list[NewDelivery]
    ) -> None:
        """The next of the lane in the same transaction, while they are small and may go.

        A commit, an event and its way through the runner cost more than deciding a small file.
        """
        room = DOCUMENTS_PER_DECISION_MAX - row.documents
        while following := tx.interchanges.next_decidable(row.order_key, FOLLOWERS_PER_LOOK):
            for each in following:
                if each.documents > room:
                    return
                company.append(each.id)
                self._page(tx, each, 0, outgoing)
                room -= max(1, each.documents)
            if len(following) < FOLLOWERS_PER_LOOK:
                return

    def _page(
        self, tx: Tx, row: InterchangeRow, after: int, outgoing: list[NewDelivery]
    ) -> int | None:
        """Some documents of one interchange, or its end; the last ordinal, None at the end.

        outgoing: gets what is to be delivered.
        """
        crash_point("decide.leased")
        most = DOCUMENTS_PER_DECISION_MAX
        documents = tx.documents.of_interchange(row.id, after, most + 1)
        judge = Judge(tx, row, self._ways, self._counsel, self._clock.now())
        # Of an archive before anything is decided: its files may have senders of their own.
        if not after and "files" in row.envelope and (stray := judge.refused_files()):
            self._quarantine(tx, row, stray)
            return None
        for document in documents[:most]:
            if not tx.outbox.claim(STAGE, document.id, row.revision):
                continue
            decision = judge.decide(document)
            if QUARANTINE & set(decision.codes):
                self._quarantine(tx, row, decision.findings)
                return None
            outgoing += judge.record(document, decision)
            crash_point("decide.decision_written")
        if len(documents) > most:
            return documents[most - 1].ordinal
        whole = not after and len(judge.judged) == len(documents)
        outgoing += self._finish(tx, row, judge, whole)
        crash_point("decide.before_commit")
        return None

    def _again(self, tx: Tx, subject: str, revision: int) -> None:
        """A document that was held, decided again under its own next revision."""
        document = tx.documents.find(subject)
        if document is None or document.state not in ("held", "review"):
            return
        row = tx.interchanges.find(document.interchange)
        if row is None or not tx.outbox.claim(STAGE, document.id, revision):
            return
        now = self._clock.now()
        again = replace(row, revision=revision)
        judge = Judge(tx, again, self._ways, self._counsel, now)
        tx.deliveries.add(judge.record(document, judge.decide(document)))
        tx.interchanges.outcome_changed(row.id, tx.documents.outcome(row.id))
        self._answering.answer(tx, row.id, now, revision)

    def _finish(self, tx: Tx, row: InterchangeRow, judge: Judge, whole: bool) -> list[NewDelivery]:
        """All documents are decided: records the outcome, returns the answers.

        whole: the judge has seen them all, so that nothing needs to be read again.
        """
        stray = judge.refused_files() if not row.documents else ()
        if stray:
            self._quarantine(tx, row, stray)
            return []
        states = {each.state for each in judge.judged}
        outcome = outcome_of(states) if whole else tx.documents.outcome(row.id)
        if outcome == "accepted" and row.errors_total:
            # A message that could not be read at all stands beside those that were accepted.
            outcome = "partly"
        tx.interchanges.decided(row.id, row.revision, outcome)
        now = self._clock.now()
        if whole:
            ending = Ending("decided", outcome, row.revision, judge.judged)
            return self._answering.answers(tx, row, ending, now)
        self._answering.answer(tx, row.id, now)
        return []

    def _quarantine(self, tx: Tx, row: InterchangeRow, findings: tuple[Finding, ...]) -> None:
        """Keep the bytes, tell the sender, disturb nothing else."""
        tx.interchanges.refuse(row.id, "quarantined", [f.as_json() for f in findings])
        self._answering.answer(tx, row.id, self._clock.now())
