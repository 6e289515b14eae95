"""BOARD: the journeys as a live table on a terminal, as lines elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from gateway.cli import screen

if TYPE_CHECKING:
    from gateway.cli.demo.watch import Seen, Watch

_WORDS = {
    "delivered": "已送达 delivered",
    "partly": "部分送达 partly",
    "rejected": "退回 rejected",
    "quarantined": "隔离 quarantined",
    "repeat": "重复 first answer again",
    "refused": "拒收 refused at the door",
    "failed": "失败 failed",
    "dead": "死信 dead letter",
    "held": "挂起 held",
}
_STATES = {"received": "已接收 received", "translated": "已解析 read", "decided": "已判定 decided"}
_CODES_SHOWN = 3
# Title and width; None: what is left, shared.
_COLUMNS = (
    ("", 1),
    ("文件 file", 28),
    ("内容 what", None),
    ("经 by", 5),
    ("去向 journey", 24),
    ("提示 findings", None),
)


class Board:
    """Use as a context; `draw` shows what is new."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._live: Any = None
        self._said: dict[str, str] = {}

    def __enter__(self) -> Self:
        if screen.is_terminal():
            from rich.live import Live

            self._live = Live(self._table(), refresh_per_second=8)
            self._live.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.__exit__(kind, error, at)

    def draw(self) -> None:
        """Redraw the table, or say in a line each what has changed."""
        if self._live is not None:
            self._live.update(self._table())
            return
        for seen in self._watch.seen:
            if not seen.became or (not seen.as_expected and not self._watch.settled):
                continue
            line = _line(seen)
            if self._said.get(seen.drop.name) != line:
                self._said[seen.drop.name] = line
                screen.say(line)

    def _table(self) -> Any:  # noqa: ANN401 - rich is imported only where a terminal is
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="bold", expand=True)
        # One line a file, whatever the width: a live table must not be taller than the screen.
        for title, width in _COLUMNS:
            share = None if width else 1
            table.add_column(title, no_wrap=True, overflow="ellipsis", width=width, ratio=share)
        for seen in self._watch.seen:
            style = "green" if seen.as_expected else "yellow" if seen.told else "dim"
            table.add_row(
                Text(_sign(seen), style=style),
                Text(seen.drop.name),
                Text(f"{seen.drop.zh} · {seen.drop.en}", style="dim"),
                Text(seen.drop.channel),
                Text(_journey(seen), style=style),
                Text(_findings(seen)),
            )
        return table


def _sign(seen: Seen) -> str:
    return "✓" if seen.as_expected else "…" if not seen.became else "·"


def _line(seen: Seen) -> str:
    about = " · ".join(filter(None, (seen.drop.en, _journey(seen), _findings(seen))))
    return f"{_sign(seen)} {seen.drop.name} ({seen.drop.channel}): {about}"


def _journey(seen: Seen) -> str:
    if seen.became:
        return _WORDS.get(seen.became, seen.became)
    if seen.state:
        return _STATES.get(seen.state, seen.state)
    return "已发送 sent" if seen.told else ""


def _findings(seen: Seen) -> str:
    if seen.told in ("refused", "failed"):
        return screen.printable(seen.detail)
    shown = ", ".join(seen.codes[:_CODES_SHOWN])
    more = len(seen.codes) - _CODES_SHOWN
    return f"{shown} +{more}" if more > 0 else shown
