"""OUR LANGUAGE: what a document means, whatever syntax it came in.  One noun per module."""
