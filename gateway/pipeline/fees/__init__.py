"""FEES: from an accepted manifest to what is due, and 补退清算 after the clean one (S3-03 … S3-37).

What comes after (orders, callbacks, refunds) stands in `pipeline/money`; both share its store noun.
"""
