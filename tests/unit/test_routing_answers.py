"""Who is answered how, what the JSON receipt says, and what a payload looks like."""

from __future__ import annotations

import json

import pytest

from gateway.canonical.partner import Partner
from gateway.findings import FindingKind, Severity
from gateway.routing.answer_facts import AnsweredDocument, AnsweredInterchange
from gateway.routing.answers import plan_answers
from gateway.routing.payload import PayloadHead, canonical_payload
from gateway.routing.receipt import json_receipt

FAULT = FindingKind("X-1", Severity.ERROR, "错", "wrong").at(value="v")


def sender(agreements=({"document": "booking"},), routes=(), **more):
    return Partner.model_validate(
        {
            "code": "TJAGENT01",
            "name": "x",
            "agreements": list(agreements),
            "routes": list(routes),
            **more,
        }
    )


def answered_document(**more):
    return AnsweredDocument(
        **{
            "ordinal": 1,
            "type": "booking",
            "format": "booking/coparn",
            "message_type": "COPARN",
            "message_reference": "M1",
            "document_number": "N1",
            "function": "9",
            "key": {"booking": "B1"},
            "state": "accepted",
            "outcome": "accept",
            **more,
        }
    )


def answered(syntax="edifact", documents=None, **more):
    return AnsweredInterchange(
        **{
            "id": "01abc",
            "name": "bk.edi",
            "size": 10,
            "sha256": "0" * 64,
            "received_at": "2026-11-21T00:00:00Z",
            "state": "decided",
            "outcome": "accepted",
            "syntax": syntax,
            "documents": (answered_document(),) if documents is None else documents,
            **more,
        }
    )


ONLY_CONTRL = ({"document": "booking", "answers": ["contrl"]},)
NO_ANSWERS = ({"document": "booking", "answers": []},)
TWO = ({"document": "booking", "answers": []}, {"document": "manifest", "answers": ["aperak"]})
ACKNOWLEDGEMENT = answered_document(type="acknowledgement", message_type="APERAK")
KINDS = [
    ("edifact", answered(), sender(), ["contrl", "aperak", "json"]),
    ("flat", answered("flat"), sender(), ["receipt", "json"]),
    ("xml", answered("xml"), sender(), ["json"]),
    ("unknown bytes", answered(None, ()), sender(), ["json"]),
    ("contrl alone", answered(), sender(ONLY_CONTRL), ["contrl", "json"]),
    ("nothing agreed", answered(), sender(NO_ANSWERS), ["json"]),
    ("another document's agreement", answered(), sender(TWO), ["json"]),
    ("unread, any agreement", answered(documents=()), sender(TWO), ["aperak", "json"]),
    ("no agreement", answered(), sender(()), ["contrl", "aperak", "json"]),
    (
        "quarantined",
        answered(state="quarantined", documents=()),
        sender(),
        ["contrl", "aperak", "json"],
    ),
    ("acknowledgement", answered(documents=(ACKNOWLEDGEMENT,)), sender(), []),
    ("unread CONTRL", answered(documents=(), message_type="CONTRL"), sender(), []),
    (
        "acknowledgement beside a booking",
        answered(documents=(ACKNOWLEDGEMENT, answered_document())),
        sender(),
        ["contrl", "aperak", "json"],
    ),
]


@pytest.mark.parametrize(
    ("facts", "to", "kinds"), [row[1:] for row in KINDS], ids=[row[0] for row in KINDS]
)
def test_the_kinds_of_answer(facts, to, kinds):
    plans = plan_answers(facts, to)
    assert [each.kind for each in plans] == kinds
    assert {each.route for each in plans} <= {"mailbox"}


