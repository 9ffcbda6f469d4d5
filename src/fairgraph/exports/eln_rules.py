"""What the ELN file format requires beyond RO-Crate, in its texts 1.2+20260923 and 1.1 (January 2025)."""

from __future__ import annotations

from urllib.parse import unquote

from pyoxigraph import Literal, NamedNode

from fairgraph.exports.crate_changes import Changes
from fairgraph.exports.crate_strict import Rules, descriptor_of
from fairgraph.exports.crate_words import V1_1, V1_2, Base
from fairgraph.exports.export import Term
from fairgraph.terms import DCTERMS, FG, RDF, SCHEMA, XSD

SPECIFICATION = "https://purl.archive.org/purl/elnconsortium/eln-spec/"
CURRENT, OLDER = "1.2+20260923", "1.1"
BASES: dict[str, Base] = {CURRENT: V1_2, OLDER: V1_1}
PUBLISHER, PUBLISHER_URL = "fairgraph", "https://w3id.org/fairgraph/ns"
# Each has one text, and nothing else (schema.json of the consortium).
_TEXTS = (
    SCHEMA.name, SCHEMA.text, SCHEMA.keywords, SCHEMA.identifier, SCHEMA.genre, SCHEMA.creativeWorkStatus,
    SCHEMA.encodingFormat, SCHEMA.url, SCHEMA.version, SCHEMA.dateCreated, SCHEMA.dateModified, SCHEMA.contentSize,
)  # fmt: skip
_DATES = (SCHEMA.dateCreated, SCHEMA.dateModified)
# Who has a text is a creative work (schema.org). The classes of notebooks that are one:
_WORKS = tuple(
    SCHEMA[name]
    for name in (
        "CreativeWork", "Dataset", "MediaObject", "Comment", "HowTo", "HowToStep", "HowToSection", "HowToDirection", "HowToTip",
        "Message", "EmailMessage", "Book", "Article", "ScholarlyArticle", "Report", "TechArticle", "DigitalDocument", "TextObject",
        "TextDigitalDocument", "NoteDigitalDocument", "Question", "Answer", "Review", "WebPage", "SoftwareSourceCode",
    )
)  # fmt: skip
LISTS = frozenset({SCHEMA.hasPart, SCHEMA.comment})
"""Properties whose values are a list even if there is only one."""


