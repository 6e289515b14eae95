"""Bounds of what is read and written: flat, EDIFACT, XML, JSON, tables, archives.

Sizes are bytes, times are seconds.
"""

from gateway.limits.units import KIB, MIB

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
# Records of a part that is read at once: as many of the longest ones as a part may hold.
FLAT_RUN_RECORDS_MAX = 128
# Parts in a row that were no run, after which so many are not tried.
FLAT_RUNS_FAILED_MAX = 20
# Records that are remembered with their values for others that are the same, and how long they may
# be; up to 2 KB each.  A bill has two or three records of its own, the rest comes again.
FLAT_RECORDS_REMEMBERED_MAX = 1_000
FLAT_RECORD_REMEMBERED_BYTES_MAX = 512
# Orders of the records of a part that are remembered; 1 KB each.
FLAT_ORDERS_MAX = 128
# Records of the boxes of one load plan; a bill counts once for each box that holds some of it, so
# that ten thousand boxes under one long bill do not become ten thousand times its text.
LOAD_PLAN_RECORDS_MAX = 200_000

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
# Runs of one shape before it gets an expression of its own, the last of them looked at for what is
# filled; writing that costs as much as reading two hundred of them.
EDIFACT_FORM_USES_MIN = 200
EDIFACT_FORM_LOOKS = 40
# How often a shape may get a new one since more is filled, and how long it may be.
EDIFACT_FORMS_OF_A_SHAPE_MAX = 4
EDIFACT_FORM_SEGMENTS_MAX = 80
# Expressions that are kept, of all files; up to 50 KB each.
EDIFACT_FORMS_MAX = 128
# Interchanges of one file whose envelopes are kept; senders put a handful into one file.
EDIFACT_INTERCHANGES_KEPT_MAX = 100
# Faulty messages named one by one in a CONTRL; the rest is answered by rejecting the interchange.
EDIFACT_MESSAGE_REPORTS_MAX = 1_000

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
# Orders of elements of one file that are remembered, and elements and attributes of each.
XML_ORDERS_MAX = 128
XML_ORDER_ELEMENTS_MAX = 400
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
# Rows of a csv file are cut and decoded so many bytes at once.
CSV_BLOCK_BYTES = 64 * KIB
# Rows of a table after which code for its very headings is worth while.
TABLE_REGULAR_AFTER = 50
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

# --- straight code of mapping tables (mappings/straight) ------------------------------------------
# Writing the code for one order of records costs about as much as reading it fifty times.
STRAIGHT_USES_MIN = 30
# Orders and codes of one table that are kept; 30 KB each, so a table takes 4 MB at most.
STRAIGHT_ORDERS_MAX = 128
# Choices of qualifiers that are counted for one order.
STRAIGHT_VARIANTS_MAX = 64
# Elements (parties) of one label that are kept for others in the same words; 1 KB each.
SHARED_ELEMENTS_MAX = 4_000
# Layouts of runs (rows of headings) that a mapping table is compiled for; 100 KB each.
TABLE_LAYOUTS_MAX = 32
# Longer orders hardly come twice, and their code would be long, too.
STRAIGHT_RECORDS_MAX = 80
