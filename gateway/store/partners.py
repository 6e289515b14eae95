"""PARTNERS: dated versions of partner files.  A removed partner has a last version of NULL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, func, select, update

from gateway.canonical.partner import Partner
from gateway.pipeline.audit import difference
from gateway.pipeline.firms.terms import audited
from gateway.store import audit
from gateway.store.firms.schema import firm_number
from gateway.store.query import Query, columns_of, insert, number, number_in, text_in
from gateway.store.schema import CURRENT_VERSION, account, partner_version
from gateway.store.session import Session

_v = partner_version.c
_is = _v.code == text_in("code_")
_ALL: Final = Query(
    select(_v.document).where(CURRENT_VERSION, _v.document.is_not(None)).order_by(_v.code)
)
_FIND: Final = Query(select(_v.document).where(CURRENT_VERSION, _is))
_VERSION: Final = Query(select(func.coalesce(func.max(_v.seq), number(0))))
_RETIRE: Final = Query(
    update(partner_version).where(CURRENT_VERSION, _is).values(current=number(0)), ()
)
_INSERT: Final = Query(
    insert(partner_version).inline().values(current=number(1)),
    columns_of(partner_version, "seq", "current"),
)
_SINCE: Final = Query(
    select(_v.code, _v.document).where(CURRENT_VERSION, _v.seq > number_in("since_"))
)
_REMOVE_ACCOUNTS: Final = Query(delete(account).where(account.c.partner == text_in("code_")))
_INSERT_ACCOUNT: Final = Query(
    insert(account).inline().on_conflict_do_nothing(), columns_of(account)
)
_OWNER: Final = Query(select(account.c.partner).where(account.c.name == text_in("name_")))
_REMOVE_NUMBERS: Final = Query(delete(firm_number).where(firm_number.c.partner == text_in("code_")))
_INSERT_NUMBER: Final = Query(
    insert(firm_number).inline().on_conflict_do_nothing(), columns_of(firm_number)
)
_FIRM: Final = Query(select(firm_number.c.partner).where(firm_number.c.number == text_in("name_")))


class PartnerTable:
    """The port `Partners`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def apply(self, partners: Sequence[Partner], by: str, removed: Sequence[str] = ()) -> list[str]:
        """Raises ValueError where two partners would have an account or a number in common."""
        self._session.lock("partners")
        gone = [code for code in removed if self._document(code) is not None]
        changed = [each for each in partners if self._document(each.code) != _text(each)]
        for code in (*gone, *(each.code for each in changed)):
            self._session.run(_REMOVE_ACCOUNTS, code_=code)
            self._session.run(_REMOVE_NUMBERS, code_=code)
        for code in gone:
            self._add_version(code, None, by)
        for each in changed:
            self._add_accounts(each)
            self._add_numbers(each)
            self._add_version(each.code, each, by)
        return [*gone, *(each.code for each in changed)]

    def _document(self, code: str) -> str | None:
        document = self._session.scalar(_FIND, code_=code)
        return None if document is None else str(document)

    def _add_accounts(self, partner: Partner) -> None:
        for each in partner.accounts:
            if not self._session.run(_INSERT_ACCOUNT, name=each.name, partner=partner.code):
                owner = self._session.scalar(_OWNER, name_=each.name)
                raise ValueError(
                    f"partner {partner.code}: the account {each.name!r} belongs to {owner}"
                )

    def _add_numbers(self, partner: Partner) -> None:
        for each in (partner.credit_code, partner.taxpayer_number):
            if each and not self._session.run(_INSERT_NUMBER, number=each, partner=partner.code):
                owner = self._session.scalar(_FIRM, name_=each)
                raise ValueError(f"partner {partner.code}: the number {each} belongs to {owner}")

    def _add_version(self, code: str, partner: Partner | None, by: str) -> None:
        session = self._session
        before = self.find(code)
        document = None if partner is None else _text(partner)
        session.run(_RETIRE, code_=code)
        session.run(_INSERT, code=code, document=document, applied_at=session.now(), applied_by=by)
        what = "partner.removed" if partner is None else "partner.applied"
        audit.record(session, by, what, code, difference(audited(before), audited(partner)))

    def with_number(self, number: str) -> str | None:
        found = self._session.scalar(_FIRM, name_=number)
        return None if found is None else str(found)

    def all(self) -> list[Partner]:
        return [Partner.model_validate_json(row[0]) for row in self._session.fetch(_ALL)]

    def find(self, code: str) -> Partner | None:
        document = self._document(code)
        return None if document is None else Partner.model_validate_json(document)

    def locked(self, code: str) -> Partner | None:
        self._session.lock("partners")
        return self.find(code)

    def since(self, version: int) -> dict[str, Partner | None]:
        rows = self._session.fetch(_SINCE, since_=version)
        return {
            str(code): None if document is None else Partner.model_validate_json(document)
            for code, document in rows
        }

    def version(self) -> int:
        return int(self._session.scalar(_VERSION) or 0)


def _text(partner: Partner) -> str:
    return partner.model_dump_json()
