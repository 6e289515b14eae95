"""Every bound of the gateway, each with its reason.  Sizes are bytes, times are seconds.

Defaults only: `settings` may lower or raise those that an operator may own; the others protect
memory and time whoever asks.
"""

KIB = 1024
MIB = 1024 * KIB

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
RECORDS_AHEAD_MAX = 500
# The staged parts that travel in one batch from a parser child to the database.
PARTS_PER_BATCH_MAX = 200

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
# Timers fired in one round, each in its own transaction.
TIMERS_PER_ROUND_MAX = 200
# Documents told one by one in an answer; the rest is counted.
ANSWERED_DOCUMENTS_MAX = 500
# Of a dead letter's trace the end tells most.
TRACE_CHARACTERS_MAX = 8_000
# Events that the embedded runner has in hand at once; they share group commits.
EVENTS_IN_HAND_MAX = 256
# Events that the embedded runner marks done in one write.
EVENTS_PER_MARK = 64
# A parser child that says nothing for so long is killed and its file counted as poison.
PARSER_SILENCE_SECONDS = 30.0
PARSER_POISON_ATTEMPTS_MAX = 2
# Address space of a child: many times what streaming needs, too little to hurt the machine.
PARSER_MEMORY_BYTES_MAX = 2 * 1024 * MIB
# A file from this size on is bulk: it never takes the last parser child.
BULK_BYTES_MIN = 1 * MIB
# The longest line a child may send: one part of a document as JSON, quoted.
PARSER_LINE_BYTES_MAX = 64 * MIB

# --- outgoing HTTP (adapters/push_http) -----------------------------------------------------------
# An answer says yes or no and why; a longer one is a fault or an attack.
PUSH_ANSWER_BYTES_MAX = 64 * KIB
# Enough of an answer to see what the partner complains about.
PUSH_DETAIL_CHARACTERS_MAX = 240
# A partner may ask for patience, not for silence: a bigger Retry-After is cut to this.
PUSH_RETRY_AFTER_SECONDS_MAX = 3600.0
# JSON up to this is checked and stands in the envelope as it is; beyond, checking would cost ten
# times its size in memory, so it travels as data_base64.
PUSH_JSON_EMBED_BYTES_MAX = 1 * MIB
# Up to this an envelope is signed on the event loop (about 0.2 ms), beyond in a thread.
PUSH_INLINE_BYTES_MAX = 256 * KIB
# Shorter than the 5 s after which common servers close an idle connection, so that we never write
# into one that is just going.
PUSH_KEEPALIVE_SECONDS = 2.0
# Targets that keep a connection pool; the one idle longest is closed first.
PUSH_POOLS_MAX = 256
# Longer addresses are no addresses of partners.
PUSH_URL_CHARACTERS_MAX = 2048
# Every one of them is checked; a name with more is not a partner's server.
PUSH_ADDRESSES_MAX = 16
# Checked addresses that are tried in one call when connecting fails.
PUSH_CONNECT_ADDRESSES_MAX = 3
# getaddrinfo cannot be cancelled: names that hang hold these threads, never the others.
PUSH_RESOLVER_THREADS = 8
# Ports outside the networks that a route allow-lists: HTTPS and its usual second home (S-17).
PUSH_PUBLIC_PORTS = frozenset({443, 8443})
# Ports below 1024 that speak HTTP, the only ones of that range inside allow-listed networks.
PUSH_PRIVATE_LOW_PORTS = frozenset({80, 443})

# --- Standard Webhooks 1.0.0 ----------------------------------------------------------------------
# How far a sender's clock may be off, and how old a replay may be.
WEBHOOK_TOLERANCE_SECONDS = 300
# Signatures of one request that are looked at: rotation needs two or three.
WEBHOOK_SIGNATURES_MAX = 16
WEBHOOK_ID_CHARACTERS_MAX = 128
# The specification's bounds of a symmetric key.
WEBHOOK_KEY_BYTES_MIN = 24
WEBHOOK_KEY_BYTES_MAX = 64

