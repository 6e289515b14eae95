"""STORY of the money: two voyages, from the manifest to the last fen (rules.md A, D, G.4).

An arrears voyage of 2018 pays the port construction fee, is settled by its clean manifest and gets
money back; one of 2026 owes none of it any more, and cargo dues.  All over the public interfaces: a
firm's HTTP API, a payment platform that posts signed callbacks, an officer's administration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from gateway.cli.demo.api import Api, until
from gateway.cli.demo.plan import checkout

if TYPE_CHECKING:
    from gateway.cli.demo.site import Site

PLATFORM = "standard-webhooks"
_ARREARS, _RETURNED, _DUES = ("TJLARR180501", "TJLARR180502"), 9600, "TJLNEW261101"
# What the story must come to, in fen: due, paid, paid back; and what 2026 owes.
DUE_2018, DUE_2026 = 19200 + 6400, 1700 + 3400


class Story:
    """Told step by step; `good` at the end where every sum was right."""

    def __init__(self, site: Site, platform_url: str) -> None:
        self._agent = Api(site.url, site.agent_key)
        self._officer = Api(site.admin_url, site.admin_key)
        self._platform = Api(platform_url)
        self._site = site
        self.good = False

    def tell(self) -> Iterator[tuple[str, str, str]]:
        """(zh, en, money) of each step, as it is done; raises Refused or TimeoutError."""
        self._control("notify", url=f"{self._site.url}/v1/callbacks/payments/{PLATFORM}")
        self._agent.post("/v1/filings", {"region": "TIANJIN", "ports": ["CNTXG"]})
        yield "备案：天津海事", "filed for the region of Tianjin", ""
        yield from self._arrears()
        yield from self._today()
        self.good = True

    def _arrears(self) -> Iterator[tuple[str, str, str]]:
        self._send("prestow-2018.json")
        due = until(lambda: self._due(_ARREARS, DUE_2018))
        yield (
            "2018 预配舱单：两票提单已计费",
            "pre-stow manifest of 2018, two bills rated",
            yuan(due),
        )
        self._send("delivery-order.json")
        until(lambda: self._state("delivery_order") == "held")
        yield "提货单暂存，等待缴费", "a delivery order waits for the fee", "UNPAID"
        order = self._order(_ARREARS)
        yield f"订单 {order}", f"order {order}, paid at the platform", yuan(DUE_2018)
        until(lambda: self._paid(order) == DUE_2018)
        yield "回调验签入账，提单已收费", "callback verified, bills marked paid", yuan(DUE_2018)
        until(lambda: self._state("delivery_order") == "accepted")
        yield "提货单放行至码头", "the delivery order is released to the terminal", ""
        self._send("clean-2018.json")
        clean = until(self._clean)
        self._officer.post(f"/admin/fees/manifest-declarations/{clean}/settle")
        yield (
            "清洁舱单逾期，海事人员同意清算",
            "clean manifest late; an officer settles it",
            "CLEAN_LATE",
        )
        receipt = until(self._receipt)
        yield f"收据：{receipt['kind']}", "receipt: difference to be returned", yuan(_RETURNED)
        refund = self._agent.post(f"/v1/settlements/{receipt['id']}/apply")["refund"]
        self._bank_returns(order, refund)
        until(lambda: self._order_of(order)["state"] == "PART_REFUNDED")
        until(lambda: self._settlement(receipt["id"])["state"] == "SETTLED")
        left = self._order_of(order)
        assert (left["paid_fen"], left["refunded_fen"]) == (DUE_2018 - _RETURNED, _RETURNED)
        yield "退款原路退回，清算完成", "refunded by the original path, settled", yuan(-_RETURNED)

    def _today(self) -> Iterator[tuple[str, str, str]]:
        self._send("prestow-2026.json")
        until(lambda: self._due((_DUES,), DUE_2026))
        lines = self._lines(_DUES)
        fee = [line for line in lines if line["tariff"] == "PCF"]
        assert {(line["amount_fen"], line["reason"]) for line in fee} == {(0, "ABOLISHED")}
        yield (
            "2026 港口建设费已取消",
            "2026: the construction fee is abolished",
            f"{yuan(0)} ABOLISHED",
        )
        yield "2026 货物港务费", "2026: cargo dues", yuan(DUE_2026)

    def _send(self, name: str) -> None:
        body = (checkout() / "examples" / "demo" / "story" / name).read_bytes()
        self._agent.ask("POST", "/v1/interchanges", body, {"x-filename": name})

    def _lines(self, bill: str) -> list[dict[str, Any]]:
        items = self._agent.get("/v1/charges?limit=100")["items"]
        return [each for each in items if each["bill_of_lading"] == bill]

    def _due(self, bills: tuple[str, ...], wanted: int) -> int:
        """Once all of it is payable; 0 before."""
        items = self._agent.get("/v1/declarations?state=approved&limit=100")["items"]
        approved = {each["bill_of_lading"] for each in items}
        if not approved.issuperset(bills):
            return 0
        live = (line for bill in bills for line in self._lines(bill) if line["state"] == "due")
        due = sum(int(line["amount_fen"]) for line in live)
        assert due in (0, wanted), f"{due} fen are due, not {wanted}"
        return due

    def _order(self, bills: tuple[str, ...]) -> str:
        asked = {"bills": list(bills), "provider": PLATFORM, "invoice_title": "示例船舶代理"}
        number = str(self._agent.post("/v1/orders", asked)["number"])
        page = self._agent.post(f"/v1/orders/{number}/checkout", {})
        self._platform.ask(page["method"], page["url"], page["body"].encode(), page["headers"])
        self._control("pay", order=number)
        return number

    def _order_of(self, number: str) -> dict[str, Any]:
        found: dict[str, Any] = self._agent.get(f"/v1/orders/{number}")
        return found

    def _paid(self, number: str) -> int:
        return int(self._order_of(number)["paid_fen"])

    def _bank_returns(self, order: str, refund: str) -> None:
        """The bank has spoken, as soon as the platform knows the refund."""

        def known() -> bool:
            try:
                self._control("refunded", order=order, refund=refund)
            except Exception:  # noqa: BLE001 - the platform has not been asked yet
                return False
            return True

        until(known)

    def _clean(self) -> str:
        items = self._agent.get("/v1/declarations?state=approved&limit=100")["items"]
        return next((each["manifest"] for each in items if each["kind"] == "clean"), "")

    def _receipt(self) -> dict[str, Any] | None:
        items = self._agent.get("/v1/settlements?limit=100")["items"]
        return next((each for each in items if each["amount_fen"] == _RETURNED), None)

    def _settlement(self, name: str) -> dict[str, Any]:
        items = self._agent.get("/v1/settlements?limit=100")["items"]
        return next(each for each in items if each["id"] == name)

    def _state(self, kind: str) -> str:
        """Of the newest document of a kind."""
        found = self._agent.get(f"/v1/documents?bill_of_lading={_ARREARS[0]}")["items"]
        return next((str(each["state"]) for each in found if each["type"] == kind), "")

    def _control(self, act: str, **said: object) -> None:
        self._platform.post(f"/control/{PLATFORM}/{act}", said)


def yuan(fen: int) -> str:
    """Fen as people read them."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02} 元"


def told(story: Story, say: Callable[[str], None]) -> bool:
    """The whole story, line by line; whether it came to its end."""
    say("费用的故事 · the story of the money")
    try:
        for zh, en, money in story.tell():
            say(f"  {money:>18}  {zh} · {en}")
    except Exception as error:  # noqa: BLE001 - a demonstration says what failed and goes on
        say(f"  ✗ {type(error).__name__}: {error}")
    return story.good
