"""One element of a draft → its records, in the order of the layout."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from gateway.findings import FindingKind
from gateway.mappings import facts
from gateway.mappings.flat_writing_plan import Branch, Line, NodePlan, Slot
from gateway.syntax.flat.layout import FlatLayout
from gateway.syntax.flat.quirk import QUIRKS

Draft = dict[str, Any]
Refused = tuple[FindingKind, str, str, dict[str, Any]]
# Records that stay together, at the place of their first one.
_Block = tuple[int, list[list[str]]]
_SEQUENCE_DIGITS_MAX = 3


@dataclass(slots=True)
class Written:
    """Records, and values that could not be said: kind, path, value, what the text needs more."""

    records: list[list[str]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


@dataclass(slots=True)
class _State:
    """What the lines of one element share; whole: the draft before anything was taken out."""

    written: Written
    whole: Draft


class ElementWriter:
    """Writes elements of one plan; values that are written are taken out of the draft.

    family: the draft was read from a file of this very kind, so its `extras` have places here.
    """

    def __init__(
        self, plan: NodePlan, layout: FlatLayout, family: bool, always: frozenset[str]
    ) -> None:
        self._plan = plan
        self._layout = layout
        self._family = family
        self._always = always
        self._blanks: dict[str, list[str]] = {}
        # The items that are being written: path of their list, the list, the item.
        self._within: list[tuple[str, Sequence[Draft], Draft]] = []

    def write(self, draft: Draft) -> Written:
        """The records of one draft, whole (unpadded tails are the pen's business)."""
        written = Written()
        blocks = self._blocks(self._plan, draft, {}, written)
        blocks += [
            (self._plan.order[label], [self._blank(label)])
            for label in self._plan.lines
            if label in self._always and not any(r[0] == label for _, b in blocks for r in b)
        ]
        written.records = [r for _, block in sorted(blocks, key=lambda b: b[0]) for r in block]
        for record in written.records:
            self._check_shift(record, written)
        return written

    def below(self, path: str) -> ElementWriter:
        """The writer of one list below the root, for layouts that are arranged by hand."""
        plan = next(b.plans[0] for b in self._plan.branches if b.path == path)
        return ElementWriter(plan, self._layout, self._family, frozenset())

    def _blank(self, label: str) -> list[str]:
        blank = self._blanks.get(label)
        if blank is None:
            blank = self._blanks[label] = [label] + [""] * (self._layout.width(label) - 1)
        return blank.copy()

    def _blocks(
        self, plan: NodePlan, draft: Draft, shared: dict[str, list[str]], written: Written
    ) -> list[_Block]:
        """The element's own records and those below it; shared: records to be filled up."""
        own: dict[str, list[str]] = {}
        blocks: list[_Block] = []
        state = _State(written, dict(draft))
        for line in plan.lines.values():
            records = self._line(plan, line, draft, shared.get(line.label), state)
            if records:
                own[line.label] = records[0]
                blocks.append((line.order, [r for r in records if r is not shared.get(r[0])]))
        for branch in plan.branches:
            blocks += self._branch(plan, branch, draft, own, written)
        blocks += self._extras(plan, draft, own)
        blocks = [block for block in blocks if block[1]]
        if plan.root or len(blocks) < 2:
            return blocks
        ordered = sorted(blocks, key=lambda b: b[0])
        return [(ordered[0][0], [record for _, block in ordered for record in block])]

    def _line(
        self, plan: NodePlan, line: Line, draft: Draft, target: list[str] | None, state: _State
    ) -> list[list[str]]:
        """The records of one label: the first has the single values, the lists fill and repeat."""
        if target is None and line.label not in plan.node.opens and not _is_told(line, draft):
            return []
        first = target or self._blank(line.label)
        filled = self._fill(line, draft, first, state)
        records = [first]
        for steps, (say, indexes) in line.lists.items():
            texts = [say(value) or "" for value in _take(draft, steps) or ()]
            room = len(indexes)
            if len(texts) > room and not _repeats(plan, line, target):
                self._spill(plan, line, draft, (steps, texts, room), state)
                texts = texts[:room]
            for number, text in enumerate(texts):
                if number // room >= len(records):
                    records.append(self._blank(line.label))
                    if line.text == "numbered":
                        records[-1][1] = first[1]
                records[number // room][indexes[number % room]] = text
                filled = True
        if not filled and target is None and line.label not in plan.node.opens:
            return []
        return records

    def _spill(
        self,
        plan: NodePlan,
        line: Line,
        draft: Draft,
        rest: tuple[tuple[str, ...], list[str], int],
        state: _State,
    ) -> None:
        """More items than fields: a later record may take them, else they are refused."""
        steps, texts, room = rest
        if any(steps in other.lists for other in plan.lines.values() if other.order > line.order):
            holder = draft
            for step in steps[:-1]:
                holder = holder.setdefault(step, {})
            holder[steps[-1]] = texts[room:]
            return
        count = {"count": len(texts), "limit": room}
        self._refuse(state.written, facts.TOO_MANY, ".".join(steps), texts[room], **count)

    def _fill(self, line: Line, draft: Draft, record: list[str], state: _State) -> bool:
        """Single values into their fields; whether the record says anything of its own."""
        filled = False
        for slot in line.slots:
            if slot.steps[0] not in state.whole:
                continue
            value = _look(state.whole, slot.steps) if slot.repeats else _take(draft, slot.steps)
            if value is None:
                continue
            text = slot.say(value)
            if text is None:
                self._refuse(state.written, facts.NOT_A_VALUE, ".".join(slot.steps), str(value))
            elif record[slot.index]:
                if record[slot.index] != text:
                    _put(draft, slot, value)
            elif not line.text or _is_sequence(text):
                record[slot.index] = text
                filled = filled or not slot.repeats
        return filled

    def _branch(
        self,
        plan: NodePlan,
        branch: Branch,
        draft: Draft,
        own: dict[str, list[str]],
        written: Written,
    ) -> list[_Block]:
        """Every element of a list that has this branch's constants; the others stay in the draft.

        Where the opening record of a child is one of the parent's own, it is filled up; such a
        child has room for one element, or for as many as there are nodes side by side.
        """
        elements = draft.get(branch.path)
        if not elements:
            return []
        constants = branch.constants.items()
        mine = [e for e in elements if e and all(e.get(k) == v for k, v in constants)]
        if not mine:
            return []
        blocks: list[_Block] = []
        room = _room(plan, branch)
        many = len(branch.plans)
        used: dict[tuple[int, str], list[str]] = {}
        for number, element in enumerate(mine[:room]):
            beside = many > 1 and _side_by_side(branch)
            child = branch.plans[number % many if beside else min(number, many - 1)]
            turn = number // many if beside else number
            label = child.first or ""
            target = used.get((turn, label)) or (own.get(label) if turn == 0 else None)
            for key in branch.constants:
                del element[key]
            self._within.append((branch.path, elements, element))
            below = self._element(child, branch, element, target, written)
            self._within.pop()
            blocks += below
            for _, records in below:
                for record in records:
                    used.setdefault((turn, record[0]), record)
                    own.setdefault(record[0], record)
        self._leave(draft, branch, mine, room, written)
        return blocks

    def _element(
        self,
        child: NodePlan,
        branch: Branch,
        element: Draft,
        target: list[str] | None,
        written: Written,
    ) -> list[_Block]:
        """One element; where its node has no field for something, the next node says it again."""
        again = branch.plans[-1]
        whole = deepcopy(element) if again is not child else None
        shared = {target[0]: target} if target else {}
        blocks = self._blocks(child, element, shared, written)
        if whole is not None and element and again.first != child.first:
            element.clear()
            element.update(whole)
            blocks += self._blocks(again, element, {}, written)
        # An element of which this variant says nothing opens no record.
        return blocks if any(any(r[1:]) for _, records in blocks for r in records) else []

    def _leave(
        self, draft: Draft, branch: Branch, mine: list[Draft], room: int | None, written: Written
    ) -> None:
        """What was not written whole stays in the draft at its place, so that it is seen."""
        if room is not None and len(mine) > room:
            count = {"count": len(mine), "limit": room}
            self._refuse(written, facts.TOO_MANY, branch.path, "", **count)
            for element in mine[room:]:
                element.clear()
        if not any(draft[branch.path]):
            del draft[branch.path]

    def _extras(self, plan: NodePlan, draft: Draft, own: dict[str, list[str]]) -> list[_Block]:
        """Raw values of a file of this kind go back to where they stood; others are left out."""
        if not plan.node.extras:
            return []
        blocks: list[_Block] = []
        for raw in draft.pop(plan.node.extras, ()) if self._family else ():
            label = raw["record"]
            index = self._layout.index(label, raw["field"])
            if index is None or label not in plan.reads:
                continue
            if label not in own:
                own[label] = self._blank(label)
                blocks.append((plan.order[label], [own[label]]))
            own[label][index] = own[label][index] or raw["value"]
        return blocks

    def _check_shift(self, record: list[str], written: Written) -> None:
        """A record that our own reader would take for a shifted one must not go out."""
        for name in self._layout.records[record[0]].quirks:
            if QUIRKS[name].undo(list(record)) is not None:
                text = ":".join(record).rstrip(":")
                self._refuse(written, facts.NOT_A_VALUE, record[0], text)
                return

    def _refuse(
        self, written: Written, kind: FindingKind, path: str, value: str, **more: object
    ) -> None:
        above = [f"{name}[{_index(items, item) + 1}]" for name, items, item in self._within]
        written.refused.append((kind, ".".join([*above, path]), value, more))


def _index(elements: Sequence[Draft], element: Draft) -> int:
    """Where this very element stands."""
    return next(number for number, each in enumerate(elements) if each is element)


def _is_told(line: Line, draft: Draft) -> bool:
    """Whether the draft may hold anything of this record."""
    return any(name in draft for name in line.names)


def _repeats(plan: NodePlan, line: Line, target: list[str] | None) -> bool:
    """Whether a second record of this label continues the lists of the first."""
    if line.text:
        return True
    only_lists = plan.root and not line.slots
    return target is None and (only_lists or not plan.is_single(line.label))


def _side_by_side(branch: Branch) -> bool:
    """Several nodes of one record, each with fields of its own (ports 1 to 5)."""
    return len({plan.first for plan in branch.plans}) == 1


def _room(plan: NodePlan, branch: Branch) -> int | None:
    """How many elements a branch has places for, None where its record may be repeated."""
    last = branch.plans[-1]
    if last.node.opens and not plan.is_single(last.first or ""):
        return None
    return len(branch.plans)


def _is_sequence(text: str) -> bool:
    return len(text) <= _SEQUENCE_DIGITS_MAX and text.isascii() and text.isdigit()


def _look(draft: Draft, steps: tuple[str, ...]) -> Any:  # noqa: ANN401 - any value of a draft
    found: Any = draft
    for step in steps:
        if not isinstance(found, dict) or step not in found:
            return None
        found = found[step]
    return found


def _take(draft: Draft, steps: tuple[str, ...]) -> Any:  # noqa: ANN401 - any value of a draft
    """The value of a path, taken out together with what it leaves empty."""
    if len(steps) == 1:
        return draft.pop(steps[0], None)
    *above, last = steps
    holders = [draft]
    for step in above:
        inner = holders[-1].get(step)
        if not isinstance(inner, dict):
            return None
        holders.append(inner)
    value = holders[-1].pop(last, None)
    for step, holder in zip(reversed(above), reversed(holders[:-1]), strict=True):
        if not holder[step]:
            del holder[step]
    return value


def _put(draft: Draft, slot: Slot, value: Any) -> None:  # noqa: ANN401 - any value of a draft
    """Put back a value whose field another path has filled otherwise."""
    *above, last = slot.steps
    for step in above:
        draft = draft.setdefault(step, {})
    draft[last] = value