# --- outgoing SFTP and folders (adapters/sftp_client, push_sftp, push_folder) ---------------------
# A partner's server that is up answers the dial within a few seconds, from overseas too.
SFTP_CLIENT_CONNECT_SECONDS = 10.0
# Greeting and key exchange: slow only on a server that is drowning.
SFTP_CLIENT_BANNER_SECONDS = 15.0
# Password checks against a directory service take seconds, not minutes.
SFTP_CLIENT_AUTH_SECONDS = 20.0
# Longest silence after one request; more is a dead connection.
SFTP_CLIENT_CHANNEL_SECONDS = 30.0
# One session from dial to close, whatever it does: 45 MB at 1.2 Mbit/s.
SFTP_CLIENT_TOTAL_SECONDS = 300.0
# Entries of one folder that are looked at; the rest waits for the next poll (S-14).
SFTP_CLIENT_LIST_ENTRIES_MAX = 10_000
# Names that break the rules: enough to complain about, not a log flood.
SFTP_CLIENT_REFUSED_NAMES_MAX = 100
# One read or write request; servers need not take more than 32 KiB.
SFTP_CLIENT_REQUEST_BYTES = 32 * KIB
# Requests under way at once: 512 KiB in flight fill 40 Mbit/s at 100 ms.
SFTP_CLIENT_REQUESTS_MAX = 16
# One SFTP packet from a server; the protocol's usual bound is 256 KiB.
SFTP_CLIENT_PACKET_BYTES_MAX = 256 * KIB
# Three addresses of one name: round robin and IPv4 beside IPv6.
SFTP_CLIENT_ADDRESSES_MAX = 3
# The strength of our own host key: 128 bits.
SFTP_CLIENT_RSA_BITS_MIN = 3072
# Old and new key of each type while a partner changes them.
SFTP_CLIENT_HOST_KEYS_MAX = 32
# Tries to find a free name in the archive folder; each is random.
SFTP_CLIENT_MOVE_TRIES = 3
# Sessions that push at once in this process; a thread each.
SFTP_PUSH_THREADS = 16
# Writes into local folders at once: a network mount that hangs holds these, nothing else.
PUSH_FOLDER_THREADS = 4
# A local write that takes longer sits on a mount that hangs.
PUSH_FOLDER_SECONDS = 60.0

# --- flat platform files (syntax/flat) ------------------------------------------------------------
# Chunks are joined up to this before they are cut, so that a long record that arrives byte by byte
# is not searched from its beginning for each byte.
FLAT_READ_BYTES = 64 * KIB
# One part (a bill) is held in memory as a whole; ten thousand boxes take less than a tenth of it.
FLAT_PART_BYTES_MAX = 8 * MIB
# Fields of unknown records and beyond the layout are kept one by one, at some hundred bytes each.
FLAT_ODD_FIELDS_PER_PART_MAX = 20_000
# Undecodable places of one record that are told one by one; what follows is only shown.
FLAT_UNDECODABLE_PER_RECORD_MAX = 20
# Values of one kind (ports, size types) whose shape was already found right: a file names few.
FLAT_GOOD_VALUES_MAX = 4096
# Records of the boxes of one load plan; a bill counts once for each box that holds some of it, so
# that ten thousand boxes under one long bill do not become ten thousand times its text.
LOAD_PLAN_RECORDS_MAX = 200_000

