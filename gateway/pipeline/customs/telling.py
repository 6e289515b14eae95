"""TELLING: customs hear of submissions, cancellations and what is fed back; the firm of the rest.

Notices of kind `customs_appointment` go to the routes that subscribe to it, as canonical JSON or as
XML of our own schema (payload "customs_appointment/xml").  Those of kind
`customs_appointment_status` go to the applicant alone: to routes that subscribe, else its mailbox.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from gateway.canonical.partner import Partner, Subscription
from gateway.mappings.customs_appointment import notice_xml
from gateway.pipeline.customs import forms
from gateway.pipeline.customs.office import Office
from gateway.pipeline.customs.rows import ApplicationRow
from gateway.pipeline.notices import Notice, notify
from gateway.pipeline.ports import Tx
from gateway.telemetry.events import emit

TO_CUSTOMS = notice_xml.KIND
TO_FIRM = "customs_appointment_status"
_DECLARED = ("number", "flag", "firm", "declaring_port", "entry_exit_port", "declared")


def tell_customs(office: Office, tx: Tx, row: ApplicationRow, event: str, now: datetime) -> int:
    """Put the deliveries; how many.  None at all is an operator's affair: it is told loudly."""
    body = notice_body(tx, row, event, now)
    xml = ("application/xml", notice_xml.write_notice(body))
    notice = Notice(
        kind=TO_CUSTOMS,
        id=row.number,
        revision=row.revision,
        about={"customs_application": row.number},
        body=body,
        state=event,
        sender=row.partner,
        test=row.test,
        renderings={notice_xml.NAME: xml},
    )
    told = notify(tx, office.directory.partners(), notice, now)
    if not told:
        emit("customs_route_missing", "error", application=row.number, event_told=event)
    return told


def notice_body(tx: Tx, row: ApplicationRow, event: str, now: datetime) -> dict[str, Any]:
    """What customs get: the whole application as it stands, whatever happened to it."""
    papers = tx.customs.papers
    explanation = papers.explanation(row.number)
    return {
        "document": TO_CUSTOMS,
        "event": event,
        "number": row.number,
        "application_number": row.application_number,
        "state": row.state,
        "revision": row.revision,
        "at": forms.shown(now),
        "sender": row.partner,
        "start": forms.shown(row.start_at),
        "end": forms.shown(forms.end_of(row.start_at)),
        "form": {key: value for key, value in row.form.items() if key != "declarations"},
        "declarations": _declarations(tx, row),
        "attachments": [
            {
                "id": file.seq,
                "purpose": file.purpose,
                "name": file.name,
                "size": file.size,
                "sha256": file.sha256,
            }
            for file in papers.attachments(row.number)
        ],
        "explanation": explanation.text if explanation else None,
    }


def _declarations(tx: Tx, row: ApplicationRow) -> list[dict[str, Any]]:
    """Those fed back, before that those of the form."""
    fed = [each.declaration for each in tx.customs.papers.declarations(row.number)]
    given: Iterable[dict[str, Any]] = fed or row.form.get("declarations", ())
    return [{key: each.get(key) for key in _DECLARED} for each in given]


def tell_firm(
    office: Office,
    tx: Tx,
    row: ApplicationRow,
    event: str,
    now: datetime,
    words: tuple[str, str] = ("", ""),
) -> None:
    """A notice for the applicant, whatever it subscribes to."""
    partner = office.directory.partner(row.partner)
    if partner is None:
        return
    zh, en = words
    body = {
        "document": TO_FIRM,
        "event": event,
        "number": row.number,
        "reference": row.reference,
        "application_number": row.application_number,
        "state": row.state,
        "revision": row.revision,
        "at": forms.shown(now),
        "start": forms.shown(row.start_at),
        "zh": zh,
        "en": en,
    }
    notice = Notice(
        kind=TO_FIRM,
        id=f"{row.number}-status",
        revision=row.revision,
        about={"customs_application": row.number},
        body=body,
        state=event,
        sender=row.partner,
        receivers=(row.partner,),
        test=row.test,
    )
    notify(tx, [_listening(partner)], notice, now)


def _listening(partner: Partner) -> Partner:
    """The partner with a route for its own news: a mailbox hears them where none subscribes."""
    subscribed = any(
        each.document == TO_FIRM for route in partner.routes for each in route.subscriptions
    )
    box = next((route for route in partner.routes if route.kind == "mailbox"), None)
    if subscribed or box is None:
        return partner
    news = Subscription(document=TO_FIRM)
    routes = tuple(
        route.model_copy(update={"subscriptions": (*route.subscriptions, news)})
        if route is box
        else route
        for route in partner.routes
    )
    return partner.model_copy(update={"routes": routes})


def hears(partner: Partner | None, row: ApplicationRow) -> bool:
    """Whether applications of this firm go to this partner: then it may read and answer them."""
    if partner is None or partner.state != "active" or row.submitted_at is None:
        return False
    return any(
        each.document == TO_CUSTOMS and (not each.senders or row.partner in each.senders)
        for route in partner.routes
        for each in route.subscriptions
    )
