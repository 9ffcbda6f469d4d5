"""PROV-N: the provenance of the PROV-O export in the notation of PROV-DM, for people and for tools that do not read RDF."""

from __future__ import annotations

import re
import tempfile
from calendar import monthrange
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any, BinaryIO

import pyoxigraph as ox

from fairgraph.exports.export import Answers, Export
from fairgraph.exports.prov_o import OPTIONS, write_statements
from fairgraph.sorting import sorted_lines
from fairgraph.terms import FG, PREFIXES, PROV, RDF, XSD

_MEMORY_BYTES = 64 * 1024 * 1024
_LABEL = PREFIXES["rdfs"] + "label"
# What may not stand in a local name as it is (PROV-N §3.7.1), what may not even when escaped, and what may not begin one.
_ESCAPED = re.compile(r"[='(),:;\[\]]")
_INNER = "\u00b7\u0300-\u036f\u203f\u2040"
_FOREIGN = re.compile(
    r"[^-A-Za-z0-9_/@~&+*?#$!%=',:;\[\]().\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    rf"\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff{_INNER}]|%(?![0-9A-Fa-f]{{2}})"
)
_LATER = re.compile(f"[{_INNER}]*")
_DATE_TIME = re.compile(
    r"-?((?:[1-9][0-9]{3,}|0[0-9]{3}))-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
    r"(?:Z|[-+](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
)
_KINDS = {"Entity": "entity", "Activity": "activity", "Agent": "agent"}
# Attributes of PROV itself.
_ATTRIBUTES = {
    _LABEL: "prov:label",
    PROV.value: "prov:value",
    PROV.atLocation: "prov:location",
    PROV.hadRole: "prov:role",
    RDF.type: "prov:type",
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
# What PROV-DM calls an argument: an attribute of that name would be read as one.
_ARGUMENTS = frozenset(
    PROV[name]
    for name in (
        "activity", "agent", "alternate1", "alternate2", "bundle", "collection", "delegate", "ender", "endTime", "entity",
        "generalEntity", "generatedEntity", "generation", "influencee", "influencer", "informant", "informed", "plan",
        "responsible", "specificEntity", "starter", "startTime", "time", "trigger", "usage", "usedEntity",
    )
)  # fmt: skip
_THING_TIMES = {PROV.generatedAtTime: "wasGeneratedBy", PROV.invalidatedAtTime: "wasInvalidatedBy"}

# What has statements of its own.
_STATED = frozenset(
    PROV[name] for _, relation, qualifier, _ in RELATIONS for name in (relation, qualifier) if name
)

Node = dict[str, list[Any]]
Time = tuple[str, Any]


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
        self._places: dict[str, set[str]] = {}
        for about in nodes.values():
            for _, _, qualifier, arguments in RELATIONS:
                for node in _nodes_among(about.get(PROV[qualifier], ()) if qualifier else ()):
                    self._places.setdefault(node, set()).update(PROV[name] for name in arguments)
        found = {self._split(iri)[0] for iri in self._iris()} | {XSD.iri, FG.iri}
        known = {namespace: prefix for prefix, namespace in PREFIXES.items()} | dict(self._ours)
        others = sorted(namespace for namespace in found if namespace not in known)
        self._namespaces.update({namespace: f"n{n}" for n, namespace in enumerate(others, 1)})
        self._namespaces.update({space: known[space] for space in found if space in known})

    def prefixes(self) -> list[tuple[str, str]]:
        """Return the prefixes that have to be declared; ``prov`` and ``xsd`` are known to every reader."""
        found = sorted((prefix, namespace) for namespace, prefix in self._namespaces.items())
        return [pair for pair in found if pair[0] not in ("prov", "xsd")]

    def statements(self) -> Iterator[str]:
        """Yield the statements."""
        for iri in sorted(self._nodes):
            if iri not in self._places:
                yield from self._thing(iri, self._nodes[iri])
        for iri in sorted(self._nodes):
            for relation in RELATIONS:
                yield from self._related(iri, self._nodes[iri], *relation)
            yield from self._timed(iri, self._nodes[iri])

    def _thing(self, iri: str, about: Node) -> Iterator[str]:
        types = {value.removeprefix(PROV.iri) for value in _nodes_among(about.get(RDF.type, ()))}
        kinds = [kind for name, kind in _KINDS.items() if name in types]
        times = [_first_time(about, name) for name in ("startedAtTime", "endedAtTime")]
        attributes = _listed(
            self._attributes(
                iri, about, {PROV[name] for name in _KINDS}, times if "activity" in kinds else ()
            )
        )
        if not kinds and attributes:
            kinds = ["entity"]
        for kind in kinds:
            parts = [self._name(iri)]
            if kind == "activity":
                parts += [time[1].value if time else "-" for time in times]
            yield f"{kind}({', '.join(parts)}{attributes})"

    def _related(
        self, iri: str, about: Node, name: str, relation: str, qualifier: str, arguments: tuple[str, ...]
    ) -> Iterator[str]:  # fmt: skip
        told: set[str] = set()
        kind = [f"prov:type='prov:{_TYPES[relation]}'"] if relation in _TYPES else []
        for node in _nodes_among(about.get(PROV[qualifier], ())) if qualifier else ():
            qualified = self._nodes.get(node, {})
            types = {PROV[qualifier.removeprefix("qualified")], PROV.Influence}
            attributes = _listed(kind + self._attributes(node, qualified, types))
            told.update(_nodes_among(qualified.get(PROV[arguments[0]], ())))
            values = [self._arguments(qualified, argument) for argument in arguments]
            for number in range(max(map(len, values))):
                parts = [found[min(number, len(found) - 1)] for found in values]
                yield f"{name}({self._name(node)}; {self._name(iri)}, {', '.join(parts)}{attributes})"
        for value in _nodes_among(about.get(PROV[relation], ())):
            if value not in told:
                rest = ", -" * (len(arguments) - 1)
                if name == "wasDerivedFrom" or relation == "actedOnBehalfOf":
                    rest = ""
                yield f"{name}({self._name(iri)}, {self._name(value)}{rest}{_listed(kind)})"

    def _timed(self, iri: str, about: Node) -> Iterator[str]:
        for predicate, relation in _THING_TIMES.items():
            for value in filter(_is_time, about.get(predicate, ())):
                yield f"{relation}({self._name(iri)}, -, {value.value})"

    def _arguments(self, qualified: Node, argument: str) -> list[str]:
        """Return all that may stand in the place of an argument; ``-`` where nothing may."""
        values = qualified.get(PROV[argument], ())
        if argument == _TIME:
            return [value.value for value in values if _is_time(value)] or ["-"]
        return [self._name(value) for value in _nodes_among(values)] or ["-"]

    def _attributes(
        self, iri: str, about: Node, implied: Container[str], times: Container[Time | None] = ()
    ) -> list[str]:
        """Return whatever no statement says in its arguments."""
        found = []
        places = self._places.get(iri, ())
        for predicate in sorted(about, key=lambda name: (name != RDF.type, name)):
            for value in about[predicate]:
                if (
                    predicate == RDF.type
                    and not isinstance(value, ox.Literal)
                    and value.value in implied
                ):
                    continue
                if (predicate, value) not in times and not _has_place(predicate, value, places):
                    found.append(self._attribute(predicate, value))
        return found

    def _attribute(self, predicate: str, value: Any) -> str:
        if predicate in _ARGUMENTS:
            return f"fg:rawText={self._value(ox.Literal(f'<{predicate}> {value}'))}"
        return f"{_ATTRIBUTES.get(predicate) or self._name(predicate)}={self._value(value)}"

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
        if local.endswith(".") and not local.endswith("\\."):
            local = f"{local[:-1]}\\."
        return f"{self._namespaces[namespace]}:{local}"

    def _split(self, iri: str) -> tuple[str, str]:
        end = max(iri.rfind("/"), iri.rfind("#"), iri.rfind(":") if "/" not in iri else -1) + 1
        for namespace in self._ours:  # one prefix for all of them: a local name may hold slashes
            if iri.startswith(namespace) and len(iri) > len(namespace):
                end = len(namespace)
        # What no local name may hold stays in the namespace.
        end = max((found.end() for found in _FOREIGN.finditer(iri, end)), default=end)
        if later := _LATER.match(iri, end):
            end = later.end()
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


def _listed(attributes: Iterable[str]) -> str:
    text = ", ".join(attributes)
    return f", [{text}]" if text else ""


def _has_place(predicate: str, value: Any, places: Container[str]) -> bool:
    """Tell whether a value stands in the arguments of a statement of its own, or of the relation that has these *places*."""
    if predicate in _THING_TIMES or (predicate == PROV[_TIME] and predicate in places):
        return _is_time(value)
    return not isinstance(value, ox.Literal) and (predicate in places or predicate in _STATED)


def _nodes_among(values: Iterable[Any]) -> Iterator[str]:
    return (value.value for value in values if not isinstance(value, ox.Literal))


def _is_time(value: Any) -> bool:
    """Tell whether a value is a valid xsd:dateTime: the only thing that is written without quotes."""
    if not isinstance(value, ox.Literal) or value.datatype.value != XSD.dateTime:
        return False
    found = _DATE_TIME.fullmatch(value.value)
    # The days of February depend on the last four digits of the year only; 0000 stands for 2000.
    return (
        found is not None
        and int(found[3]) <= monthrange(int(found[1][-4:]) or 2000, int(found[2]))[1]
    )


def _first_time(about: Node, name: str) -> Time | None:
    return next(
        ((PROV[name], value) for value in about.get(PROV[name], ()) if _is_time(value)), None
    )


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
