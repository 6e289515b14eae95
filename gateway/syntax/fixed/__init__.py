"""Files of fixed columns: reader and layouts.  Columns count bytes of GB18030."""
