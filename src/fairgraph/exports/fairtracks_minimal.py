"""A FAIRtracks document of a dataset of another format: its tracks, what made them, and the samples that they come from.

What the dataset does not say is not invented, also where the standard demands it: checking the document tells what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from fairgraph.exports.export import Answers
from fairgraph.exports.fairtracks_objects import TAXON, Objects, Pairs
from fairgraph.exports.isa_view import IsaView
from fairgraph.fairtracks.model import (
    DOCUMENT,
    EXPERIMENT,
    KINDS,
    ORGANISM,
    SAMPLE,
    STUDY,
    TRACK,
    Json,
    unflatten,
)
from fairgraph.terms import ISA, SCHEMA, is_web_iri

SCHEMA_ID = "https://raw.githubusercontent.com/fairtracks/fairtracks_standard/v1/current/json/schema/fairtracks.schema.json"
EDAM = "http://edamontology.org/"
# What files are by their names, in the words of EDAM.
FORMATS = {
    "bed": ("format_3003", "BED"),
    "bed6": ("format_3585", "bed6"),
    "bed12": ("format_3586", "bed12"),
    "bb": ("format_3004", "bigBed"),
    "bigbed": ("format_3004", "bigBed"),
    "bw": ("format_3006", "bigWig"),
    "bigwig": ("format_3006", "bigWig"),
    "wig": ("format_3005", "WIG"),
    "bedgraph": ("format_3583", "bedgraph"),
    "bdg": ("format_3583", "bedgraph"),
    "gff": ("format_2305", "GFF"),
    "gff2": ("format_1974", "GFF2"),
    "gff3": ("format_1975", "GFF3"),
    "gtf": ("format_2306", "GTF"),
    "vcf": ("format_3016", "VCF"),
    "bam": ("format_2572", "BAM"),
    "narrowpeak": ("format_3613", "ENCODE narrow peak format"),
    "broadpeak": ("format_3614", "ENCODE broad peak format"),
}
_SUFFIX = re.compile(r"\.([A-Za-z0-9]+)(?:\.b?gz)?$")
# Names of characteristics that say what the slots of a sample do.
_SLOTS = {
    "cell type": "sample_type/cell_type",
    "cell line": "sample_type/cell_line",
    "organism part": "sample_type/organism_part",
    "tissue": "sample_type/organism_part",
    "organ": "sample_type/organism_part",
    "phenotype": "phenotype",
    "disease": "phenotype",
}


@dataclass
class _Track:
    name: str
    url: str = ""
    sha256: str = ""
    makers: set[str] = field(default_factory=set)


def minimal(answers: Answers, view: IsaView, objects: Objects) -> Json:
    """Return the document: studies always, tracks where files are tracks by their names."""
    made = _Minimal(answers, view, objects)
    document = made.document()
    count = next((int(row["count"].value) for row in answers.rows("files")), 0)
    for note in made.left_out(count):
        answers.note(note)
    return document


class _Minimal:
    def __init__(self, answers: Answers, view: IsaView, objects: Objects) -> None:
        self.view, self.objects = view, objects
        self.tracks: dict[str, _Track] = {}
        for file, name, url, sha256, maker in answers.rows("tracks"):
            track = self.tracks.setdefault(file.value, _Track(name.value))
            track.name = min(track.name, name.value)
            track.url, track.sha256 = (
                max(known, "" if term is None else term.value)
                for known, term in ((track.url, url), (track.sha256, sha256))
            )
            if maker is not None:
                track.makers.add(maker.value)
        self.materials: dict[str, set[str]] = {}
        self.names: dict[str, str] = {}
        for material, rdf_type, name in answers.rows("materials"):
            self.materials.setdefault(material.value, set()).add(rdf_type.value)
            self._name(material.value, name)
        for activity, name in answers.rows("activities") if self.tracks else ():
            self._name(activity.value, name)
        self._makers: dict[str, list[str]] = {}
        for process, edges in view.edges.items():
            for made in edges.get(SCHEMA.result, ()):
                self._makers.setdefault(made, []).append(process)
        self._before: dict[str, set[str]] = {}  # the processes before each
        for process, said in view.processes.items():
            self._before.setdefault(process, set()).update(said.get(ISA.previousProcess, ()))
            for other in said.get(ISA.nextProcess, ()):
                self._before.setdefault(other, set()).add(process)
        self._unsaid: set[str] = set()  # characteristics that no slot is for
        self._without_iri: set[str] = set()
        self._several: set[str] = set()
        self._used: set[str] = set()
        self._ids: dict[str, str] = {}
        self._taken: set[tuple[str, str]] = set()
        self._studies = [
            s for s in view.links(view.root, SCHEMA.hasPart) if view.is_a(s, ISA.Study)
        ]
        self._places = self._tables()

    def _name(self, iri: str, name: object) -> None:
        text = getattr(name, "value", "")
        if text:
            self.names[iri] = min(self.names.get(iri, text), text)

    def _tables(self) -> dict[str, tuple[str, str]]:
        """Return study and assay of each process in an assay."""
        found: dict[str, tuple[str, str]] = {}
        for study in self._studies:
            for table in self.view.links(study, SCHEMA.hasPart):
                for node in self.view.members.get(table, ()):
                    if node.kind == "process":
                        found.setdefault(node.iri, (study, table))
        return found

    def _id(self, kind: str, iri: str, name: str) -> str:
        """Return the ``local_id`` of a thing: its name, if no other of its kind has it, else its IRI."""
        if iri not in self._ids:
            local = name or iri
            self._ids[iri] = iri if (kind, local) in self._taken else local
            self._taken.add((kind, self._ids[iri]))
        return self._ids[iri]

    def document(self) -> Json:
        view, root = self.view, self.view.root
        title, identifier = view.text(root, SCHEMA.name), view.text(root, SCHEMA.identifier)
        identifier = identifier or root.rpartition("/")[2]
        leaves: Pairs = [
            ("@schema", SCHEMA_ID),
            ("doc_info/local_id", root),
            ("doc_info/doc_version", ""),
            ("collection_info/source_repo_url", root),
            ("collection_info/local_id", identifier),
            ("collection_info/doc_ref", root),
            ("collection_info/short_name", identifier),
            ("collection_info/long_name", title or identifier),
            *self.objects.contact(root, "collection_info/"),
        ]
        lists: dict[str, list[Json]] = {kind.key: [] for kind in KINDS}
        experiments: dict[str, None] = {}
        samples: dict[str, None] = {}
        for iri in sorted(self.tracks):
            experiment = min(self.tracks[iri].makers, default="")
            if experiment:
                experiments[experiment] = None
            lists["tracks"].append(_object(self._track(iri, experiment), TRACK.place))
        for experiment in experiments:
            sample = self._sample_of(experiment)
            if sample:
                samples[sample] = None
            lists["experiments"].append(_object(self._experiment(experiment, sample), EXPERIMENT.place))  # fmt: skip
        self._used.update(samples)
        for sample in samples:
            lists["samples"].append(_object(self._sample(sample), SAMPLE.place))
        for study in self._studies or [root]:
            lists["studies"].append(_object(self._study(study, identifier), STUDY.place))
        leaves += [(key, items) for key, items in lists.items() if items]
        return _object(leaves, DOCUMENT.place)

    def left_out(self, files: int) -> Iterator[str]:
        """Yield what the document does not say of the dataset, a sentence each; *files* is the number of its data files."""
        tracks = self.tracks.values()
        if others := files - len(tracks):
            yield f"left out {others} of {files} data files, which are no tracks by their names"
        if bare := sum(not track.makers for track in tracks):
            yield f"{bare} tracks belong to no experiment: nothing tells which activity made them"
        if several := sum(len(track.makers) > 1 for track in tracks):
            yield f"{several} tracks were made by several activities: the first of them is the experiment"
        samples = {m for m, types in self.materials.items() if ISA.Sample in types} - self._used
        if samples:
            yield f"left out {len(samples)} samples that no track comes from"
        if self._unsaid:
            yield f"left out characteristics that FAIRtracks has no place for: {', '.join(sorted(self._unsaid))}"
        if self._several:
            yield f"left out values of samples that have several: {', '.join(sorted(self._several))}"
        if self._without_iri:
            yield f"left out values without the IRI of a term: {', '.join(sorted(self._without_iri))}"

    # -- things ------------------------------------------------------------------------------------------------------

    def _study_id(self, study: str) -> str:
        name = self.view.text(study, SCHEMA.identifier) or study.rpartition("/")[2]
        return self._id("study", study, name)

    def _study(self, study: str, collection: str) -> Pairs:
        local = self._study_id(study)
        return [
            ("local_id", local),
            ("collection_ref", collection),
            ("study_name", self.view.text(study, SCHEMA.name) or local),
            *self.objects.publication(study),
            *(self.objects.contact(study, "") or self.objects.contact(self.view.root, "")),
        ]

    def _experiment(self, experiment: str, sample: str) -> Pairs:
        study, table = self._places.get(experiment, ("", ""))
        study = study or (self._studies or [self.view.root])[0]
        found: Pairs = [
            ("local_id", self._id("experiment", experiment, self.names.get(experiment, ""))),
            ("study_ref", self._study_id(study)),
            ("target", {}),
        ]
        if sample:
            found.append(("sample_ref", self._sample_id(sample)))
        for technique in self.view.links(table, ISA.technologyType)[:1] if table else ():
            found += self._term("technique", technique)
        return found

    def _sample_id(self, sample: str) -> str:
        return self._id("sample", sample, self.names.get(sample, ""))

    def _sample(self, sample: str) -> Pairs:
        found: dict[str, str] = {"local_id": self._sample_id(sample)}
        for material in self._above([sample]):
            for value in self.view.values.get(material, ()):
                category = self.view.text(value.category, SCHEMA.name)
                name = category.lower()
                if name != ORGANISM and name not in _SLOTS:
                    self._unsaid.add(category)
                    continue
                pairs = dict(self._species(value.term) if name == ORGANISM else self._term(_SLOTS[name], value.term))  # fmt: skip
                if not pairs:
                    self._without_iri.add(category)
                if any(found.get(key, text) != text for key, text in pairs.items()):
                    self._several.add(category)
                else:
                    found.update(pairs)
        return [*((key, text) for key, text in found.items() if text), ("sample_type", {})]

    def _species(self, term: str) -> Pairs:
        label, _, accession = self.view.term(term) if term else ("", "", "")
        if accession.startswith(TAXON):
            accession = f"taxonomy:{accession.removeprefix(TAXON)}"
        if not accession.startswith("taxonomy:"):
            return []
        return [("species_id", accession), ("species_name", label)]

    def _track(self, iri: str, experiment: str) -> Pairs:
        track = self.tracks[iri]
        found: Pairs = [
            ("local_id", self._id("track", iri, track.name)),
            ("file_name", track.name.rpartition("/")[2]),
            ("label_short", track.name.rpartition("/")[2]),
            ("label_long", track.name),
        ]
        if experiment:
            name = self.names.get(experiment, "")
            found.append(("experiment_ref", self._id("experiment", experiment, name)))
        url = track.url or (track.name if is_web_iri(track.name) else "")
        if url:
            found.append(("file_url", url))
        match = _SUFFIX.search(track.name)
        if match and (known := FORMATS.get(match[1].lower())):
            found += [
                ("file_format/term_id", EDAM + known[0]),
                ("file_format/term_label", known[1]),
            ]
        if track.sha256:
            found += [("checksum/cs_method", "SHA-256"), ("checksum/cs_hash", track.sha256)]
        return found

    def _term(self, pointer: str, node: str) -> Pairs:
        label, _, accession = self.view.term(node) if node else ("", "", "")
        if not is_web_iri(accession):
            return []
        return [(f"{pointer}/term_id", accession), *([(f"{pointer}/term_label", label)] if label else [])]  # fmt: skip

    # -- where things come from --------------------------------------------------------------------------------------

    def _sample_of(self, experiment: str) -> str:
        """Return the nearest sample that an experiment goes back to; a source, if there is no sample on the way."""
        materials = [m for m in self._above(self._inputs(experiment)) if m in self.materials]
        return next((m for m in materials if ISA.Sample in self.materials[m]), next(iter(materials), ""))  # fmt: skip

    def _inputs(self, process: str) -> list[str]:
        """Return what a process took in; without any, what the processes before it did."""
        seen, waiting = {process}, [process]
        while waiting:
            found = [i for p in waiting for i in self.view.edges.get(p, {}).get(SCHEMA.object, ())]
            if found:
                return sorted(set(found))
            before = {other for p in waiting for other in self._before.get(p, ())}
            waiting = sorted(before - seen)
            seen |= before
        return []

    def _above(self, nodes: list[str]) -> Iterator[str]:
        """Yield the nodes and all that they come from, the nearest first."""
        seen: set[str] = set()
        level = nodes
        while level:
            yield from (node for node in level if node not in seen)
            seen.update(level)
            level = sorted(
                {
                    other
                    for node in level
                    for process in self._makers.get(node, ())
                    for other in self._inputs(process)
                }
                - seen
            )


def _object(leaves: Pairs, place: Callable[[str], float]) -> Json:
    # A term of an object that is there anyway (target, sample_type) comes before the empty object.
    ordered = sorted(leaves, key=lambda leaf: place(leaf[0]))
    return unflatten(ordered)
