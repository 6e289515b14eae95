"""Tables: csv and xlsx, columns found by their headings.  The only user of openpyxl."""
