"""Whole journeys through a running gateway, as partners and operators see them."""
