"""Writes examples/mouse-circadian-published: telemetry of the mice of examples/mouse-circadian, as Pennsieve publishes datasets.

    python examples/make_mouse_published.py [FOLDER]

Needs only the standard library, and gives the same bytes every time. Mice are those of the tables of the investigation; what was
recorded of them is invented.
"""

import base64
import csv
import hashlib
import io
import json
import math
import sys
import uuid
from pathlib import Path

EXAMPLES = Path(__file__).parent
SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://example.org/mouse-circadian/published")
PEOPLE = [
    {"first_name": "Josiah", "last_name": "Carberry", "orcid": "0000-0002-1825-0097", "degree": "Ph.D."},
    {"first_name": "Mireille", "last_name": "Achterberg", "orcid": "0000-0000-0000-001X"},
]  # fmt: skip
README = """# Activity and body temperature of mice under 12 hours of light a day

Each mouse carried a transmitter for two days. The recordings are in `files/telemetry`, one value an hour. All data are
invented.
"""


def name_of(*parts):
    """The id of something, always the same."""
    return str(uuid.uuid5(SPACE, "/".join(parts)))


def mice():
    """The mice of the light study under 12 hours of light: name, strain, sex, age and mass."""
    path = EXAMPLES / "mouse-circadian" / "s_light.txt"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    found = {row["Source Name"]: row for row in rows if row["Sample Name"].startswith("LD12")}
    keys = ("strain", "sex", "age", "body mass")
    return [(name, *(row[f"Characteristics[{key}]"] for key in keys)) for name, row in sorted(found.items())]  # fmt: skip


def recording(number):
    """Two days of activity and temperature, one row an hour."""
    lines = ["hour,activity,temperature"]
    for hour in range(48):
        wave = math.cos((hour - 18) * math.pi / 12)
        lines.append(f"{hour},{round(60 + 50 * wave) + (hour * 7 + number) % 9},{36.5 + 0.6 * wave:.2f}")  # fmt: skip
    return "\n".join(lines) + "\n"


