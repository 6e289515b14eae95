"""FAUST APP: made anew for each start, with every setting that keeps events (packages.md).

Raw bytes and no pickle; manual acknowledgement; no tables, no leader topic, no web server; topics
are ours to make; a stop does not wait for events, since the window has waited before it.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import faust

from gateway import limits
from gateway.streams.connection import KafkaTerms


def make_app(terms: KafkaTerms) -> faust.App:
    """An app that is not started; it cannot be started twice."""
    return faust.App(
        f"{terms.prefix}-worker",
        broker=[f"kafka://{server}" for server in terms.servers],
        broker_credentials=terms.credentials(),
        broker_session_timeout=terms.session_seconds,
        broker_heartbeat_interval=terms.heartbeat_seconds,
        broker_rebalance_timeout=terms.rebalance_seconds,
        broker_request_timeout=max(limits.KAFKA_REQUEST_SECONDS, terms.session_seconds),
        broker_commit_interval=limits.KAFKA_COMMIT_SECONDS,
        consumer_auto_offset_reset="earliest",
        key_serializer="raw",
        value_serializer="raw",
        store="memory://",
        cache="memory://",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        stream_wait_empty=False,
        stream_buffer_maxsize=limits.WORKER_EVENTS_IN_HAND_MAX,
        worker_redirect_stdouts=False,
        autodiscover=False,
        datadir=Path(tempfile.gettempdir()) / "gateway-faust",
    )
