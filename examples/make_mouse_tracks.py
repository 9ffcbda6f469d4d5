"""Writes examples/mouse-circadian-tracks.json: the tracks beside examples/mouse-circadian, the same bytes every time.

    python examples/make_mouse_tracks.py [FILE]

Needs only the standard library. Samples are those of the tables of the investigation; the files and their checksums are invented.
"""

import csv
import hashlib
import json
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parent
SCHEMA = "https://raw.githubusercontent.com/fairtracks/fairtracks_standard/v1/current/json/schema/fairtracks.schema.json"
OBO = "http://purl.obolibrary.org/obo/"
FILES = "https://example.org/mouse-circadian/tracks/"
CONTACT = {"name": "Josiah Carberry", "e-mail": "josiah.carberry@example.org", "orcid": "orcid:0000-0002-1825-0097"}  # fmt: skip
VERSIONS = {
    "http://edamontology.org/EDAM.owl": "http://edamontology.org/EDAM_1.25.owl",
    f"{OBO}cl.owl": f"{OBO}cl/releases/2020-05-21/cl.owl",
    "http://www.ebi.ac.uk/efo/efo.owl": "https://github.com/EBISPOT/efo/releases/download/v3.20.0/efo.owl",
    f"{OBO}ncit.owl": f"{OBO}ncit/releases/2020-07-17/ncit.owl",
    f"{OBO}obi.owl": f"{OBO}obi/2020-04-23/obi.owl",
    f"{OBO}so.owl": "https://raw.githubusercontent.com/The-Sequence-Ontology/SO-Ontologies/v3.1/releases/so-xp.owl/so.owl",
    f"{OBO}uberon.owl": f"{OBO}uberon/releases/2020-06-30/uberon.owl",
}


def livers():
    """The livers of the light study under 12 hours of light, by name."""
    path = EXAMPLES / "mouse-circadian" / "a_light_rnaseq.txt"
    with path.open(encoding="utf-8", newline="") as file:
        names = [row[0] for row in csv.reader(file, delimiter="\t")]
    return sorted({name for name in names if name.startswith("LD12") and name.endswith("liver")})


def term(iri, label=None):
    """An ontology term, with its label if that is known."""
    return {"term_id": iri, **({"term_label": label} if label else {})}


def document(names):
    """The document, without its signature."""
    return {
        "@schema": SCHEMA,
        "doc_info": {
            "local_id": "mouse-circadian-tracks",
            "doc_ontology_versions": VERSIONS,
            "doc_version": "",
            "doc_date": "2024-12-05T08:00:00Z",
        },
        "collection_info": {
            "source_repo_url": "https://example.org/mouse-circadian",
            "local_id": "mouse-circadian-tracks",
            "doc_ref": "mouse-circadian-tracks",
            "short_name": "Mouse livers around the clock",
            "long_name": "Read coverage in livers of mice under 12 hours of light a day",
            "contact": CONTACT,
        },
        "studies": [
            {
                "local_id": "mouse-circadian-light",
                "collection_ref": "mouse-circadian-tracks",
                "study_name": "Liver and suprachiasmatic nucleus around the clock under two light regimes",
                "contact": CONTACT,
            }
        ],
        "experiments": [
            {
                "local_id": f"{name}_rnaseq",
                "study_ref": "mouse-circadian-light",
                "sample_ref": name,
                "technique": term(
                    f"{OBO}OBI_0001271", "transcription profiling by RNA sequencing assay"
                ),
                "target": {"gene_product_type": term(f"{OBO}NCIT_C813")},
            }
            for name in names
        ],
        "samples": [
            {
                "local_id": name,
                "species_id": "taxonomy:10090",
                "species_name": "Mus musculus",
                "biospecimen_class": term(f"{OBO}NCIT_C103199", "Organism Part"),
                "sample_type": {
                    "organism_part": term(f"{OBO}UBERON_0002107", "liver"),
                    "summary": "liver",
                },
                "phenotype": term(f"{OBO}NCIT_C14165", "Normal"),
            }
            for name in names
        ],
        "tracks": [
            {
                "local_id": f"{name}_coverage",
                "assembly_id": "insdc.gca:GCA_000001635.9",
                "assembly_name": "GRCm39",
                "experiment_ref": f"{name}_rnaseq",
                "file_url": f"{FILES}{name}.bw",
                "file_name": f"{name}.bw",
                "label_short": name,
                "label_long": f"Read coverage of {name}, reads per million",
                "file_format": term("http://edamontology.org/format_3006", "bigWig"),
                "type_of_condensed_data": "Read coverage",
                "geometric_track_type": "Step function",
                "checksum": {
                    "cs_method": "SHA-256",
                    "cs_hash": hashlib.sha256(name.encode()).hexdigest(),
                },
            }
            for name in names
        ],
    }


def signed(found):
    """The document with the SHA-256 of what it says, without version and date."""
    info = {k: v for k, v in found["doc_info"].items() if k not in ("doc_version", "doc_date")}
    text = json.dumps({**found, "doc_info": info})
    found["doc_info"]["doc_version"] = hashlib.sha256(text.encode("ascii")).hexdigest()
    return found


def main(target):
    """Write the document."""
    text = json.dumps(signed(document(livers())), indent=1, ensure_ascii=False)
    target.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else EXAMPLES / "mouse-circadian-tracks.json")
