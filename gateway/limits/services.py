"""Bounds of partners, firms, appointments, fees and payments.

Sizes are bytes, times are seconds.
"""

from gateway.limits.units import KIB, MIB

# --- routing and partner files --------------------------------------------------------------------
# A lane is an index column; vessel names and voyages are short, made-up ones are not.
LANE_CHARACTERS_MAX = 200
# Payload pieces: large enough that joining them costs nothing, small enough to stay in cache.
PAYLOAD_PIECE_CHARACTERS = 64 * KIB
# One partner is a page or two; a larger file is a mistake.
PARTNER_FILE_CHARACTERS_MAX = 256 * KIB

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
