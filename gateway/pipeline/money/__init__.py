"""MONEY: orders, callbacks, payments, refunds, reconciliation (rules.md D, F.3)."""