class NotebookRules(Rules):
    """The rules of RO-Crate and those of the ELN file format."""

    def __init__(self, changes: Changes, version: str, *, title: str, day: str) -> None:
        super().__init__(changes, BASES[version], title=title, day=day)
        self._version = version

    def apply(self) -> None:
        """Bring what a notebook says into the form that is required."""
        self._conforms()
        self._undescribed_parts()
        super().apply()
        self._publisher()
        self._entries()
        for thing in self._things.ordered():
            self._node(thing)

    def _conforms(self) -> None:
        if self._version == OLDER:
            return
        wanted = {
            self._base.iri: f"RO-Crate {self._base.version} Specification",
            SPECIFICATION + CURRENT: f"ELN-File Format {CURRENT} Specification",
        }
        for told in self._things.values(self._root, DCTERMS.conformsTo):
            if told.value.startswith((SPECIFICATION, "https://w3id.org/ro/crate/1.")) and told.value not in wanted:  # fmt: skip
                self._changes.withhold(self._root, DCTERMS.conformsTo, told)
        for iri, name in wanted.items():
            self._changes.supply(self._root, DCTERMS.conformsTo, NamedNode(iri))
            self.profile(iri, name)

    def _undescribed_parts(self) -> None:
        things = self._things
        for thing in things:
            for part in things.values(thing, SCHEMA.hasPart):
                if isinstance(part, Literal) or not (set(things.properties(part.value)) - {FG.originalId}):  # fmt: skip
                    self._changes.withhold(thing, SCHEMA.hasPart, part)

    def _publisher(self) -> None:
        things, changes = self._things, self._changes
        descriptor = descriptor_of(things)
        if not things.values(descriptor, SCHEMA.version) and self._version != OLDER:
            changes.supply(descriptor, SCHEMA.version, self._version)
        publishers = things.values(descriptor, SCHEMA.sdPublisher)
        for publisher in publishers:
            if isinstance(publisher, Literal) or publisher != min(publishers, key=str):
                changes.withhold(descriptor, SCHEMA.sdPublisher, publisher)
        named = things.values(descriptor, SCHEMA.sdPublisher)
        if not named:
            own = changes.thing(changes.own("organization", PUBLISHER), SCHEMA.Organization)
            name = next((p.value for p in publishers if isinstance(p, Literal)), PUBLISHER)
            changes.supply(own, SCHEMA.name, name)
            if name == PUBLISHER:
                changes.supply(own, SCHEMA.url, PUBLISHER_URL)
            changes.supply(descriptor, SCHEMA.sdPublisher, NamedNode(own))
        elif not things.values(named[0].value, RDF.type):
            changes.thing(named[0].value, SCHEMA.Organization)
            self._one_name(named[0].value)

    def _entries(self) -> None:
        """Let every entry be a part of the root, which is what makes a reader take it for one."""
        things, changes, root = self._things, self._changes, self._root
        for thing in things.ordered():
            for part in things.values(thing, SCHEMA.hasPart):
                if not things.is_a(part.value, SCHEMA.Dataset):
                    continue
                if thing != root and part.value != root:
                    changes.supply(root, SCHEMA.hasPart, part)
                    if self._version == OLDER:
                        changes.withhold(thing, SCHEMA.hasPart, part)
            if thing != root and things.is_a(thing, SCHEMA.Dataset, SCHEMA.MediaObject):
                self._file_name(thing)

    def _file_name(self, thing: str) -> None:
        if not self._things.values(thing, SCHEMA.name):
            told = unquote(self._things.text(thing, FG.originalId) or thing).rstrip("/")
            self._changes.supply(thing, SCHEMA.name, told.rpartition("/")[2] or told)

    # -- Single things ---------------------------------------------------------------------------------------------------

    def _node(self, thing: str) -> None:
        things, changes = self._things, self._changes
        for predicate in _TEXTS:
            self._text(thing, predicate)
        for author in things.values(thing, SCHEMA.author):
            if isinstance(author, Literal):
                person = changes.thing(changes.own("person", author.value), SCHEMA.Person)
                changes.supply(person, SCHEMA.name, author.value)
                changes.withhold(thing, SCHEMA.author, author)
                changes.supply(thing, SCHEMA.author, NamedNode(person))
        for comment in things.values(thing, SCHEMA.comment):
            if isinstance(comment, Literal):
                own = changes.thing(changes.own("comment", f"{thing} {comment.value}"), SCHEMA.Comment)  # fmt: skip
                changes.supply(own, SCHEMA.text, comment.value)
                changes.withhold(thing, SCHEMA.comment, comment)
                changes.supply(thing, SCHEMA.comment, NamedNode(own))
        if things.values(thing, SCHEMA.text) and not things.is_a(thing, *_WORKS):
            changes.supply(thing, RDF.type, SCHEMA.node("CreativeWork"))

    def _text(self, thing: str, predicate: str) -> None:
        """Let a property have one text: several are joined, numbers and references are named."""
        values = self._things.values(thing, predicate)
        listed = self._things.listed(thing, predicate)
        is_one = len(values) == 1 and len(listed) < 2
        if not values or (is_one and _is_text(values[0], predicate)):
            return
        rest = sorted(set(values) - {item.value for item in listed}, key=str)
        texts = [self._named(item.value, item.raw) for item in listed] + [self._named(v) for v in rest]  # fmt: skip
        for value in values:
            self._changes.withhold(thing, predicate, value)
        self._changes.supply(thing, predicate, ", ".join(filter(None, texts)))

    def _named(self, value: Term, raw: str = "") -> str:
        if isinstance(value, Literal):
            return raw or value.value
        things = self._things
        told = things.text(value.value, SCHEMA.value) or things.text(value.value, SCHEMA.text)
        return told or things.text(value.value, SCHEMA.name) or value.value


def _is_text(value: Term, predicate: str) -> bool:
    """Whether a value is written as a string in any case."""
    if not isinstance(value, Literal) or value.language:
        return False
    kind = value.datatype.value
    if predicate == SCHEMA.contentSize:
        return kind == XSD.integer and value.value.isdigit()
    return kind == XSD.string or (kind == XSD.date and predicate in _DATES)
