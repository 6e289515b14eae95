"""Bounds of a file on its way: findings, intake, reading, steps, delivery.

Sizes are bytes, times are seconds.
"""

from gateway.limits.units import KIB, MIB

# --- findings -------------------------------------------------------------------------------------
# A clerk corrects by the dozen, not by the thousand; the rest is counted (interfaces.md).
FINDINGS_PER_FILE_MAX = 100
# Enough to recognise a value, too little to carry a payload into an answer.
FINDING_VALUE_CHARACTERS_MAX = 80

# --- intake ---------------------------------------------------------------------------------------
# The largest manifests known are about 45 MB; twice that and some.
INTERCHANGE_BYTES_MAX = 120 * MIB
# Bodies up to this stand in the database row, larger ones in the archive (house.md 5).
BODY_INLINE_BYTES_MAX = 64 * KIB
# Names travel into answers, logs and file systems.
FILE_NAME_BYTES_MAX = 255
IDEMPOTENCY_KEY_CHARACTERS_MAX = 200
# What is looked at to tell the kind of a file.
SNIFF_BYTES = 4 * KIB
# Uploads open at once over all channels; memory is at most this many inline bodies.
UPLOADS_OPEN_MAX = 400
# Orphaned archive objects are swept after this (house.md 5).
ARCHIVE_ORPHAN_SECONDS = 24 * 3600

# --- reading --------------------------------------------------------------------------------------
# One read of a source; delimiter search stays in cache and memory stays flat (performance.md 6).
CHUNK_BYTES = 256 * KIB
# A segment longer than this is no segment but a bomb.
SEGMENT_BYTES_MAX = 64 * KIB
# Elements or fields in one segment or record.
FIELDS_PER_RECORD_MAX = 1_000
# Records of one top-level group (bill, box): a bill with a thousand boxes has a few thousand.
RECORDS_PER_GROUP_MAX = 50_000
# Records in one file.
RECORDS_PER_FILE_MAX = 5_000_000
# Messages in one interchange (R-21 asks for 50,000).
MESSAGES_PER_INTERCHANGE_MAX = 100_000
# Records that a reader may be ahead of the mapping: some messages, little memory.
RECORDS_AHEAD_MAX = 1_000
# And events, of which a row of a table is one: more than this, and the processor's caches overflow.
EVENTS_AHEAD_MAX = 300
# What is staged, read or decided in one go: long enough to cost nothing, and short, since a clerk's
# question beside a 45 MB file waits for it (`make bench`, isolation; twice as long is its goal).
PARTS_PER_BATCH_MAX = 50
# Past this many bytes of JSON a batch goes out, however few parts it has.
BATCH_BYTES_MAX = 1 * MIB
# A file of so many batches, no longer than that together, is recorded in one transaction: each
# commit waits for the disk.
BATCHES_AT_ONCE_MAX = 6

# --- delivery -------------------------------------------------------------------------------------
# First tries come fast, the last about a day later; jitter spreads a partner's recovery.
DELIVERY_RETRY_SECONDS = (5, 30, 120, 300, 900, 1800, 3600, 7200, 18000, 36000, 36000)
DELIVERY_JITTER_SHARE = 0.2
# A call must end well before its lease does.
DELIVERY_CALL_SECONDS = 30.0
DELIVERY_LEASE_SECONDS = 60.0
# Calls in flight to one route at once: a slow partner cannot use more than its slots.
DELIVERY_SLOTS_PER_ROUTE = 4
# Calls in flight to all routes of one process.
DELIVERY_IN_FLIGHT_MAX = 64
# A parcel beyond this lies in a temporary file while it is sent.
PARCEL_MEMORY_BYTES_MAX = 1 * MIB
# Files that took longer to write than a call may, kept for the next try.
PARCELS_BEGUN_MAX = 2 * DELIVERY_IN_FLIGHT_MAX
# Files taken in one round of a poll; the rest comes with the next.
POLL_FILES_PER_ROUND_MAX = 1_000

# --- steps ----------------------------------------------------------------------------------------
# A step that fails for a passing reason waits between these two.
STEP_WAIT_SECONDS_MIN = 0.1
STEP_WAIT_SECONDS_MAX = 10.0
# Tries of one event before it is a dead letter, when its error may pass.
STEP_TRANSIENT_ATTEMPTS_MAX = 8
# Documents decided in one transaction: short enough for intake to get its turn between two.
DOCUMENTS_PER_DECISION_MAX = 50
# Interchanges read at a time that may be decided behind the first.
FOLLOWERS_PER_LOOK = 8
# Ways that documents go, by sender and type, remembered until a partner changes.
WAYS_REMEMBERED_MAX = 20_000
# Timers fired in one round, each in its own transaction.
TIMERS_PER_ROUND_MAX = 200
# Documents told one by one in an answer; the rest is counted.
ANSWERED_DOCUMENTS_MAX = 500
# Of a dead letter's trace the end tells most.
TRACE_CHARACTERS_MAX = 8_000
# Events that the embedded runner has in hand at once; they share group commits.
EVENTS_IN_HAND_MAX = 256
# It takes more once there is room for so many: looking costs more than taking.
EVENTS_TAKEN_MIN = 64
# Events that the embedded runner marks done in one write.
EVENTS_PER_MARK = 64
# Files up to this size are read together, so many in one trip to a parser child and one
# transaction; so many trips at once: while the rows of one are recorded, a child reads the next.
SMALL_FILE_BYTES_MAX = 16 * KIB
SMALL_FILES_TOGETHER_MAX = 32
HANDFULS_MAX = 4
# A parser child that says nothing for so long is killed and its file counted as poison.
PARSER_SILENCE_SECONDS = 30.0
PARSER_POISON_ATTEMPTS_MAX = 2
# Address space of a child: many times what streaming needs, too little to hurt the machine.
PARSER_MEMORY_BYTES_MAX = 2 * 1024 * MIB
# A file from this size on is bulk: it never takes the last parser child.
BULK_BYTES_MIN = 1 * MIB
# The longest line a child may send: one part of a document as JSON, quoted.
PARSER_LINE_BYTES_MAX = 64 * MIB
