"""DECLARATIONS: filings, manifest declarations, goods declarations (S3-03 … S3-18)."""

from __future__ import annotations

from typing import Final

from sqlalchemy import update

from gateway.pipeline.money.rows import DeclarationRow, FilingRow, ManifestRow
from gateway.pipeline.rows import Page
from gateway.store.money.declaration_schema import declaration, fee_filing, manifest_declaration
from gateway.store.money.shelf import Shelf
from gateway.store.query import Query, number, text_in, word
from gateway.store.schema import one_of
from gateway.store.session import Session

_filings: Final = Shelf(fee_filing, FilingRow)
_FILING_OF: Final = _filings.where(
    fee_filing.c.partner == text_in("partner_"),
    fee_filing.c.account == text_in("account_"),
    fee_filing.c.region == text_in("region_"),
)
_FILING_FIELDS: Final = (
    *("ports", "rights", "state", "revision", "authority_number", "reason", "decided_at"),
)
_FILING_CHANGE: Final = _filings.changing(*_FILING_FIELDS, revised=True)

_manifests: Final = Shelf(manifest_declaration, ManifestRow)
_m = manifest_declaration.c
_MANIFEST_OF: Final = _manifests.where(
    _m.partner == text_in("partner_"),
    _m.kind == text_in("kind_"),
    _m.vessel == text_in("vessel_"),
    _m.voyage == text_in("voyage_"),
    _m.region == text_in("region_"),
)
_MANIFEST_FIELDS: Final = (
    *("account", "document", "direction", "trade", "ship_at", "ship_time", "departed_at", "facts"),
    *("state", "revision", "authority_number", "reason", "submitted_at", "decided_at"),
)
_MANIFEST_CHANGE: Final = _manifests.changing(*_MANIFEST_FIELDS, revised=True)

_DECLARATION_STATES: Final = (
    *("draft", "submitted", "approved", "rejected", "cancel_requested", "paid", "deleted"),
)
_declarations: Final = Shelf(declaration, DeclarationRow, states=_DECLARATION_STATES)
_d = declaration.c
_OF_MANIFEST: Final = _declarations.where(_d.manifest == text_in("manifest_"))
_OF_BILL: Final = _declarations.where(_d.bill_of_lading == text_in("bill_"))
_DECLARATION_FIELDS: Final = (
    *("account", "document", "payer", "region", "load_port", "discharge_port", "direction"),
    *("trade", "ship_at", "ship_time", "goods_form", "facts", "state", "revision"),
    *("authority_number", "authority_fen", "reason", "submitted_at", "decided_at"),
)
_DECLARATION_CHANGE: Final = _declarations.changing(*_DECLARATION_FIELDS, revised=True)
_PAID: Final = Query(
    update(declaration)
    .where(_d.id == text_in("id_"), one_of(_d.state, "approved", "cancel_requested"))
    .values(state=word("paid"), revision=_d.revision + number(1)),
    (),
)


class FilingTable:
    """The port `Filings`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: FilingRow) -> bool:
        return _filings.add(self._session, row)

    def find(self, id_: str) -> FilingRow | None:
        return _filings.find(self._session, id_)

    def of(self, partner: str, account: str, region: str) -> FilingRow | None:
        found = self._session.first(_FILING_OF, partner_=partner, account_=account, region_=region)
        return None if found is None else _filings.read(found)

    def change(self, row: FilingRow) -> None:
        _filings.change(self._session, _FILING_CHANGE, row, *_FILING_FIELDS)

    def page(self, partner: str | None, cursor: str | None, limit: int) -> Page:
        return _filings.page(self._session, partner, cursor, limit)


class ManifestTable:
    """The port `Manifests`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: ManifestRow) -> bool:
        return _manifests.add(self._session, row)

    def find(self, id_: str) -> ManifestRow | None:
        return _manifests.find(self._session, id_)

    def of(
        self, partner: str, kind: str, vessel: str, voyage: str, region: str
    ) -> ManifestRow | None:
        found = self._session.first(
            _MANIFEST_OF,
            partner_=partner,
            kind_=kind,
            vessel_=vessel,
            voyage_=voyage,
            region_=region,
        )
        return None if found is None else _manifests.read(found)

    def change(self, row: ManifestRow) -> None:
        _manifests.change(self._session, _MANIFEST_CHANGE, row, *_MANIFEST_FIELDS)

    def page(self, partner: str | None, cursor: str | None, limit: int) -> Page:
        return _manifests.page(self._session, partner, cursor, limit)


class DeclarationTable:
    """The port `Declarations`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: DeclarationRow) -> bool:
        return _declarations.add(self._session, row)

    def find(self, id_: str) -> DeclarationRow | None:
        return _declarations.find(self._session, id_)

    def of_manifest(self, manifest: str) -> list[DeclarationRow]:
        rows = self._session.fetch(_OF_MANIFEST, manifest_=manifest)
        return [_declarations.read(row) for row in rows]

    def of_bill(self, bill_of_lading: str) -> list[DeclarationRow]:
        rows = self._session.fetch(_OF_BILL, bill_=bill_of_lading)
        return [_declarations.read(row) for row in rows]

    def change(self, row: DeclarationRow) -> None:
        _declarations.change(self._session, _DECLARATION_CHANGE, row, *_DECLARATION_FIELDS)

    def paid(self, id_: str) -> bool:
        return bool(self._session.run(_PAID, id_=id_))

    def page(
        self, partner: str | None, cursor: str | None, limit: int, state: str | None = None
    ) -> Page:
        return _declarations.page(self._session, partner, cursor, limit, state)