# --- SFTP for accounts (adapters/sftp_server) -----------------------------------------------------
# Sign-in takes a second; who needs longer is holding a place (S-13).
SFTP_LOGIN_SECONDS = 20.0
# A person mistypes twice; a machine guesses (S-13).
SFTP_GUESSES_PER_CONNECTION_MAX = 3
# Keys of an agent that are offered one by one: OpenSSH's own bound.
SFTP_KEY_OFFERS_PER_CONNECTION_MAX = 6
SFTP_GUESSES_PER_SOURCE_MINUTE_MAX = 10
SFTP_GUESSES_PER_USER_MAX = 20
SFTP_GUESSES_PER_USER_SECONDS = 15 * 60
# One source alone cannot use up what a user may be guessed at.
SFTP_GUESSES_PER_USER_SOURCE_MAX = 10
# A source that guessed wrong waits so long before it may connect again: doubled each time.
SFTP_PENALTY_SECONDS_MIN = 5.0
SFTP_PENALTY_SECONDS_MAX = 15 * 60.0
# Sources and names that the limiter remembers; the ones quiet longest are forgotten first.
SFTP_LIMITER_ENTRIES_MAX = 10_000
SFTP_UNAUTHENTICATED_PER_SOURCE_MAX = 10
SFTP_UNAUTHENTICATED_MAX = 200
SFTP_CONNECTIONS_MAX = 500
SFTP_CONNECTIONS_PER_ACCOUNT_MAX = 50
# One connection needs one channel; pooled clients open two or three.
SFTP_CHANNELS_PER_CONNECTION_MAX = 4
# argon2 takes 64 MiB each and a core: two at once, the rest waits, a flood is refused.
SFTP_PASSWORD_THREADS = 2
SFTP_PASSWORD_QUEUE_MAX = 64
SFTP_PASSWORD_CHARACTERS_MAX = 1024
SFTP_RSA_BITS_MIN = 3072
# Files and folders open in one session.
SFTP_HANDLES_PER_SESSION_MAX = 64
# Closed under a temporary name, waiting for the rename.
SFTP_HELD_PER_SESSION_MAX = 32
# One account cannot take all of UPLOADS_OPEN_MAX.
SFTP_UPLOADS_PER_ACCOUNT_MAX = 100
# Bytes that came ahead of their turn; clients send in order, threads of one may overtake a little.
SFTP_REORDER_BYTES_MAX = 2 * MIB
SFTP_READ_BYTES_MAX = 256 * KIB
SFTP_PATH_BYTES_MAX = 4096
# The window of accepted uploads that an account may stat and list (interfaces.md).
SFTP_RECENT_SECONDS = 24 * 3600
# How long a session trusts a listing of its own; another session's news may come so late.
SFTP_LISTING_SECONDS = 1.0
SFTP_LISTING_ENTRIES_MAX = 10_000
# A graceful stop waits so long for uploads under way.
SFTP_DRAIN_SECONDS = 10.0

# --- outbox of an account (adapters/mailbox) ------------------------------------------------------
# Made payloads up to this stay in memory while they are read, larger ones in an unnamed file.
MAILBOX_SPOOL_BYTES = 256 * KIB
# Sizes of made payloads that are remembered.
MAILBOX_SIZES_MAX = 10_000

# --- refusals remembered (adapters/refusal_memory, R-20) ------------------------------------------
REFUSAL_MEMORY_SECONDS = 600.0
# The third time the same name is too large, it is no mistake but a retry storm.
REFUSAL_MEMORY_TIMES = 3
REFUSAL_MEMORY_ENTRIES_MAX = 10_000

# --- EDIFACT (syntax/edifact) ---------------------------------------------------------------------
# Message references kept to find a repeated one: 50,000 take about 6 MB, the memory goal is 16.
EDIFACT_REFERENCES_REMEMBERED_MAX = 50_000
# Segments whose values are remembered between two blocks; about 600 bytes each.
EDIFACT_SEGMENTS_REMEMBERED_MAX = 2_000
# The same for one label (LOC of TDT, say): ports and parties of one call are a few dozen.
EDIFACT_SEGMENTS_OF_A_LABEL_MAX = 64
# Orders of segments that are learned in one file, and how long they may be: 4 KB each.
EDIFACT_SHAPES_MAX = 1_000
EDIFACT_SHAPE_SEGMENTS_MAX = 200
# Interchanges of one file whose envelopes are kept; senders put a handful into one file.
EDIFACT_INTERCHANGES_KEPT_MAX = 100
# Faulty messages named one by one in a CONTRL; the rest is answered by rejecting the interchange.
EDIFACT_MESSAGE_REPORTS_MAX = 1_000

# --- routing and partner files --------------------------------------------------------------------
# A lane is an index column; vessel names and voyages are short, made-up ones are not.
LANE_CHARACTERS_MAX = 200
# Payload pieces: large enough that joining them costs nothing, small enough to stay in cache.
PAYLOAD_PIECE_CHARACTERS = 64 * KIB
# One partner is a page or two; a larger file is a mistake.
PARTNER_FILE_CHARACTERS_MAX = 256 * KIB

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

