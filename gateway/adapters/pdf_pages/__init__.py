"""PDF PAGES: bytes of each page of a PDF written alone (H-43), measured by a bounded child."""
