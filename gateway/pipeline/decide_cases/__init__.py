"""CASES of `gateway decide`: a JSON case becomes facts, the pure rules decide, the answer is JSON.

One module per kind; `registry.KINDS` lists them.  The service asks the same functions of `rules`.
"""