# --- HTTP (adapters/http) -------------------------------------------------------------------------
# Request line and headers together, and how many: ten times what honest clients send.
HTTP_HEAD_BYTES_MAX = 32 * KIB
HTTP_HEADERS_MAX = 100
# A client that has not said what it wants by then is holding a place (slowloris).
HTTP_HEAD_SECONDS = 15.0
# Longest silence inside a body, and the slowest body after a start: 45 MB then take 12 hours, more
# than any honest line, yet a byte a second ends at once.
HTTP_BODY_IDLE_SECONDS = 20.0
HTTP_BODY_GRACE_SECONDS = 10.0
HTTP_BODY_BYTES_PER_SECOND_MIN = 1 * KIB
# Longest wait for a client that does not read its answer.
HTTP_SEND_SECONDS = 60.0
# Bodies of anything but intake and check: small JSON at most.
HTTP_SMALL_BODY_BYTES_MAX = 64 * KIB
# What is read and thrown away so that a refused sender gets to see its answer.
HTTP_LINGER_BYTES_MAX = 4 * MIB
HTTP_LINGER_SECONDS = 2.0
HTTP_CONNECTIONS_MAX = 1000
HTTP_KEEPALIVE_SECONDS = 20
HTTP_DRAIN_SECONDS = 10
# A token bucket per account; fast enough for any sender, slow enough for the neighbours.
HTTP_REQUESTS_PER_SECOND = 500.0
HTTP_REQUESTS_BURST = 1000
HTTP_BUCKETS_MAX = 10_000
HTTP_PAGE_DEFAULT = 50
HTTP_PAGE_MAX = 200
HTTP_CURSOR_CHARACTERS_MAX = 200
# Documents, deliveries and parts that one answer about an interchange looks at.
HTTP_DOCUMENTS_SHOWN_MAX = 100
HTTP_DELIVERIES_SHOWN_MAX = 200
HTTP_PARTS_LOOKED_AT_MAX = 2_000
# A check holds a parser: few at once, a short queue, the rest comes again.
HTTP_CHECKS_MAX = 2
HTTP_CHECKS_WAITING_MAX = 8
HTTP_CHECK_MEMORY_BYTES = 1 * MIB

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

# --- permissions and appointments (rules, pipeline/decide_cases) ----------------------------------
# A case that is decided is a page of facts; calendars of two ports for some years are the most.
DECIDE_CASE_BYTES_MAX = 4 * MIB
# What a person corrects in one go of a case that does not fit.
DECIDE_PROBLEMS_SHOWN_MAX = 20
# Attachments of an application and of 情况说明 (S2-14, S2-32; "M" and "K" are binary, H-13).
CUSTOMS_ATTACHMENTS_MAX = 5
CUSTOMS_ATTACHMENT_BYTES_MAX = 4 * MIB
CUSTOMS_PAGE_BYTES_MAX = 200 * KIB
# All goods names together, in characters (S2-16).
CUSTOMS_GOODS_NAMES_CHARACTERS_MAX = 4000
# Declaration numbers fed back (S2-17), each of so many characters (S2-18).
CUSTOMS_DECLARATIONS_MAX = 50
CUSTOMS_DECLARATION_CHARACTERS = 18
# The reason in UTF-8 bytes: S2-40 counts bytes and gives no limit, so this one is policy (H-14).
CUSTOMS_REASON_BYTES_MAX = 255
# Queries of applications and of working time: to - from (S2-34, S2-37, H-9).
CUSTOMS_QUERY_DAYS_MAX = 15
# Working days are looked for so far back; no customs office is closed for longer than a year.
CALENDAR_WALK_DAYS_MAX = 400
# A calendar file is a year of days; text beyond this is none.
CALENDAR_FILE_CHARACTERS_MAX = 256 * KIB
# Openings of one day: morning, afternoon, evening, and room.
CALENDAR_INTERVALS_PER_DAY_MAX = 8

