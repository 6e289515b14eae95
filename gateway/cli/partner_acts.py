"""`gateway partners create|approve|suspend|…`: a firm's life and accounts, by an operator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from gateway.cli import screen
from gateway.cli.configuration import settings_of, store_of
from gateway.cli.failure import Failure
from gateway.cli.operator_name import operator_name

if TYPE_CHECKING:
    from gateway.pipeline.firms.act import Act

T = TypeVar("T")
Why = Annotated[str, typer.Option(help="Why; kept on record, and told to the firm.")]
Code = Annotated[str, typer.Argument(metavar="CODE")]
Login = Annotated[str, typer.Argument(metavar="LOGIN")]
_STEPS = {
    "review": "Begin the review of a registration.",
    "return": "Give a registration back to the firm, with what it has to mend.",
    "approve": "Activate a firm: it may operate from now on.",
    "suspend": "Suspend a firm: what it sends is quarantined.",
    "resume": "Activate a suspended firm again.",
}


def register(app: typer.Typer) -> None:
    """Add the commands to `gateway partners`."""
    for step, text in _STEPS.items():
        app.command(step, help=text)(_step(step))
    app.command("create")(create)
    app.command("discard")(discard)
    app.command("payment")(payment)
    app.command("accounts")(accounts)
    app.command("add-account")(add_account)
    app.command("remove-account")(remove_account)
    app.command("rotate-key")(rotate_key)
    app.command("reseal")(reseal)


def _step(step: str) -> Callable[..., None]:
    def command(context: typer.Context, code: Code, why: Why = "") -> None:
        from gateway.pipeline.firms.life import take_step

        changed = acted(context, lambda act: take_step(act, code, step, why))
        screen.say(f"{changed.code} {changed.state}")

    return command


def create(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A partner file.")],
    why: Why = "",
) -> None:
    """Make a partner that the API manages, from a partner file."""
    from gateway.cli.partner_files import load_one
    from gateway.pipeline.firms.life import create as make

    partner = load_one(file)
    made = acted(context, lambda act: make(act, partner, why))
    screen.say(f"{made.code} {made.state}")


def discard(context: typer.Context, codes: list[str], why: Why = "") -> None:
    """Give up registrations that were never activated."""
    from gateway.pipeline.firms.life import discard as give_up

    for code in codes:
        each_of(context, give_up, code, why)
        screen.say(f"{code} discarded")


def payment(
    context: typer.Context,
    code: Code,
    opened: Annotated[bool, typer.Option("--open/--close", help="随行支付 opened or closed.")],
) -> None:
    """Record that a firm opened 随行支付, or closed it (S0-24)."""
    from gateway.pipeline.firms.act import change

    acted(context, lambda act: change(act, code, lambda _: {"payment_enabled": opened}))
    screen.say(f"{code} payment {'open' if opened else 'closed'}")


def accounts(context: typer.Context, code: Code) -> None:
    """The accounts of a partner: administrator, services, keys."""
    with store_of(settings_of(context)) as store:
        partner = store.read(lambda tx: tx.partners.find(code))
    if partner is None:
        raise Failure(f"there is no partner {screen.printable(code)}: see `gateway partners list`")
    screen.table(
        ("login", "administrator", "services", "API keys", "SSH keys"),
        [
            (
                each.name,
                "yes" if partner.is_administrator(each.name) else "",
                "、".join(each.services),
                len(each.api_keys),
                len(each.ssh_keys),
            )
            for each in partner.accounts
        ],
    )


def add_account(
    context: typer.Context,
    code: Code,
    login: Login,
    service: Annotated[
        list[str] | None, typer.Option(help="A service that it may use; may be repeated.")
    ] = None,
) -> None:
    """Make a sub-account; its key is shown once."""
    from pydantic import ValidationError

    from gateway.canonical.firm import SubAccount
    from gateway.pipeline.api_key import new_api_key
    from gateway.pipeline.firms.accounts import add_account as add
    from gateway.pipeline.firms.setup import FirmSetup

    try:
        form = SubAccount.model_validate({"login": login, "services": service or []})
    except ValidationError as error:
        raise Failure(f"--service: {error.errors()[0]['msg']}") from None
    key = new_api_key()
    personal = FirmSetup().personal  # a contact is never given here, so nothing is sealed
    acted(context, lambda act: add(act, code, form, key, personal))
    screen.say(key.text)


def remove_account(context: typer.Context, code: Code, login: Login) -> None:
    """Take a sub-account away; its keys end."""
    from gateway.pipeline.firms.accounts import remove_account as remove

    acted(context, lambda act: remove(act, code, login))
    screen.say(f"{login} removed")


def rotate_key(
    context: typer.Context,
    code: Code,
    login: Login,
    keep: Annotated[bool, typer.Option("--keep", help="The old keys stay valid.")] = False,
) -> None:
    """Make a new API key, shown once; the old ones end at once."""
    from gateway.pipeline.api_key import new_api_key
    from gateway.pipeline.firms.accounts import rotate_key as rotate

    key = new_api_key()
    acted(context, lambda act: rotate(act, code, login, key, keep=keep))
    screen.say(key.text)


def reseal(context: typer.Context) -> None:
    """Take personal data to the new key (firms.key), so that older keys may go."""
    from gateway.pipeline.firms.personal import PersonalData
    from gateway.pipeline.firms.resealing import reseal as again
    from gateway.settings import EnvironmentSecrets

    chosen = settings_of(context).firms
    personal = PersonalData(EnvironmentSecrets(), chosen.hash_key, chosen.key, chosen.keys)
    total = 0
    while done := acted(context, lambda act: again(act, personal)):
        total += done
    screen.say(f"{total} values resealed")


def each_of(
    context: typer.Context, work: Callable[[Act, str, str], T], subject: str, why: str
) -> T:
    """As `acted`, for one of several subjects."""
    return acted(context, lambda act: work(act, subject, why))


def acted(context: typer.Context, work: Callable[[Act], T]) -> T:
    """One transaction by this operator; a refusal becomes a Failure."""
    from gateway.pipeline.firms.act import Act
    from gateway.pipeline.firms.permission import follow
    from gateway.pipeline.firms.refusal import FirmRefusal

    settings = settings_of(context)
    follow(settings.firms.permission_profile)
    by, now = operator_name(), datetime.now(UTC)
    with store_of(settings) as store:
        try:
            return store.write(lambda tx: work(Act(tx, by, now)))
        except FirmRefusal as no:
            raise Failure(screen.printable(str(no))) from None
