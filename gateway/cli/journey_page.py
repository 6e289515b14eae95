"""A journey as a page for a person."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from gateway.cli import screen

if TYPE_CHECKING:
    from gateway.cli.journey import DeliveryJourney, DocumentJourney, Journey
    from gateway.pipeline.rows import DecisionRow, InterchangeRow

_COLOURS = {
    "accepted": "32", "accept": "32", "decided": "32", "sent": "32", "confirmed": "32",
    "collected": "32", "partly": "33", "held": "33", "hold": "33", "review": "33",
    "waiting": "36", "due": "36", "leased": "36", "blocked": "33", "rejected": "1;31",
    "reject": "1;31", "quarantined": "1;31", "dead": "1;31", "refused": "1;31",
}  # fmt: skip


def write(journey: Journey) -> None:
    """Received → read → decided → delivered, in this order."""
    _received(journey.interchange)
    _read(journey.interchange, sum(each.row.errors for each in journey.documents))
    for document in journey.documents:
        _document(document)
    beyond = journey.interchange.documents - len(journey.documents)
    if beyond > 0:
        screen.say(f"  … and {beyond} more documents")
    for delivery in journey.deliveries:
        _delivery(delivery)
    if journey.deliveries_beyond:
        screen.say(f"  … and {journey.deliveries_beyond} more deliveries")
    if not journey.deliveries:
        _step("deliver", "nothing goes out (yet)")


def _received(row: InterchangeRow) -> None:
    name = screen.style(screen.printable(row.name), "1")
    screen.say(
        f"{name}   {_coloured(row.state)}{f' · {_coloured(row.outcome)}' if row.outcome else ''}"
    )
    screen.say(f"  interchange {row.id}{'   TEST' if row.test else ''}")
    _step(
        "receive",
        f"{_time(row.received_at)}  {row.channel}  {row.partner}/{row.account}  {row.size} bytes",
    )
    _more(f"sha256 {row.sha256}")
    if row.repeats:
        _more(f"sent {row.repeats} more time(s); each got this interchange as its answer")
    if row.resend_of:
        _more(f"the same bytes again after interchange {row.resend_of}")
    if row.replay_of:
        _more(f"a replay of interchange {row.replay_of}")


def _read(row: InterchangeRow, errors_of_parts: int) -> None:
    if row.syntax is None:
        _step("translate", "not yet")
    else:
        about = [row.syntax, row.format, row.encoding]
        words = " · ".join(word for word in about if word)
        _step("translate", f"{words}, {row.documents} document(s)")
        _more(
            f"from {row.sender or '-'} to {row.receiver or '-'}, reference {row.reference or '-'}"
        )
        if not row.complete:
            _more("the file is not complete")
        if row.findings_total:
            errors = row.errors_total + errors_of_parts
            _more(f"{errors} error(s), {row.findings_total} finding(s) in all")
    for finding in row.findings:
        _finding(finding)


def _document(document: DocumentJourney) -> None:
    row = document.row
    key = " ".join(screen.printable(value) for value in row.key.values())
    _step("decide", f"{row.type}  {key}  {row.parts} part(s)  {_coloured(row.state)}")
    _more(f"document {row.id}, function {row.function}, {row.format}")
    for finding in document.findings:
        _finding(finding)
    for decision in document.decisions:
        _decision(decision)


def _decision(decision: DecisionRow) -> None:
    rules = ", ".join(
        f"{rule.get('id')} {rule.get('version', '')}".strip() for rule in decision.rules
    )
    _more(
        f"{_time(decision.decided_at)}  {_coloured(decision.outcome)}  {' '.join(decision.codes)}"
    )
    for language in ("zh", "en"):
        if decision.explanation.get(language):
            _more(f"  {screen.printable(decision.explanation[language])}")
    if rules:
        _more(f"  rules: {rules}")
    for finding in decision.findings:
        _finding(finding)


def _delivery(delivery: DeliveryJourney) -> None:
    row = delivery.row
    what = "answer" if row.subject_kind == "answer" else row.event_type
    _step("deliver", f"{row.partner}/{row.route} ({row.kind})  {what}  {_coloured(row.state)}")
    _more(f"delivery {row.id}")
    if row.state == "due":
        _more(f"next try {_time(row.due_at)}")
    for attempt in delivery.attempts:
        status = f" {attempt.status}" if attempt.status else ""
        _more(
            f"try {attempt.number}  {_time(attempt.at)}  {attempt.outcome}{status}  "
            f"{screen.printable(attempt.detail)}  {attempt.duration_seconds:.2f} s"
        )


def _finding(finding: dict[str, Any]) -> None:
    where = " ".join(
        f"{name} {finding[name]}"
        for name in ("line", "tag", "field")
        if finding.get(name) is not None
    )
    key = finding.get("key") or ""
    head = " ".join(filter(None, (finding.get("severity"), finding.get("code"), where, key)))
    _more(screen.printable(head))
    _more(f"  {screen.printable(str(finding.get('zh', '')))}")
    _more(f"  {screen.printable(str(finding.get('en', '')))}")


def _step(name: str, text: str) -> None:
    screen.say(f"  {screen.style(name.ljust(10), '1;36')} {text}")


def _more(text: str) -> None:
    screen.say(f"  {' ' * 10} {text}")


def _coloured(word: str) -> str:
    return screen.style(word, _COLOURS.get(word, "0"))


def _time(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%d %H:%M:%SZ")
