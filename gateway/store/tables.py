"""TABLES: every module that declares some, so that whoever asks for METADATA has them all."""

from __future__ import annotations

from gateway.store import audit_schema as _audit
from gateway.store.customs import schema as _customs
from gateway.store.firms import schema as _firms
from gateway.store.gate import schema as _gate
from gateway.store.money import schema as _money
from gateway.store.schema import METADATA

__all__ = ["METADATA"]

del _audit, _customs, _firms, _gate, _money
