"""SCHEMA of the audit chain; conventions as in gateway/store/schema.py.

- audit_unsealed: events that the chain does not hold yet, put by whoever records one.
- audit_seal: the chain.  `number` counts without gaps; `hash` is SHA-256 over the one before and
  the event as canonical JSON (gateway/pipeline/sealing.py).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Table, Text, UniqueConstraint

from gateway.store.columns import Sequence
from gateway.store.schema import METADATA

audit_unsealed = Table(
    "audit_unsealed",
    METADATA,
    Column("event", Sequence, primary_key=True, autoincrement=False),
)

audit_seal = Table(
    "audit_seal",
    METADATA,
    Column("number", Sequence, primary_key=True, autoincrement=False),
    Column("event", BigInteger, nullable=False),
    Column("sealed_at", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    UniqueConstraint("event"),
)
