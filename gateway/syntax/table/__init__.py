"""Tables: csv and xlsx, columns found by their headings.  Only here openpyxl reads."""
