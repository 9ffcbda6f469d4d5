"""What RO-Crate 1.1 and 1.2 require (MUST) of a crate: supplied where the dataset does not say it, withheld where it says otherwise."""

from __future__ import annotations

import re
from datetime import date

from pyoxigraph import Literal, NamedNode

from fairgraph.crate.ids import is_path
from fairgraph.exports.crate_changes import Changes
from fairgraph.exports.crate_things import Things
from fairgraph.exports.crate_words import Base
from fairgraph.terms import DCTERMS, ELN, FG, RDF, SCHEMA, XSD, is_web_iri

PROFILE = "http://www.w3.org/ns/dx/prof/Profile"
COMPUTATIONAL_WORKFLOW = "https://bioschemas.org/ComputationalWorkflow"
_DESCRIPTOR = re.compile(r"(?:\./)?ro-crate-metadata\.json(?:ld)?")
_ROOT_DATES = (SCHEMA.datePublished, SCHEMA.dateModified, SCHEMA.dateCreated)
_RO_CRATE = "https://w3id.org/ro/crate"
# What the things are that these properties lead to.
_EXPECTED = {
    SCHEMA.author: SCHEMA.Person,
    SCHEMA.creator: SCHEMA.Person,
    SCHEMA.comment: SCHEMA.Comment,
    SCHEMA.variableMeasured: SCHEMA.PropertyValue,
    SCHEMA.step: SCHEMA.HowToStep,
    SCHEMA.license: SCHEMA.CreativeWork,
    SCHEMA.affiliation: SCHEMA.Organization,
}
NO_LICENCE = "No licence is stated: ask the authors before you use this."


def descriptor_of(things: Things) -> str:
    """Return the description of the metadata document: of several, that of the root; ``""`` if there is none."""
    found = [thing for thing in things if _DESCRIPTOR.fullmatch(things.text(thing, FG.originalId))]
    about = NamedNode(things.root)
    return min(found, key=lambda thing: (about not in things.values(thing, SCHEMA.about), thing), default="")  # fmt: skip


