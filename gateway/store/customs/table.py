"""Customs applications: the nouns of one transaction (port `Customs`)."""

from __future__ import annotations

from gateway.store.customs.applications import ApplicationTable
from gateway.store.customs.papers import PaperTable
from gateway.store.customs.records import RecordTable
from gateway.store.customs.register import RegisterTable
from gateway.store.session import Session


class CustomsTable:
    """Implements the port `Customs`."""

    __slots__ = ("applications", "papers", "records", "register")

    def __init__(self, session: Session) -> None:
        self.applications = ApplicationTable(session)
        self.papers = PaperTable(session)
        self.records = RecordTable(session)
        self.register = RegisterTable(session)
