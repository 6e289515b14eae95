"""FEE SERVICE: declarations, charges and receipts for partners, the authority, and officers.

Every call is one transaction, filtered by the caller's firm.  Who declares must be an activated
firm of the one-stop service; what it may declare where, its filings say (S3-03).  Paying asks for
more (`pay_fees`, in pipeline/money).  LookupError: not the caller's, or not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeVar

from gateway.pipeline.counsel import Adviser, Effect, Matter
from gateway.pipeline.fees import goods, receipts
from gateway.pipeline.fees.answers import take
from gateway.pipeline.fees.clean import clean_is_due, settle_when_confirmed
from gateway.pipeline.fees.declaring import CLEAN_DUE, DECLARE, STAGE, Declare
from gateway.pipeline.fees.desk import Desk, FeePolicy
from gateway.pipeline.fees.filing import FIRM, file
from gateway.pipeline.fees.unpaid import PAID_FIRST
from gateway.pipeline.firms.permission import may
from gateway.pipeline.money.rows import (
    ChargeRow,
    DeclarationRow,
    FilingRow,
    ManifestRow,
    SettlementRow,
)
from gateway.pipeline.ports import Clock, Directory, Step, Store, Tx
from gateway.pipeline.rows import AccountRef, Page, TimerRow
from gateway.pipeline.timers import Handler
from gateway.rules.verdict import Verdict

FUNCTION: Final = "information_query"
T = TypeVar("T")
Change = Callable[[Desk, DeclarationRow], DeclarationRow]


class NotPermitted(Exception):
    """The account may not use the hall; the verdict says why."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(", ".join(verdict.codes))
        self.verdict = verdict


