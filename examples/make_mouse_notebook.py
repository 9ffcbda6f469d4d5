"""Writes examples/mouse-circadian-notebook.eln: the notebook beside examples/mouse-circadian, the same bytes every time.

    python examples/make_mouse_notebook.py [FILE]

Needs only the standard library. Samples, dates and values are those of the tables of the investigation.
"""

import csv
import hashlib
import json
import sys
import zipfile
from pathlib import Path

EXAMPLES = Path(__file__).parent
ROOT = "mouse-circadian-notebook"
VERSION = "https://purl.archive.org/purl/elnconsortium/eln-spec/1.2+20260923"
SAMPLE = "http://localhost:8000/id/mouse-circadian/study/mouse-circadian-light/sample/"
MIREILLE = {"@id": "https://orcid.org/0000-0002-1825-0097"}
LICENSE = {"@id": "https://creativecommons.org/licenses/by/4.0/"}


def rows():
    """The livers of the light study under 12 hours of light, by sample: their rows in the assay table."""
    path = EXAMPLES / "mouse-circadian" / "a_light_rnaseq.txt"
    with path.open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file, delimiter="\t")
    place = {name: n for n, name in reversed(list(enumerate(header)))}
    for line in lines:
        row = {name: line[n] for name, n in place.items()}
        if row["Sample Name"].startswith("LD12") and row["Sample Name"].endswith("liver"):
            yield row


def nodes(livers, files):
    """The metadata document of the notebook, node by node."""
    names = [row["Sample Name"] for row in livers]
    day = livers[0]["Date"]
    samples = [{"@id": SAMPLE + name} for name in names]
    integrity = [{"@id": f"#rin-{row['Sample Name']}"} for row in livers]
    parts = ["./mice/", "./dissection/", "./rna-extraction/"]
    yield {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.2"},
        "dateCreated": "2024-12-05T08:00:00+00:00",
        "sdPublisher": {"@id": "#laboratory"},
        "version": "1.0",
    }
    yield {
        "@id": "./",
        "@type": "Dataset",
        "name": "Notebook of the light study",
        "description": "What was done with the livers of the mice under 12 hours of light a day.",
        "conformsTo": [{"@id": "https://w3id.org/ro/crate/1.2"}, {"@id": VERSION}],
        "datePublished": "2024-12-05",
        "license": LICENSE,
        "hasPart": [{"@id": part} for part in parts],
    }
    for iri, name in (("https://w3id.org/ro/crate/1.2", "RO-Crate 1.2"), (VERSION, "ELN 1.2")):
        yield {"@id": iri, "@type": ["CreativeWork", "Profile"], "name": name}
    yield {"@id": LICENSE["@id"], "@type": "CreativeWork", "name": "CC BY 4.0"}
    yield {"@id": "#laboratory", "@type": "Organization", "name": "Laboratory of this example"}
    yield {**MIREILLE, "@type": "Person", "givenName": "Mireille", "familyName": "Achterberg"}
    entry = {"@type": "Dataset", "author": [MIREILLE], "encodingFormat": "text/markdown"}
    yield {
        "@id": "./mice/",
        **entry,
        "name": "Mice of the light study",
        "genre": "resource",
        "keywords": "mouse, light",
        "dateCreated": "2024-09-01T09:00:00+00:00",
        "text": "14 mice, housed in 12 or 16 hours of light a day.",
    }
    yield {
        "@id": "./dissection/",
        **entry,
        "name": "Dissection of livers, 12 hours of light",
        "genre": "experiment",
        "keywords": "liver, dissection",
        "dateCreated": "2024-09-12T06:00:00+00:00",
        "text": "One liver every four hours, from ZT0 to ZT20. Frozen in liquid nitrogen at once.",
        "isBasedOn": {"@id": "./mice/"},
        "mentions": samples,
        "step": [{"@id": "#dissect"}, {"@id": "#freeze"}],
    }
    yield {"@id": "#dissect", "@type": "HowToStep", "position": 1, "text": "Dissect the left lobe."}
    yield {"@id": "#freeze", "@type": "HowToStep", "position": 2, "text": "Freeze it."}
    yield {
        "@id": "./rna-extraction/",
        **entry,
        "name": "RNA extraction of livers",
        "genre": "experiment",
        "keywords": "RNA, liver",
        "dateCreated": f"{day}T10:00:00+00:00",
        "text": "Columns, 30 µl elution. The integrity of all is **above 8**.",
        "isBasedOn": {"@id": "./dissection/"},
        "mentions": samples,
        "variableMeasured": integrity,
        "hasPart": [{"@id": f"./{name}"} for name in files],
        "comment": [{"@id": "#comment-1"}],
    }
    for row in livers:
        yield {
            "@id": f"#rin-{row['Sample Name']}",
            "@type": "PropertyValue",
            "propertyID": f"RNA integrity number.{row['Sample Name']}",
            "name": f"RNA integrity number of {row['Sample Name']}",
            "value": float(row["Characteristics[RNA integrity number]"]),
        }
    yield {
        "@id": "#comment-1",
        "@type": "Comment",
        "name": "Quality",
        "author": MIREILLE,
        "dateCreated": f"{day}T16:30:00+00:00",
        "text": "Good enough for sequencing.",
    }
    for name, content in files.items():
        yield {
            "@id": f"./{name}",
            "@type": "File",
            "name": name.rpartition("/")[2],
            "description": "Integrity of the RNA, by sample",
            "encodingFormat": "text/csv",
            "contentSize": str(len(content)),
            "sha256": hashlib.sha256(content).hexdigest(),
        }


def main(path):
    """Write the notebook."""
    livers = list(rows())
    lines = "".join(f"{row['Sample Name']},{row['Characteristics[RNA integrity number]']}\n" for row in livers)  # fmt: skip
    files = {"rna-extraction/integrity.csv": b"sample,RIN\n" + lines.encode()}
    context = "https://w3id.org/ro/crate/1.2/context"
    document = {"@context": context, "@graph": list(nodes(livers, files))}
    members = {
        "ro-crate-metadata.json": json.dumps(document, ensure_ascii=False, indent=1).encode(),
        **files,
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for folder in ("mice/", "dissection/"):  # entries without a file
            archive.writestr(zipfile.ZipInfo(f"{ROOT}/{folder}", (2024, 12, 5, 8, 0, 0)), b"")
        for name, content in members.items():
            member = zipfile.ZipInfo(f"{ROOT}/{name}", (2024, 12, 5, 8, 0, 0))
            member.external_attr = 0o644 << 16
            archive.writestr(member, content)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else EXAMPLES / "mouse-circadian-notebook.eln")
