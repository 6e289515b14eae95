"""SCHEMA of what is declared and due (S3-03 … S3-18); amounts are whole fen, states follow.

- manifest_declaration: draft → submitted → approved; or failed (未通过认定), rejected (已驳回认定).
- declaration (one bill, the 货物申报): draft → submitted → approved → paid; rejected; an approved one
  may go cancel_requested → draft; deleted.
- charge: due → ordered → paid; due or ordered → void (rated again, exempt).

`partner` is the one whose row it is; every query of a partner is filtered by it.
"""

from __future__ import annotations

from sqlalchemy import Index, Table, UniqueConstraint

from gateway.store.columns import count, number, sequence, states, text
from gateway.store.schema import METADATA

# 备案: which operator of a firm may declare and pay where; account "" is the firm itself.
fee_filing = Table(
    "fee_filing",
    METADATA,
    sequence(),
    text("id"),
    text("partner"),
    text("account"),
    text("region"),
    # JSON: LOCODEs of the region's ports, and the rights that were applied for.
    text("ports"),
    text("rights"),
    text("state"),
    count("revision"),
    text("authority_number", null=True),
    text("reason", null=True),
    number("created_at"),
    number("decided_at", null=True),
    UniqueConstraint("id"),
    UniqueConstraint("partner", "account", "region"),
    states("draft", "submitted", "approved", "rejected"),
    sqlite_autoincrement=True,
)

manifest_declaration = Table(
    "manifest_declaration",
    METADATA,
    sequence(),
    text("id"),
    # Its declarant: the sender of the manifest, or who declared it over the API.
    text("partner"),
    text("account"),
    # The manifest that it was made of; NULL where it was declared over the API.
    text("document", null=True),
    # pre_stowage, clean or import.
    text("kind"),
    text("vessel"),
    text("voyage"),
    text("region"),
    text("direction"),
    text("trade"),
    number("ship_at", null=True),
    # The same as written, with its zone: rules run in the port's zone.
    text("ship_time", null=True),
    number("departed_at", null=True),
    # JSON: 业务类型, 码头锚地, 责任船代, IMO, carrier, destination (S3-07).
    text("facts"),
    text("state"),
    count("revision"),
    text("authority_number", null=True),
    text("reason", null=True),
    number("created_at"),
    number("submitted_at", null=True),
    number("decided_at", null=True),
    UniqueConstraint("id"),
    UniqueConstraint("partner", "kind", "vessel", "voyage", "region"),
    states("draft", "submitted", "approved", "failed", "rejected", "deleted"),
    Index(None, "document"),
    sqlite_autoincrement=True,
)

declaration = Table(
    "declaration",
    METADATA,
    sequence(),
    text("id"),
    text("manifest"),
    text("partner"),
    text("account"),
    text("document", null=True),
    text("bill_of_lading"),
    # pre_stowage, clean or import, as its manifest.
    text("kind"),
    # The partner who pays: the declarant of the goods declaration.
    text("payer"),
    text("region"),
    text("load_port"),
    text("discharge_port"),
    text("direction"),
    text("trade"),
    number("ship_at", null=True),
    text("ship_time", null=True),
    # container or bulk, never both (S3-14).
    text("goods_form"),
    # JSON: boxes or cargo, transshipment, exemptions: the facts that rating takes.
    text("facts"),
    text("state"),
    count("revision"),
    text("authority_number", null=True),
    # What the authority's own platform rated, where it did (H-32).
    number("authority_fen", null=True),
    text("reason", null=True),
    number("created_at"),
    number("submitted_at", null=True),
    number("decided_at", null=True),
    UniqueConstraint("id"),
    UniqueConstraint("manifest", "bill_of_lading"),
    states("draft", "submitted", "approved", "rejected", "cancel_requested", "paid", "deleted"),
    Index(None, "payer", "state", "seq"),
    Index(None, "partner", "seq"),
    Index(None, "bill_of_lading"),
    sqlite_autoincrement=True,
)

# ---- What is due

charge = Table(
    "charge",
    METADATA,
    sequence(),
    text("id"),
    text("declaration"),
    text("bill_of_lading"),
    # Whose charge it is: the payer.
    text("partner"),
    text("tariff"),
    text("tariff_row"),
    text("tariff_version"),
    text("basis"),
    # Decimals as text.
    text("quantity"),
    text("rate"),
    number("amount_fen"),
    text("reason"),
    text("state"),
    # The revision of the declaration that was rated, and the place among its lines.
    count("revision"),
    count("line"),
    text("payment_order", null=True),
    # The receipt 补收差额 that it collects; NULL for a charge of the declaration itself.
    text("settlement", null=True),
    number("created_at"),
    number("paid_at", null=True),
    UniqueConstraint("id"),
    UniqueConstraint("declaration", "revision", "line"),
    states("due", "ordered", "paid", "void"),
    Index(None, "partner", "state", "seq"),
    Index(None, "payment_order"),
    sqlite_autoincrement=True,
)
