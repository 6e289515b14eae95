"""Packed uploads, zip and gzip: members under limits (R-26), nothing written anywhere."""