# --- tariffs, payments (rules, pipeline/decide_cases) ---------------------------------------------
# A fee table is a page per year; text beyond this is none.
TARIFF_FILE_CHARACTERS_MAX = 256 * KIB
# Every setting of the switches is tried at load: 2 to the power of this.
TARIFF_SWITCHES_MAX = 6
# A callback is one payment; providers send a few kilobytes (D.3).
CALLBACK_BODY_BYTES_MAX = 64 * KIB
# Fields of a form; the largest known provider sends about forty.
CALLBACK_FIELDS_MAX = 100
# WeChat: a request whose timestamp is further away is a replay (D.1).
CALLBACK_TOLERANCE_SECONDS = 300
# Certificates that a payment provider's chain may hold.
CALLBACK_CHAIN_MAX = 4
# Keys in force at once: one, its successor, and room.
CALLBACK_KEYS_MAX = 8
# One order's money: twelve digits of fen are ten thousand million yuan.
AMOUNT_FEN_MAX = 10**12
# Events of one order: a dozen resends of a dozen refunds, and room.
PAYMENT_EVENTS_MAX = 2_000
# Bills of one vessel call, boxes of one bill (a manifest has up to twenty thousand bills).
SETTLEMENT_BILLS_MAX = 20_000

# --- XML (syntax/xml) -----------------------------------------------------------------------------
# Declaration, comments and the tag of the root; more before the first element is no document.
XML_PROLOG_CHARACTERS_MAX = 64 * KIB
# Characters without a "<": bounds a tag with all its attributes and namespaces, and any text.
XML_RUN_CHARACTERS_MAX = 64 * KIB
# Fed to the parser at once; below the run limit, so that no run hides inside one piece.
XML_PIECE_CHARACTERS = 32 * KIB
# Elements within elements; the deepest of customs is seven.
XML_DEPTH_MAX = 32
# Attributes of one element; customs has one.
XML_ATTRIBUTES_MAX = 64
# One part (a consignment with ten thousand boxes has 3 MB) is held in memory as a whole.
XML_PART_CHARACTERS_MAX = 8 * MIB
XML_PART_RECORDS_MAX = 200_000
# Different element names of one file; customs has about a hundred.
XML_NAMES_MAX = 1_000

# --- canonical JSON (syntax/json) -----------------------------------------------------------------
# One header or part is held as text; a bill with ten thousand boxes has 5 MB.
JSON_VALUE_CHARACTERS_MAX = 8 * MIB
# Brackets within brackets of one value; our own models need seven.
JSON_DEPTH_MAX = 24
# A number of the trade has a dozen digits; one with an exponent may have as many after it.
JSON_NUMBER_CHARACTERS_MAX = 24
JSON_NUMBER_EXPONENT_MAX = 20

# --- tables (syntax/table) ------------------------------------------------------------------------
# Rows that are looked through for the headings: titles and remarks stand above them.
TABLE_HEADING_ROWS_MAX = 20
# Headings that must be known before a row counts as the row of headings.
TABLE_HEADINGS_MIN = 3
# A list of a voyage's boxes has ten thousand rows; R-21 reads 200,000.
TABLE_ROWS_MAX = 1_000_000
# Rows of one document that must be held together (a booking), or of one part.
TABLE_ROWS_HELD_MAX = 10_000
# Our widest table has fifty columns.
TABLE_COLUMNS_MAX = 256
# So many errors and it is another table; each of a million short rows costs 50 µs.
TABLE_ERRORS_MAX = 5_000
# What a cell of a spreadsheet can hold at all.
TABLE_CELL_CHARACTERS_MAX = 32_767
# A workbook is read from its end, so it is held as a whole; 100,000 rows of ours are 10 MB.
WORKBOOK_BYTES_MAX = 32 * MIB
# Its members unpacked; the parser holds the shared texts, about three times their size.
WORKBOOK_UNPACKED_BYTES_MAX = 96 * MIB
# Rows of a workbook: about 30 s of parsing in a child (0.3 ms a row of fifteen cells).
WORKBOOK_ROWS_MAX = 100_000

