"""Bounds of the ways in and out: HTTP, SFTP, folders, mailboxes.

Sizes are bytes, times are seconds.
"""

from gateway.limits.units import KIB, MIB

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
