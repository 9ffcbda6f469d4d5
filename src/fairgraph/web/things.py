"""Names for the things that a page shows: one question for all of them, so that no raw IRI is left where there is a label."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from fairgraph import sorting
from fairgraph.terms import DCTERMS, ISA, RDF, SCHEMA, XSD, compact
from fairgraph.web import vocabulary
from fairgraph.web.asking import Asking
from fairgraph.web.links import external_url, page_url, short

_LABELS = (
    vocabulary.RDFS_LABEL,
    vocabulary.SKOS_LABEL,
    SCHEMA.name,
    DCTERMS.title,
    ISA.header,
    ISA.fileName,
)
_AT_ONCE = 400


@dataclass
class Thing:
    """What is to be shown of one IRI or literal."""

    text: str
    href: str = ""
    iri: str = ""
    external: str = ""
    note: str = ""  # language, datatype, or the short form of a term's IRI
    types: list[str] = field(default_factory=list)
    long: bool = False

    @property
    def chip(self) -> tuple[str, str]:
        """Name and colour of the class that says most; empty if none is known."""
        return vocabulary.kind(self.types[0]) if self.types else ("", "")


def things(asking: Asking, terms: Iterable[object]) -> dict[object, Thing]:
    """Return what to show for each term; names and types come from all that the public may see."""
    wanted = list(dict.fromkeys(terms))
    nodes = [term for term in wanted if isinstance(term, NamedNode)]
    names = _names(asking, nodes)
    return {
        term: names[term] if isinstance(term, NamedNode) else _literal(term)
        for term in wanted
        if isinstance(term, (NamedNode, Literal))
    }


def _literal(literal: Literal) -> Thing:
    note = ""
    if literal.language:
        note = f"@{literal.language}"
    elif literal.datatype.value not in (
        XSD.string,
        XSD.integer,
        XSD.date,
        XSD.dateTime,
        XSD.boolean,
    ):
        note = compact(literal.datatype.value).removeprefix("xsd:")
    text = literal.value
    if literal.datatype.value == XSD.dateTime:
        text = moment(text)
    external = text if re.fullmatch(r"https?://[^\s<>\"]+", text) else ""
    return Thing(text, external=external, note=note, long=len(text) > 240)


def moment(text: str) -> str:
    """Return a date with time as people write it: ``2025-06-02 14:03 UTC``."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::[\d.]+)?(Z|\+00:00)?", text)
    return f"{found[1]} {found[2]}{' UTC' if found[3] else ''}" if found else text


def _names(asking: Asking, nodes: list[NamedNode]) -> dict[NamedNode, Thing]:
    facts: dict[NamedNode, dict[str, list[str]]] = {node: {} for node in nodes}
    for start in range(0, len(nodes), _AT_ONCE):
        part = nodes[start : start + _AT_ONCE]
        for node, predicate, obj in asking.rows("browse/labels", node=part):
            facts[node].setdefault(predicate.value, []).append(obj.value)
    _ask_ontologies(asking, facts)
    found = {}
    for node in nodes:
        known = facts[node]
        types = vocabulary.ranked(known.get(RDF.type, []))
        found[node] = Thing(
            _label(node.value, known, asking.base),
            href=page_url(node.value, asking.base),
            iri=node.value,
            external="" if node.value.startswith(asking.base) else external_url(node.value),
            note=_note(node.value, asking.base),
            types=types,
        )
    annotations = [node for node in nodes if SCHEMA.PropertyValue in facts[node].get(RDF.type, [])]
    for node, thing in _annotations(asking, annotations).items():
        found[node].text = thing
    return found


def _ask_ontologies(asking: Asking, facts: dict[NamedNode, dict[str, list[str]]]) -> None:
    """Add what ontologies call those terms of others for which no dataset has a name."""
    nameless = [
        node
        for node, known in facts.items()
        if not node.value.startswith(asking.base) and not known.keys() & set(_LABELS)
    ]
    for start in range(0, len(nameless), _AT_ONCE):
        part = nameless[start : start + _AT_ONCE]
        for _, term, label in asking.rows("ontology/labels", term=part):
            facts[term].setdefault(vocabulary.RDFS_LABEL, []).append(label.value)


def _label(iri: str, known: dict[str, list[str]], base: str) -> str:
    given, family = (known.get(SCHEMA[name], [""])[0] for name in ("givenName", "familyName"))
    if given or family:
        return f"{given} {family}".strip()
    if SCHEMA.Comment in known.get(RDF.type, []):
        name, text = (known.get(SCHEMA[key], [""])[0] for key in ("name", "text"))
        return f"{name}: {text}" if name and text else name or text or short(iri, base)
    for predicate in _LABELS:
        if texts := known.get(predicate):
            return min(texts)
    if vocabulary.about(iri) or iri in vocabulary.GENERAL:
        return vocabulary.label(iri)
    return short(iri, base)


def _note(iri: str, base: str) -> str:
    """The accession of an ontology term, such as ``UBERON:0002107``."""
    if iri.startswith(base):
        return ""
    match = re.search(r"[/#]([A-Za-z]+)_(\w+)$", iri)
    return f"{match[1]}:{match[2]}" if match else ""


def _annotations(asking: Asking, nodes: list[NamedNode]) -> dict[NamedNode, str]:
    texts = {}
    for start in range(0, len(nodes), _AT_ONCE):
        part = nodes[start : start + _AT_ONCE]
        for node, category, value, raw, term, term_name, unit in asking.rows(
            "browse/annotations", node=part
        ):
            shown = value_text(value, raw, term, term_name, unit)
            texts[node] = f"{category.value}: {shown}" if category is not None else shown
    return {node: text for node, text in texts.items() if text}


def value_text(
    value: Literal | None,
    raw: Literal | None,
    term: NamedNode | None,
    term_name: Literal | None,
    unit: Literal | None = None,
) -> str:
    """Return an annotation's value as it was written, with its unit."""
    if raw is not None:
        text = raw.value
    elif value is not None:
        text = value.value
    elif term_name is not None:
        text = term_name.value
    else:
        text = compact(term.value) if term is not None else ""
    return f"{text} {unit.value}" if unit is not None else text


def natural(text: str) -> list[tuple[int, str]]:
    """Return a key by which ``s2`` comes before ``s10``; case does not matter to those who read."""
    return sorting.natural(text.casefold())