# --- archives (syntax/pack) -----------------------------------------------------------------------
# A zip is read from its end, so it is held as a whole.
ARCHIVE_BYTES_MAX = 48 * MIB
# members, unpacked bytes over packed ones, and what all members may hold together.
ARCHIVE_MEMBERS_MAX = 1_000
ARCHIVE_RATIO_MAX = 100
ARCHIVE_UNPACKED_BYTES_MAX = 120 * MIB
# Short texts pack well: below this a ratio says nothing.
ARCHIVE_RATIO_FREE_BYTES = 1 * MIB
# The list of members in a zip: a thousand of them with names of 255 bytes and extra fields.
ARCHIVE_DIRECTORY_BYTES_MAX = 1 * MIB
ARCHIVE_NAME_BYTES_MAX = 255

# --- EDIFACT written (mappings/edifact_writing) ---------------------------------------------------
# UNB names the character set and comes first: so much is held to find the narrowest one.
EDIFACT_CHARSET_DECIDED_CHARACTERS = 1 << 18
# Box numbers of one message that are remembered to find one told twice (the largest ship has
# 24,000 boxes): 50,000 of them are some 5 MiB.
EDIFACT_BOXES_REMEMBERED_MAX = 50_000
# CUSCAR and COSTCO tell every box before the first bill: so much text of bills is held meanwhile.
EDIFACT_HELD_CHARACTERS_MAX = 16 * MIB

# --- firms and audit (pipeline/firms, pipeline/audit) ---------------------------------------------
# Events put into the chain by one short transaction.
AUDIT_SEALS_PER_ROUND = 500
# Links read at once by a look at the whole chain.
AUDIT_LINKS_PER_READ = 2_000
# Flaws told one by one; a chain that is broken a hundred times is broken.
AUDIT_FAULTS_MAX = 100
# A scan of a qualification document stays below 1 M (S0-15).
FIRM_PAPER_BYTES_MAX = MIB - 1
# A firm has some ten papers, each renewed now and then.
FIRM_PAPERS_MAX = 100
# Registrations that nobody has reviewed yet; more is a flood, and the platform answers 503.
FIRM_REGISTRATIONS_OPEN_MAX = 1_000
# From one address; a person registers one firm, an agent some.
FIRM_REGISTRATIONS_PER_SECOND = 0.02
FIRM_REGISTRATIONS_BURST = 5
# Sub-accounts of a firm: S0-25 states no limit, a directory of all of them is kept in memory.
FIRM_ACCOUNTS_MAX = 200
# A large fleet of the port has some hundred trucks.
FIRM_TRUCKS_MAX = 5_000
FIRM_DRIVERS_MAX = 10_000
FIRM_CARDS_MAX = 15_000
# Secrets for personal data: shorter ones are guessed.
PERSONAL_SECRET_CHARACTERS_MIN = 32
# Drivers whose time has come, erased by one short transaction.
DRIVERS_ERASED_PER_ROUND = 200
# Values taken to a new key by one short transaction.
PERSONAL_RESEALED_PER_ROUND = 100

# --- applications for clearance by appointment (pipeline/customs) ---------------------------------
# Lines of one goods list: its names have 4000 characters together.
CUSTOMS_GOODS_LINES_MAX = 1_000
# Declaration numbers that are looked at; more than 50 are a finding, many more are no list of ours.
CUSTOMS_DECLARATIONS_TAKEN_MAX = 200
# Findings of one decision: fifty numbers that fit in nothing have four each.
CUSTOMS_FINDINGS_MAX = 250
# An explanation as text (S2-45 gives no bound).
CUSTOMS_EXPLANATION_CHARACTERS_MAX = 4_000
# Drafts deleted or read in one request.
CUSTOMS_BATCH_MAX = 100
# Uploads of attachments in memory at once, 4 MiB each.
CUSTOMS_UPLOADS_MAX = 16
# What an upload may have: so much more than the rule that a little too large is told as such.
CUSTOMS_UPLOAD_BYTES_MAX = 4 * MIB + 64 * KIB
# HS codes shown for a prefix, and the shortest prefix: a chapter.
CUSTOMS_GOODS_CODES_MAX = 200
CUSTOMS_GOODS_PREFIX_MIN = 2
# Tables that an operator loads: the tariff has 13,000 codes; firms of one port far fewer.
CUSTOMS_TABLE_BYTES_MAX = 16 * MIB
# A firm is told so long before its five days are over (policy).
CUSTOMS_FEEDBACK_WARNED_SECONDS = 86_400
# PDF pages are measured in a child of their own: seconds of computing, of waiting, and memory.
PDF_CPU_SECONDS_MAX = 10
PDF_SECONDS_MAX = 20.0
PDF_MEMORY_BYTES_MAX = 512 * MIB
# Children at once, and uploads that may wait for one.
PDF_CHILDREN_MAX = 2
PDF_WAITING_MAX = 20
# Scans of a few pages; 4 MiB of larger pages would be 20.
PDF_PAGES_MAX = 500
# An operator hears of a calendar's end so many days before (the notice comes in November).
CALENDAR_WARNED_DAYS = 60
# Calendars kept in memory, by port.
CALENDAR_PORTS_KEPT_MAX = 256

