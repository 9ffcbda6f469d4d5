"""The official validator of FAIRtracks without a network: ``fairtracks_official.py SCHEMAS IDENTIFIERS.json ONTOLOGIES CACHE DOCUMENT``.

Runs in an environment of its own: fairtracks-validator 0.9.10, extended-json-schema-validator 0.9.11, jsonschema 4.0.1, uritools 3.0.2.
What it would fetch is given to it: EDAM and SO as they are, of the others the terms that the generator uses. With a warm CACHE; a
run that makes it is not measured. The last line says how many CPU seconds the validation took, loading the document included.
"""

import io
import json
import sys
import time
import urllib.request
from pathlib import Path

SCHEMAS, IDENTIFIERS, ONTOLOGIES, CACHE, DOCUMENT = map(Path, sys.argv[1:])
OBO = "http://purl.obolibrary.org/obo/"
STUBS = {
    "obi.owl": {f"{OBO}OBI_0002017": f"{OBO}OBI_0000011", f"{OBO}OBI_0000011": ""},
    "ncit.owl": {
        f"{OBO}NCIT_C16403": "", f"{OBO}NCIT_C14165": "", f"{OBO}NCIT_C7057": "",
        f"{OBO}NCIT_C22187": "", f"{OBO}NCIT_C26548": "", f"{OBO}NCIT_C14134": "", f"{OBO}NCIT_C12913": "",
    },
    "cl.owl": {f"{OBO}CL_0000003": ""},
    "efo.owl": {
        "http://www.ebi.ac.uk/efo/EFO_0003042": f"{OBO}CL_0000010",
        "http://www.ebi.ac.uk/efo/EFO_0001187": f"{OBO}CL_0000010", f"{OBO}CL_0000010": "",
    },
    "uberon.owl": {
        f"{OBO}UBERON_0000922": f"{OBO}UBERON_0000465", f"{OBO}UBERON_0002107": f"{OBO}UBERON_0000465",
        f"{OBO}UBERON_0000465": "",
    },
}  # fmt: skip


def ontology(name, terms):
    classes = "".join(
        f'<owl:Class rdf:about="{iri}"><rdfs:label>{iri.rpartition("/")[2]}</rdfs:label>'
        + (f'<rdfs:subClassOf rdf:resource="{parent}"/>' if parent else "")
        + "</owl:Class>"
        for iri, parent in terms.items()
    )
    return (
        '<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" xmlns:owl="http://www.w3.org/2002/07/owl#">'
        f'<owl:Ontology rdf:about="{OBO}{name}"/>{classes}</rdf:RDF>'
    ).encode()


def registry():
    known = json.loads(IDENTIFIERS.read_bytes())
    patterns = {**known["prefixes"], **known["ours"]}
    return json.dumps(
        {
            "payload": {
                "namespaces": [
                    {"mirId": f"MIR:{n:08}", "prefix": prefix, "name": prefix, "pattern": pattern, "modified": "2020-01-01T00:00:00Z"}
                    for n, (prefix, pattern) in enumerate(patterns.items())
                ]
            }
        }
    ).encode()  # fmt: skip


def fetched(request, *_, **__):
    """Answer what would be a request by what is here."""
    url = request if isinstance(request, str) else request.full_url
    name = url.rpartition("/")[2]
    if "identifiers.org" in url:
        content = registry()
    elif name == "EDAM.owl":
        content = (ONTOLOGIES / "EDAM_1.25.owl").read_bytes()
    elif name == "so.owl":
        content = (ONTOLOGIES / "so.owl").read_bytes()
    else:
        content = ontology(name, STUBS[name])
    answer = io.BytesIO(content)
    answer.geturl = lambda: url
    answer.info = lambda: {}
    return answer


urllib.request.urlopen = fetched
from fairtracks_validator.fairtracks_validator import FairGTracksValidator  # noqa: E402

validator = FairGTracksValidator(config={"cacheDir": str(CACHE)})
assert validator.loadJSONSchemas(str(SCHEMAS), verbose=False)
validator.warmUpCaches()
begun = time.process_time()
(found,) = [
    entry for entry in validator.jsonValidate(str(DOCUMENT), verbose=False) if "errors" in entry
]
took = time.process_time() - begun
assert not found["errors"], found["errors"][:3]
print(f"{took:.3f}")
