"""The decision table: every rule, every code, and how rulings fold into one decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway.canonical.partner import Partner
from gateway.findings import Severity
from gateway.rules.case import Case, DocumentFacts, HeldDocument, PartFacts
from gateway.rules.decide import REPEAT_RULES, RULES, decide
from gateway.rules.decision import HoldRequest, Rule, Ruling, TimerRequest

ORIGINAL = HeldDocument("d1", "9", "2024-11-21T09:30")
AMENDMENT = HeldDocument("d2", "4", "2024-11-21T10:30")
GOOD = (PartFacts(1, "TJL001"), PartFacts(2, "TJL002"))
ONE_BAD = (PartFacts(1, "TJL001"), PartFacts(2, "TJL002", errors=3))
HELD = (PartFacts(1, "TJL001", held=True), PartFacts(2, "TJL002", held=True))
HALF_HELD = (PartFacts(1, "TJL001", held=True), PartFacts(2, "TJL002"))


def partner(state="active", **agreement):
    terms = {"document": "manifest", **agreement}
    return Partner.model_validate(
        {
            "code": "TJAGENT01",
            "name": "made up",
            "state": state,
            "identities": ["TJAGENT01"],
            "agreements": [terms, {**terms, "document": "booking"}],
        }
    )


def case(
    function="9",
    parts=GOOD,
    held=(),
    *,
    sender="TJAGENT01",
    holder=None,
    who=None,
    terms=None,
    **facts,
):
    who = who or partner(**(terms or {}))
    document = DocumentFacts(
        **{
            "id": "i-1",
            "type": "manifest",
            "format": "manifest/ifcsum-flat",
            "function": function,
            "message_type": "IFCSUM",
            "key": {"vessel": "9074729", "voyage": "047W"},
            "created_wall": "2024-11-21T11:00",
            **facts,
        }
    )
    return Case(document, who, who.agreement(document.type), sender, held, holder, iter(parts))


def outcome(decision):
    return (
        decision.outcome,
        decision.codes,
        decision.current,
        decision.rejected_parts,
    )


BY_PART = {"accept": "part"}
OLD = "2024-11-21T09:00"

TABLE = [
    # --- permission -------------------------------------------------------------------------------
    ("first original", case(), ("accept", (), "replace", ())),
    ("suspended", case(who=partner("suspended")), ("reject", ("PARTNER_NOT_ACTIVE",), "keep", ())),
    (
        "not yet active",
        case(who=partner("submitted")),
        ("reject", ("PARTNER_NOT_ACTIVE",), "keep", ()),
    ),
    ("strange sender", case(sender="OTHER"), ("reject", ("SENDER_UNKNOWN",), "keep", ())),
    ("sender in lower case", case(sender=" tjagent01 "), ("accept", (), "replace", ())),
    ("envelope without sender", case(sender=None), ("accept", (), "replace", ())),
    ("no agreement", case(type="vessel_schedule"), ("reject", ("NOT_AGREED",), "keep", ())),
    (
        "function not agreed",
        case("4", HELD, (ORIGINAL,), terms={"functions": ["9"]}),
        ("reject", ("FUNCTION_NOT_AGREED",), "keep", ()),
    ),
    # --- whole and right --------------------------------------------------------------------------
    ("truncated", case(complete=False), ("reject", ("INCOMPLETE",), "keep", ())),
    (
        "truncated, by part",
        case(complete=False, terms=BY_PART),
        ("reject", ("INCOMPLETE",), "keep", ()),
    ),
    ("no parts", case(parts=()), ("reject", ("NO_PARTS",), "keep", ())),
    ("one bad part", case(parts=ONE_BAD), ("reject", ("HAS_ERRORS",), "keep", ())),
    (
        "one bad part, by part",
        case(parts=ONE_BAD, terms=BY_PART),
        ("accept", ("PARTS_WITH_ERRORS",), "replace", (2,)),
    ),
    (
        "only bad parts, by part",
        case(parts=ONE_BAD[1:], terms=BY_PART),
        ("reject", ("HAS_ERRORS",), "keep", ()),
    ),
    (
        "bad header, by part",
        case(header_errors=1, terms=BY_PART),
        ("reject", ("HAS_ERRORS",), "keep", ()),
    ),
    (
        "bad envelope, by part",
        case(envelope_errors=1, terms=BY_PART),
        ("reject", ("HAS_ERRORS",), "keep", ()),
    ),
    # --- duplicates -------------------------------------------------------------------------------
    (
        "reference used before",
        case(reference="R1", holder="i-0"),
        ("reject", ("REFERENCE_REUSED",), "keep", ()),
    ),
    ("newer original", case(held=(ORIGINAL,)), ("accept", ("REPLACES_HELD",), "replace", ())),
    (
        "older original",
        case(held=(ORIGINAL,), created_wall=OLD),
        ("reject", ("OUT_OF_DATE", "REPLACES_HELD"), "keep", ()),
    ),
    (
        "older than the last amendment",
        case(held=(ORIGINAL, AMENDMENT), created_wall="2024-11-21T10:00"),
        ("reject", ("OUT_OF_DATE", "REPLACES_HELD"), "keep", ()),
    ),
    (
        "same time",
        case(held=(ORIGINAL,), created_wall="2024-11-21T09:30"),
        ("accept", ("SAME_CREATE_TIME", "REPLACES_HELD"), "replace", ()),
    ),
    (
        "same as far as both are precise",
        case(held=(ORIGINAL,), created_wall="2024-11-21T09:30:59"),
        ("accept", ("SAME_CREATE_TIME", "REPLACES_HELD"), "replace", ()),
    ),
    (
        "no time",
        case(held=(ORIGINAL,), created_wall=None),
        ("accept", ("NO_CREATE_TIME", "REPLACES_HELD"), "replace", ()),
    ),
    (
        "with a reference the time does not count",
        case(held=(ORIGINAL,), created_wall=OLD, reference="R2"),
        ("accept", ("REPLACES_HELD",), "replace", ()),
    ),
    # --- functions --------------------------------------------------------------------------------
    ("replace", case("5", held=(ORIGINAL,)), ("accept", ("REPLACES_HELD",), "replace", ())),
    ("replace nothing", case("5"), ("accept", ("NO_ORIGINAL",), "replace", ())),
    (
        "copy, where agreed",
        case("7", terms={"functions": ["7"]}),
        ("accept", (), "replace", ()),
    ),
    ("add", case("2", held=(ORIGINAL,)), ("accept", (), "amend", ())),
    (
        "add what is there",
        case("2", HALF_HELD, (ORIGINAL,)),
        ("reject", ("ALREADY_HELD",), "keep", ()),
    ),
    (
        "add what is there, by part",
        case("2", HALF_HELD, (ORIGINAL,), terms=BY_PART),
        ("accept", ("ALREADY_HELD",), "amend", (1,)),
    ),
    (
        "add only what is there, by part",
        case("2", HELD, (ORIGINAL,), terms=BY_PART),
        ("reject", ("ALREADY_HELD",), "keep", ()),
    ),
    ("change", case("4", HELD, (ORIGINAL,)), ("accept", (), "amend", ())),
    (
        "change what is not there",
        case("4", HALF_HELD, (ORIGINAL,)),
        ("reject", ("NOT_HELD",), "keep", ()),
    ),
    (
        "change what is not there, by part",
        case("4", HALF_HELD, (ORIGINAL,), terms=BY_PART),
        ("accept", ("NOT_HELD",), "amend", (2,)),
    ),
    ("delete", case("3", HELD, (ORIGINAL,)), ("accept", (), "amend", ())),
    (
        "delete a booking",
        case("3", HELD[:1], (ORIGINAL,), type="booking"),
        ("accept", (), "remove", ()),
    ),
    ("change without original", case("4"), ("reject", ("NO_ORIGINAL",), "keep", ())),
    ("delete without original", case("3"), ("reject", ("NO_ORIGINAL",), "keep", ())),
    (
        "change without original, agreed to warn",
        case("4", terms={"severities": {"NO_ORIGINAL": "warning"}}),
        ("accept", ("NO_ORIGINAL",), "replace", ()),
    ),
    ("cancel", case("1", (), (ORIGINAL,)), ("accept", (), "remove", ())),
    ("cancel nothing", case("1", ()), ("reject", ("NO_ORIGINAL",), "keep", ())),
    (
        "change a booking, whatever its part is called",
        case("4", GOOD[:1], (ORIGINAL,), type="booking"),
        ("accept", (), "amend", ()),
    ),
    (
        "add a booking twice",
        case("2", GOOD[:1], (ORIGINAL,), type="booking"),
        ("reject", ("ALREADY_HELD",), "keep", ()),
    ),
    (
        "a manifest without voyage replaces nothing",
        case(held=(ORIGINAL,), key={"vessel": "9074729", "kind": "unstated"}, created_wall=OLD),
        ("accept", ("NOT_IDENTIFIED",), "keep", ()),
    ),
    (
        "a booking without a number replaces nothing",
        case(held=(ORIGINAL,), key={}, type="booking"),
        ("accept", ("NOT_IDENTIFIED",), "keep", ()),
    ),
    (
        "nor does it change anything",
        case("4", HELD[:1], (ORIGINAL,), key={}, type="booking"),
        ("reject", ("NO_ORIGINAL",), "keep", ()),
    ),
    (
        "no function that we know",
        case("other", terms={"functions": ["other"]}),
        ("reject", ("FUNCTION_UNKNOWN",), "keep", ()),
    ),
    # --- together ---------------------------------------------------------------------------------
    (
        "all failed checks at once",
        case(
            "4",
            ONE_BAD,
            sender="OTHER",
            holder="i-0",
            who=partner("suspended"),
            complete=False,
            reference="R1",
        ),
        (
            "reject",
            (
                "PARTNER_NOT_ACTIVE",
                "SENDER_UNKNOWN",
                "INCOMPLETE",
                "HAS_ERRORS",
                "REFERENCE_REUSED",
                "NO_ORIGINAL",
            ),
            "keep",
            (),
        ),
    ),
    (
        "bad parts and parts that do not fit leave nothing",
        case(
            "4",
            (PartFacts(1, "A", errors=1, held=True), PartFacts(2, "B")),
            (ORIGINAL,),
            terms=BY_PART,
        ),
        ("reject", ("PARTS_WITH_ERRORS", "NOT_HELD"), "keep", ()),
    ),
]


@pytest.mark.parametrize(
    ("given", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_the_decision_table(given, expected):
    decision = decide(given)
    assert outcome(decision) == expected
    assert decision.rules == tuple({"id": rule.id, "version": rule.version} for rule in RULES)
    for finding in decision.findings:
        assert finding.zh
        assert finding.en
        assert "{" not in finding.zh + finding.en + finding.hint_zh + finding.hint_en


def test_the_same_bytes_again_are_asked_for_their_sender_alone():
    """Whatever else could be said about them was said when they came first."""
    again = replace(case("4", ONE_BAD, holder="i-0", complete=False), repeats="i-0 a.edi")
    decision = decide(again, REPEAT_RULES)
    assert outcome(decision) == ("accept", ("ALREADY_RECEIVED",), "keep", ())
    assert "i-0 a.edi" in decision.explanation["zh"]
    strange = replace(again, sender="OTHER", parts=GOOD)
    assert decide(strange, REPEAT_RULES).codes == ("SENDER_UNKNOWN", "ALREADY_RECEIVED")


def test_permission_is_not_negotiable():
    terms = {"severities": {"SENDER_UNKNOWN": "info", "HAS_ERRORS": "info", "INCOMPLETE": "info"}}
    decision = decide(case(sender="OTHER", parts=ONE_BAD, complete=False, terms=terms))
    assert decision.outcome == "reject"


def test_the_explanation_says_it_in_both_languages():
    decision = decide(case(parts=ONE_BAD, terms=BY_PART))
    assert decision.explanation["en"].startswith("accepted in part: 1 of 2 parts were left out")
    assert "TJL002" in decision.explanation["zh"]
    assert decision.state == "partly"
    assert decide(case()).explanation == {"zh": "已接受。", "en": "accepted."}
    assert decide(case()).state == "accepted"


def test_the_answer_has_the_shape_of_the_interface():
    answer = decide(case("4", HALF_HELD, (ORIGINAL,))).as_json()
    assert answer["outcome"] == "reject"
    assert answer["codes"] == ["NOT_HELD"]
    assert answer["rules"][0] == {"id": "partner-active", "version": "1"}
    assert set(answer["explanation"]) == {"zh", "en"}
    assert answer["findings"][0]["hint"]["en"]


def test_many_parts_are_read_once_and_named_a_few():
    def parts():
        for ordinal in range(1, 20_001):
            yield PartFacts(ordinal, f"B{ordinal}", errors=ordinal % 2)

    decision = decide(case(parts=parts(), terms=BY_PART))
    assert len(decision.rejected_parts) == 10_000
    assert decision.parts == 20_000
    (finding,) = decision.findings
    assert finding.severity is Severity.WARNING
    assert finding.en.endswith("B1, B3, B5, B7, B9 …")


HOLD = HoldRequest("customs-release", "BILL=TJL001", datetime(2024, 11, 30, tzinfo=UTC))
TIMER = TimerRequest("gate-no-show", "i-1", datetime(2024, 11, 23, tzinfo=UTC))


@pytest.mark.parametrize(
    ("ruling", "expected"),
    [
        (Ruling(holds=(HOLD,), timers=(TIMER,)), ("hold", "held", (HOLD,), (TIMER,), "keep")),
        (Ruling(review=True, holds=(HOLD,)), ("review", "review", (HOLD,), (), "keep")),
        (Ruling(timers=(TIMER,)), ("accept", "accepted", (), (TIMER,), "replace")),
    ],
)
def test_a_later_rule_fits_in(ruling, expected):
    """Appointment and fee rules bring holds and timers; an error of another rule beats them."""
    late = Rule("late", "1", "a test", lambda _case, _seen: ruling)
    decision = decide(case(), (*RULES, late))
    told = (decision.outcome, decision.state, decision.holds, decision.timers, decision.current)
    assert told == expected
    refused = decide(case(parts=ONE_BAD), (*RULES, late))
    assert (refused.outcome, refused.holds, refused.timers) == ("reject", (), ())
