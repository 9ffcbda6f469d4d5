"""RDF: what fairgraph itself exports (Turtle, N-Triples, N-Quads, TriG, JSON-LD, RDF/XML), and any other graph."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

import pyoxigraph as ox

from fairgraph.errors import SourceError
from fairgraph.importers import jsonld
from fairgraph.importers.archive import Source
from fairgraph.importers.format import Draft
from fairgraph.report import Finding, Report
from fairgraph.store.guard import PROLOG_BYTES, refuse_entities
from fairgraph.terms import FG, ISA, RDF, SCHEMA, XSD, compact

FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
}
FLUSH = 50_000

# Spellings that the store certainly keeps: only others are tried.
_KEPT = {
    XSD.integer: re.compile(r"0|-?[1-9][0-9]{0,17}"),
    XSD.decimal: re.compile(r"(?!-0(?!\.))-?(?:0|[1-9][0-9]{0,7})(?:\.[0-9]{0,7}[1-9])?"),
    XSD.boolean: re.compile(r"true|false"),
    XSD.date: re.compile(r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]"),
    XSD.dateTime: re.compile(
        r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
    ),
    XSD.string: re.compile(r".*", re.DOTALL),
}
_CANONICAL = re.compile(r"-?[0-9]\.[0-9]+E-?[0-9]+")


def metadata_files(source: Source) -> list[str]:
    """Return the one RDF file of a source."""
    return [name for name in source.members if PurePosixPath(name).suffix.lower() in FORMATS]


def detect(source: Source) -> bool:
    """Tell whether a source is one file whose name ends as an RDF file's does."""
    return len(metadata_files(source)) == 1 and len(source.members) == 1


def read(source: Source, draft: Draft) -> None:
    """Read one graph. IRIs below the IRI of the investigation move with it to the IRI that the dataset gets here.

    Literals that the store spells in another way are found, and what JSON-LD would drop. Raises SourceError, with line and
    column, if the file cannot be parsed or holds several graphs.
    """
    new = draft.dataset
    file = _File(source, metadata_files(source)[0], f"{new}/", draft.report)
    name = file.name
    old = _find_root(file)
    draft.derived = True
    write = draft.spool.write
    spellings = _Spellings(name, json=file.form == ox.RdfFormat.JSON_LD)
    count = 0
    top: dict[str, dict[str, str]] = {}  # what is said about the dataset and its studies
    for triple in _triples(file, draft):
        if isinstance(triple.object, ox.Literal):
            spellings.look(triple)
        if old and old != new:
            triple = ox.Triple(*(_moved(term, old, new) for term in triple))
        write(_line(triple))
        if (iri := getattr(triple.subject, "value", "")) == new or iri.rpartition("/")[
            0
        ] == f"{new}/study":
            said = top.setdefault(iri, {})
            said[triple.predicate.value] = getattr(triple.object, "value", "")
        count += 1
        if count % FLUSH == 0:
            draft.spool.flush()
    studies = sorted(
        (s for iri, s in top.items() if iri != new), key=lambda s: s.get(FG.index, "").zfill(9)
    )
    titles = (said.get(SCHEMA.name, "") for said in (top.get(new, {}), *studies))
    draft.title = next(filter(None, titles), "")
    draft.report.extend(spellings.findings())
    if not count:
        raise SourceError("holds not a single triple", where=f"{name}:1:1")


class _File:
    """The one file of a source, which is parsed twice."""

    def __init__(self, source: Source, name: str, base: str, report: Report) -> None:
        self.source, self.name, self.base = source, name, base
        self.form = FORMATS[PurePosixPath(name).suffix.lower()]
        self._text: bytes | None = None
        if self.form == ox.RdfFormat.JSON_LD:
            with source.open(name) as stream:
                self._text = jsonld.read(stream.read(), name, base, report)
        elif self.form == ox.RdfFormat.RDF_XML:
            with source.open(name) as stream:
                refuse_entities(stream.read(PROLOG_BYTES), name)

    def quads(self) -> Iterator[ox.Quad]:
        """Yield what the file holds. Relative IRIs are of this dataset: the same ones in another file are something else."""
        name, form = self.name, self.form
        try:
            with self.source.open(name) if self._text is None else io.BytesIO(self._text) as stream:
                yield from ox.parse(stream, format=form, base_iri=self.base)
        except SyntaxError as error:
            line, column = error.lineno or 1, error.offset or 1
            raise SourceError(
                f"is not {form}: {error.msg}", where=f"{name}:{line}:{column}"
            ) from error
        except (ValueError, OSError) as error:
            raise SourceError(f"cannot be parsed: {error}", where=name) from error


