"""The fast check of a container number agrees with python-stdnum on ASCII of the right form."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from stdnum import iso6346

from gateway.rules.identifiers import CONTAINER_CHECK_DIGIT, check_container_number

owners = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3)
digits = st.text("0123456789", min_size=7, max_size=7)


@given(owners, st.sampled_from("UJZ"), digits)
def test_it_agrees_with_stdnum(owner, category, number):
    container = owner + category + number
    fault = check_container_number(container)
    assert (fault is None) == iso6346.is_valid(container)
    if fault is not None:
        assert fault.kind is CONTAINER_CHECK_DIGIT
        assert check_container_number(container[:-1] + fault.params["expected"]) is None


@given(st.text(max_size=13))
def test_no_text_breaks_it(text):
    assert check_container_number(text) is None or check_container_number(text).kind.code
