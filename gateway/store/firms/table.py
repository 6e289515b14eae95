"""Enterprises and what belongs to them: the noun of one transaction (port `Firms`)."""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, exists, func, select

from gateway.pipeline.firms.rows import ApprovalRow, ContactRow, PaperRow, StateRow
from gateway.store.firms.fleet import FleetTable
from gateway.store.firms.schema import firm_approval, firm_contact, firm_paper, firm_state
from gateway.store.instant import from_micros, maybe_instant, maybe_micros, to_micros
from gateway.store.query import Query, columns_of, insert, number_in, text_in, word
from gateway.store.row_mapping import maybe_storable, reader, selected, storable
from gateway.store.session import Session

_s = firm_state.c
_c = firm_contact.c
_p = firm_paper.c
_a = firm_approval.c
_later = firm_state.alias("later")
_ENTER: Final = Query(insert(firm_state).inline(), columns_of(firm_state, "seq"))
_STATES: Final = Query(
    select(*selected(firm_state, StateRow))
    .where(_s.partner == text_in("partner_"))
    .order_by(_s.seq)
)
_OPEN: Final = Query(
    select(func.count())
    .select_from(firm_state)
    .where(
        _s.state == word("submitted"),
        ~exists().where(_later.c.partner == _s.partner, _later.c.seq > _s.seq),
    )
)
_new_contact = insert(firm_contact).inline()
_KEEP_CONTACT: Final = Query(
    _new_contact.on_conflict_do_update(
        index_elements=["partner", "account"],
        set_={
            name: _new_contact.excluded[name]
            for name in ("key_id", "sealed", "shown", "changed_at")
        },
    ),
    columns_of(firm_contact),
)
_by_contact = (_c.partner == text_in("partner_"), _c.account == text_in("account_"))
_CONTACT: Final = Query(select(*selected(firm_contact, ContactRow)).where(*_by_contact))
_NOT_UNDER: Final = Query(
    select(*selected(firm_contact, ContactRow))
    .where(_c.key_id != text_in("key_id_"))
    .limit(number_in("limit_"))
)
_FORGET_CONTACT: Final = Query(delete(firm_contact).where(*_by_contact))
_FORGET_CONTACTS: Final = Query(delete(firm_contact).where(_c.partner == text_in("partner_")))
_FORGET_PAPERS: Final = Query(delete(firm_paper).where(_p.partner == text_in("partner_")))
_ADD_PAPER: Final = Query(insert(firm_paper).inline(), columns_of(firm_paper, "seq"))
_papers = select(*selected(firm_paper, PaperRow)).where(_p.partner == text_in("partner_"))
_PAPERS: Final = Query(_papers.order_by(_p.seq))
_PAPER: Final = Query(
    select(_p.bytes, *selected(firm_paper, PaperRow)).where(
        _p.partner == text_in("partner_"), _p.id == text_in("id_")
    )
)
_new_approval = insert(firm_approval).inline()
_KEEP_APPROVAL: Final = Query(
    _new_approval.on_conflict_do_update(
        index_elements=["partner", "terminal"],
        set_={
            name: _new_approval.excluded[name]
            for name in ("state", "requested_at", "decided_at", "who", "why")
        },
    ),
    columns_of(firm_approval),
)
_approvals = select(*selected(firm_approval, ApprovalRow))
_APPROVAL: Final = Query(
    _approvals.where(_a.partner == text_in("partner_"), _a.terminal == text_in("terminal_"))
)
_APPROVALS: Final = Query(_approvals.where(_a.partner == text_in("partner_")).order_by(_a.terminal))
_ASKED: Final = Query(
    _approvals.where(
        _a.terminal == text_in("terminal_"),
        _a.state == text_in("state_"),
        _a.partner > text_in("after_"),
    )
    .order_by(_a.partner)
    .limit(number_in("limit_"))
)
_state = reader(StateRow, at=from_micros)
_contact = reader(ContactRow, sealed=bytes, changed_at=from_micros)
_paper = reader(PaperRow, uploaded_at=from_micros)
_approval = reader(ApprovalRow, requested_at=from_micros, decided_at=maybe_instant)


class FirmsTable:
    """Implements the port `Firms`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.fleet = FleetTable(session)

    def entered(self, row: StateRow) -> None:
        self._session.run(
            _ENTER,
            partner=row.partner,
            state=row.state,
            at=to_micros(row.at),
            who=storable(row.who),
            why=storable(row.why),
        )

    def states(self, partner: str) -> list[StateRow]:
        return [_state(row) for row in self._session.fetch(_STATES, partner_=partner)]

    def registrations_open(self) -> int:
        return int(self._session.scalar(_OPEN) or 0)

    def keep_contact(self, row: ContactRow) -> None:
        self._session.run(
            _KEEP_CONTACT,
            partner=row.partner,
            account=row.account,
            key_id=row.key_id,
            sealed=row.sealed,
            shown=storable(row.shown),
            changed_at=to_micros(row.changed_at),
        )

    def contact(self, partner: str, account: str) -> ContactRow | None:
        row = self._session.first(_CONTACT, partner_=partner, account_=account)
        return None if row is None else _contact(row)

    def contacts_not_under(self, key_id: str, limit: int) -> list[ContactRow]:
        rows = self._session.fetch(_NOT_UNDER, key_id_=key_id, limit_=limit)
        return [_contact(row) for row in rows]

    def forget(self, partner: str) -> None:
        self._session.run(_FORGET_CONTACTS, partner_=partner)
        self._session.run(_FORGET_PAPERS, partner_=partner)

    def forget_contact(self, partner: str, account: str) -> None:
        self._session.run(_FORGET_CONTACT, partner_=partner, account_=account)

    def add_paper(self, row: PaperRow, content: bytes) -> None:
        self._session.run(
            _ADD_PAPER,
            id=row.id,
            partner=row.partner,
            kind=row.kind,
            name=storable(row.name),
            content_type=row.content_type,
            size=row.size,
            sha256=row.sha256,
            bytes=content,
            uploaded_at=to_micros(row.uploaded_at),
            uploaded_by=row.uploaded_by,
        )

    def papers(self, partner: str) -> list[PaperRow]:
        return [_paper(row) for row in self._session.fetch(_PAPERS, partner_=partner)]

    def paper(self, partner: str, paper: str) -> tuple[PaperRow, bytes] | None:
        row = self._session.first(_PAPER, partner_=partner, id_=paper)
        return None if row is None else (_paper(row[1:]), bytes(row[0]))

    def keep_approval(self, row: ApprovalRow) -> None:
        self._session.run(
            _KEEP_APPROVAL,
            partner=row.partner,
            terminal=row.terminal,
            state=row.state,
            requested_at=to_micros(row.requested_at),
            decided_at=maybe_micros(row.decided_at),
            who=maybe_storable(row.who),
            why=maybe_storable(row.why),
        )

    def approval(self, partner: str, terminal: str) -> ApprovalRow | None:
        row = self._session.first(_APPROVAL, partner_=partner, terminal_=terminal)
        return None if row is None else _approval(row)

    def approvals(self, partner: str) -> list[ApprovalRow]:
        return [_approval(row) for row in self._session.fetch(_APPROVALS, partner_=partner)]

    def asked_of(self, terminal: str, state: str, after: str, limit: int) -> list[ApprovalRow]:
        rows = self._session.fetch(
            _ASKED, terminal_=terminal, state_=state, after_=after, limit_=limit
        )
        return [_approval(row) for row in rows]
