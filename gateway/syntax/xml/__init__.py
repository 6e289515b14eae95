"""XML: decoded by ourselves, without DOCTYPE, one part at a time.  The only user of lxml."""