class FeeService:
    """Everything of fees but orders."""

    def __init__(self, store: Store, clock: Clock, directory: Directory, policy: FeePolicy) -> None:
        self._store = store
        self._clock = clock
        self._directory = directory
        self.policy = policy

    # ---- For the wiring

    def advisers(self) -> tuple[Adviser, ...]:
        """Delivery orders wait for the fees of their bills, where the port wants that."""
        return (PAID_FIRST,) if self.policy.hold_delivery_orders else ()

    def effects(self) -> tuple[Effect, ...]:
        """Manifests are declared, the authority's answers are taken."""
        answered = Effect(
            frozenset({"authority_answer"}), lambda matter: take(self._at(matter), matter)
        )
        return (DECLARE, answered)

    def steps(self) -> Mapping[str, Step]:
        """The step that declares a manifest."""
        return {STAGE: Declare(self._store, self._directory, self._clock, self.policy)}

    def timers(self) -> Mapping[str, Handler]:
        """The 72 hours of the clean manifest."""

        def due(tx: Tx, timer: TimerRow) -> None:
            clean_is_due(self._desk(tx), timer)

        return {CLEAN_DUE: due}

    def _at(self, matter: Matter) -> Desk:
        return self._desk(matter.tx)

    def _desk(self, tx: Tx) -> Desk:
        return Desk(tx, self.policy, self._directory.partners(), self._clock.now())

    # ---- For partners

    async def filings(self, account: AccountRef, cursor: str | None, limit: int) -> Page:
        """The firm's filings, newest first."""
        return await self._store.read(
            lambda tx: tx.money.filings.page(_whose(account), cursor, limit)
        )

    async def file(
        self, account: AccountRef, operator: str, region: str, ports: Sequence[str]
    ) -> FilingRow | None:
        """Apply for a region, for the firm ("" ) or one of its operators; None: known already."""
        return await self._change(
            account, lambda desk: file(desk, account.partner, operator, region, ports, ["declare"])
        )

    async def manifests(self, account: AccountRef, cursor: str | None, limit: int) -> Page:
        """Manifest declarations, newest first."""
        return await self._store.read(
            lambda tx: tx.money.manifests.page(_whose(account), cursor, limit)
        )

    async def declarations(
        self, account: AccountRef, cursor: str | None, limit: int, state: str | None
    ) -> Page:
        """Goods declarations, newest first."""
        return await self._store.read(
            lambda tx: tx.money.declarations.page(_whose(account), cursor, limit, state)
        )

    async def declaration(
        self, account: AccountRef, id_: str
    ) -> tuple[DeclarationRow, list[ChargeRow]]:
        """One with its charges; raises LookupError."""

        def read(tx: Tx) -> tuple[DeclarationRow, list[ChargeRow]]:
            row = tx.money.declarations.find(id_)
            if row is None or _whose(account) not in (None, row.partner):
                raise LookupError(id_)
            return row, tx.money.charges.of_declaration(id_)

        return await self._store.read(read)

    async def declare(
        self, account: AccountRef, manifest: str, said: Mapping[str, Any]
    ) -> DeclarationRow:
        """A draft by hand, under one of the firm's manifest declarations (S3-13, S3-34)."""

        def make(desk: Desk) -> DeclarationRow:
            row: ManifestRow | None = desk.tx.money.manifests.find(manifest)
            if row is None or row.partner != account.partner:
                raise LookupError(manifest)
            return goods.make(desk, row, {**said, "account": account.account})

        return await self._change(account, make)

    async def copy(self, account: AccountRef, id_: str, bill_of_lading: str) -> DeclarationRow:
        """A draft with the lines of another bill of the firm, under its own number."""

        def make(desk: Desk) -> DeclarationRow:
            row = goods.own(desk, id_, account.partner, None)
            return goods.copy(desk, row, bill_of_lading, account.account)

        return await self._change(account, make)

    async def change(
        self, account: AccountRef, id_: str, said: Mapping[str, Any]
    ) -> DeclarationRow:
        """New facts for a draft or a rejected one."""
        return await self._move(account, id_, lambda desk, row: goods.change(desk, row, said))

    async def submit(self, account: AccountRef, id_: str) -> DeclarationRow:
        """Hand in."""
        return await self._move(account, id_, goods.submit)

    async def withdraw(self, account: AccountRef, id_: str) -> DeclarationRow:
        """提交取消."""
        return await self._move(account, id_, goods.withdraw)

    async def cancel(self, account: AccountRef, id_: str, reason: str | None) -> DeclarationRow:
        """Ask that an approval be cancelled."""
        return await self._move(account, id_, lambda desk, row: goods.cancel(desk, row, reason))

    async def delete(self, account: AccountRef, id_: str) -> DeclarationRow:
        """A draft goes."""
        return await self._move(account, id_, goods.delete)

    async def charges(
        self, account: AccountRef, cursor: str | None, limit: int, state: str | None
    ) -> Page:
        """我的缴费: what the firm owes and has paid, newest first."""
        return await self._store.read(
            lambda tx: tx.money.charges.page(_whose(account), cursor, limit, state)
        )

    async def settlements(
        self, account: AccountRef, cursor: str | None, limit: int, state: str | None
    ) -> Page:
        """Receipts, newest first."""
        return await self._store.read(
            lambda tx: tx.money.settlements.page(_whose(account), cursor, limit, state)
        )

    async def apply(self, account: AccountRef, id_: str) -> SettlementRow:
        """Apply for what a receipt says; raises NotNow out of turn."""

        def ask(desk: Desk) -> SettlementRow:
            row = desk.tx.money.settlements.find(id_)
            if row is None or row.partner != account.partner:
                raise LookupError(id_)
            return receipts.apply(desk, row)

        return await self._change(account, ask)

    # ---- For officers

    async def settle_anyway(self, manifest: str) -> tuple[str, ...]:
        """An officer settles a call whose clean manifest came late; the codes (H-38)."""

        def settle(tx: Tx) -> tuple[str, ...]:
            row = tx.money.manifests.find(manifest)
            if row is None or row.kind != "clean":
                raise LookupError(manifest)
            settled = settle_when_confirmed(self._desk(tx), row, in_time=True)
            return settled.verdict.codes if settled else ("NOT_CONFIRMED",)

        return await self._store.write(settle)

    async def exempt(self, declaration: str) -> list[SettlementRow]:
        """Receipts for what a paid bill paid too much by today's tariff (2020-14)."""

        def write(tx: Tx) -> list[SettlementRow]:
            row = tx.money.declarations.find(declaration)
            if row is None:
                raise LookupError(declaration)
            return receipts.exempted(self._desk(tx), row)

        return await self._store.write(write)

    async def _move(self, account: AccountRef, id_: str, move: Change) -> DeclarationRow:
        return await self._change(
            account,
            lambda desk: move(desk, goods.own(desk, id_, account.partner, account.account)),
        )

    async def _change(self, account: AccountRef, change: Callable[[Desk], T]) -> T:
        return await self._store.write(partial(self._permitted, account, change))

    def _permitted(self, account: AccountRef, change: Callable[[Desk], T], tx: Tx) -> T:
        verdict = may(tx, account, FUNCTION)
        if verdict.outcome != "accept":
            raise NotPermitted(verdict)
        return change(self._desk(tx))


def _whose(account: AccountRef) -> str | None:
    """Whose rows are seen: the firm's own; an operator of the gateway sees all."""
    return None if account.operator else account.partner


__all__ = ["FIRM", "FeeService", "NotPermitted"]
