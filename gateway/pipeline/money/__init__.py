"""MONEY: declarations, charges, orders, payments, refunds, settlements (rules.md D, F.3)."""
