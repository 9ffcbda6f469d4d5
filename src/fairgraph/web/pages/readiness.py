"""The page that explains the scores: what each part of them is about, and the rules that it is made of, from the rules themselves."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from fairgraph.scores.score import RULE_SETS, part_of
from fairgraph.web.negotiation import answer_if_known, etag_of

blueprint = Blueprint("readiness", __name__)

# What each part asks, for who has never heard of it. What it demands in detail, its rules say themselves.
PARTS = {
    "findable": "Can people and machines find the dataset? It has a name, a description, an identifier that lasts, and somebody to ask.",
    "accessible": "Can it be had by a protocol that everybody speaks? Who may see it is said, and data and metadata answer at once.",
    "interoperable": "Do its words mean the same elsewhere? Values are terms of ontologies, steps follow protocols, files are in open formats.",
    "reusable": "May it be used again, and is enough known for that? There is a licence, and an unbroken chain from source to result.",
    "fairness": "The FAIR score above: what cannot be found, had or understood is of no use to a model.",
    "provenance": "Where do the data come from? Each sample leads back to a source, each step to a protocol and to who did it.",
    "characterization": "What is in it? Columns have meanings, types and statistics; biases and missing values are spoken of.",
    "explainability": "Can somebody judge before training whether it fits? Purpose and limits are stated, and files can be verified.",
    "ethics": "Was it acquired, and is it given away, as it should be? Collection, consent and sensitive content are addressed.",
    "sustainability": "Will it still be there? It has a persistent identifier, an owner who lasts, a plan, and links to what belongs to it.",
    "computability": "Can a program take it as it is? There is a typed matrix, numbers have units, and exports need no key.",
    "completeness": "Are the labels any good? Cells are filled, names are unique, and factors have several levels with several samples each.",
}


@blueprint.get("/scores")
def scores() -> Response:
    """How the FAIR score and the AI-ready score are made: their parts, their rules, the query behind each rule."""
    etag = etag_of("scores", *(rules.name for rules in RULE_SETS))
    answer_if_known(etag)
    sets = [
        (
            rules,
            [
                (part, PARTS[part], [rule for rule in rules.rules if part_of(rule) == part])
                for part in rules.parts
            ],
        )
        for rules in RULE_SETS
    ]
    response = Response(render_template("scores.html", sets=sets))
    response.set_etag(etag)
    return response
