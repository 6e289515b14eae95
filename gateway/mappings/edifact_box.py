"""EQD and SGP: a box as every EDIFACT message names it, and the last touch on its draft."""

from __future__ import annotations

from typing import Any

from gateway.mappings.convert import container_number, count, upper
from gateway.mappings.edifact_convert import (
    OtherThan,
    joined,
    time,
    time_text,
    volume,
    weight,
)
from gateway.mappings.edifact_rows import (
    dangerous,
    kept,
    kept_others,
    ports,
    references,
    sizes,
    temperature,
    texts,
)
from gateway.mappings.node import Node, Row, at
from gateway.syntax.record import FieldRef

MEASURES = {
    "vgm_kg": "VGM",
    "gross_weight_kg": "G|AET|AAD",
    "tare_kg": "T|AAH",
    "cargo_weight_kg": "N|AAL|AAF",
}
_VOLUMES = "AAW|ABJ"


def box_rows(eqd: str = "EQD", positioned: str = "181") -> tuple[Row, ...]:
    """The rows of a box; `positioned` are the qualifiers of the time that concerns it."""
    return (
        Row(eqd, (2, 1), "number", container_number),
        Row(eqd, (3, 1), "size_type", upper),
        Row(eqd, 4, "supplier", upper),
        Row(eqd, 6, "status", upper),
        Row(f"{eqd}/EQN", (1, 1), "asked", count),
        Row(f"{eqd}/TMD", (1, 1), "movement", upper),
        Row(f"{eqd}/DTM", "C507", "positioned_at", time, at((1, positioned))),
        *ports(f"{eqd}/LOC", load_port="9", discharge_port="11", delivery_place="7"),
        *(
            Row(f"{eqd}/MEA", "C174", path, weight, at(((2, 1), codes)))
            for path, codes in MEASURES.items()
        ),
        Row(f"{eqd}/MEA", "C174", "volume_m3", volume, at(((2, 1), _VOLUMES))),
        *sizes(f"{eqd}/DIM"),
        *temperature(f"{eqd}/TMP", f"{eqd}/RNG", f"{eqd}/TMP/RNG"),
        *(Row(f"{eqd}/FTX", (4, line), "lines[]", when=at((1, "AAA"))) for line in range(1, 6)),
        *(
            Row(f"{eqd}/FTX", (4, line), "texts[]", when=((1, OtherThan("AAA")),))
            for line in range(1, 6)
        ),
        *texts(f"{eqd}/DGS/FTX", "texts[]"),
        Row(f"{eqd}/NAD", (2, 1), "operator.code", upper, at((1, "CF"))),
        Row(f"{eqd}/NAD", (4, 1), "operator.name", when=at((1, "CF"))),
    )


def box_lists(
    eqd: str = "EQD", positioned: str = "181", places: str = "9|11|7"
) -> tuple[Node, ...]:
    """What hangs below a box; qualifiers that no row knows are kept as extras."""
    return (
        references(f"{eqd}/RFF"),
        seals(f"{eqd}/SEL"),
        dangerous(f"{eqd}/DGS"),
        kept(eqd, 5),
        kept(f"{eqd}/DGS", 1),
        kept(f"{eqd}/TDT", 2),
        kept(f"{eqd}/TDT", (3, 1)),
        kept(f"{eqd}/TDT", (8, 1)),
        kept_others(f"{eqd}/DTM", "C507", time_text, positioned),
        kept_others(f"{eqd}/LOC", (2, 1), upper, places),
        kept_others(f"{eqd}/NAD", (2, 1), upper, "CF"),
        Node(
            path="extras",
            opens=frozenset({f"{eqd}/MEA"}),
            constants=(("record", "MEA"),),
            when=(((2, 1), OtherThan("|".join((*MEASURES.values(), _VOLUMES)))),),
            rows=(Row(f"{eqd}/MEA", (2, 1), "field"), Row(f"{eqd}/MEA", "C174", "value")),
        ),
        kept_others(f"{eqd}/TDT/LOC", (2, 1), upper),
        kept_others(f"{eqd}/TDT/DTM", "C507", time_text),
        kept_others(f"{eqd}/TDT/LOC/DTM", "C507", time_text),
        kept_others(f"{eqd}/EQA", (2, 1), upper),
    )


def box_service(eqd: str = "EQD") -> tuple[Row, ...]:
    """Qualifiers and parts of composites that are read with their values: no extras of a part."""
    fields: dict[str, tuple[FieldRef, ...]] = {
        "DTM": ((1, 1), (1, 2), (1, 3)),
        "LOC": (1,),
        "MEA": (1, (3, 1), (3, 2)),
        "DIM": (1, (2, 1), (2, 2), (2, 3), (2, 4)),
        "TMP": (1, (2, 2)),
        "RNG": (1, (2, 1)),
        "TMP/RNG": (1, (2, 1)),
        "FTX": (1, 2),
        "DGS/FTX": (1, 2),
        "RFF": ((1, 1), (1, 2)),
        "NAD": (1,),
        "TDT": (1,),
    }
    return (
        Row(eqd, 1, ""),
        *(Row(f"{eqd}/{tag}", ref, "") for tag, refs in fields.items() for ref in refs),
    )


def boxes(eqd: str = "EQD") -> Node:
    """Boxes as a list below something else."""
    return Node(
        path="containers",
        opens=frozenset({eqd}),
        rows=box_rows(eqd),
        children=box_lists(eqd),
    )


def seals(label: str) -> Node:
    """SEL: number and who put it on."""
    return Node(
        path="seals",
        opens=frozenset({label}),
        rows=(Row(label, 1, "number"), Row(label, (2, 1), "party")),
    )


def settle_box(box: dict[str, Any]) -> int | None:
    """Half-filled entries go, goods texts are joined; gives how many boxes were asked for."""
    prune(box)
    lines = box.pop("lines", None)
    if lines:
        box["goods"] = joined(lines)
    asked: int | None = box.pop("asked", None)
    return asked


def asked_for(box: dict[str, Any], asked: int | None) -> dict[str, Any]:
    """EQD without a number: what kind is asked for and how many; the rest is kept as extras."""
    request: dict[str, Any] = {
        name: box[name] for name in ("size_type", "status", "supplier") if name in box
    }
    if asked is not None:
        request["count"] = asked
    kept = list(box.get("extras", []))
    for reference in box.get("references", []):
        if "qualifier" in reference:
            field, number_ = reference["qualifier"], reference["number"]
            kept.append({"record": "RFF", "field": field, "value": number_})
    kept += [
        {"record": "EQD", "field": name, "value": str(box[name])}
        for name in ("goods", "movement", "cargo_weight_kg", "gross_weight_kg", "tare_kg")
        if name in box
    ]
    if "temperature" in box:
        shown = " ".join(str(value) for value in box["temperature"].values())
        kept.append({"record": "TMP", "field": "2", "value": shown})
    for name in ("load_port", "discharge_port", "delivery_place"):
        if "code" in box.get(name, {}):
            kept.append({"record": "LOC", "field": name, "value": box[name]["code"]})
    if kept:
        request["extras"] = kept
    return request


def prune(owner: dict[str, Any]) -> None:
    """Entries that a qualifier without a value opened (real senders write `RFF+BN`)."""
    for path, needed in (("references", "number"), ("extras", "value"), ("seals", "number")):
        entries = owner.get(path)
        if entries is None:
            continue
        for each in entries:
            if needed not in each or not _qualified(each):
                owner[path] = [one for one in entries if needed in one and _qualified(one)]
                break


def _qualified(entry: dict[str, Any]) -> bool:
    return "qualifier" in entry or "field" in entry or "record" not in entry
