"""REQUESTS: a POST that is sent again under its Idempotency-Key gets its first answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.pipeline.customs.office import REUSED, Act
from gateway.pipeline.customs.rows import RequestRow
from gateway.pipeline.ports import Tx
from gateway.pipeline.rows import AccountRef


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for what; key: the Idempotency-Key, None without one; body: JSON-able."""

    account: AccountRef
    action: str
    body: Any = None
    key: str | None = None

    @property
    def sha256(self) -> str:
        """Equal requests have equal digests."""
        text = json.dumps([self.action, self.body], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def once(tx: Tx, asked: Asked, now: datetime, act: Callable[[], Act]) -> Act:
    """Do it, unless it was done under this key; only what was done is remembered."""
    if asked.key is None:
        return act()
    account = asked.account.account
    known = tx.customs.records.request(account, asked.key)
    if known is not None:
        if known.sha256 != asked.sha256:
            return REUSED
        row = tx.customs.applications.find(known.application)
        return Act("done", row, repeat=True) if row is not None else Act("unknown")
    done = act()
    if done.end == "done" and done.application is not None:
        number = done.application.number
        tx.customs.records.remember(
            RequestRow(account, asked.key, asked.action, asked.sha256, number, now)
        )
    return done
