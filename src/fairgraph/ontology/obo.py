"""OBO Flat File Format 1.4 as OWL triples, in the mapping of the OBO Foundry (OBO 1.4, section 5: translation into OWL 2)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import pyoxigraph as ox

from fairgraph.errors import SourceError
from fairgraph.report import Finding, Report
from fairgraph.terms import OWL, RDF, RDFS, XSD, iri_escape, is_absolute_iri

OBO = "http://purl.obolibrary.org/obo/"
IO = "http://www.geneontology.org/formats/oboInOwl#"
DEFINITION, REPLACED_BY = f"{OBO}IAO_0000115", f"{OBO}IAO_0100001"

_SYNONYMS = {
    "EXACT": "hasExactSynonym",
    "BROAD": "hasBroadSynonym",
    "NARROW": "hasNarrowSynonym",
    "RELATED": "hasRelatedSynonym",
}
_TEXTS = {
    "name": RDFS.label,
    "comment": RDFS.comment,
    "namespace": f"{IO}hasOBONamespace",
    "alt_id": f"{IO}hasAlternativeId",
    "created_by": f"{IO}created_by",
    "creation_date": f"{IO}creation_date",
    "id": f"{IO}id",
}
_HEADER_TEXTS = {
    "date": f"{IO}date",
    "saved-by": f"{IO}saved-by",
    "auto-generated-by": f"{IO}auto-generated-by",
    "default-namespace": f"{IO}default-namespace",
    "format-version": f"{IO}hasOBOFormatVersion",
    "remark": RDFS.comment,
}
_LINKS = {
    "is_a": "",  # of a class rdfs:subClassOf, of a relation rdfs:subPropertyOf
    "replaced_by": REPLACED_BY,
    "consider": f"{IO}consider",
    "disjoint_from": OWL.disjointWith,
    "inverse_of": OWL.inverseOf,
    "domain": RDFS.domain,
    "range": RDFS.range,
    "subset": f"{IO}inSubset",
    "equivalent_to": OWL.equivalentClass,
}
_FLAGS = {
    "is_transitive": "TransitiveProperty",
    "is_symmetric": "SymmetricProperty",
    "is_functional": "FunctionalProperty",
    "is_reflexive": "ReflexiveProperty",
    "is_asymmetric": "AsymmetricProperty",
    "is_inverse_functional": "InverseFunctionalProperty",
}
_TYPES = {"Term": "Class", "Typedef": "ObjectProperty", "Instance": "NamedIndividual"}
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(.*)', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "t": "\t", "W": " "}
_COMMA = re.compile(r"(?<!\\),")
_SCOPE = re.compile(r"(EXACT|BROAD|NARROW|RELATED)?\s*([^\s\[]*)\s*(\[.*)?", re.DOTALL)


class Line(NamedTuple):
    """A tag and its value, without comment and trailing modifiers, where it stands, and whether there were modifiers."""

    tag: str
    value: str
    number: int
    is_modified: bool = False


@dataclass
class Frame:
    """A stanza: its kind (empty for the header) and its lines."""

    kind: str
    lines: list[Line] = field(default_factory=list)

    def first(self, tag: str) -> str:
        """Return the first value of a tag, or nothing."""
        return next((line.value for line in self.lines if line.tag == tag), "")


def frames(text: str, name: str) -> Iterator[Frame]:
    """Yield the header and the stanzas of an OBO document; SourceError, with its line, for a line that is neither tag nor stanza."""
    frame = Frame("")
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("!"):
            continue
        if line.startswith("[") and line.endswith("]"):
            yield frame
            frame = Frame(line[1:-1])
            continue
        tag, colon, value = line.partition(":")
        if not colon or not tag.strip():
            raise SourceError("is no line of OBO: tag: value", where=f"{name}:{number}:1")
        text, modifiers = _stripped(value)
        frame.lines.append(Line(tag.strip(), text, number, modifiers))
    yield frame


def triples(text: str, name: str, report: Report) -> Iterator[ox.Triple]:
    """Yield an OBO document as triples. Tags that have no translation are counted in *report*."""
    found = list(frames(text, name))
    spaces = dict(_idspace(line, name) for line in found[0].lines if line.tag == "idspace")
    short = {f.first("id"): f.first("xref").split()[0] for f in found if _has_short_form(f)}
    translation = _Translation(name, spaces, short)
    yield from translation.header(found[0])
    for frame in found[1:]:
        if frame.kind not in _TYPES:
            translation.unknown[f"[{frame.kind}]"] += 1
            continue
        yield from translation.stanza(frame)
    for tag, count in sorted(translation.unknown.items()):
        report.add(
            Finding(
                "warning",
                "obo-not-translated",
                f"{tag} has no translation into OWL here",
                where=f"{name}:{translation.places[tag]}:1" if tag in translation.places else name,
                count=count,
            )
        )


def _idspace(line: Line, name: str) -> tuple[str, str]:
    words = line.value.split()
    if len(words) < 2:
        raise SourceError("idspace needs a prefix and an IRI", where=f"{name}:{line.number}:1")
    return words[0], words[1]


def _has_short_form(frame: Frame) -> bool:
    """Tell whether a relation has a short name of its own, such as part_of, and an id elsewhere (OBO 1.4 §5.9.3)."""
    return frame.kind == "Typedef" and ":" not in frame.first("id") and ":" in frame.first("xref")


@dataclass
class _Translation:
    name: str
    spaces: Mapping[str, str]
    short: Mapping[str, str]
    unknown: Counter[str] = field(default_factory=Counter)
    places: dict[str, int] = field(default_factory=dict)
    ontology: str = ""

    def header(self, frame: Frame) -> Iterator[ox.Triple]:
        stem = frame.first("ontology")
        if not stem:
            raise SourceError(
                "does not say which ontology it is",
                where=f"{self.name}:1:1",
                hint="the header needs `ontology:`",
            )
        first = frame.lines[0]
        self.ontology = stem if is_absolute_iri(stem) else f"{OBO}{iri_escape(stem)}.owl"
        node = self.node(self.ontology, first)
        yield ox.Triple(node, RDF.node("type"), OWL.node("Ontology"))
        version = frame.first("data-version")
        if version:
            iri = version if is_absolute_iri(version) else f"{OBO}{stem}/{version}/{stem}.owl"
            if is_absolute_iri(iri):
                yield ox.Triple(node, OWL.node("versionIRI"), self.node(iri, first))
            yield ox.Triple(node, OWL.node("versionInfo"), ox.Literal(version.rpartition("/")[2]))
        for line in frame.lines:
            if line.tag in _HEADER_TEXTS:
                yield ox.Triple(
                    node, ox.NamedNode(_HEADER_TEXTS[line.tag]), ox.Literal(_unescaped(line.value))
                )
            elif line.tag == "import":
                if is_absolute_iri(line.value):
                    yield ox.Triple(node, OWL.node("imports"), self.node(line.value, line))
                else:
                    self._not_translated(line)
            elif line.tag == "subsetdef":
                yield from self._declared(line, f"{IO}SubsetProperty")
            elif line.tag == "synonymtypedef":
                yield from self._declared(line, f"{IO}SynonymTypeProperty")
            elif line.tag == "property_value":
                yield from self._property_value(node, line)
            elif line.tag not in ("ontology", "data-version", "idspace"):
                self._not_translated(line)

    def stanza(self, frame: Frame) -> Iterator[ox.Triple]:
        identifier = frame.first("id")
        if not identifier:
            number = frame.lines[0].number if frame.lines else 1
            raise SourceError(f"[{frame.kind}] has no id", where=f"{self.name}:{number}:1")
        node = self.node(identifier, next(line for line in frame.lines if line.tag == "id"))
        yield ox.Triple(node, RDF.node("type"), OWL.node(_TYPES[frame.kind]))
        parts = [line for line in frame.lines if line.tag == "intersection_of"]
        if parts:
            yield from self._intersection(node, parts)
        for line in frame.lines:
            if line.is_modified:
                self._count("{trailing modifiers}", line)
            yield from self._clause(frame.kind, node, line)

    def _clause(self, kind: str, node: ox.NamedNode, line: Line) -> Iterator[ox.Triple]:
        tag, value = line.tag, line.value
        if tag in _LINKS:
            by_kind = RDFS.subPropertyOf if kind == "Typedef" else RDFS.subClassOf
            yield ox.Triple(node, ox.NamedNode(_LINKS[tag] or by_kind), self.node(value, line))
        elif tag == "relationship":
            relation, _, target = value.partition(" ")
            words = target.split()
            first = words[0] if words else ""
            if len(words) > 1:
                self._count("further arguments of relationship", line)
            yield from self._restricted(node, RDFS.subClassOf, relation, first, line)
        elif tag == "is_obsolete":
            if value == "true":
                yield ox.Triple(node, OWL.node("deprecated"), ox.Literal(True))
        elif tag in _FLAGS:
            if value == "true":
                yield ox.Triple(node, RDF.node("type"), OWL.node(_FLAGS[tag]))
        elif tag == "property_value":
            yield from self._property_value(node, line)
        elif (found := self._text(line)) is not None:
            predicate, text, about = ox.NamedNode(found[0]), ox.Literal(found[1]), found[2]
            yield ox.Triple(node, predicate, text)
            if about:
                yield from self._axiom(node, predicate, text, about)
        elif tag != "intersection_of":
            self._not_translated(line)

    def _text(self, line: Line) -> tuple[str, str, list[tuple[str, str]]] | None:
        """Return property, text and annotations of a tag that has a text; None for another one."""
        if line.tag in _TEXTS:
            return _TEXTS[line.tag], _unescaped(line.value), []
        if line.tag == "xref":
            name, quote, text = line.value.partition(' "')
            about = [(RDFS.label, _unescaped(text.rstrip('"')))] if quote else []
            return f"{IO}hasDbXref", _unescaped(name), about
        if line.tag == "def":
            text, rest = self._quoted(line)
            return DEFINITION, text, _xrefs(rest)
        if line.tag == "synonym":
            text, rest = self._quoted(line)
            match = _SCOPE.match(rest)
            scope, kind = (match[1], match[2]) if match else ("", "")
            about = _xrefs(rest)
            if kind:
                about.append((f"{IO}hasSynonymType", self.node(kind, line).value))
            return IO + _SYNONYMS[scope or "RELATED"], text, about
        return None

    def _axiom(
        self,
        node: ox.NamedNode,
        predicate: ox.NamedNode,
        text: ox.Literal,
        about: list[tuple[str, str]],
    ) -> Iterator[ox.Triple]:
        """Yield what is said about a statement (OWL 2 Mapping to RDF Graphs, section 2.2)."""
        axiom = ox.BlankNode()
        yield ox.Triple(axiom, RDF.node("type"), OWL.node("Axiom"))
        yield ox.Triple(axiom, OWL.node("annotatedSource"), node)
        yield ox.Triple(axiom, OWL.node("annotatedProperty"), predicate)
        yield ox.Triple(axiom, OWL.node("annotatedTarget"), text)
        for name, value in about:
            is_iri = name.endswith("hasSynonymType")
            told = ox.NamedNode(value) if is_iri else ox.Literal(value)
            yield ox.Triple(axiom, ox.NamedNode(name), told)

    def _intersection(self, node: ox.NamedNode, parts: list[Line]) -> Iterator[ox.Triple]:
        whole = ox.BlankNode()
        yield ox.Triple(node, OWL.node("equivalentClass"), whole)
        yield ox.Triple(whole, RDF.node("type"), OWL.node("Class"))
        place: ox.NamedNode | ox.BlankNode = whole
        link = OWL.node("intersectionOf")
        for line in parts:
            item = ox.BlankNode()
            yield ox.Triple(place, link, item)
            words = line.value.split()
            if not words:
                raise SourceError("intersection_of needs a term", where=self._place(line))
            if len(words) == 1:
                yield ox.Triple(item, RDF.node("first"), self.node(words[0], line))
            else:
                yield from self._restricted(item, RDF.first, words[0], words[1], line)
            place, link = item, RDF.node("rest")
        yield ox.Triple(place, link, RDF.node("nil"))

    def _restricted(
        self,
        subject: ox.NamedNode | ox.BlankNode,
        predicate: str,
        relation: str,
        target: str,
        line: Line,
    ) -> Iterator[ox.Triple]:
        if not target:
            raise SourceError(
                "a relationship needs a relation and a term", where=f"{self.name}:{line.number}:1"
            )
        restriction = ox.BlankNode()
        yield ox.Triple(subject, ox.NamedNode(predicate), restriction)
        yield ox.Triple(restriction, RDF.node("type"), OWL.node("Restriction"))
        yield ox.Triple(restriction, OWL.node("onProperty"), self.node(relation, line))
        yield ox.Triple(restriction, OWL.node("someValuesFrom"), self.node(target, line))

    def _declared(self, line: Line, kind: str) -> Iterator[ox.Triple]:
        identifier, _, rest = line.value.partition(" ")
        node = self.node(identifier, line)
        yield ox.Triple(node, RDF.node("type"), OWL.node("AnnotationProperty"))
        yield ox.Triple(node, RDFS.node("subPropertyOf"), ox.NamedNode(kind))
        if match := _QUOTED.match(rest):
            yield ox.Triple(node, RDFS.node("comment"), ox.Literal(_unescaped(match[1])))

    def _property_value(self, node: ox.NamedNode, line: Line) -> Iterator[ox.Triple]:
        relation, _, rest = line.value.partition(" ")
        predicate = self.node(relation, line)
        if match := _QUOTED.match(rest):
            datatype = match[2].split()[0] if match[2].split() else ""
            text = _unescaped(match[1])
            if datatype.startswith("xsd:") and datatype != "xsd:string":
                yield ox.Triple(
                    node, predicate, ox.Literal(text, datatype=self.node(XSD[datatype[4:]], line))
                )
            else:
                yield ox.Triple(node, predicate, ox.Literal(text))
        elif rest:
            yield ox.Triple(node, predicate, self.node(rest.split()[0], line))
        else:
            self._not_translated(line)

    def node(self, identifier: str, line: Line) -> ox.NamedNode:
        """Return the IRI of an OBO identifier (OBO 1.4 §5.9): ``UO:0000001`` is ``…/obo/UO_0000001``."""
        iri = self._iri(_unescaped(self.short.get(identifier, identifier)))
        try:
            return ox.NamedNode(iri)
        except ValueError as error:
            raise SourceError(
                f"{identifier!r} gives no IRI: {error}", where=self._place(line)
            ) from error

    def _iri(self, identifier: str) -> str:
        if identifier.startswith(("http:", "https:", "urn:")):
            return identifier
        space, colon, local = identifier.partition(":")
        if space == "owl" and colon:
            return OWL[local]
        if colon and space in self.spaces:
            return self.spaces[space] + iri_escape(local)
        if colon:
            return f"{OBO}{iri_escape(space)}_{iri_escape(local)}"
        stem = self.ontology.rpartition("/")[2].removesuffix(".owl")
        return f"{OBO}{stem}#{iri_escape(identifier)}"

    def _place(self, line: Line) -> str:
        return f"{self.name}:{line.number}:1"

    def _quoted(self, line: Line) -> tuple[str, str]:
        match = _QUOTED.match(line.value)
        if match is None:
            raise SourceError(
                f"{line.tag} needs a text in quotes", where=f"{self.name}:{line.number}:1"
            )
        return _unescaped(match[1]), match[2]

    def _not_translated(self, line: Line) -> None:
        self._count(line.tag, line)

    def _count(self, what: str, line: Line) -> None:
        self.unknown[what] += 1
        self.places.setdefault(what, line.number)


def _xrefs(rest: str) -> list[tuple[str, str]]:
    """Return the members of a list of cross-references, ``[PMID:1, GOC:me "who"]``, without their descriptions."""
    start, end = rest.find("["), rest.rfind("]")
    members = _COMMA.split(rest[start + 1 : end]) if 0 <= start < end else []
    names = (_unescaped(member.split(' "')[0].strip()) for member in members)
    return [(f"{IO}hasDbXref", name) for name in names if name]


def _stripped(value: str) -> tuple[str, bool]:
    """Return a value without its comment (`` ! …``) and trailing modifiers (`` {…}``), and whether there were such."""
    quoted = escaped = False
    for place, char in enumerate(value):
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == '"':
            quoted = not quoted
        elif not quoted and char in "!{" and place and value[place - 1] == " ":
            return value[:place].strip(), char == "{"
    return value.strip(), False


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), text)
