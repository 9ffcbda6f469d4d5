"""The objects of a FAIRtracks document out of the graph: what each says, by pointer, in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyoxigraph import Literal, NamedNode

from fairgraph.exports.export import Answers
from fairgraph.exports.isa_json_text import scalar
from fairgraph.exports.isa_view import IsaView
from fairgraph.fairtracks.model import (
    DOCUMENT,
    EXPERIMENT,
    ID,
    KINDS,
    LABEL,
    ORGANISM,
    REFERENCES,
    SAMPLE,
    SPECIES,
    STUDY,
    TO_DOCUMENT,
    TRACK,
    VERSIONS,
    Kind,
    escape,
    unescape,
)
from fairgraph.identifiers import ORCID
from fairgraph.terms import FAIRTRACKS, FG, ISA, SCHEMA, place_of

TAXON = "http://purl.obolibrary.org/obo/NCBITaxon_"
Pairs = list[tuple[str, Any]]
_LAST = float("inf")
LIST_KEYS = {FAIRTRACKS.raw_file_ids: "raw_file_ids", FAIRTRACKS.aggregated_from: "aggregated_from"}


class Objects:
    """The things of a FAIRtracks document that a dataset has, in the order of the document, and what each says."""

    def __init__(self, answers: Answers, view: IsaView, folder: str = "") -> None:
        self.view = view
        self.said: dict[str, dict[str, list[Any]]] = {}
        self.members: dict[str, list[str]] = {kind.name: [] for kind in KINDS}
        self._read(answers, folder)
        self.is_document = view.root in self.said
        self._tables = _tables(view)
        self._maker: dict[str, str] = {}
        for experiment in self.members[EXPERIMENT.name]:
            for made in view.edges.get(experiment, {}).get(SCHEMA.result, ()):
                self._maker.setdefault(made, experiment)

    def _read(self, answers: Answers, folder: str) -> None:
        kinds = {kind.rdf_type: kind.name for kind in KINDS}
        for rdf_type, node, predicate, value in answers.rows(f"{folder}objects"):
            known = self.said.get(node.value)
            if known is None:
                known = self.said[node.value] = {}
                if rdf_type.value in kinds:
                    self.members[kinds[rdf_type.value]].append(node.value)
            known.setdefault(predicate.value, []).append(value)
        for name, members in self.members.items():
            members.sort(key=lambda iri: (self.index(iri), iri))
            self.members[name] = list(self._once(members, name))
        self._lists: dict[tuple[str, str], list[tuple[float, str, str]]] = {}
        for owner, key, member, text, index in answers.rows(f"{folder}lists"):
            found = self._lists.setdefault((owner.value, LIST_KEYS[key.value]), [])
            found.append((place_of(index), member.value, text.value))
        self._extras: dict[str, list[tuple[float, str, str, Any]]] = {}
        for owner, node, key, index, value, raw, kind in answers.rows(f"{folder}extras"):
            about = value if value is not None else None if kind is None else kind.value
            if isinstance(about, Literal):
                about = (scalar(about, "" if raw is None else raw.value),)
            place = (place_of(index), node.value, "" if key is None else key.value, about)
            self._extras.setdefault(owner.value, []).append(place)
        for extras in self._extras.values():
            extras.sort(key=lambda extra: extra[:2])
        self._layouts: dict[str, dict[str, float]] = {}
        for layout, pointer, index in answers.rows(f"{folder}layouts"):
            self._layouts.setdefault(layout.value, {})[pointer.value] = place_of(index)

    def _once(self, members: list[str], name: str) -> Iterator[str]:
        """Leave out what says the place and the name of another: the same sample of another study."""
        seen: set[tuple[float, str]] = set()
        for iri in members:
            key = self.index(iri), self.local_id(iri)
            if name != SAMPLE.name or key not in seen:
                seen.add(key)
                yield iri

    def index(self, node: str) -> float:
        """Return the place of a thing in its list; what has none comes last."""
        said = self.said.get(node, {})
        places = said.get(FAIRTRACKS.index) or said.get(FG.index) or []
        return min(map(place_of, places), default=_LAST)

    def local_id(self, node: str) -> str:
        """Return what references call a thing."""
        said = self.said.get(node, {})
        key = SCHEMA.identifier if self.view.is_a(node, ISA.Study) else SCHEMA.name
        return min((term.value for term in said.get(key, ())), default="")

    # -- what an object says -----------------------------------------------------------------------------------------

    def leaves(self, kind: Kind, node: str) -> Pairs:
        """Return what an object says by pointer, in the order of its keys."""
        said = self.said.get(node, {})
        found: Pairs = []
        for pointer, predicate in kind.texts.items():
            if predicate in said:
                found.append((pointer, _value(min(said[predicate], key=str))))
        found += self._terms(kind, node)
        if kind is TRACK:
            found += self._file(said)
        if kind in (DOCUMENT, STUDY):
            found += self.contact(node, "collection_info/" if kind is DOCUMENT else "")
        if kind is STUDY:
            found += self.publication(node)
        if kind is DOCUMENT:
            found += self._versions(said)
        found += self._references(kind, node, said)
        for pointer in ("aggregated_from", "raw_file_ids"):
            if members := self._lists.get((node, pointer)):
                found.append((pointer, [text for _, _, text in sorted(members)]))
        found += [(pointer, self._extra(iri, about)) for _, iri, pointer, about in self._extras.get(node, ())]  # fmt: skip
        return self.ordered(kind, node, found)

    def beyond(self, node: str) -> set[str]:
        """Return the pointers to what an object says beyond the standard: other keys, other types."""
        return {pointer for _, _, pointer, _ in self._extras.get(node, ())}

    def ordered(self, kind: Kind, node: str, leaves: Pairs) -> Pairs:
        """Return what an object says in the order of its keys: a stated one, else that of the standard."""
        layout: dict[str, float] = {}
        for term in self.said.get(node, {}).get(FAIRTRACKS.layout, ()):
            layout = self._layouts.get(term.value, {})
        if not layout:
            return sorted(leaves, key=lambda leaf: kind.place(leaf[0]))
        return sorted(leaves, key=lambda leaf: (layout.get(leaf[0], _LAST), kind.place(leaf[0])))

    def _terms(self, kind: Kind, node: str) -> Iterator[tuple[str, Any]]:
        pointers = {name: pointer for pointer, name in kind.terms.items()}
        for value in self.view.values.get(node, ()) if pointers else ():
            name = self.view.text(value.category, SCHEMA.name).lower()
            if not value.term:
                continue
            if name in pointers:
                yield from self._term(f"{pointers[name]}/{ID}", f"{pointers[name]}/{LABEL}", value.term)  # fmt: skip
            elif name == ORGANISM and kind is SAMPLE:
                yield from self._term(*SPECIES, value.term)

    def _term(self, id_pointer: str, label_pointer: str, node: str) -> Iterator[tuple[str, Any]]:
        label, _, accession = self.view.term(node)
        if accession.startswith(TAXON) and id_pointer == SPECIES[0]:
            accession = f"taxonomy:{accession.removeprefix(TAXON)}"
        if accession:
            yield id_pointer, accession
        if label:
            yield label_pointer, label

    def _file(self, said: dict[str, list[Any]]) -> Iterator[tuple[str, Any]]:
        for term in said.get(SCHEMA.encodingFormat, ())[:1]:
            if isinstance(term, NamedNode):
                yield from self._term(f"file_format/{ID}", f"file_format/{LABEL}", term.value)
        if SCHEMA.sha256 in said:
            yield "checksum/cs_method", "SHA-256"
            yield "checksum/cs_hash", min(term.value for term in said[SCHEMA.sha256])

    def contact(self, node: str, above: str) -> Pairs:
        """Return what the first contact of the document or a study says, by pointer; *above* is the pointer to its section."""
        view, found = self.view, []
        for person in view.links(node, SCHEMA.creator)[:1]:
            names = (view.text(person, p) for p in (SCHEMA.givenName, SCHEMA.familyName))
            same = [iri for iri in view.links(person, SCHEMA.sameAs) if iri.startswith(ORCID)]
            texts = {
                "name": " ".join(filter(None, names)),
                "e-mail": view.text(person, SCHEMA.email),
                "orcid": f"orcid:{same[0].removeprefix(ORCID)}" if same else "",
            }
            found = [(f"{above}contact/{key}", text) for key, text in texts.items() if text]
        return found

    def publication(self, study: str) -> Pairs:
        """Return the first publication of a study, as a CURIE of PubMed."""
        for article in self.view.links(study, SCHEMA.citation)[:1]:
            if number := self.view.text(article, ISA.pubMedID):
                return [("publication", f"pubmed:{number}")]
        return []

    def _versions(self, said: dict[str, list[Any]]) -> Iterator[tuple[str, Any]]:
        above = VERSIONS[self.is_unreleased(said)]
        for source in self.view.links(self.view.root, ISA.ontologySource):
            iri, version = (
                self.view.text(source, SCHEMA.url),
                self.view.text(source, SCHEMA.version),
            )
            if iri and version:
                yield f"{above}/{escape(iri)}", version

    @staticmethod
    def is_unreleased(said: dict[str, list[Any]]) -> bool:
        """Tell whether a document has the section ``document`` of the unreleased form, not ``doc_info``."""
        return any(
            predicate in said
            for pointer, predicate in DOCUMENT.texts.items()
            if pointer.startswith("document/")
        )

    def _references(
        self, kind: Kind, node: str, said: dict[str, list[Any]]
    ) -> Iterator[tuple[str, Any]]:
        for pointer in REFERENCES[kind]:
            key = pointer.rpartition("/")[2]
            if stated := said.get(FAIRTRACKS[key]):
                yield pointer, self._named(key, min(stated, key=str))
            elif name := self._implied(key, node):
                yield pointer, name

    def _named(self, key: str, term: Any) -> str:
        if not isinstance(term, NamedNode):
            return str(term.value)
        if key in TO_DOCUMENT:
            said = self.said.get(term.value, {}).get(TO_DOCUMENT[key], ())
            return min((one.value for one in said), default=term.value)
        return self.local_id(term.value) or str(term.value)

    def _implied(self, key: str, node: str) -> str:
        """Return what a thing refers to by where it stands among the others."""
        view = self.view
        if key == "study_ref":
            return self.local_id(self._tables.get(node, ""))
        if key == "experiment_ref":
            return self.local_id(self._maker.get(node, ""))
        if key == "sample_ref" and (node, "aggregated_from") not in self._lists:
            used = sorted(view.edges.get(node, {}).get(SCHEMA.object, ()))
            return next(filter(None, map(self.local_id, used)), "")
        return ""

    def _extra(self, node: str, about: Any) -> Any:
        if isinstance(about, tuple):
            return about[0]
        inner = [(key, self._extra(iri, what)) for _, iri, key, what in self._extras.get(node, ())]
        if about == "object":
            return {unescape(key): value for key, value in inner}
        return [value for _, value in inner] if about == "array" else None


def _tables(view: IsaView) -> dict[str, str]:
    """Return the study of each process in an assay."""
    found: dict[str, str] = {}
    for study in view.links(view.root, SCHEMA.hasPart):
        for table in view.links(study, SCHEMA.hasPart):
            for node in view.members.get(table, ()):
                if node.kind == "process":
                    found.setdefault(node.iri, study)
    return found


def _value(term: Any) -> Any:
    if isinstance(term, Literal):
        return scalar(term, "") if term.datatype.value.endswith("#boolean") else term.value
    return term.value
