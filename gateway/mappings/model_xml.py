"""Canonical models as XML of our own: element names are the field names, in the models' order.

    <ContainerLoadPlan xmlns="urn:port-edi-gateway:container-load-plan:1">
      <Header><Voyage>046E</Voyage>…</Header>
      <Container><Number>TEMU8123455</Number>…<Bill>…</Bill></Container>…
    </ContainerLoadPlan>

`gross_weight_kg` is `GrossWeightKg`; a list has one element an item, named in the singular.  Paths,
mapping and writing follow from the models; the layout file adds what must be there, in Chinese.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from typing import Any

from gateway.canonical.document import DocumentType, Function
from gateway.canonical.model import Model
from gateway.findings import Finding
from gateway.mappings.contract import Format, Outgoing, Writer
from gateway.mappings.convert import NOT_A_TIME, BadValue, count, number, text
from gateway.mappings.flat_convert import function, lines
from gateway.mappings.model_fields import Field, fields_of
from gateway.mappings.node import Convert, Node, Row
from gateway.mappings.table import Table
from gateway.mappings.table_convert import sheet_time
from gateway.mappings.xml_writing import XmlForm, xml_writer
from gateway.syntax.xml.layout import load
from gateway.syntax.xml.writer import Tag


def elements_of(model: type[Model], above: str) -> Iterator[tuple[str, Field]]:
    """(path, field) of every element below a path, in order."""
    for field in fields_of(model):
        path = f"{above}/{field.element}"
        yield path, field
        if field.is_model:
            yield from elements_of(field.kind, path)


def node_of(model: type[Model], above: str, path: str = "", extras: str = "") -> Node:
    """The mapping of a model: a node for it and one for each list of models below it."""
    rows: list[Row] = []
    children: list[Node] = []
    _collect(model, above, "", rows, children)
    opens = frozenset({above}) if path else frozenset[str]()
    return Node(tuple(rows), path, opens, tuple(children), extras=extras)


def _collect(
    model: type[Model], above: str, to: str, rows: list[Row], children: list[Node]
) -> None:
    for field in fields_of(model):
        label, path = f"{above}/{field.element}", f"{to}{field.name}"
        if field.is_model and field.many:
            children.append(node_of(field.kind, label, path))
        elif field.is_model:
            _collect(field.kind, label, f"{path}.", rows, children)
        else:
            target = f"{path}[]" if field.many else path
            rows.append(Row(label, "text", target, _converter(field)))


def _converter(field: Field) -> Convert:
    if field.is_time:
        return iso_time
    if field.kind is Function:
        return function
    if field.kind is Decimal:
        return number
    return count if field.kind is int else lines if field.many else text


def iso_time(value: str) -> dict[str, str] | None:
    """`2024-11-21T22:00`, to the day, the minute, the second or the millisecond."""
    found = sheet_time(value.split(".", 1)[0])
    if found is None or len(value.strip()) < len("2024-11-21"):
        raise BadValue(NOT_A_TIME)
    # What is read of the rest is the text itself: it may say seconds that are zero.
    return {"wall": value.strip()}


def tag_of(values: dict[str, Any], model: type[Model], name: str = "") -> Tag:
    """A dumped model as elements."""
    tag = Tag(name)
    for field in fields_of(model):
        value = values.get(field.name)
        for each in () if value is None else value if field.many else (value,):
            if field.is_model:
                below = tag_of(each, field.kind, field.element)
                tag.below += [below] if below.below else []
            elif (said := _said(each, field)) != "":
                tag.add(field.element, said)
    return tag


def _said(value: Any, field: Field) -> str:  # noqa: ANN401 - a value of a dumped model
    if field.is_time:
        return str(value["wall"])
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value.value if isinstance(value, Enum) else value)


def _header(model: type[Model]) -> Any:  # noqa: ANN401 - see XmlForm.header
    def made(values: dict[str, Any], envelope: Outgoing, _findings: list[Finding]) -> Tag:
        wall = envelope.created.strftime("%Y-%m-%dT%H:%M:%S")
        own = {
            "sender": envelope.sender,
            "receiver": envelope.receiver,
            "reference": envelope.reference,
            "created_at": {"wall": wall},
        }
        if envelope.function is not None:
            own["function"] = envelope.function
        return Tag("", below=[tag_of(values | own, model, "Header")])

    return made


def model_xml(document: DocumentType, layout_name: str) -> tuple[Format, Writer]:
    """Reader and writer of a document type in XML of our own."""
    layout = load(layout_name)
    name = f"{document.name}/xml"
    form = XmlForm(
        name,
        layout,
        _header(document.header),
        lambda values, _findings: tag_of(values, document.part),
    )
    reader = Format(
        name=name,
        version=layout.version,
        syntax="xml",
        kinds=frozenset({layout.root}),
        document=document,
        layout=layout_name,
        header=Table(node_of(document.header, "Header", extras="extras")),
        part=Table(node_of(document.part, layout.part, extras="extras")),
        group_labels=frozenset({layout.part}),
        samples=name,
    )
    writer = Writer(
        name=name,
        document=document,
        suffix=".xml",
        content_type="application/xml",
        write=xml_writer(form),
    )
    return reader, writer
