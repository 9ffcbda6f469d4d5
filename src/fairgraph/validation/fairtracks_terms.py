"""Terms of FAIRtracks documents against the versions of ontologies that are at hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pyoxigraph import NamedNode, QuerySolutions

from fairgraph import resources
from fairgraph.fairtracks.model import escape
from fairgraph.ontology import Ontology
from fairgraph.ontology.snapshots import INFERRED
from fairgraph.report import Finding
from fairgraph.terms import OWL, RDFS

Ask = Callable[[str], QuerySolutions]
# What replaced terms that the rules of the standard name, for ontologies that do not say so.
_REPLACED = {
    "http://purl.obolibrary.org/obo/OBI_0000011": "http://purl.obolibrary.org/obo/COB_0000035",
    "http://purl.obolibrary.org/obo/CL_0000003": "http://purl.obolibrary.org/obo/CL_0000000",
}
_SAID = {
    RDFS.label: "labels",
    "http://www.geneontology.org/formats/oboInOwl#hasExactSynonym": "synonyms",
    "http://purl.obolibrary.org/obo/IAO_0100001": "replaced_by",
}
_NUMBER = re.compile(r"\d+")


@dataclass
class Known:
    """What one version of an ontology says of a term."""

    labels: set[str] = field(default_factory=set)
    synonyms: set[str] = field(default_factory=set)
    deprecated: bool = False
    replaced_by: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Fault:
    """What is wrong with a term: the keyword that it breaks, and words."""

    keyword: str
    message: str


class Terms:
    """The ontologies that a document names, each in the version that it names, or the nearest that there is.

    ``notes`` are findings on the ontologies and on rules, not on single values: each once.
    """

    def __init__(self, loaded: Iterable[Ontology], ask: Ask, wanted: Mapping[str, str], where: str) -> None:  # fmt: skip
        self._ask, self._wanted, self._where = ask, wanted, where
        self._loaded = list(loaded)
        self._versions: dict[str, Ontology | None] = {}
        self._known: dict[tuple[str, str], Known | None] = {}
        self._ancestors: dict[tuple[str, str], frozenset[str]] = {}
        self._rules: dict[tuple[str, str], frozenset[str]] = {}
        self.notes: dict[tuple[str, str], Finding] = {}

    # -- versions ----------------------------------------------------------------------------------------------------

    def version(self, ontology: str) -> Ontology | None:
        """Return the version of an ontology that terms are looked up in, None if there is none."""
        if ontology not in self._versions:
            self._versions[ontology] = self._chosen(ontology)
        return self._versions[ontology]

    def _chosen(self, ontology: str) -> Ontology | None:
        wanted = self._wanted.get(ontology, "")
        found = [o for o in self._loaded if _is_version_of(o, ontology)]
        exact = [o for o in found if wanted and (o.iri == wanted or _numbers(o.iri) == _numbers(wanted) or _same_version(o.version, wanted))]  # fmt: skip
        where = f"{self._where}/{escape(ontology)}" if wanted else ""
        if exact:
            return exact[0]
        if not found:
            message = f"the ontology {ontology} is not loaded: terms of it are not checked"
            self._note("fairtracks-ontology-missing", message, where)
            return None
        nearest = min(found, key=lambda o: (_numbers(o.version) < _numbers(wanted), _numbers(o.version)))  # fmt: skip
        message = f"the version {wanted or 'that the document does not name'} of {ontology} is not loaded: {nearest.version} is used"
        self._note("fairtracks-ontology-version", message, where)
        return nearest

    def _note(self, rule: str, message: str, where: str = "") -> None:
        self.notes.setdefault((rule, message), Finding("info", rule, message, where=where))

    # -- terms -------------------------------------------------------------------------------------------------------

    def fault(self, term: str, schema: Mapping[str, Any]) -> Fault | None:
        """Return what is wrong with a term in a slot with the keywords ``ontology`` and ``ancestors``; None if nothing is known to be."""
        ontologies = _several(schema.get("ontology"))
        versions = [(o, v) for o in ontologies if (v := self.version(o)) is not None]
        holding = [(o, v) for o, v in versions if self._of(v, term) is not None]
        if not holding:
            if len(versions) < len(ontologies) and not any(_may_hold(o, term) for o, _ in versions):
                return None  # it may be in one that is not loaded
            if not versions:
                return None
            names = " or ".join(o for o, _ in versions)
            return Fault("ontology", f"is no term of {names}")
        rules = _several(schema.get("ancestors"))
        if not rules:
            return None
        judged = False
        for _, version in holding:
            required = frozenset().union(*(self._rule(version, rule) for rule in rules))
            if required & (self._above(version, term) | {term}):
                return None
            judged = judged or bool(required)
        # Where no loaded version knows the terms of the rule, nothing can be said.
        if judged or len(versions) == len(ontologies):
            return Fault("ancestors", f"is no kind of {' or '.join(rules)}") if judged else None
        return None

    def label_fault(self, term: str, label: str, schema: Mapping[str, Any]) -> tuple[str, str] | None:  # fmt: skip
        """Return severity and words if a label is not the one of its term; None if nobody knows."""
        for ontology in _several(schema.get("ontology")):
            version = self.version(ontology)
            known = self._of(version, term) if version is not None else None
            if known is None or not known.labels:
                continue
            if label in known.labels:
                return None
            said = min(known.labels)
            plain = {text.casefold().replace("_", " ") for text in known.labels | known.synonyms}
            if label.casefold().replace("_", " ") in plain:
                return "info", f"is written in another way than the label of the term, {said!r}"
            return "warning", f"is not the label of the term, {said!r}"
        return None

    def label(self, term: str, ontologies: Iterable[str]) -> str:
        """Return the label of a term in the first ontology that has it, ``""`` if none does."""
        for ontology in ontologies:
            version = self.version(ontology)
            known = self._of(version, term) if version is not None else None
            if known is not None and known.labels:
                return min(known.labels)
        return ""

    def _rule(self, version: Ontology, rule: str) -> frozenset[str]:
        """Return the terms that stand for one that a rule names, in a version: itself, what replaced it, or none."""
        key = version.iri, rule
        if key not in self._rules:
            known = self._of(version, rule)
            replaced = set() if known is None else known.replaced_by
            replaced |= {_REPLACED[rule]} if rule in _REPLACED else set()
            if known is not None and known.deprecated:
                self._note(
                    "fairtracks-rule-obsolete",
                    f"the rule of the schema refers to {rule}, which is obsolete in {version.name} {version.version}",
                )
            elif known is None and replaced & self._named(version, replaced):
                self._note(
                    "fairtracks-rule-obsolete",
                    f"the rule of the schema refers to {rule}, which {version.name} {version.version} no longer has",
                )
            elif known is None:
                replaced = set()
            self._rules[key] = frozenset({rule, *replaced} if known is not None or replaced else ())
        return self._rules[key]

    def _named(self, version: Ontology, terms: Iterable[str]) -> set[str]:
        return {term for term in terms if self._of(version, term) is not None}

    def _of(self, version: Ontology, term: str) -> Known | None:
        key = version.iri, term
        if key not in self._known:
            self._look_up(term)
        return self._known.setdefault(key, None)

    def _look_up(self, term: str) -> None:
        try:
            query = _query("fairtracks-term").replace("UNDEF", str(NamedNode(term)))
        except ValueError:
            return
        for graph, predicate, value in self._ask(query):
            found = self._known.get((graph.value, term))
            if found is None:
                found = self._known[graph.value, term] = Known()
            if predicate.value in _SAID:
                getattr(found, _SAID[predicate.value]).add(value.value)
            elif predicate.value == OWL.deprecated:
                found.deprecated |= value.value in ("true", "1")

    def _above(self, version: Ontology, term: str) -> frozenset[str]:
        key = version.iri, term
        if key not in self._ancestors:
            found: dict[str, set[str]] = {}
            query = _query("fairtracks-ancestors").replace("UNDEF", str(NamedNode(term)))
            for graph, ancestor in self._ask(query):
                found.setdefault(graph.value, set()).add(ancestor.value)
            mine = found.get(version.iri, set()) | found.get(version.iri + INFERRED, set())
            self._ancestors[key] = frozenset(mine)
        return self._ancestors[key]


def _several(value: Any) -> Sequence[str]:
    return [value] if isinstance(value, str) else value or []


def _is_version_of(loaded: Ontology, ontology: str) -> bool:
    return loaded.ontology in (ontology, ontology.rpartition("/")[0]) or loaded.iri == ontology


def _same_version(version: str, wanted: str) -> bool:
    return bool(version) and version in re.split(r"[/_#]|\.owl", wanted)


def _numbers(version: str) -> list[int]:
    return [int(number) for number in _NUMBER.findall(version)]


def _may_hold(ontology: str, term: str) -> bool:
    """Tell whether the IRI of a term looks like one of an ontology."""
    stem = ontology.rpartition("/")[2].removesuffix(".owl").lower()
    local = term.rpartition("/")[2].lower()
    return local.startswith(f"{stem}_") or f"{stem}ontology" in term.lower()


@cache
def _query(name: str) -> str:
    return resources.text(resources.QUERIES / "validate" / f"{name}.rq")
