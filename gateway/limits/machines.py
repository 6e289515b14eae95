"""Bounds of the store and of many machines.

Sizes are bytes, times are seconds.
"""

from gateway.limits.units import KIB, MIB

# --- store ----------------------------------------------------------------------------------------
# How long one statement of SQLite waits for the lock of another process …
STORE_BUSY_SECONDS = 10.0
# … and how long a write is tried again before its caller hears StoreUnavailable: a backup tool or
# a person's shell may hold the lock for half a minute.
STORE_LOCK_SECONDS = 60.0
# Writes that wait for the writer; more is overload, and the sender is told so.
STORE_QUEUE_MAX = 10_000
# Writes in one commit: beyond a hundred the fsync no longer matters (performance.md 4).
STORE_GROUP_MAX = 256
# Reading threads of SQLite, each with its own connection; two cores read, the others wait for disk.
STORE_READERS = 4
# How soon a write of another process (a command line) is noticed.
STORE_NOTICE_SECONDS = 0.4
# The WAL file is cut back to this after a checkpoint.
STORE_WAL_BYTES = 64 * MIB
# Connections to PostgreSQL of one process: writers, and as many readers.
STORE_POSTGRES_CONNECTIONS = 8
# A restart of PostgreSQL or a failover is waited for that long.
STORE_POSTGRES_SECONDS = 20.0
# A transaction that does nothing for so long belongs to a process that is frozen or cut off; ours
# take milliseconds.
STORE_POSTGRES_IDLE_SECONDS = 20
# Values in one query's IN list; PostgreSQL takes 65,535 parameters, SQLite 32,766.
STORE_VALUES_PER_QUERY = 500
# Dead letters are read by people.
DEAD_LETTER_ERROR_CHARACTERS_MAX = 2_000
DEAD_LETTER_TRACE_CHARACTERS_MAX = 20_000

# --- many machines (streams, Kafka) ---------------------------------------------------------------
# Shares of the relay's work; each is led by one relay at a time, so this many relays at most.
RELAY_SHARES = 8
# Rows published and marked in one transaction: an fsync for each would cost more than Kafka does.
RELAY_ROWS_MAX = 500
# Takeover within 15 s: a lease of 10 s, renewed three times in it.
RELAY_LEASE_SECONDS = 10.0
RELAY_RENEW_SECONDS = 3.0
# A published event that nobody has brought to its end by then is published again: Kafka may forget.
PUBLISHED_AGAIN_SECONDS = 300.0
# Events of one stage that a worker has in hand; the rest stays in Kafka, where others find it.
WORKER_EVENTS_IN_HAND_MAX = 64
# Ends of events that are recorded in one transaction.
WORKER_DONE_MAX = 200
# A worker that is dead is missed by then, one that is merely busy is not: its heart beats in
# a thread of its own.
KAFKA_SESSION_SECONDS = 6.0
KAFKA_HEARTBEAT_SECONDS = 1.5
# How long the group waits for its members to join again; ours leave nothing to be waited for.
KAFKA_REBALANCE_SECONDS = 8.0
# No answer to one request by then is a broker that is gone.
KAFKA_REQUEST_SECONDS = 15.0
# How often offsets are committed; what is redelivered after a kill is at most this old.
KAFKA_COMMIT_SECONDS = 1.0
# How soon a broker that is gone is noticed by /readyz (R-10: 5 s): a probe, and its patience.
KAFKA_PROBE_SECONDS = 1.5
KAFKA_PROBE_PATIENCE_SECONDS = 2.5
# Events brought to their end whose offsets are not committed by then: told as a cause.
KAFKA_COMMIT_LATE_SECONDS = 30.0
# A worker whose Faust does not stop by then is ended by force; nothing is lost by it.
KAFKA_STOP_SECONDS = 15.0
# A claim check is ids; more is no event of ours.
EVENT_BYTES_MAX = 4 * KIB
# A CloudEvent on a topic; Kafka's own default is 1 MiB, topics of ours are made for this.
KAFKA_EVENT_BYTES_MAX = 8 * MIB
# How long the thread that answers waits for one that computes (the writer, a reader): Python's own
# five milliseconds are as long as a whole answer.
THREAD_SWITCH_SECONDS = 0.001
