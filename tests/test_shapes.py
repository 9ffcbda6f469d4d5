"""Every shape says what it is, and is tried: ``tests/shapes/<entity>/good.ttl`` conforms, each ``bad-*.ttl`` breaks one rule.

The first line of a bad file states the rule and the message that are expected, word for word.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from fairgraph import resources, terms
from fairgraph.errors import NotFound
from fairgraph.validation import Shape, profiles, shapes, validate_graph
from fairgraph.validation.shapes import file_shapes, profile_files, profile_triples, read_shapes

FILES = sorted(resources.SHAPES.glob("*.ttl"))
# Rules on documents, which no graph breaks: tests/test_fairtracks_check.py tries them.
OF_DOCUMENTS = {"fairtracks"}
TRIED = [path for path in FILES if path.stem not in OF_DOCUMENTS]
SHAPES = [shape for path in FILES for shape in file_shapes(path)]
CASES = Path(__file__).parent / "shapes"
GOOD = sorted(CASES.glob("*/good.ttl"))
BAD = sorted(CASES.glob("*/bad-*.ttl"))
WORDS = {"MUST": "violation", "MUST NOT": "violation", "SHOULD": "warning", "MAY": "info"}
FIRST_LINE = re.compile(r"# ([a-z-]+): (.+)")


def read(path: Path) -> list[Triple]:
    return [quad.triple for quad in parse(path=path, format=RdfFormat.TURTLE)]


def case(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def findings(path: Path) -> set[tuple[str, str]]:
    """What the shapes of the entity that a file is about find in it: rule and message."""
    rules = {shape.rule for shape in SHAPES if shape.entity == path.parent.name}
    (profile,) = (name for name in profiles() if rules & {shape.rule for shape in shapes(name)})
    found = validate_graph(read(path), profile)
    return {(f.rule, f.message) for f in found if f.rule in rules}


@pytest.mark.parametrize("path", GOOD, ids=case)
def test_a_good_graph_conforms(path: Path) -> None:
    assert findings(path) == set()


@pytest.mark.parametrize("path", BAD, ids=case)
def test_a_bad_graph_breaks_one_rule(path: Path) -> None:
    match = FIRST_LINE.fullmatch(path.read_text(encoding="utf-8").splitlines()[0])
    assert match, "the first line must be: # rule: message"
    assert findings(path) == {match.groups()}


@pytest.mark.parametrize("path", TRIED, ids=lambda path: path.stem)
def test_every_shape_file_is_tried(path: Path) -> None:
    assert (CASES / path.stem / "good.ttl").is_file()
    tried = {
        bad.read_text(encoding="utf-8").split(":")[0].removeprefix("# ")
        for bad in (CASES / path.stem).glob("bad-*.ttl")
    }
    assert tried == {shape.rule for shape in file_shapes(path)}


def test_every_case_belongs_to_a_shape_file() -> None:
    assert {path.parent.name for path in (*GOOD, *BAD)} == {path.stem for path in TRIED}


def test_every_shape_file_is_in_a_profile() -> None:
    assert {path for profile in profiles() for path in profile_files(profile)} == set(FILES)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.rule)
def test_a_shape_says_what_it_is(shape: Shape) -> None:
    assert shape.name
    assert shape.description.endswith(".")
    assert shape.message.endswith(".")
    assert shape.iri == f"https://w3id.org/fairgraph/shapes#{shape.rule}"
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", shape.rule)
    assert re.fullmatch(r"([0-9]{4})?", shape.code)
    assert 0 <= shape.content_rule <= 30
    words = re.findall(r"\b(?:MUST NOT|MUST|SHOULD|MAY)\b", shape.message)
    assert [WORDS[word] for word in words] == [shape.severity]


def test_rules_are_unique() -> None:
    rules = [shape.rule for shape in SHAPES]
    assert len(set(rules)) == len(rules)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_shape_goes_without_a_rule(path: Path) -> None:
    """What has a target of its own makes findings, and a finding needs a rule, a name and a message."""
    triples = read_shapes(path)
    targets = {t.subject for t in triples if t.predicate.value.startswith(terms.SH.target)}
    for key in (terms.FG.rule, terms.SH.name, terms.SH.message, terms.SH.severity):
        assert targets == {t.subject for t in triples if t.predicate.value == key}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_prefixes_are_ours(path: Path) -> None:
    ours = {**terms.PREFIXES, "shapes": "https://w3id.org/fairgraph/shapes#"}
    text = path.read_text(encoding="utf-8")
    found = dict(re.findall(r"^@prefix ([\w-]*): <([^>]*)> \.$", text, re.MULTILINE))
    assert list(found) == sorted(found)
    assert {name: ours.get(name) for name in found} == found


@pytest.mark.parametrize("profile", profiles())
def test_a_profile_is_proper_shacl(profile: str) -> None:
    import pyshacl

    from fairgraph.validation.reference import to_rdflib

    # Paths with lists in them are deeper than pySHACL looks by default.
    conforms, _, text = pyshacl.validate(
        to_rdflib(profile_triples(profile)),
        shacl_graph="http://www.w3.org/ns/shacl-shacl",
        max_validation_depth=60,
    )
    assert conforms, text


def test_a_profile_lists_its_shapes_in_order() -> None:
    found = shapes("isa")
    assert found[0].entity == "investigation"
    assert found[-1].entity == "publication"
    name = next(shape for shape in found if shape.rule == "isa-protocol-name")
    assert (name.code, name.severity, name.path) == ("1010", "warning", terms.SCHEMA.name)


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("isa-sample-name", "http://schema.org/name"),
        ("isa-source-unused", "^schema:object/^isa:process"),
        ("isa-material-unused", "(^schema:result|^schema:object)"),
        ("isa-unit-unused", "schema:valueReference/^schema:unitCode"),
        ("isa-sample-unused", ""),
    ],
)
def test_a_path_is_written_as_sparql_writes_it(rule: str, path: str) -> None:
    assert next(shape.path for shape in SHAPES if shape.rule == rule) == path


def test_an_unknown_profile_is_not_found() -> None:
    with pytest.raises(NotFound, match="no-such") as raised:
        shapes("no-such")
    assert "isa" in raised.value.hint


def test_a_message_is_found_with_its_focus() -> None:
    report = validate_graph(
        b"<http://e.org/s> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
        b"<https://w3id.org/fairgraph/isa#Sample> .\n"
    )
    finding = next(f for f in report if f.rule == "isa-sample-name")
    assert finding.focus == "http://e.org/s"
    assert finding.path == terms.SCHEMA.name
    assert not report.conforms
    assert NamedNode(finding.focus)