def test_answers_also_go_where_they_are_asked_for():
    asks = {"subscriptions": [{"document": "acknowledgement"}], "kind": "folder", "folder": "out"}
    routes = [
        {"name": "answers", **asks},
        {"name": "test-answers", "stage": "test", **asks},
        {"name": "other", "kind": "folder", "folder": "out"},
    ]
    plans = plan_answers(answered("xml"), sender(routes=routes))
    assert [(each.route, each.route_kind) for each in plans] == [
        ("mailbox", "mailbox"),
        ("answers", "folder"),
    ]
    tested = plan_answers(answered("xml", test=True), sender(routes=routes))
    assert [each.route for each in tested] == ["mailbox", "test-answers"]
    beginner = plan_answers(answered("xml"), sender(routes=routes, stage="test"))
    assert [each.route for each in beginner] == ["mailbox", "answers", "test-answers"]
    assert all(each.test for each in beginner)


def test_the_names_of_an_answer():
    plans = plan_answers(answered("flat", revision=3), sender())
    assert [(each.id, each.file_name) for each in plans] == [
        ("01abc-TJAGENT01_mailbox_receipt-3", "01abc-TJAGENT01_mailbox_receipt-3.receipt.txt"),
        ("01abc-TJAGENT01_mailbox_json-3", "01abc-TJAGENT01_mailbox_json-3.json"),
    ]
    assert plans[0].event_type == "portedi.answer.receipt"


def test_the_receipt():
    documents = (
        answered_document(
            state="partly",
            codes=("PARTS_WITH_ERRORS",),
            explanation={"zh": "部分接受", "en": "accepted in part"},
            findings=(FAULT,) * 60,
            findings_beyond=5,
            parts=3,
            rejected_parts=({"bill_of_lading": "L1"},),
            rejected_total=1,
        ),
        answered_document(ordinal=2, findings=(FAULT,) * 60),
    )
    facts = answered(
        documents=documents, findings=(FAULT,), reference="R1", encoding="gb18030", complete=True
    )
    text = json_receipt(facts)
    receipt = json.loads(text)
    assert text == json_receipt(facts)
    assert "部分接受".encode() in text
    assert receipt["interchange"] == "01abc"
    assert receipt["envelope"]["reference"] == "R1"
    assert receipt["findings"] == [FAULT.as_json()]
    first, second = receipt["documents"]
    assert first["codes"] == ["PARTS_WITH_ERRORS"]
    assert first["rejected_parts"] == [{"bill_of_lading": "L1"}]
    assert (len(first["findings"]), first["findings_beyond"]) == (60, 5)
    assert (len(second["findings"]), second["findings_beyond"]) == (39, 21)


def test_a_name_that_no_text_can_hold_is_shown_escaped():
    assert json.loads(json_receipt(answered(name="a\udc80.txt")))["name"] == "a\udc80.txt"


HEAD = PayloadHead(
    id="01abc-1",
    document="booking",
    format="booking/coparn",
    sender="TJAGENT01",
    function="9",
    key={"booking": "B1"},
    header={"message_type": "COPARN"},
    decision={"outcome": "accept", "codes": []},
)


def test_a_payload_is_one_json_object():
    body = b"".join(
        canonical_payload(HEAD, [(1, '{"a":"舱"}'), (2, '{"b":2}'), (3, '{"c":3}')], {2})
    )
    payload = json.loads(body)
    assert payload["parts"] == [{"a": "舱"}, {"c": 3}]
    assert list(payload)[:3] == ["document", "format", "key"]
    assert payload["header"] == {"message_type": "COPARN"}
    assert payload["decision"]["outcome"] == "accept"
    assert json.loads(b"".join(canonical_payload(HEAD, [])))["parts"] == []
    assert json.loads(b"".join(canonical_payload(HEAD, [(1, "{}")], {1})))["parts"] == []


def test_a_large_payload_is_never_in_memory_whole():
    part = json.dumps({"text": "x" * 2000})
    read = 0

    def parts():
        nonlocal read
        for ordinal in range(1, 1001):
            read = ordinal
            yield ordinal, part

    pieces = canonical_payload(HEAD, parts())
    first = next(pieces)
    assert read < 50
    sizes = [len(first), *map(len, pieces)]
    assert max(sizes) < 70_000
    assert sum(sizes) > 2_000_000
