"""PROV-N: the provenance of the PROV-O export in the notation of PROV-DM, for people and for tools that do not read RDF."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

import pyoxigraph as ox

from fairgraph.exports.export import Answers, Export
from fairgraph.exports.prov_o import OPTIONS, write_statements
from fairgraph.sorting import sorted_lines
from fairgraph.terms import PREFIXES, PROV, RDF, XSD

_MEMORY_BYTES = 64 * 1024 * 1024
_LABEL = PREFIXES["rdfs"] + "label"
# What may not stand in a local name as it is (PROV-N §3.7.1), or is escaped to be safe.
_ESCAPED = re.compile(r"[='(),:;\"\[\]]")
_KINDS = {"Entity": "entity", "Activity": "activity", "Agent": "agent"}
# Attributes of PROV itself.
_ATTRIBUTES = {
    _LABEL: "prov:label",
    PROV.value: "prov:value",
    PROV.atLocation: "prov:location",
    PROV.hadRole: "prov:role",
}
# Each relation: its name, its property, its qualifier, and its arguments after the first: properties of the qualified relation.
_TIME = "atTime"
RELATIONS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("used", "used", "qualifiedUsage", ("entity", _TIME)),
    ("wasGeneratedBy", "wasGeneratedBy", "qualifiedGeneration", ("activity", _TIME)),
    ("wasInvalidatedBy", "wasInvalidatedBy", "qualifiedInvalidation", ("activity", _TIME)),
    ("wasStartedBy", "wasStartedBy", "qualifiedStart", ("entity", "hadActivity", _TIME)),
    ("wasEndedBy", "wasEndedBy", "qualifiedEnd", ("entity", "hadActivity", _TIME)),
    ("wasInformedBy", "wasInformedBy", "qualifiedCommunication", ("activity",)),
    ("wasDerivedFrom", "wasDerivedFrom", "qualifiedDerivation", ("entity", "hadActivity", "hadGeneration", "hadUsage")),
    ("wasDerivedFrom", "wasRevisionOf", "qualifiedRevision", ("entity", "hadActivity", "hadGeneration", "hadUsage")),
    ("wasDerivedFrom", "wasQuotedFrom", "qualifiedQuotation", ("entity", "hadActivity", "hadGeneration", "hadUsage")),
    ("wasDerivedFrom", "hadPrimarySource", "qualifiedPrimarySource", ("entity", "hadActivity", "hadGeneration", "hadUsage")),
    ("wasAttributedTo", "wasAttributedTo", "qualifiedAttribution", ("agent",)),
    ("wasAssociatedWith", "wasAssociatedWith", "qualifiedAssociation", ("agent", "hadPlan")),
    ("actedOnBehalfOf", "actedOnBehalfOf", "qualifiedDelegation", ("agent", "hadActivity")),
    ("wasInfluencedBy", "wasInfluencedBy", "qualifiedInfluence", ("influencer",)),
    ("specializationOf", "specializationOf", "", ("",)),
    ("alternateOf", "alternateOf", "", ("",)),
    ("hadMember", "hadMember", "", ("",)),
)  # fmt: skip
_INVERSE = {PROV.generated: PROV.wasGeneratedBy, PROV.invalidated: PROV.wasInvalidatedBy,
            PROV.influenced: PROV.wasInfluencedBy}  # fmt: skip
_TYPES = {
    "wasRevisionOf": "Revision",
    "wasQuotedFrom": "Quotation",
    "hadPrimarySource": "PrimarySource",
}
_STRUCTURE = frozenset(PROV[name] for _, one, two, three in RELATIONS for name in (one, two, *three) if name) | {
    PROV.startedAtTime, PROV.endedAtTime, PROV.generatedAtTime, PROV.invalidatedAtTime, RDF.type, *_INVERSE,
}  # fmt: skip

Node = dict[str, list[Any]]


def write(answers: Answers, output: BinaryIO) -> None:
    """Write PROV-N (W3C 2013): prefixes, then entities, activities and agents, then relations, each in order of IRIs.

    What has attributes and is none of the three is an entity. Options and errors are those of PROV-O.
    """
    nodes = _nodes(answers)
    document = _Document(nodes, {f"{answers.base}id/": "id", f"{answers.base}record/": "record"})
    output.write(b"document\n")
    for prefix, namespace in document.prefixes():
        output.write(f"  prefix {prefix} <{namespace}>\n".encode())
    output.write(b"\n")
    for line in document.statements():
        output.write(f"  {line}\n".encode())
    output.write(b"endDocument\n")


def _nodes(answers: Answers) -> dict[str, Node]:
    nodes: dict[str, Node] = {}
    with tempfile.SpooledTemporaryFile(max_size=_MEMORY_BYTES) as file:
        write_statements(answers, file)  # type: ignore[arg-type]
        file.seek(0)
        for line in sorted_lines(file):
            for quad in ox.parse(line, format=ox.RdfFormat.N_TRIPLES):
                subject, predicate, value = quad.subject.value, quad.predicate.value, quad.object
                if predicate in _INVERSE and not isinstance(value, ox.Literal):
                    subject, predicate, value = value.value, _INVERSE[predicate], quad.subject
                nodes.setdefault(subject, {}).setdefault(predicate, []).append(value)
    return nodes


class _Document:
    """Nodes as statements of PROV-N; asks for prefixes as it goes, so the statements are made twice."""

    def __init__(self, nodes: Mapping[str, Node], ours: Mapping[str, str]) -> None:
        self._nodes, self._ours = nodes, ours
        self._namespaces: dict[str, str] = {}
        self._relations = {
            node.value
            for about in nodes.values()
            for _, _, qualifier, _ in RELATIONS
            for node in about.get(PROV[qualifier], ())
        }
        found = {self._split(iri)[0] for iri in self._iris()} | {XSD.iri}
        known = {namespace: prefix for prefix, namespace in PREFIXES.items()} | dict(self._ours)
        others = sorted(namespace for namespace in found if namespace not in known)
        for namespace in sorted(found):
            self._namespaces[namespace] = known.get(namespace) or f"n{others.index(namespace) + 1}"

    def prefixes(self) -> list[tuple[str, str]]:
        """Return the prefixes that have to be declared; ``prov`` and ``xsd`` are known to every reader."""
        found = sorted((prefix, namespace) for namespace, prefix in self._namespaces.items())
        return [pair for pair in found if pair[0] not in ("prov", "xsd")]

    def statements(self) -> Iterator[str]:
        """Yield the statements."""
        for iri in sorted(self._nodes):
            if iri not in self._relations:
                yield from self._thing(iri, self._nodes[iri])
        for iri in sorted(self._nodes):
            for relation in RELATIONS:
                yield from self._related(iri, self._nodes[iri], *relation)
            yield from self._timed(iri, self._nodes[iri])

    def _thing(self, iri: str, about: Node) -> Iterator[str]:
        types = {value.value.removeprefix(PROV.iri) for value in about.get(RDF.type, ())}
        kinds = [kind for name, kind in _KINDS.items() if name in types]
        attributes = self._attributes(about, dict.fromkeys(PROV[name] for name in _KINDS))
        if not kinds and attributes:
            kinds = ["entity"]
        for kind in kinds:
            parts = [self._name(iri)]
            if kind == "activity":
                parts += [self._time(about, "startedAtTime"), self._time(about, "endedAtTime")]
            yield f"{kind}({', '.join(parts)}{attributes})"

    def _related(
        self, iri: str, about: Node, name: str, relation: str, qualifier: str, arguments: tuple[str, ...]
    ) -> Iterator[str]:  # fmt: skip
        told: set[str] = set()
        added = f", [prov:type='prov:{_TYPES[relation]}']" if relation in _TYPES else ""
        for node in about.get(PROV[qualifier], ()) if qualifier else ():
            qualified = self._nodes.get(node.value, {})
            values = [qualified.get(PROV[argument], ()) for argument in arguments]
            told.update(value.value for value in values[0])
            parts = [self._argument(found) for found in values]
            types = {PROV[qualifier.removeprefix("qualified")], PROV.Influence}
            attributes = self._attributes(qualified, dict.fromkeys(types)) or added
            yield f"{name}({self._name(node.value)}; {self._name(iri)}, {', '.join(parts)}{attributes})"
        for value in about.get(PROV[relation], ()):
            if not isinstance(value, ox.Literal) and value.value not in told:
                rest = ", -" * (len(arguments) - 1)
                if name == "wasDerivedFrom" or relation == "actedOnBehalfOf":
                    rest = ""
                yield f"{name}({self._name(iri)}, {self._name(value.value)}{rest}{added})"

    def _timed(self, iri: str, about: Node) -> Iterator[str]:
        for name, relation in (("generatedAtTime", "wasGeneratedBy"), ("invalidatedAtTime", "wasInvalidatedBy")):  # fmt: skip
            if PROV[name] in about:
                yield f"{relation}({self._name(iri)}, -, {self._time(about, name)})"

    def _argument(self, values: Iterable[Any]) -> str:
        for value in values:
            return str(value.value) if isinstance(value, ox.Literal) else self._name(value.value)
        return "-"

    @staticmethod
    def _time(about: Node, name: str) -> str:
        times = [v.value for v in about.get(PROV[name], ()) if isinstance(v, ox.Literal) and v.datatype.value == XSD.dateTime]  # fmt: skip
        return times[0] if times else "-"

    def _attributes(self, about: Node, implied: Mapping[str, None]) -> str:
        found = [f"prov:type={self._value(v)}" for v in about.get(RDF.type, ()) if v.value not in implied]  # fmt: skip
        for predicate in sorted(about):
            if predicate not in _STRUCTURE:
                key = _ATTRIBUTES.get(predicate) or self._name(predicate)
                found += [f"{key}={self._value(value)}" for value in about[predicate]]
        return f", [{', '.join(found)}]" if found else ""

    def _value(self, value: Any) -> str:
        if not isinstance(value, ox.Literal):
            return f"'{self._name(value.value)}'"
        text = value.value.replace("\\", "\\\\").replace('"', '\\"')
        text = text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
        if value.language:
            return f'"{text}"@{value.language}'
        if value.datatype.value == XSD.string:
            return f'"{text}"'
        return f'"{text}" %% {self._name(value.datatype.value)}'

    def _name(self, iri: str) -> str:
        namespace, local = self._split(iri)
        local = _ESCAPED.sub(lambda found: f"\\{found[0]}", local)
        if local[:1] in ("-", "."):
            local = f"\\{local}"
        if local.endswith("."):
            local = f"{local[:-1]}\\."
        return f"{self._namespaces[namespace]}:{local}"

    def _split(self, iri: str) -> tuple[str, str]:
        for namespace in self._ours:  # one prefix for all of them: a local name may hold slashes
            if iri.startswith(namespace) and len(iri) > len(namespace):
                return namespace, iri[len(namespace) :]
        end = max(iri.rfind("/"), iri.rfind("#"), iri.rfind(":") if "/" not in iri else -1) + 1
        return iri[:end], iri[end:]

    def _iris(self) -> Iterator[str]:
        for subject, about in self._nodes.items():
            yield subject
            for predicate, values in about.items():
                yield predicate
                for value in values:
                    if not isinstance(value, ox.Literal):
                        yield value.value
                    elif value.datatype.value != XSD.string and not value.language:
                        yield value.datatype.value


EXPORT = Export(
    "prov-n",
    "PROV-N",
    "export/prov-o",
    "text/provenance-notation",
    "provn",
    write,
    profile="http://www.w3.org/TR/2013/REC-prov-n-20130430/",
    group="Provenance",
    options=OPTIONS,
)
