"""Classification of an ontology by a reasoner (HermiT, through owlready2): the subclass axioms that follow and are not stated.

This is the only module that knows owlready2, and the reasoner the only thing here that needs Java.
"""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

from fairgraph.errors import SourceError, UsageError
from fairgraph.terms import RDFS

_HINT = "install a Java runtime (Debian: default-jre-headless), or leave --classify out"


def classify(ntriples: bytes, iri: str) -> bytes:
    """Return as N-Triples the subclass axioms between named classes that follow from an ontology and are not stated, sorted.

    Raises UsageError if there is no Java, SourceError if the ontology is inconsistent or the reasoner gives up.
    """
    if shutil.which("java") is None:
        raise UsageError("there is no Java to run the reasoner", hint=_HINT)
    import owlready2

    world = owlready2.World()
    ontology = world.get_ontology(f"{iri}#")
    with _quietly():
        ontology.load(fileobj=io.BytesIO(ntriples), only_local=True, format="ntriples")
        stated = set(_pairs(world))
        try:
            with ontology:
                owlready2.sync_reasoner_hermit(world, infer_property_values=False, debug=0)
        except owlready2.OwlReadyInconsistentOntologyError as error:
            raise SourceError(
                "is inconsistent: the reasoner finds a contradiction", where=iri
            ) from error
        except owlready2.OwlReadyJavaError as error:
            lines = str(error).strip().splitlines() or ["no reason given"]
            raise SourceError(f"the reasoner gave up: {lines[0][:200]}", where=iri) from error
        found = set(_pairs(world)) - stated
    predicate = RDFS.subClassOf
    return "".join(f"<{a}> <{predicate}> <{b}> .\n" for a, b in sorted(found)).encode()


def _pairs(world: object) -> Iterator[tuple[str, str]]:
    import owlready2

    for thing in world.classes():  # type: ignore[attr-defined]
        for parent in thing.is_a:
            if isinstance(parent, owlready2.ThingClass) and parent is not owlready2.Thing:
                yield thing.iri, parent.iri


@contextmanager
def _quietly() -> Iterator[None]:
    # owlready2 reports its progress on stdout and warnings on stderr: ours are for the user.
    assert sys.stdout is not None
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        yield