def table(rows):
    """Rows as comma-separated text, as the platform writes it."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def declared(name, display, data_type, *, required=False, title=False):
    """A property of a model."""
    return {"name": name, "displayName": display, "description": "", "dataType": data_type, "required": required, "modelTitle": title}  # fmt: skip


def schema():
    """The models and what relates them."""
    text = {"type": "String"}
    mouse = [
        declared("name", "Name", text, required=True, title=True),
        declared("strain", "Strain", text),
        declared("sex", "Sex", {"type": "Enum", "items": {"type": "String", "enum": ["female", "male"]}}),
        declared("age", "Age", {"type": "Long", "unit": "week"}),
        declared("body_mass", "Body mass", {"type": "Double", "unit": "gram"}),
        declared("implanted", "Implanted", {"type": "Date"}),
    ]  # fmt: skip
    recording = [
        declared("name", "Name", text, required=True, title=True),
        declared("hours", "Hours", {"type": "Long", "unit": "hour"}),
        declared("channels", "Channels", {"type": "Array", "items": {"type": "String"}}),
        {"name": "mouse", "displayName": "Mouse", "description": "", "dataType": {"type": "Model", "to": "mouse", "file": "records/recording.csv"}},
    ]  # fmt: skip
    file = [declared("path", "Path", text)]
    models = {"mouse": mouse, "recording": recording, "file": file}
    return {
        "models": [
            {"name": name, "displayName": name.capitalize(), "description": "", "file": f"records/{name}.csv", "properties": properties}
            for name, properties in models.items()
        ],
        "relationships": [
            {"name": "recorded_from", "from": "recording", "to": "mouse", "file": "relationships/recorded_from.csv"},
            {"name": "belongs_to", "from": "", "to": "", "file": "relationships/belongs_to.csv"},
        ],
    }  # fmt: skip


def metadata(found):
    """The files of the folder metadata, by name."""
    tables = {
        "records/mouse": [["id", "name", "strain", "sex", "age", "body_mass", "implanted"]],
        "records/recording": [["id", "name", "hours", "channels", "mouse", "mouse:display"]],
        "records/file": [["id", "path", "sourcePackageId"]],
        "relationships/belongs_to": [["from", "to", "relationship"]],
        "relationships/recorded_from": [["from", "to", "relationship"]],
    }
    for n, (name, strain, sex, age, mass) in enumerate(found):
        mouse, made, file = name_of("mouse", name), name_of("recording", name), name_of("file", name)  # fmt: skip
        tables["records/mouse"].append([mouse, name, strain, sex, age, f"{mass}.0", f"2024-09-{1 + n:02}T00:00:00"])  # fmt: skip
        tables["records/recording"].append([made, f"telemetry of {name}", 48, "activity;temperature", mouse, name])  # fmt: skip
        tables["records/file"].append([file, path_of(name), f"N:package:{name_of('package', name)}"])  # fmt: skip
        tables["relationships/belongs_to"].append([mouse, file, "belongs_to"])
        tables["relationships/recorded_from"].append([made, mouse, "recorded_from"])
    files = {f"metadata/{name}.csv": table(rows) for name, rows in tables.items()}
    return {"metadata/schema.json": json.dumps(schema(), indent=2).encode(), **files}


def path_of(name):
    """The path of a recording."""
    return f"files/telemetry/{name}.csv"


def entry(path, data, **more):
    """What the manifest says of a file."""
    kind = {"json": "Json", "csv": "CSV", "md": "Markdown"}[path.rpartition(".")[2]]
    return {"name": path.rpartition("/")[2], "path": path, "size": len(data), "fileType": kind, **more}  # fmt: skip


def manifest(entries):
    """The manifest; it lists itself, with its own size."""
    own = entry("manifest.json", b"")
    document = {
        "pennsieveDatasetId": 5555,
        "version": 1,
        "name": "Activity and body temperature of mice under 12 hours of light a day",
        "description": "Telemetry of the mice whose livers and suprachiasmatic nuclei were sequenced. All data are invented.",
        "creator": PEOPLE[0],
        "contributors": PEOPLE,
        "sourceOrganization": "Example Institute of Chronobiology",
        "keywords": ["body temperature", "circadian rhythm", "mouse", "telemetry"],
        "datePublished": "2025-09-01",
        "license": "Creative Commons Zero 1.0 Universal",
        "@id": "https://doi.org/10.5555/fairgraph.example.4",
        "publisher": "The University of Pennsylvania",
        "@context": "http://schema.org/",
        "@type": "Dataset",
        "schemaVersion": "http://schema.org/version/3.7/",
        "collections": [],
        "relatedPublications": [{"doi": "10.5555/fairgraph.example.1", "relationshipType": "IsDescribedBy"}],
        "files": sorted([*entries, own], key=lambda one: (one["name"], one["path"])),
        "pennsieveSchemaVersion": "5.0",
    }  # fmt: skip
    while True:
        text = json.dumps(document, indent=2, ensure_ascii=False, separators=(",", " : ")).encode()
        if own["size"] == len(text):
            return text
        own["size"] = len(text)


def main(folder):
    """Write the dataset into a folder."""
    found = mice()
    payload = {path_of(name): recording(n).encode() for n, (name, *_) in enumerate(found)}
    texts = {"readme.md": README.encode(), "changelog.md": b"# Version 1\n\nFirst published.\n"}
    entries = [entry(path, data) for path, data in texts.items()]
    for name, *_ in found:
        data = payload[path_of(name)]
        package = f"N:package:{name_of('package', name)}"
        checksum = base64.b64encode(hashlib.sha256(data).digest()).decode()
        entries.append(entry(path_of(name), data, sourcePackageId=package, sha256=checksum))
    described = metadata(found)
    entries += [entry(path, data) for path, data in described.items()]
    for path, data in {**texts, **payload, **described, "manifest.json": manifest(entries)}.items():
        place = Path(folder) / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else EXAMPLES / "mouse-circadian-published")
