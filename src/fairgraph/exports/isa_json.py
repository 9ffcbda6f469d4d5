"""ISA-JSON 1.0 out of the graph (ISA Model and Serialization Specifications 1.0, ISA-JSON format)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any, BinaryIO

from fairgraph.exports.export import Answers, Export, is_on
from fairgraph.exports.fairtracks_carriers import carry
from fairgraph.exports.isa_json_carriers import carriers, comment_name
from fairgraph.exports.isa_json_strict import strict
from fairgraph.exports.isa_json_tables import CARRIER, EMPTY_TERM, UNKNOWN_PROTOCOL, Table
from fairgraph.exports.isa_json_text import Encoder, Ids, Json, Long, scalar
from fairgraph.exports.isa_view import IsaView, read_view
from fairgraph.isa.carriers import DESCRIBED
from fairgraph.terms import FG, ISA, SCHEMA

PERSON = (
    ("lastName", SCHEMA.familyName),
    ("firstName", SCHEMA.givenName),
    ("midInitials", SCHEMA.additionalName),
    ("email", SCHEMA.email),
    ("phone", SCHEMA.telephone),
    ("fax", SCHEMA.faxNumber),
    ("address", SCHEMA.address),
    ("affiliation", SCHEMA.affiliation),
)
DESCRIPTION = (
    ("identifier", SCHEMA.identifier),
    ("title", SCHEMA.name),
    ("description", SCHEMA.description),
    ("submissionDate", SCHEMA.dateCreated),
    ("publicReleaseDate", SCHEMA.datePublished),
)
INLINE_REFS, STRICT = "inline-refs", "strict-1.0"
NOTATION = (("@id", ISA.jsonId), ("@type", ISA.jsonType), ("@context", ISA.jsonContext))


def write(answers: Answers, output: BinaryIO) -> None:
    """Write one investigation as ISA-JSON, one object of a list a line, always the same bytes for the same graph."""
    view, options = read_view(answers), answers.options
    carry(answers, view)
    document = _Document(view, inline=is_on(options, INLINE_REFS)).investigation()
    if is_on(options, STRICT):
        document = strict(document, view.root)
    Encoder(output).write(document)


class _Document:
    """Builds the document; long lists are iterators, so that no second copy of the dataset is made."""

    def __init__(self, view: IsaView, *, inline: bool = False) -> None:
        self.view = view
        self.inline = inline
        self.ids = Ids(view)
        self._describe: dict[str, Callable[[], Json]] = {}
        self.terms: dict[str, Json] = {}
        self.annotation_ids = view.flag(view.root, ISA.annotationIds)

    def investigation(self) -> Json:
        view, root = self.view, self.view.root
        studies = [n for n in view.links(root, SCHEMA.hasPart) if view.is_a(n, ISA.Study)]
        self.ids.claim_all(root, studies)
        return Long(
            {
                **self.notation(root),
                "filename": view.text(root, ISA.fileName),
                **self._description(root),
                "comments": [*self._declared_comments(root), *self._marks()],
                "ontologySourceReferences": [
                    self._source(s) for s in view.links(root, ISA.ontologySource)
                ],
                "publications": self._publications(root),
                "people": self._people(root),
                "studies": (self._study(study) for study in studies),
            }
        )

    def describe_by(self, node: str, describe: Callable[[], Json]) -> None:
        """Say how to describe something where it is referred to, if references are to be descriptions."""
        if self.inline:
            self._describe.setdefault(node, describe)

    def reference(self, node: str) -> Json:
        """Return a reference: the ``@id`` alone, or the whole object."""
        describe = self._describe.get(node)
        return {"@id": self.ids.of(node)} if describe is None else describe()

    def _marks(self) -> Iterator[Json]:
        if self.inline:
            yield {"name": DESCRIBED, "value": "true"}

    # -- small things ------------------------------------------------------------------------------------------------

    def notation(self, node: str, kind: str = "") -> Json:
        """Return ``@id`` (always if *kind* says what to call it, else only if it was given), ``@type`` and ``@context``."""
        given = self.view.notation.get(node)
        if given is None:
            return {"@id": self.ids.of(node)} if kind else {}
        found = {key: given[predicate] for key, predicate in NOTATION if predicate in given}
        if kind:
            found["@id"] = self.ids.of(node)
        return found

    def _description(self, node: str) -> Json:
        return {key: self.view.text(node, predicate) for key, predicate in DESCRIPTION}

    def comments(self, node: str) -> list[Json]:
        found = self.view.comments.get(node)
        if found is None:
            return []
        comments: list[Json] = []
        for comment in found:
            comments.append(
                {**self.notation(comment.iri), "name": comment.name, "value": comment.text}
            )
            if comment.term or comment.unit:
                comments += self.qualifiers(f"{CARRIER}{comment.name}", comment.term, comment.unit)
        return comments

    def qualifiers(self, name: str, term: str, unit: str) -> Iterator[Json]:
        """Yield the comments that carry the term and the unit of something for which ISA-JSON has no place."""
        about = self.term(unit or term)
        if unit:
            yield {"name": f"{name} Unit", "value": str(about["annotationValue"])}
        for heading, key in (
            ("Term Source REF", "termSource"),
            ("Term Accession Number", "termAccession"),
        ):
            if about[key]:
                yield {"name": f"{name} {heading}", "value": about[key]}

    def term(self, node: str) -> Json:
        """Return an ontology annotation."""
        known = self.terms.get(node)
        if known is None:
            view = self.view
            sources = view.links(node, SCHEMA.inDefinedTermSet)
            known = {
                **self.notation(node),
                "annotationValue": self._name(node),
                "termSource": view.text(sources[0], SCHEMA.name) if sources else "",
                "termAccession": view.accession(node),
            }
            if comments := self.comments(node):
                known["comments"] = comments
            if self.annotation_ids:
                known["@id"] = self.ids.annotation(node)
            self.terms[node] = known
        return known

    def _name(self, node: str) -> Any:
        names = self.view.properties.get(node, {}).get(SCHEMA.name, [])
        raw = self.view.text(node, FG.rawText)
        return scalar(min(names, key=str), raw) if names else ""

    def _property_term(self, node: str, predicate: str) -> Json:
        found = self.view.links(node, predicate)
        return self.term(found[0]) if found else dict(EMPTY_TERM)

    def _list(self, owner: str, predicate: str) -> Iterator[Json]:
        for member in self.view.lists.get((owner, predicate), ()):
            yield (
                self.term(member.term)
                if member.term
                else {**EMPTY_TERM, "annotationValue": scalar(member.literal, "")}
            )

    # -- investigation and study -------------------------------------------------------------------------------------

    def _source(self, node: str) -> Json:
        text = self.view.text
        return {
            **self.notation(node),
            "name": text(node, SCHEMA.name),
            "file": text(node, SCHEMA.url),
            "version": text(node, SCHEMA.version),
            "description": text(node, SCHEMA.description),
            "comments": self._declared_comments(node),
        }

    def _people(self, owner: str) -> list[Json]:
        return [
            {
                **self.notation(node),
                **{key: self.view.text(node, predicate) for key, predicate in PERSON},
                "roles": list(self._list(node, ISA.role)),
                "comments": self._declared_comments(node),
            }
            for node in self.view.people(owner)
        ]

    def _publications(self, owner: str) -> list[Json]:
        text = self.view.text
        return [
            {
                **self.notation(node),
                "title": text(node, SCHEMA.name),
                "doi": text(node, ISA.doi),
                "pubMedID": text(node, ISA.pubMedID),
                "authorList": text(node, ISA.authorList),
                "status": self._property_term(node, ISA.publicationStatus),
                "comments": self._declared_comments(node),
            }
            for node in self.view.links(owner, SCHEMA.citation)
        ]

    def _study(self, study: str) -> Json:
        view = self.view
        table = Table(self, study)
        assays = [node for node in view.links(study, SCHEMA.hasPart) if view.is_a(node, ISA.Assay)]
        protocols, factors = view.links(study, ISA.protocol), view.links(study, ISA.factor)
        self.ids.claim_all(study, [*protocols, *factors, *assays])
        tables = [Table(self, assay, table) for assay in assays]
        table.adopt(tables)
        for describe, nodes in ((self._protocol, protocols), (self._factor, factors)):
            for node in nodes:
                self.describe_by(node, cache(partial(describe, node)))
        return Long(
            {
                **self.notation(study, "study"),
                "filename": view.text(study, ISA.fileName),
                **self._description(study),
                "studyDesignDescriptors": list(self._list(study, ISA.designDescriptor)),
                "publications": self._publications(study),
                "people": self._people(study),
                "factors": [self._factor(node) for node in factors],
                "protocols": [
                    *(self._protocol(node) for node in protocols),
                    *self._unknown_protocol([table, *tables]),
                ],
                "characteristicCategories": table.categories(),
                "unitCategories": table.units(),
                "materials": table.materials(),
                "processSequence": table.processes(),
                "assays": (self._assay(node) for node in tables),
                "comments": self._declared_comments(study),
            }
        )

    @staticmethod
    def _unknown_protocol(tables: list[Table]) -> list[Json]:
        if not any(table.lacks_protocol for table in tables):
            return []
        return [dict(UNKNOWN_PROTOCOL)]

    def _declared_comments(self, node: str) -> list[Json]:
        """Comments on something that an investigation file describes, and what such a file says and ISA-JSON has no place for."""
        comments = []
        for comment in self.view.comments.get(node, ()):
            name = comment_name(self.view, comment)
            comments.append({**self.notation(comment.iri), "name": name, "value": comment.text})
        return [*comments, *carriers(self.view, node)]

    def _factor(self, node: str) -> Json:
        return {
            **self.notation(node, "factor"),
            "factorName": self.view.text(node, SCHEMA.name),
            "factorType": self._property_term(node, ISA.factorType),
            "comments": self._declared_comments(node),
        }

    def _protocol(self, node: str) -> Json:
        view, text = self.view, self.view.text
        parameters = view.links(node, ISA.parameter)
        self.ids.claim_all(node, parameters)
        for parameter in parameters:
            self.describe_by(parameter, cache(partial(self.category, parameter)))
        return {
            **self.notation(node, "protocol"),
            "name": text(node, SCHEMA.name),
            "protocolType": self._property_term(node, ISA.protocolType),
            "description": text(node, SCHEMA.description),
            "uri": text(node, SCHEMA.url),
            "version": text(node, SCHEMA.version),
            "parameters": [self.category(parameter) for parameter in parameters],
            "components": [
                {
                    "componentName": text(part, SCHEMA.name),
                    "componentType": self._property_term(part, ISA.componentType),
                    **({"comments": comments} if (comments := self.comments(part)) else {}),
                }
                for part in view.links(node, ISA.component)
            ],
            "comments": self._declared_comments(node),
        }

    def category(self, node: str) -> Json:
        """Return a protocol parameter or characteristic category: an object around its ontology annotation."""
        view = self.view
        is_parameter = view.is_a(node, ISA.Parameter)
        key, predicate = (
            ("parameterName", ISA.parameterName)
            if is_parameter
            else ("characteristicType", ISA.characteristicType)
        )
        terms = view.links(node, predicate)
        name = (
            self.term(terms[0])
            if terms
            else {**EMPTY_TERM, "annotationValue": view.text(node, SCHEMA.name)}
        )
        found = {**self.notation(node, "category"), key: name}
        if is_parameter and (comments := self._declared_comments(node)):
            found["comments"] = comments
        return found

    def _assay(self, table: Table) -> Json:
        view, assay = self.view, table.node
        return Long(
            {
                **self.notation(assay, "assay"),
                "filename": view.text(assay, ISA.fileName),
                "measurementType": self._property_term(assay, ISA.measurementType),
                "technologyType": self._property_term(assay, ISA.technologyType),
                "technologyPlatform": view.text(assay, ISA.technologyPlatform),
                "characteristicCategories": table.categories(),
                "unitCategories": table.units(),
                "materials": table.materials(),
                "dataFiles": table.data_files(),
                "processSequence": table.processes(),
                "comments": self._declared_comments(assay),
            }
        )


EXPORT = Export(
    "isa-json",
    "ISA-JSON",
    "export/isa",
    "application/json",
    "json",
    write,
    profile="https://isa-specs.readthedocs.io/en/latest/isajson.html",
    carried=("export/isa/carried-by-json", "export/fairtracks/carried"),
    left_out=("export/isa/stray",),
    also=("export/fairtracks",),
    group="ISA",
    options={
        INLINE_REFS: "yes: every reference is the object that it stands for",
        STRICT: "yes: valid against the schemas as the specification 1.0 prints them",
    },
)
