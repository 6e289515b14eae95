"""Whatever the facts: what holds for every decision."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.canonical.partner import Partner
from gateway.findings import Severity
from gateway.rules.case import Case, DocumentFacts, HeldDocument, PartFacts
from gateway.rules.decide import decide

FUNCTIONS = ["9", "7", "5", "4", "3", "2", "1", "other"]
walls = st.sampled_from([None, "2024-11-21", "2024-11-21T09:30", "2024-11-22T09:30:15"])


@st.composite
def cases(draw):
    terms = {
        "document": draw(st.sampled_from(["manifest", "booking"])),
        "functions": draw(st.sampled_from([FUNCTIONS, ["9"]])),
        "accept": draw(st.sampled_from(["document", "part"])),
        "severities": draw(
            st.dictionaries(
                st.sampled_from(["NO_ORIGINAL", "NOT_HELD", "OUT_OF_DATE", "HAS_ERRORS"]),
                st.sampled_from(["error", "warning", "info"]),
            )
        ),
    }
    partner = Partner.model_validate(
        {
            "code": "TJAGENT01",
            "name": "made up",
            "state": draw(st.sampled_from(["active", "active", "suspended"])),
            "identities": ["A"],
            "agreements": [terms],
        }
    )
    kind = draw(st.sampled_from(["manifest", "booking"]))
    size = 1 if kind == "booking" else draw(st.integers(0, 4))
    counts = st.integers(0, 1)
    facts = DocumentFacts(
        id="i-1",
        type=kind,
        format="made/up",
        function=draw(st.sampled_from(FUNCTIONS)),
        message_type="M",
        key=draw(st.sampled_from([{}, {"booking": "B1", "vessel": "V", "voyage": "1"}])),
        created_wall=draw(walls),
        reference=draw(st.sampled_from([None, "R1"])),
        complete=draw(st.sampled_from([True, True, False])),
        envelope_errors=draw(counts),
        header_errors=draw(counts),
    )
    return Case(
        document=facts,
        partner=partner,
        agreement=partner.agreement(kind),
        sender=draw(st.sampled_from([None, "A", "X"])),
        held=draw(st.lists(st.builds(HeldDocument, st.just("h"), st.just("9"), walls), max_size=2)),
        reference_holder=draw(st.sampled_from([None, None, "i-0"])),
        parts=[
            PartFacts(ordinal, f"P{ordinal}", draw(counts), draw(st.booleans()))
            for ordinal in range(1, size + 1)
        ],
    )


@given(cases())
def test_what_holds_for_every_decision(case):
    decision = decide(case)
    assert decide(case) == decision
    accepted = decision.outcome == "accept"
    fatal = any(finding.severity is Severity.ERROR for finding in decision.findings)
    assert not (fatal and accepted)
    assert fatal or accepted or not set(range(1, decision.parts + 1)) - _left_out(case)
    if not accepted:
        assert decision.current == "keep"
        assert decision.rejected_parts == ()
    assert len(decision.rejected_parts) < max(1, decision.parts)
    assert tuple(dict.fromkeys(f.code for f in decision.findings)) == decision.codes


@given(cases())
def test_what_is_never_accepted(case):
    decision = decide(case)
    document, partner = case.document, case.partner
    barred = (
        partner.state != "active"
        or case.agreement is None
        or not document.complete
        or document.envelope_errors
        or document.header_errors
        or case.sender == "X"
    )
    assert not (barred and decision.outcome == "accept")
    kept = {part.ordinal for part in case.parts if part.errors} - set(decision.rejected_parts)
    assert not (kept and decision.outcome == "accept")


@given(cases())
def test_nothing_that_is_not_in_force_is_amended_or_removed(case):
    decision = decide(case)
    if not case.held or not case.document.key:
        assert decision.current in ("replace", "keep")


def _left_out(case):
    """Parts that some rule may leave out: those with errors, and all of an amendment."""
    amending = case.document.function in ("2", "3", "4")
    return {part.ordinal for part in case.parts if part.errors or amending}
