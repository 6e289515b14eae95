"""The queries of money that run for each callback, settling and call use an index."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest

from gateway.store import migrate
from gateway.store.money import books, charges, events, orders, refunds, settlements, work
from gateway.store.query import SQLITE, Query

FAST = [
    (events._FIND, "sqlite_autoindex_payment_event"),
    (events._OF_ORDER, "ix_payment_event_payment_order_seq"),
    (events._WAITING, "ix_payment_event_unfolded"),
    (events._FOLDED, "ix_payment_event_unfolded"),
    (orders._shelf._find, "sqlite_autoindex_payment_order"),
    (orders._BY_KEY, "uq_payment_order_idempotency_key"),
    (orders._BILLS, "sqlite_autoindex_order_bill"),
    (orders._FREE, "sqlite_autoindex_order_bill"),
    (charges._OF_ORDER, "ix_charge_payment_order"),
    (charges._ORDER, "sqlite_autoindex_charge"),
    (charges._PAID, "ix_charge_payment_order"),
    (refunds._OF_ORDER, "ix_refund_payment_order"),
    (refunds._DUE, "ix_payment_call_open"),
    (refunds._NEXT, "ix_payment_call_open"),
    (settlements._OF_REFUND, "ix_settlement_refund"),
    (settlements._OF_EXTRA, "ix_settlement_extra_order"),
    (work._OF_ORDER, "ix_work_item_payment_order"),
    (books._PAID, "ix_payment_order_provider_paid_at"),
]


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    path = tmp_path_factory.mktemp("money") / "gateway.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.mark.parametrize(("query", "index"), FAST, ids=range(len(FAST)))
def test_hot_queries_use_their_index(query: Query, index: str, database):
    text, own = query.text(SQLITE)
    given = dict.fromkeys(re.findall(r"(?<!:):(\w+)", text)) | own
    with closing(sqlite3.connect(database)) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", given)]
    assert any(index in step for step in plan), plan
    assert not [step for step in plan if step.startswith("SCAN") and "INDEX" not in step], plan