# --- gate appointments (pipeline/gate) ------------------------------------------------------------
# Slots of one pool file or request: three months of hours, both directions.
GATE_SLOTS_PER_POOL_MAX = 5_000
# A slot is hours, not days: a longer one is a typing error.
GATE_SLOT_SECONDS_MAX = 24 * 3600
# Requests of one file, booked in the transaction of its decision.
GATE_REQUESTS_PER_FILE_MAX = 200
# Appointments looked at in one transaction when a cut-off has moved.
GATE_APPOINTMENTS_PER_PAGE = 100
# Boxes of a document whose appointments its decision names one by one; the rest is counted.
GATE_BOXES_TOLD_MAX = 30
# Statistics and slot queries span at most this: a quarter and a bit.
GATE_QUERY_DAYS_MAX = 100
# Slots in one answer of the statistics; a narrower question gets the rest.
GATE_STATISTICS_SLOTS_MAX = 10_000
# A breach may be withdrawn by a gate move that comes this much later.
GATE_LATE_MOVE_DAYS = 30

# ---- Payments (issue 6)
# Callbacks of one provider a second, and at once: a day's resends after an outage come in a burst.
CALLBACKS_PER_SECOND = 500
CALLBACKS_BURST = 2_000
# WeChat wants its answer within 5 s, UnionPay within 10 (D.1); beyond this we say "later".
CALLBACK_ANSWER_SECONDS = 4.0
# Headers that verifiers read are few and short; no more of a callback's headers is kept.
CALLBACK_HEADER_CHARACTERS_MAX = 4_000
# Keys are read again so that they can be rotated without a restart.
PAYMENT_KEYS_SECONDS = 5.0
# Bills of one order: a payment slip that a person can check.
ORDER_BILLS_MAX = 500
# A payer who has checked out is asked after, later and later: about a day in all, as providers
# resend for 24 to 25 hours.
PAYMENT_QUERY_SECONDS = (300, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 28_800, 28_800)
# A call that fails for the moment: about a day, then it is work for a person.
PAYMENT_CALL_RETRY_SECONDS = (5, 15, 60, 300, 900, 3_600, 14_400, 28_800, 28_800)
PAYMENT_CALL_SECONDS = 15.0
PAYMENT_CALL_LEASE_SECONDS = 60.0
PAYMENT_CALLS_PER_ROUND_MAX = 20
PAYMENT_ANSWER_BYTES_MAX = 256 * KIB
# A platform's settlement file of one day.
RECONCILIATION_BYTES_MAX = 32 * MIB
RECONCILIATION_ROWS_MAX = 200_000

# --- straight code of mapping tables (mappings/straight) ------------------------------------------
# Writing the code for one order of records costs about as much as reading it fifty times.
STRAIGHT_USES_MIN = 30
# Orders and codes of one table that are kept; 30 KB each, so a table takes 4 MB at most.
STRAIGHT_ORDERS_MAX = 128
# Choices of qualifiers that are counted for one order.
STRAIGHT_VARIANTS_MAX = 64
# Longer orders hardly come twice, and their code would be long, too.
STRAIGHT_RECORDS_MAX = 80
