"""A firm's life in the store: registration, review, papers, approvals, accounts, fleet, erasure."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from gateway.canonical.firm import Contact, Driver, Registration, SubAccount
from gateway.canonical.partner import Partner
from gateway.limits import FIRM_PAPER_BYTES_MAX
from gateway.pipeline.api_key import new_api_key
from gateway.pipeline.firms import (
    accounts,
    approvals,
    fleet,
    life,
    papers,
    registration,
    resealing,
)
from gateway.pipeline.firms.act import Act
from gateway.pipeline.firms.permission import may
from gateway.pipeline.firms.personal import PersonalData, Sealed
from gateway.pipeline.firms.refusal import FirmRefusal
from gateway.pipeline.firms.retention import RetentionJob
from gateway.pipeline.rows import AccountRef
from tests.contract.stores import Bench, bench, empty_sqlite

__all__ = ["bench", "empty_sqlite"]
CODE = "9113000034801880XB"
MOBILE = "13800138000"
CONTACT = Contact(name="示例人", mobile=MOBILE, email="office@firm.example")
PDF = b"%PDF-1.7 sealed scan"


class Secrets:
    """Long enough words by reference."""

    def resolve(self, reference: str) -> str:
        return f"a secret of more than thirty-two characters: {reference}"


PERSONAL = PersonalData(Secrets(), "env:H", "k1", {"k1": "env:K1"})


def identity(first17: str) -> str:
    weights = [pow(2, 17 - place, 11) for place in range(17)]
    total = sum(int(digit) * weight for digit, weight in zip(first17, weights, strict=True))
    return first17 + "10X98765432"[total % 11]


DRIVER = Driver(
    name="示例司机",
    identity=identity("11010119900307109"),
    licence=identity("11010119900307109"),
    mobile=MOBILE,
)


def form(**fields: Any) -> Registration:
    given: dict[str, Any] = {
        "name": "示例集装箱运输有限公司",
        "credit_code": CODE,
        "types": ("普通车队",),
        "services": ("港口一站通", "随行支付"),
        "login": "Example01",
        "contact": CONTACT,
        "agreement_accepted": True,
    }
    return Registration.model_validate(given | fields)


def act(bench: Bench, work: Callable[[Act], Any], by: str = "cli:officer") -> Any:
    bench.clock.move(1)
    return bench.write(lambda tx: work(Act(tx, by, bench.clock.now())))


def register(bench: Bench, **fields: Any) -> Partner:
    return act(
        bench,
        lambda a: registration.register(a, form(**fields), new_api_key(), PERSONAL),
        "registration",
    )


def refused(bench: Bench, work: Callable[[Act], Any]) -> FirmRefusal:
    with pytest.raises(FirmRefusal) as error:
        act(bench, work)
    return error.value


def terminal(bench: Bench, code: str = "TERM") -> None:
    values = {"code": code, "name": "示例码头", "types": ["码头公司"], "services": ["港口一站通"]}
    values |= {"accounts": [{"name": code.lower()}]}
    made = Partner.model_validate_json(json.dumps(values))
    act(bench, lambda a: life.create(a, made))


def test_from_registration_to_operation(bench: Bench) -> None:
    terminal(bench)
    made = register(bench)
    assert (made.code, made.state, made.managed_by) == (CODE, "submitted", "api")
    assert made.is_administrator("example01")

    def codes(function: str) -> Any:
        account = AccountRef(CODE, "example01")
        return bench.read(lambda tx: may(tx, account, function, "TERM")).codes

    assert "PARTNER_NOT_ACTIVE" in codes("export_gate_in")
    act(bench, lambda a: life.take_step(a, CODE, "review", "papers are here"))
    active = act(bench, lambda a: life.take_step(a, CODE, "approve", "genuine"))
    assert active.state == "active"
    assert codes("export_gate_in") == ("TERMINAL_NOT_APPROVED",)
    act(bench, lambda a: approvals.ask_terminal(a, active, "TERM"))
    act(bench, lambda a: approvals.answer_firm(a, "TERM", CODE, "approved", "stamped"))
    assert codes("export_gate_in") == ()
    assert codes("import_pickup") == ("PAYMENT_NOT_ENABLED",)
    act(bench, lambda a: approvals.answer_firm(a, "TERM", CODE, "withdrawn", "expired"))
    assert codes("export_gate_in") == ("TERMINAL_NOT_APPROVED",)
    act(bench, lambda a: life.take_step(a, CODE, "suspend", "misuse"))
    assert "PARTNER_NOT_ACTIVE" in codes("information_query")
    act(bench, lambda a: life.take_step(a, CODE, "resume", "cleared"))
    steps = bench.read(lambda tx: tx.firms.states(CODE))
    assert [(each.state, each.who) for each in steps] == [
        ("submitted", "registration"),
        ("review", "cli:officer"),
        ("active", "cli:officer"),
        ("suspended", "cli:officer"),
        ("active", "cli:officer"),
    ]
    told = bench.read(lambda tx: tx.deliveries.waiting(CODE, 20)).rows
    assert [each.event_type for each in told] == [
        "portedi.firm.in_review",
        "portedi.firm.activated",
        "portedi.firm_approval.approved",
        "portedi.firm_approval.withdrawn",
        "portedi.firm.suspended",
        "portedi.firm.activated",
    ]


@pytest.mark.parametrize("step", ["approve", "review", "return", "suspend"])
def test_a_step_out_of_turn(bench: Bench, step: str) -> None:
    register(bench)
    act(bench, lambda a: life.take_step(a, CODE, "approve", ""))
    if step == "suspend":
        act(bench, lambda a: life.take_step(a, CODE, "suspend", ""))
    assert refused(bench, lambda a: life.take_step(a, CODE, step, "")).code == "WRONG_STATE"


def test_types_open_what_a_firm_sends(bench: Bench) -> None:
    register(bench, types=("船代",))
    active = act(bench, lambda a: life.take_step(a, CODE, "approve", ""))
    assert {each.document for each in active.agreements} == {
        "booking", "container_list", "vessel_schedule", "manifest", "delivery_order",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({"name": "Example Ltd"}, ["FIRM-NAME"]),
        ({"credit_code": None}, ["FIRM-NUMBER"]),
        ({"credit_code": "911309000000000000"}, ["USCC-WRONG"]),
        ({"credit_code": None, "taxpayer_number": "12"}, ["TAXPAYER-WRONG"]),
        ({"types": ()}, ["FIRM-TYPE"]),
        ({"services": ()}, ["FIRM-SERVICE"]),
        ({"agreement_accepted": False}, ["FIRM-AGREEMENT"]),
        ({"login": "港口用户"}, ["LOGIN-WRONG"]),
        ({"login": "abc", "name": "x"}, ["FIRM-NAME", "LOGIN-WRONG"]),
        ({"contact": CONTACT.model_copy(update={"mobile": "123"})}, ["MOBILE-WRONG"]),
        ({"contact": CONTACT.model_copy(update={"email": "at"})}, ["MAIL-WRONG"]),
        ({"types": ("货代",), "drivers": (DRIVER,)}, ["NOT-A-FLEET"]),
    ],
)
def test_faults_of_a_registration(bench: Bench, fields: dict[str, Any], codes: list[str]) -> None:
    with pytest.raises(FirmRefusal) as error:
        register(bench, **fields)
    assert [each.code for each in error.value.findings] == codes


def test_a_number_and_a_login_are_taken_once(bench: Bench) -> None:
    register(bench)
    with pytest.raises(FirmRefusal) as error:
        register(bench, login="other1")
    assert error.value.code == "NUMBER_TAKEN"
    with pytest.raises(FirmRefusal) as error:
        register(bench, credit_code=None, taxpayer_number="120116000000001")
    assert error.value.code == "LOGIN_TAKEN"
    act(bench, lambda a: life.discard(a, CODE, "spam"))
    register(bench)


def test_the_other_way_is_refused(bench: Bench) -> None:
    filed = Partner.model_validate_json('{"code": "FILED", "name": "示例", "types": ["船代"]}')
    bench.write(lambda tx: tx.partners.apply([filed], "cli"))
    no = refused(bench, lambda a: life.take_step(a, "FILED", "suspend", ""))
    assert (no.kind, no.code) == ("conflict", "MANAGED_BY_FILE")


def test_sub_accounts_stay_within_the_firm(bench: Bench) -> None:
    register(bench)
    one, two = new_api_key(), new_api_key()
    sub = SubAccount(login="clerk1", services=("港口一站通",), contact=CONTACT)
    act(bench, lambda a: accounts.add_account(a, CODE, sub, one, PERSONAL))
    no = refused(bench, lambda a: accounts.grant(a, CODE, "clerk1", ("航运圈",)))
    assert no.kind == "invalid"
    assert refused(bench, lambda a: accounts.add_account(a, CODE, sub, two, PERSONAL)).code == (
        "LOGIN_TAKEN"
    )
    act(bench, lambda a: accounts.rotate_key(a, CODE, "clerk1", two))

    def clerk() -> Any:
        firm = bench.read(lambda tx: tx.partners.find(CODE))
        return next((each for each in firm.accounts if each.name == "clerk1"), None)

    assert clerk().api_keys == (two.entry,)
    act(bench, lambda a: accounts.subscribe(a, CODE, ("随行支付",)))
    assert clerk().services == ()
    assert refused(bench, lambda a: accounts.remove_account(a, CODE, "example01")).code == (
        "ADMINISTRATOR"
    )
    act(bench, lambda a: accounts.remove_account(a, CODE, "clerk1"))
    assert clerk() is None
    assert bench.read(lambda tx: tx.firms.contact(CODE, "clerk1")) is None


def test_papers_are_scans_below_one_mebibyte(bench: Bench) -> None:
    register(bench)

    def keep(content: bytes) -> Any:
        return act(bench, lambda a: papers.keep_paper(a, CODE, "other", "a.pdf", content))

    row = keep(PDF)
    assert bench.read(lambda tx: tx.firms.paper(CODE, row.id)) == (row, PDF)
    assert bench.read(lambda tx: tx.firms.paper("OTHER", row.id)) is None
    keep(PDF.ljust(FIRM_PAPER_BYTES_MAX))
    for content, code in (
        (PDF.ljust(FIRM_PAPER_BYTES_MAX + 1), "PAPER_TOO_LARGE"),
        (b"MZ not a scan", "PAPER_TYPE"),
    ):
        with pytest.raises(FirmRefusal) as error:
            keep(content)
        assert error.value.code == code


async def test_a_driver_is_matched_masked_and_erased(bench: Bench) -> None:
    made = register(bench)
    row = act(bench, lambda a: fleet.file_driver(a, made, DRIVER, PERSONAL))
    assert act(bench, lambda a: fleet.file_driver(a, made, DRIVER, PERSONAL)).id == row.id
    found = bench.read(lambda tx: fleet.filed_driver(tx, PERSONAL, CODE, DRIVER.identity.lower()))
    assert found.id == row.id
    assert bench.read(lambda tx: fleet.filed_driver(tx, PERSONAL, "X", DRIVER.identity)) is None
    place = fleet.driver_place(CODE, row.id)
    sealed = Sealed(found.key_id, found.sealed)
    assert PERSONAL.open(sealed, place)["identity"] == DRIVER.identity
    with pytest.raises(FirmRefusal):
        PERSONAL.open(sealed, "driver/OTHER/1")
    newer = PersonalData(Secrets(), "env:H", "k2", {"k1": "env:K1", "k2": "env:K2"})
    assert newer.open(sealed, place)["mobile"] == MOBILE
    assert newer.seal({}, place).key_id == "k2"

    act(bench, lambda a: fleet.remove_driver(a, CODE, row.id, timedelta(days=2)))
    job = RetentionJob(bench.stores[0], bench.clock)
    assert await job.once() == 0
    bench.clock.move(2 * 86_400 + 1)
    assert await job.once() == 1
    assert bench.read(lambda tx: tx.firms.fleet.drivers(CODE, "", 10)) == []
    events = bench.read(lambda tx: tx.audit.events(CODE, 2**62, 100))
    text = " ".join(each.detail for each in events)
    assert "driver.erased" in {each.what for each in events}
    for secret in (DRIVER.identity, MOBILE, DRIVER.name, CONTACT.name, CONTACT.email):
        assert secret not in text


def test_numbers_of_people_are_not_repeated_in_refusals(bench: Bench) -> None:
    made = register(bench)
    wrong = DRIVER.model_copy(update={"identity": "110101199003071091", "mobile": "1"})
    no = refused(bench, lambda a: fleet.file_driver(a, made, wrong, PERSONAL))
    assert [each.code for each in no.findings] == ["IDENTITY-WRONG", "MOBILE-WRONG"]
    assert "110101199003071091" not in str([each.as_json() for each in no.findings])


def test_personal_data_are_taken_to_a_new_key(bench: Bench) -> None:
    made = register(bench, drivers=(DRIVER,))
    keys = {"k1": "env:K1", "k2": "env:K2"}
    newer = PersonalData(Secrets(), "env:H", "k2", keys)
    assert act(bench, lambda a: resealing.reseal(a, newer)) == 2
    assert act(bench, lambda a: resealing.reseal(a, newer)) == 0
    alone = PersonalData(Secrets(), "env:H", "k2", {"k2": "env:K2"})
    found = bench.read(lambda tx: fleet.filed_driver(tx, alone, CODE, DRIVER.identity))
    place = fleet.driver_place(CODE, found.id)
    assert alone.open(Sealed(found.key_id, found.sealed), place)["licence"] == DRIVER.licence
    contact = bench.read(lambda tx: tx.firms.contact(CODE, made.accounts[0].name))
    place = registration.contact_place(CODE, made.accounts[0].name)
    assert alone.open(Sealed(contact.key_id, contact.sealed), place)["email"] == CONTACT.email
    gone = PersonalData(Secrets(), "env:H", "k3", {"k3": "env:K3"})
    assert refused(bench, lambda a: resealing.reseal(a, gone)).kind == "off"


async def test_what_a_discarded_registration_said_of_people_is_erased(bench: Bench) -> None:
    made = register(bench, drivers=(DRIVER,))
    assert bench.read(lambda tx: tx.firms.fleet.driver_count(CODE)) == 1
    act(bench, lambda a: life.discard(a, CODE, "spam"))
    assert bench.read(lambda tx: tx.firms.contact(CODE, made.accounts[0].name)) is None
    assert await RetentionJob(bench.stores[0], bench.clock).once() == 1
    assert bench.read(lambda tx: tx.firms.fleet.driver_count(CODE)) == 0


def test_without_keys_no_personal_data_are_taken(bench: Bench) -> None:
    made = register(bench)
    for keys in (
        PersonalData(Secrets()),
        PersonalData(Secrets(), "env:H"),
        PersonalData(Secrets(), "env:H", "gone", {"k1": "env:K1"}),
    ):
        no = refused(bench, lambda a, keys=keys: fleet.file_driver(a, made, DRIVER, keys))
        assert no.kind == "off"


def test_trucks_and_cards(bench: Bench) -> None:
    made = register(bench)
    truck = act(bench, lambda a: fleet.add_truck(a, made, "津a12345"))
    assert act(bench, lambda a: fleet.add_truck(a, made, "津A12345")).id == truck.id
    assert refused(bench, lambda a: fleet.add_truck(a, made, "津I1")).kind == "invalid"
    card = act(bench, lambda a: fleet.apply_card(a, made, truck.id, None))
    assert refused(bench, lambda a: fleet.apply_card(a, made, "else", None)).kind == "not_found"
    assert refused(bench, lambda a: fleet.decide_card(a, CODE, card.id, "issue", None)).code == (
        "NUMBER_MISSING"
    )
    act(bench, lambda a: fleet.decide_card(a, CODE, card.id, "issue", "C-1"))
    assert bench.read(lambda tx: tx.firms.fleet.card_numbered(CODE, "C-1")).truck == truck.id
    other = act(bench, lambda a: fleet.apply_card(a, made, truck.id, None))
    assert refused(bench, lambda a: fleet.decide_card(a, CODE, other.id, "issue", "C-1")).code == (
        "NUMBER_TAKEN"
    )
    act(bench, lambda a: fleet.decide_card(a, CODE, card.id, "cancel", None))
    assert bench.read(lambda tx: tx.firms.fleet.card_numbered(CODE, "C-1")) is None
    act(bench, lambda a: fleet.remove_truck(a, CODE, truck.id))
    assert bench.read(lambda tx: tx.firms.fleet.truck(CODE, "津A12345")) is None
    assert act(bench, lambda a: fleet.add_truck(a, made, "津A12345")).id != truck.id


def test_only_fleets_have_trucks_and_drivers(bench: Bench) -> None:
    made = register(bench, types=("货代",))
    assert refused(bench, lambda a: fleet.add_truck(a, made, "津A12345")).kind == "invalid"
    assert refused(bench, lambda a: fleet.file_driver(a, made, DRIVER, PERSONAL)).kind == "invalid"
