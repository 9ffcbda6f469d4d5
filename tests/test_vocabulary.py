"""Our own terms are declared and used, and data use nothing but them and vocabularies that everybody knows."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

import fairgraph
from fairgraph import resources, terms
from fairgraph.api import Fairgraph, read_draft
from fairgraph.terms import RDF, XSD, compact

PACKAGE = Path(fairgraph.__file__).parent
OURS = {
    "eln": terms.ELN.iri,
    "fairtracks": terms.FAIRTRACKS.iri,
    "fg": terms.FG.iri,
    "isa": terms.ISA.iri,
    "pennsieve": terms.PENNSIEVE.iri,
}
NAMES = {prefix.upper(): namespace for prefix, namespace in OURS.items()}
OWL, RDFS = terms.PREFIXES["owl"], terms.PREFIXES["rdfs"]
CLASS, OBJECT, DATA = f"{OWL}Class", f"{OWL}ObjectProperty", f"{OWL}DatatypeProperty"
# Properties that the standard of a notation does not have are kept as isa:json/{key}; that is a namespace, not a list of terms.
JSON = f"{terms.ISA.iri}json/"
CURIE = re.compile(r"(?<![\w:-])(eln|fairtracks|fg|isa|pennsieve):([A-Za-z]\w*)")
IRI = re.compile(r"https://w3id\.org/fairgraph/(ns|isa|eln|fairtracks|pennsieve)#([A-Za-z]\w*)")
COMMENT = re.compile(r"^\s*#.*$", re.MULTILINE)


@cache
def ontology() -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    path = resources.ONTOLOGIES / "fairgraph.ttl"
    for quad in parse(path=path, format=RdfFormat.TURTLE):
        values = found.setdefault(str(getattr(quad.subject, "value", "")), {})
        values.setdefault(quad.predicate.value, []).append(str(getattr(quad.object, "value", "")))
    return found


@cache
def declared() -> dict[str, str]:
    """Our terms and what they are: a class, an object, data or annotation property."""
    return {
        iri: values[RDF.type][0]
        for iri, values in ontology().items()
        if iri.startswith(tuple(OURS.values())) and RDF.type in values
    }


def is_ours(iri: str) -> bool:
    return iri.startswith(tuple(OURS.values())) and not iri.startswith(JSON)


def text_terms(text: str) -> set[str]:
    found = {OURS[prefix] + name for prefix, name in CURIE.findall(text)}
    return found | {f"https://w3id.org/fairgraph/{space}#{name}" for space, name in IRI.findall(text)}  # fmt: skip


@cache
def code_terms() -> dict[str, set[str]]:
    """The terms that each module names: ``FG.x``, ``ISA["x"]``, ``FG.node("x")``, and those in its texts."""
    found: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        named: set[str] = set()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                space = NAMES.get(node.value.id)
                if space and node.attr not in ("iri", "node"):
                    named.add(space + node.attr)
            elif isinstance(node, (ast.Subscript, ast.Call)):
                named |= _spelled(node)
            elif isinstance(node, ast.Constant) and id(node) not in documentation:
                named |= text_terms(str(node.value))
        found[path.relative_to(PACKAGE).as_posix()] = named
    return found


def _spelled(node: ast.Subscript | ast.Call) -> set[str]:
    if isinstance(node, ast.Subscript):
        owner, name = node.value, node.slice
    elif isinstance(node.func, ast.Attribute) and node.func.attr == "node" and node.args:
        owner, name = node.func.value, node.args[0]
    else:
        return set()
    if not (isinstance(owner, ast.Name) and owner.id in NAMES and isinstance(name, ast.Constant)):
        return set()
    iri = NAMES[owner.id] + str(name.value)
    return set() if iri.startswith(JSON) else {iri}


@cache
def file_terms() -> dict[str, set[str]]:
    """The terms that each query, shape and template names."""
    folders = {resources.QUERIES: ("*.rq", "*.ru"), resources.SHAPES: ("*.ttl",)}
    paths = [path for folder, globs in folders.items() for glob in globs for path in folder.rglob(glob)]  # fmt: skip
    return {
        path.relative_to(resources.ROOT).as_posix(): text_terms(
            COMMENT.sub("", path.read_text(encoding="utf-8"))
        )
        for path in paths
    }


def test_the_check_sees_terms() -> None:
    assert len(declared()) > 60
    assert terms.ISA.Sample in code_terms()["importers/isa_graph.py"]
    assert terms.FG.index in file_terms()["queries/export/isa/nodes.rq"] | file_terms()["queries/export/isa/values.rq"]  # fmt: skip


def test_every_term_that_is_used_is_declared() -> None:
    used = {**code_terms(), **file_terms()}
    undeclared = {
        place: sorted(map(compact, names - set(declared())))
        for place, names in used.items()
        if names - set(declared())
    }
    assert undeclared == {}


@pytest.mark.parametrize("term", declared(), ids=compact)
def test_a_term_says_what_it_is(term: str) -> None:
    said = ontology()[term]
    assert said.get(f"{RDFS}label", [""])[0]
    assert said.get(f"{RDFS}comment", [""])[0].endswith(".")
    if declared()[term] in (OBJECT, DATA):
        assert len(said.get(f"{RDFS}domain", ())) == 1
        (reach,) = said.get(f"{RDFS}range", ("",))
        assert reach
        assert reach.startswith(XSD.iri) == (declared()[term] == DATA)
        for end in (reach, said[f"{RDFS}domain"][0]):
            assert not is_ours(end) or declared().get(end) == CLASS


@pytest.mark.parametrize("term", declared(), ids=compact)
def test_a_declared_term_is_used(term: str) -> None:
    spelled = {name for names in (*code_terms().values(), *file_terms().values()) for name in names}
    if term in spelled or any(term in said for said in ontology().values()):
        return
    # Some are put together in code: FG.node(name), ISA[NOTATION[key]].
    local = term.rpartition("#")[2]
    texts = (path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    assert any(f'"{local}"' in text for text in texts), "declared and nowhere used"


def test_terms_are_spelled_as_their_kind_is() -> None:
    for term, kind in declared().items():
        first = term.rpartition("#")[2][0]
        assert first.isupper() == (kind == CLASS), term


def test_the_prefixes_of_the_file_are_those_of_the_code() -> None:
    sh = terms.SH
    prefixes: dict[str, dict[str, str]] = {}
    for quad in parse(path=resources.ONTOLOGIES / "prefixes.ttl", format=RdfFormat.TURTLE):
        if quad.predicate.value in (sh.prefix, sh.namespace):
            said = prefixes.setdefault(str(quad.subject), {})
            said[quad.predicate.value] = getattr(quad.object, "value", "")
    assert {said[sh.prefix]: said[sh.namespace] for said in prefixes.values()} == terms.PREFIXES
    assert list(terms.PREFIXES) == sorted(terms.PREFIXES)


# -- what the data use -----------------------------------------------------------------------------------------------

KNOWN = tuple(
    terms.PREFIXES[name] for name in ("bioschemas", "dcat", "dcterms", "prov", "rdf", "schema", "sh", "skos", "void")
)  # fmt: skip


def check(triples: list[Triple]) -> None:
    assert triples
    kinds = declared()
    for triple in triples:
        predicate, value = triple.predicate.value, triple.object
        if not is_ours(predicate):
            assert predicate.startswith((*KNOWN, JSON)), predicate
            if predicate == RDF.type and isinstance(value, NamedNode) and is_ours(value.value):
                assert kinds[value.value] == CLASS
            continue
        kind = kinds.get(predicate)
        assert kind in (OBJECT, DATA), f"{predicate} is not declared as a property"
        assert isinstance(value, Literal) == (kind == DATA), triple
        if isinstance(value, Literal):
            assert value.datatype.value == ontology()[predicate][f"{RDFS}range"][0], triple


def test_the_example_and_its_record_use_declared_terms(example: Fairgraph) -> None:
    check([Triple(*row) for row in example.query("SELECT ?s ?p ?o { ?s ?p ?o }")])


@pytest.mark.corpus
@pytest.mark.parametrize(
    "name", ["tab/BII-I-1", "tab/linkedISA_T3", "json/master_BII-S-3/BII-S-3.json"]
)
def test_real_data_use_declared_terms(name: str, corpus: Path) -> None:
    with read_draft(corpus / "isa" / name) as draft:
        text = b"".join(draft.spool.chunks())
    check([quad.triple for quad in parse(text, format=RdfFormat.N_TRIPLES)])


def test_findings_in_a_record_use_declared_terms(memory: Fairgraph, write_tab: object) -> None:
    header = ["Source Name", "Protocol REF", "Sample Name", "Unit"]
    memory.add(write_tab([header, ["a", "cooking", "b", "day"]]), validate=True)  # type: ignore[operator]
    memory.set(1, license="MIT", doi="10.1000/x", status="draft")
    memory.remove(1)
    memory.revert(1, "r1")
    triples = [Triple(*row) for row in memory.query("SELECT ?s ?p ?o { ?s ?p ?o }")]
    check(triples)
    used = {triple.predicate.value for triple in triples}
    assert {terms.FG[name] for name in ("finding", "rule", "revision", "doi", "status")} <= used
