"""The page that finds ontology terms by their names."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from fairgraph.ontology.lookup import MOST_TERMS
from fairgraph.web.asking import asked
from fairgraph.web.links import page_url
from fairgraph.web.sparql.endpoint import rows

blueprint = Blueprint("terms", __name__)


@blueprint.get("/terms")
def search() -> str:
    """The terms of the ontologies of which a label or synonym holds all words of ``q=``; ``ontology=`` one of them."""
    asking = asked()
    text, ontology = request.args.get("q", "").strip(), request.args.get("ontology", "")
    known = asking.fairgraph.ontologies()
    found = asking.fairgraph.terms(text, ontology=ontology, ask=rows)
    return render_template(
        "terms.html",
        text=text,
        chosen=ontology,
        names=sorted({one.name for one in known}),
        ontologies=known,
        terms=[
            (term, page_url(term.iri, asking.base), page_url(term.replaced_by, asking.base))
            for term in found
        ],
        most=MOST_TERMS,
    )