@dataclass
class _Spellings:
    """Which literals the store spells in another way than the file, or as another type: for each datatype one finding, with the first."""

    name: str
    json: bool = False  # a JSON-LD parser writes numbers in a spelling of its own, and they are looked at as JSON
    _scratch: ox.Store = field(default_factory=ox.Store)
    _stored: dict[ox.Literal, ox.Literal] = field(default_factory=dict)
    _found: dict[str, Finding] = field(default_factory=dict)

    def look(self, triple: ox.Triple) -> None:
        """Take one triple whose object is a literal."""
        literal = triple.object
        assert isinstance(literal, ox.Literal)
        datatype = literal.datatype.value
        kept = _KEPT.get(datatype)
        if kept is not None and kept.fullmatch(literal.value):
            return
        if self.json and datatype == XSD.double and _CANONICAL.fullmatch(literal.value):
            return
        if not datatype.startswith(XSD.iri):
            return  # the store knows no other datatypes
        stored = self._stored.get(literal)
        if stored is None:
            if len(self._stored) > FLUSH:
                self._stored.clear()
            stored = self._stored[literal] = self._written(literal)
        if stored == literal:
            return
        if (known := self._found.get(datatype)) is not None:
            self._found[datatype] = replace(known, count=known.count + 1)
            return
        place = triple.subject
        self._found[datatype] = Finding(
            "info",
            "rdf-rewritten",
            _told(literal, stored),
            where=place.value if isinstance(place, ox.NamedNode) else self.name,
            path=triple.predicate.value,
            value=literal.value,
        )

    def _written(self, literal: ox.Literal) -> ox.Literal:
        node = ox.NamedNode("urn:x")
        self._scratch.add(ox.Quad(node, node, literal))
        (quad,) = self._scratch
        self._scratch.remove(quad)
        kept: ox.Literal = quad.object
        return kept

    def findings(self) -> Iterator[Finding]:
        """Yield what was found."""
        yield from self._found.values()


def _told(literal: ox.Literal, stored: ox.Literal) -> str:
    datatype, kept = compact(literal.datatype.value), compact(stored.datatype.value)
    if datatype == kept:
        return f"texts of {datatype} are kept in the spelling of the store, such as {literal.value} as {stored.value}"
    # The store has one type for all integers, and one for all moments.
    return f"values of {datatype} are kept as {kept}, such as {literal.value} as {stored.value}"


def _find_root(file: _File) -> str:
    """Return the IRI of the dataset in the file: its graph name, or the investigation that it describes."""
    root = ""
    for quad in file.quads():
        if isinstance(quad.graph_name, ox.NamedNode):
            return quad.graph_name.value
        is_type = quad.predicate.value == RDF.type
        if (
            is_type
            and quad.object == ox.NamedNode(ISA.Investigation)
            and isinstance(quad.subject, ox.NamedNode)
        ):
            root = quad.subject.value
    return root


def _triples(file: _File, draft: Draft) -> Iterator[ox.Triple]:
    graph, name = None, file.name
    for quad in file.quads():
        if graph is None:
            graph = quad.graph_name
        elif graph != quad.graph_name:
            raise SourceError(
                f"holds more than one graph ({graph} and {quad.graph_name})",
                where=name,
                hint="import one dataset at a time",
            )
        if isinstance(quad.object, ox.Triple) and _has_blank(quad.object):
            raise SourceError(
                "holds a triple term (RDF 1.2) with a blank node, which cannot be kept",
                where=name,
                hint="give the node an IRI",
            )
        yield quad.triple
    if isinstance(graph, ox.BlankNode):
        draft.report.add(
            Finding("info", "rdf-graph", "the graph has no name; its triples were read", where=name)
        )


def _line(triple: ox.Triple) -> str:
    if isinstance(
        triple.object, ox.Triple
    ):  # whose text has no brackets where it stands inside of another
        return (ox.serialize([triple], format=ox.RdfFormat.N_TRIPLES) or b"").decode()
    return f"{triple} .\n"


def _has_blank(triple: ox.Triple) -> bool:
    return any(
        isinstance(term, ox.BlankNode) or (isinstance(term, ox.Triple) and _has_blank(term))
        for term in triple
    )


def _moved(term: ox.NamedNode, old: str, new: str) -> ox.NamedNode:
    if isinstance(term, ox.Triple):
        return ox.Triple(*(_moved(part, old, new) for part in term))
    if isinstance(term, ox.NamedNode) and (term.value == old or term.value.startswith(f"{old}/")):
        return ox.NamedNode(new + term.value[len(old) :])
    return term