class Rules:
    """The rules of RO-Crate, applied to what a crate is to say. *title* and *day* are those of the dataset, if it says none itself."""

    def __init__(self, changes: Changes, base: Base, *, title: str, day: str) -> None:
        self._changes, self._base, self._title, self._day = changes, base, title, day
        self._things, self._root = changes.things, changes.things.root
        self._leading: dict[str, str] | None = None

    def apply(self) -> None:
        """Bring what the crate says into the form that is required."""
        self._descriptor()
        self.parts()
        self._root_entity()
        self._profiles()
        for thing in self._things.ordered():
            self._entity(thing)

    def _descriptor(self) -> None:
        things, changes = self._things, self._changes
        descriptor = descriptor_of(things)
        if not descriptor:
            descriptor = changes.thing(f"{self._root}/creativework/metadata", SCHEMA.CreativeWork)
            changes.supply(descriptor, FG.originalId, "ro-crate-metadata.json")
        if not things.is_a(descriptor, SCHEMA.CreativeWork):
            changes.supply(descriptor, RDF.type, SCHEMA.node("CreativeWork"))
        for about in things.values(descriptor, SCHEMA.about):
            if about.value != self._root:
                changes.withhold(descriptor, SCHEMA.about, about)
        changes.supply(descriptor, SCHEMA.about, NamedNode(self._root))
        for told in things.values(descriptor, DCTERMS.conformsTo):
            if told.value.startswith(_RO_CRATE) and told.value != self._base.iri:
                changes.withhold(descriptor, DCTERMS.conformsTo, told)
        changes.supply(descriptor, DCTERMS.conformsTo, NamedNode(self._base.iri))

    def parts(self) -> None:
        """Let everything that is a file or folder be a part of the root, directly or not."""
        things = self._things
        reached, waiting = {self._root}, [self._root]
        while waiting:
            for part in things.values(waiting.pop(), SCHEMA.hasPart):
                if part.value not in reached:
                    reached.add(part.value)
                    waiting.append(part.value)
        for thing in things.ordered():
            is_part = things.is_a(thing, SCHEMA.MediaObject, SCHEMA.Dataset)
            if is_part and thing not in reached and not things.is_a(thing, ELN.UndescribedFile):
                self._changes.supply(self._root, SCHEMA.hasPart, NamedNode(thing))

    def _root_entity(self) -> None:
        things, changes, root = self._things, self._changes, self._root
        if not things.is_a(root, SCHEMA.Dataset):
            changes.supply(root, RDF.type, SCHEMA.node("Dataset"))
        self._one_text(root, SCHEMA.name, self._title)
        self._one_text(root, SCHEMA.description, self._summary())
        if not things.values(root, SCHEMA.license):
            licence = changes.thing(f"{root}/creativework/no-licence", SCHEMA.CreativeWork)
            changes.supply(licence, SCHEMA.name, "No licence")
            changes.supply(licence, SCHEMA.description, NO_LICENCE)
            changes.supply(root, SCHEMA.license, NamedNode(licence))
        told = things.values(root, SCHEMA.datePublished)
        if len(told) != 1 or not is_day(told[0].value):
            day = next((found for name in _ROOT_DATES if (found := self._date(name))), self._day)
            for value in told:
                changes.withhold(root, SCHEMA.datePublished, value)
            if is_day(day[:10]):
                changes.supply(root, SCHEMA.datePublished, Literal(day[:10], datatype=XSD.node("date")))  # fmt: skip
        for publisher in things.values(root, SCHEMA.publisher):
            if not things.is_a(publisher.value, SCHEMA.Organization, SCHEMA.Person):
                changes.withhold(root, SCHEMA.publisher, publisher)

    def _one_text(self, thing: str, predicate: str, otherwise: str) -> None:
        """Let a property have one text that is not empty."""
        values = self._things.values(thing, predicate)
        texts = sorted(v.value for v in values if isinstance(v, Literal) and v.value.strip())
        if len(values) == 1 and texts:
            return
        for value in values:
            self._changes.withhold(thing, predicate, value)
        self._changes.supply(thing, predicate, "; ".join(texts) or otherwise)

    def _summary(self) -> str:
        counts = [
            (sum(self._things.is_a(thing, kind) for thing in self._things), name)
            for kind, name in ((SCHEMA.Dataset, "datasets"), (SCHEMA.MediaObject, "files"))
        ]
        told = " and ".join(f"{count} {name}" for count, name in counts if count)
        return f"{self._title}: {told}."

    def _date(self, predicate: str) -> str:
        """Return the last date that anything has, the root before all others."""
        things = self._things
        for found in ([self._root], list(things)):
            days = [value.value[:10] for thing in found for value in things.values(thing, predicate)]  # fmt: skip
            if known := [day for day in days if is_day(day)]:
                return max(known)
        return ""

    def _profiles(self) -> None:
        """Let the root conform to nothing but profiles that are described."""
        for told in self._things.values(self._root, DCTERMS.conformsTo):
            if told.value == _RO_CRATE or isinstance(told, Literal):
                self._changes.withhold(self._root, DCTERMS.conformsTo, told)
            elif not self._things.is_a(told.value, PROFILE):
                self.profile(told.value, told.value)

    def profile(self, iri: str, name: str) -> None:
        """Describe a profile."""
        self._changes.thing(iri, SCHEMA.CreativeWork, PROFILE)
        if not self._things.values(iri, SCHEMA.name):
            self._changes.supply(iri, SCHEMA.name, name)

    # -- Single things ---------------------------------------------------------------------------------------------------

    def _entity(self, thing: str) -> None:
        things, changes = self._things, self._changes
        if not things.values(thing, RDF.type) and len(things.properties(thing)) > 1:
            changes.supply(thing, RDF.type, NamedNode(self._expected(thing)))
        if things.is_a(thing, SCHEMA.SoftwareApplication, SCHEMA.ComputerLanguage):
            self._software(thing)
        if things.is_a(thing, SCHEMA.WebSite):
            self._one_name(thing)
        if things.is_a(thing, SCHEMA.SoftwareSourceCode) or things.is_a(thing, COMPUTATIONAL_WORKFLOW):  # fmt: skip
            self._code(thing)
        if things.is_a(thing, SCHEMA.MediaObject, SCHEMA.Dataset):
            self._citations(thing)
        for value in things.values(thing, SCHEMA.thumbnail):
            if not things.is_a(value.value, SCHEMA.MediaObject):
                changes.withhold(thing, SCHEMA.thumbnail, value)

    def _expected(self, thing: str) -> str:
        """Return the class of a thing without one by the properties that lead to it."""
        if self._leading is None:
            self._leading = {
                value.value: kind
                for other in self._things
                for predicate, kind in _EXPECTED.items()
                for value in self._things.values(other, predicate)
            }
        return self._leading.get(thing, SCHEMA.Thing)

    def _one_name(self, thing: str) -> None:
        told = self._things.text(thing, FG.originalId) or thing
        if not self._things.values(thing, SCHEMA.name):
            self._changes.supply(thing, SCHEMA.name, told.rstrip("/").rpartition("/")[2] or told)

    def _software(self, thing: str) -> None:
        self._one_name(thing)
        if not self._things.values(thing, SCHEMA.url):
            self._changes.supply(thing, SCHEMA.url, thing if is_web_iri(thing) else self._root)
        versions = (SCHEMA.version, SCHEMA.softwareVersion)
        if not self._things.values(thing, SCHEMA.version):
            known = self._things.text(thing, versions[1]) or "unknown"
            self._changes.supply(thing, SCHEMA.version, known)

    def _code(self, thing: str) -> None:
        """A script or workflow is a file, and has a name: what is neither is something else than code in a crate."""
        self._one_name(thing)
        if self._things.is_a(thing, SCHEMA.MediaObject):
            if self._things.is_a(thing, COMPUTATIONAL_WORKFLOW):
                self._changes.supply(thing, RDF.type, SCHEMA.node("SoftwareSourceCode"))
            return
        for kind in (SCHEMA.SoftwareSourceCode, COMPUTATIONAL_WORKFLOW):
            if self._things.is_a(thing, kind):
                self._changes.withhold(thing, RDF.type, NamedNode(kind))
        self._changes.supply(thing, RDF.type, SCHEMA.node("CreativeWork"))

    def _citations(self, thing: str) -> None:
        for value in self._things.values(thing, SCHEMA.citation):
            told = value.value
            if isinstance(value, NamedNode):
                told = self._things.text(told, FG.originalId) or told
            if not re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:", told) or is_path(told):
                self._changes.withhold(thing, SCHEMA.citation, value)


def is_day(text: str) -> bool:
    """Tell whether a text begins with a day of ISO 8601."""
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return len(text) >= 10
