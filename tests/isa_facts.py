"""What a dataset says of things, edges, values and comments, by name: two datasets that say the same are equal here."""

from __future__ import annotations

from fairgraph.api import Fairgraph

PREFIXES = """
PREFIX bioschemas: <https://bioschemas.org/>
PREFIX fg: <https://w3id.org/fairgraph/ns#>
PREFIX isa: <https://w3id.org/fairgraph/isa#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX schema: <http://schema.org/>
"""
THINGS = "isa:source isa:sample isa:otherMaterial isa:dataFile"
ASKED = {
    "things": f"""SELECT ?relation ?name ?type {{
        VALUES ?relation {{ {THINGS} }} ?table ?relation ?thing .
        FILTER (?relation != isa:sample || EXISTS {{ ?table a isa:Study }})
        OPTIONAL {{ ?thing schema:name ?name }} OPTIONAL {{ ?thing isa:fileType ?type }} }}""",
    "edges": """SELECT ?from ?to ?protocol {
        { ?process schema:object ?thing . ?thing schema:name ?from }
        UNION { ?process schema:result ?thing . ?thing schema:name ?to }
        OPTIONAL { ?process bioschemas:executesLabProtocol/schema:name ?protocol } }""",
    "values": """SELECT ?owner ?protocol ?category ?text ?unit {
        ?thing schema:additionalProperty|bioschemas:parameterValue ?value .
        OPTIONAL { ?thing bioschemas:executesLabProtocol/schema:name ?protocol }
        OPTIONAL { ?thing schema:name ?name FILTER NOT EXISTS { ?thing a bioschemas:LabProcess } }
        BIND (COALESCE(?name, "") AS ?owner)
        OPTIONAL { ?value fg:category/schema:name ?category }
        OPTIONAL { ?value fg:rawText ?raw } OPTIONAL { ?value schema:value ?plain }
        OPTIONAL { ?value schema:valueReference/schema:name ?term }
        OPTIONAL { ?value schema:unitCode/schema:name ?unit }
        BIND (COALESCE(?raw, ?plain, ?term) AS ?text) }""",
    "comments": """SELECT ?owner ?name ?text {
        ?thing a prov:Entity ; schema:comment ?comment . OPTIONAL { ?thing schema:name ?owner }
        ?comment schema:name ?name ; schema:text ?text }""",
}  # fmt: skip
Facts = set[tuple[str, ...]]


def asked(fg: Fairgraph, query: str) -> Facts:
    rows = fg.query(PREFIXES + query)
    return {tuple("" if term is None else str(term.value).strip() for term in row) for row in rows}


def derived(fg: Fairgraph, predicate: str) -> Facts:
    return asked(
        fg,
        f"SELECT ?a ?b {{ ?x a prov:Entity ; {predicate} ?y . ?y a prov:Entity . ?x schema:name ?a . ?y schema:name ?b }}",
    )


def said(fg: Fairgraph) -> dict[str, Facts]:
    """All that is asked, and what comes from what."""
    found = {kind: asked(fg, query) for kind, query in ASKED.items()}
    return found | {"derived": derived(fg, "prov:wasDerivedFrom")}
