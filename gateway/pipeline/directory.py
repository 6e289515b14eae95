"""Signed-in accounts and partners: a view of the partners table, kept in memory.

Refreshed when the table's version changes (asked every half second), so that no change needs a
restart; between two looks an account may act on the old terms for that long.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Sequence

from gateway.canonical.partner import Account, Partner, Poll
from gateway.pipeline.ports import Store, Tx
from gateway.pipeline.rounds import rounds
from gateway.pipeline.rows import AccountRef
from gateway.telemetry.events import emit

_LOOK_SECONDS = 0.5
KEY_PREFIX_CHARACTERS = 12


class PartnerDirectory:
    """Implements `ports.Directory`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._version = -1
        self._looking = asyncio.Lock()
        self._partners: dict[str, Partner] = {}
        self._all: tuple[Partner, ...] = ()
        self._accounts: dict[str, tuple[Partner, Account]] = {}
        self._keys: dict[str, list[tuple[str, AccountRef]]] = {}

    async def refresh(self) -> None:
        """Read what has changed since the last look; raises StoreUnavailable."""
        async with self._looking:
            version, changed = await self._store.read(self._changed)
            if version == self._version:
                return
            for code, partner in changed.items():
                self._forget(code)
                if partner is not None:
                    self._keep(partner)
            self._all = tuple(self._partners.values())
            self._version = version
        emit("partners_loaded", partners=len(self._partners), changed=len(changed))

    async def run(self, stopping: asyncio.Event) -> None:
        """Keep the view fresh until asked to stop."""
        await rounds(self.refresh, _LOOK_SECONDS, stopping, "directory_waits")

    def by_api_key(self, key: str) -> AccountRef | None:
        """The account of an opaque key (`prefix` + rest); compares hashes in constant time."""
        digest = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
        found: AccountRef | None = None
        for known, reference in self._keys.get(key[:KEY_PREFIX_CHARACTERS], ()):
            if hmac.compare_digest(known, digest):
                found = reference
        return found

    def account(self, name: str) -> tuple[Partner, Account] | None:
        """An account with its terms, by its name."""
        return self._accounts.get(name)

    def partner(self, code: str) -> Partner | None:
        """A partner by its code."""
        return self._partners.get(code)

    def partners(self) -> Sequence[Partner]:
        """All of them."""
        return self._all

    def polls(self) -> Sequence[tuple[Partner, Poll]]:
        """What is to be fetched; only from active partners."""
        return [
            (partner, poll)
            for partner in self._partners.values()
            if partner.state == "active"
            for poll in partner.polls
        ]

    def _changed(self, tx: Tx) -> tuple[int, dict[str, Partner | None]]:
        """The version and what came since ours, of one snapshot."""
        version = tx.partners.version()
        since = self._version
        return version, tx.partners.since(since) if version != since else {}

    def _forget(self, code: str) -> None:
        """Take a partner's accounts and keys out of the view."""
        partner = self._partners.pop(code, None)
        for account in partner.accounts if partner else ():
            # Another partner of the same look may have that account by now.
            if self._accounts.get(account.name, (None,))[0] is partner:
                del self._accounts[account.name]
            for entry in account.api_keys:
                prefix = entry.partition(":")[0]
                left = [pair for pair in self._keys.get(prefix, ()) if pair[1].partner != code]
                self._keys[prefix] = left
                if not left:
                    del self._keys[prefix]

    def _keep(self, partner: Partner) -> None:
        self._partners[partner.code] = partner
        for account in partner.accounts:
            self._accounts[account.name] = (partner, account)
            reference = AccountRef(partner.code, account.name, account.operator)
            for entry in account.api_keys:
                prefix, _, digest = entry.partition(":")
                self._keys.setdefault(prefix, []).append((digest, reference))
