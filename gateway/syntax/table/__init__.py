"""Tables: csv and xlsx, columns found by Chinese or English headings.  The only user of openpyxl."""
