"""Message structures as transition tables: which segment may follow which, and what that means.

Notation (schemas/edifact): "BGM M1 (C9 TDT M1 LOC C9)": tag, status and maximum, groups in
brackets with their own.  A state is the place of the last segment; it maps the next tag to a
`Move`, worked out on first use and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from re import Match
from typing import NamedTuple

from gateway.syntax.edifact.layout import EdifactLayout
from gateway.syntax.edifact.pattern import segment_pattern

# What a move does to the cutting of a message into groups.
# LEADS: what stands around the next groups (CUSCAR's CNI, whose bills are below it): it is handed
# on with each of them.
INSIDE, OPENS, CLOSES, LEADS = 0, 1, 2, 3


class Move(NamedTuple):
    """One step in a message.

    again: counter to raise (0: none), limit: its first forbidden value; first: counter that starts
    at 1; missing: mandatory labels that were passed over.
    """

    state: State
    label: str
    fullmatch: Callable[[str], Match[str] | None]
    cut: int
    again: int
    limit: int
    first: int
    missing: tuple[str, ...]


@dataclass(eq=False)
class _Node:
    """A segment or a group (then `items`); slot is its repeat counter, never 0."""

    tag: str
    mandatory: bool
    maximum: int
    slot: int
    parent: _Node | None
    items: list[_Node] = field(default_factory=list)
    label: str = ""

    @property
    def trigger(self) -> str:
        return self.items[0].tag if self.items else self.tag


class State(dict[str, Move | None]):
    """The moves from one node; unknown tags are not kept, so a hostile file cannot make it grow."""

    def __init__(self, structure: Structure | None, node: _Node | None) -> None:
        super().__init__()
        self._structure = structure
        self.node = node
        self.at_end: tuple[str, ...] | None = None

    def __missing__(self, tag: str) -> Move | None:
        if self._structure is None or self.node is None:
            return None
        move = self._structure.move(self.node, tag)
        if move is not None:
            self[tag] = move
        return move


class Structure:
    """One message of one directory, cut into groups at `group_labels`, numbers with `mark`."""

    def __init__(self, layout: EdifactLayout, group_labels: frozenset[str], mark: str) -> None:
        self.layout = layout
        self.group_labels = group_labels
        self.mark = mark
        self._slots = 0
        self._root = _Node("", mandatory=True, maximum=1, slot=0, parent=None)
        self._fill(self._root, iter(layout.structure.replace("(", "( ").replace(")", " )").split()))
        self.labels = {n.tag: n.label for n in reversed(list(_segments(self._root)))}
        self._leading = {
            label.rsplit("/", n)[0]
            for label in group_labels
            for n in range(1, label.count("/") + 1)
        }
        self._top: dict[str, list[int]] = {}
        for node in self._root.items:
            if node.items:
                self._top.setdefault(node.trigger, []).append(node.slot)
        self._states: dict[int, State] = {}
        self.start = self._state(self._root.items[0])

    @property
    def counters(self) -> int:
        """How many counters a message needs (number 0 is never read)."""
        return self._slots + 1

    def _fill(self, parent: _Node, words: Iterator[str]) -> None:
        for word in words:
            if word == ")":
                return
            group = word == "("
            status = next(words)
            self._slots += 1
            node = _Node(
                "" if group else word, status[0] == "M", int(status[1:]), self._slots, parent
            )
            parent.items.append(node)
            if group:
                self._fill(node, words)
            else:
                node.label = _label(node)

    def _state(self, node: _Node) -> State:
        found = self._states.get(id(node))
        if found is None:
            found = self._states[id(node)] = State(self, node)
        return found

    def move(self, node: _Node, tag: str) -> Move | None:
        """The step from a node to the next segment with this tag; None where there is none.

        UNT is no step: the reader closes the message.
        """
        if tag == "UNT":
            return None
        strict = next(
            (n for n, missing in _reachable(node) if n.trigger == tag and not missing), None
        )
        if strict is not None:
            return self._move(node, strict, ())
        for target, missing in _reachable(node):
            if target.trigger == tag:
                return self._move(node, target, tuple(missing))
        once_more = next((n for n in _path(node) if n.trigger == tag), None)
        return None if once_more is None else self._move(node, once_more, ())

    def misplaced(self, state: State, tag: str) -> Move | None:
        """Where a segment that cannot follow belongs: the innermost group around that has it."""
        if state.node is None:
            return None
        for around in _path(state.node):
            siblings = around.parent.items if around.parent else []
            target = next((n for n in siblings if n.trigger == tag), None)
            if target is not None:
                return self._move(state.node, target, ())
        return None

    def _move(self, node: _Node, target: _Node, missing: tuple[str, ...]) -> Move:
        landing = target.items[0] if target.items else target
        again = target is node or _is_above(target, node)
        return Move(
            self._state(landing),
            landing.label,
            segment_pattern(self.layout, landing.tag, self.mark).fullmatch,
            self._cut(landing),
            target.slot if again else 0,
            target.maximum + 1,
            target.slot,
            missing,
        )

    def _cut(self, landing: _Node) -> int:
        if not self.group_labels:
            return INSIDE
        if landing.label in self.group_labels:
            return OPENS
        if landing.label in self._leading:
            return LEADS
        above = landing.parent
        while above is not None and above.items:
            if above.items[0].label in self.group_labels:
                return INSIDE
            above = above.parent
        return INSIDE if _leader(landing) in self._leading else CLOSES

    def missing_at_end(self, state: State) -> tuple[str, ...]:
        """Mandatory labels that have not come when UNT is reached."""
        if state.at_end is None:
            state.at_end = self._missing_after(state.node)
        return state.at_end

    def _missing_after(self, node: _Node | None) -> tuple[str, ...]:
        for target, missing in _reachable(node) if node else ():
            if target.tag == "UNT":
                return tuple(missing)
        return ()

    def fallback_label(self, tag: str) -> str | None:
        """The label of a segment that stands at a wrong place: where the message first has it."""
        return self.labels.get(tag)

    def totals(self, counts: Mapping[int, int], trigger: str) -> int | None:
        """How often top-level groups with this trigger came; None where the message has none."""
        slots = self._top.get(trigger)
        return sum([counts.get(slot, 0) for slot in slots]) if slots else None


def _segments(node: _Node) -> Iterator[_Node]:
    for item in node.items:
        if item.items:
            yield from _segments(item)
        else:
            yield item


def _label(node: _Node) -> str:
    """Triggers of the groups around, then the tag; the trigger itself is not named twice."""
    names = [node.tag]
    above = node.parent
    while above is not None and above.parent is not None:
        if above.items[0] is not node:
            names.append(above.items[0].tag)
        above = above.parent
    return "/".join(reversed(names))


def _leader(node: _Node) -> str:
    """The label of the trigger of the innermost group around a segment, itself included."""
    group = node.parent
    return group.items[0].label if group is not None and group.parent is not None else ""


def _is_above(group: _Node, node: _Node) -> bool:
    above = node.parent
    while above is not None:
        if above is group:
            return True
        above = above.parent
    return False


def _reachable(node: _Node) -> Iterator[tuple[_Node, list[str]]]:
    """Every item that can follow, nearest first, with the mandatory labels passed over.

    Itself again; then what follows in its group; then its group again; then the same one level up.
    """
    missing: list[str] = []
    if node.maximum > 1:
        yield node, missing
    while node.parent is not None:
        items = node.parent.items
        for item in items[items.index(node) + 1 :]:
            yield item, list(missing)
            if item.mandatory:
                missing.append(item.items[0].label if item.items else item.label)
        node = node.parent
        if node.maximum > 1:
            yield node, list(missing)


def _path(node: _Node) -> Iterator[_Node]:
    """The node and the groups around it, innermost first, without the message itself."""
    while node.parent is not None:
        yield node
        node = node.parent


@lru_cache(maxsize=128)
def structure_for(layout: EdifactLayout, group_labels: frozenset[str], mark: str) -> Structure:
    """The compiled structure of a grammar, once per process."""
    return Structure(layout, group_labels, mark)
