"""CALLBACKS of payment providers: who signed these bytes, and what do they say.

One module per provider, each a pure function of (configuration, headers, raw body, now).  The
order of work is that of D.3: size, signature over the raw bytes, time window, and only then the
content.  `registry.verify` is the one way in.
"""
