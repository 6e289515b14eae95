"""RULES: what may be sent, what it replaces, what is wrong with it.  Pure: facts in, values out."""
