"""Measurements: ratios inside one run, since absolute figures do not travel."""
