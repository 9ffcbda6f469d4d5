"""FAIRtracks documents (1.0 to 1.0.2, and the forms that were never released): JSON on genomic tracks and where they come from."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from fairgraph.errors import SourceError
from fairgraph.fairtracks.model import (
    DOCUMENT,
    EXPERIMENT,
    KINDS,
    LISTS,
    SAMPLE,
    SIGNATURES,
    STUDY,
    TRACK,
    Json,
    Kind,
    Leaves,
    flatten,
    unescape,
)
from fairgraph.fairtracks.signature import signature
from fairgraph.importers.archive import Source
from fairgraph.importers.fairtracks_graph import (
    SHA256,
    ObjectWriter,
    checksum,
    is_version,
    publication,
    source_of,
)
from fairgraph.importers.format import Draft
from fairgraph.importers.isa_graph import (
    EXECUTES,
    INDEX,
    MEMBERSHIP,
    NODE_TYPES,
    OBJECT,
    PARAMETER_VALUE,
    PROPERTY,
    RESULT,
    TYPE,
    IsaGraph,
    Term,
)
from fairgraph.importers.rules import finding
from fairgraph.isa.notation import Number
from fairgraph.report import Report
from fairgraph.terms import (
    BIOSCHEMAS,
    FAIRTRACKS,
    FG,
    ISA,
    PROV,
    SCHEMA,
    XSD,
    literal,
    ncname,
)

_SCHEMA = re.compile(rb"/fairtracks(?:_[a-z]+)?\.schema\.json")
_TRUE = f'"true"^^<{XSD.boolean}>'
COLLECTION, EXPERIMENTATION = "sample collection", "experiment"
FLUSH = 20_000


def detect(source: Source) -> bool:
    """Tell whether a source is one JSON file that names a schema of FAIRtracks, or has its sections."""
    names = metadata_files(source)
    if len(names) != 1 or len(source.members) != 1:
        return False
    with source.open(names[0]) as stream:
        head = stream.read(1 << 20)
    return (b'"@schema"' in head and _SCHEMA.search(head) is not None) or (
        b'"collection_info"' in head and b'"@context"' not in head
    )


def metadata_files(source: Source) -> list[str]:
    """Return the one JSON file that the importer reads."""
    return [name for name in source.members if name.lower().endswith(".json")]


def read(source: Source, draft: Draft) -> None:
    """Read a document. Raises SourceError, with line and column, if it is not JSON, or not a document of FAIRtracks."""
    name = metadata_files(source)[0]
    document = load(source, draft.report, exact=True)
    if not isinstance(document, dict) or not any(key in document for key in LISTS):
        raise SourceError(
            "is JSON, but not a document of FAIRtracks: it has none of studies, experiments, samples, tracks",
            where=f"{name}#/",
        )
    graph = IsaGraph(draft.dataset, draft.spool, draft.report)
    try:
        draft.title = _Document(graph, name).read(document)
    except RecursionError as error:
        raise SourceError("is nested too deeply to be metadata", where=f"{name}#/") from error
    draft.checked = True
    draft.entities = {"study": graph.studies, "sample": graph.samples}


def load(source: Source, report: Report, *, exact: bool = False) -> Any:
    """Return the JSON in a source; with *exact*, numbers with a point remember how they are written. SourceError if it is none."""
    name = metadata_files(source)[0]
    with source.open(name) as stream:
        data = stream.read()

    def members(pairs: list[tuple[str, Any]]) -> Json:
        found = dict(pairs)
        if len(found) != len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            message = f"the key {twice!r} is given twice in one object; the last one counts"
            report.add(finding("violation", "fairtracks-repeated-key", message, where=name))
        return found

    def constant(text: str) -> Any:
        raise SourceError(f"holds {text}, which is no JSON (RFC 8259 §6)", where=name)

    try:
        text = data.decode("utf-8-sig")
        document = json.loads(
            text,
            object_pairs_hook=members,
            parse_float=Number if exact else float,
            parse_constant=constant,
        )
        if "\\ud" in text.lower():  # half of a surrogate pair is no character
            json.dumps(document, ensure_ascii=False, default=str).encode()
    except UnicodeDecodeError as error:
        raise SourceError(f"is not UTF-8, at byte {error.start}", where=name) from error
    except UnicodeEncodeError as error:
        message = "holds half of a surrogate pair, which is no character (RFC 8259 §8.2)"
        raise SourceError(message, where=name) from error
    except json.JSONDecodeError as error:
        where = f"{name}:{error.lineno}:{error.colno}"
        raise SourceError(f"is not JSON: {error.msg}", where=where) from error
    except (ValueError, ArithmeticError) as error:
        raise SourceError(f"holds a number that cannot be read: {error}", where=name) from error
    except RecursionError as error:
        raise SourceError("is nested too deeply to be metadata", where=name) from error
    return document


class _Study:
    """A study on its way: its node, its protocols and assays, which are made when they are needed."""

    def __init__(self, document: _Document, node: str, n: int) -> None:
        self.document, self.graph, self.node, self.number = document, document.graph, node, n
        self.categories: dict[str, str] = {}
        self.parameters: dict[str, str] = {}
        self.protocols: dict[str, str] = {}
        self.assays: dict[str, str] = {}
        self.samples: set[str] = set()

    def category(self, name: str) -> str:
        """Return the characteristic category called *name*."""
        if (known := self.categories.get(name)) is None:
            graph = self.graph
            known = graph.category(self.node, "characteristic", ISA.CharacteristicCategory, name)
            graph.add(self.node, f"<{ISA.characteristicCategory}>", known)
            graph.index(known, len(self.categories))
            self.categories[name] = known
        return known

    def parameter(self, name: str) -> str:
        """Return the parameter of experiments called *name*."""
        if (known := self.parameters.get(name)) is None:
            graph, protocol = self.graph, self.protocol(EXPERIMENTATION)
            known = graph.category(protocol, "parameter", ISA.Parameter, name)
            graph.add(protocol, f"<{ISA.parameter}>", known)
            graph.term_property(known, ISA.parameterName, Term(name))
            graph.index(known, len(self.parameters))
            self.parameters[name] = known
        return known

    def protocol(self, name: str) -> str:
        """Return the protocol called *name*, which the document implies."""
        if (known := self.protocols.get(name)) is None:
            graph = self.graph
            known = graph.mint(self.node[1:-1], "protocol", name)
            graph.add(self.node, f"<{ISA.protocol}>", known)
            graph.types(known, f"<{BIOSCHEMAS.LabProtocol}>", f"<{PROV.Plan}>")
            graph.text(known, SCHEMA.name, name)
            graph.term_property(known, ISA.protocolType, Term(name))
            graph.add(known, f"<{FG.synthetic}>", _TRUE)
            graph.index(known, len(self.protocols))
            self.protocols[name] = known
        return known

    def assay(self, technique: Term, measured: Term) -> str:
        """Return the assay of all experiments with one technique; what is measured is what the first of them measures."""
        key = technique.accession
        if (known := self.assays.get(key)) is None:
            graph, study = self.graph, self.node[1:-1].rsplit("/", 1)[1]
            stem = f"a_{study}_{ncname(key.rsplit('/', 1)[-1]) if key else 'experiments'}"
            known = graph.mint(self.node[1:-1], "assay", stem)
            graph.add(self.node, f"<{SCHEMA.hasPart}>", known)
            graph.types(known, f"<{ISA.Assay}>", f"<{SCHEMA.Dataset}>")
            graph.text(known, ISA.fileName, f"{known[1:-1].rsplit('/', 1)[1]}.txt")
            graph.term_property(known, ISA.technologyType, technique)
            graph.term_property(known, ISA.measurementType, measured or technique)
            graph.add(known, f"<{FG.synthetic}>", _TRUE)
            graph.index(known, len(self.assays))
            self.assays[key] = known
        return known


class _Document:
    def __init__(self, graph: IsaGraph, name: str) -> None:
        self.graph, self.name = graph, name
        self.root = f"<{graph.dataset}>"
        self.objects = ObjectWriter(graph)
        self.studies: dict[str, _Study] = {}
        self.samples: dict[str, tuple[str, _Study | None]] = {}
        self.experiments: dict[str, str] = {}
        self.inputs: dict[str, list[str]] = {}  # of each experiment
        self.table_of: dict[str, str] = {}
        self.outputs: dict[str, list[str]] = {}

    def read(self, document: Json) -> str:
        graph, root = self.graph, self.root
        graph.types(
            root, f"<{ISA.Investigation}>", f"<{SCHEMA.Dataset}>", f"<{FAIRTRACKS.Document}>"
        )
        leaves = flatten(DOCUMENT, document)
        self.objects.layout(DOCUMENT, root, document, leaves)
        lists = {kind.key: self._members(leaves, kind) for kind in KINDS}
        collection = leaves.get("collection_info/local_id")
        title = self._document(document, leaves)
        for n, item in enumerate(lists["studies"]):
            self._study(n, item, collection)
        wanted = self._samples_of_studies(lists["experiments"])
        for n, item in enumerate(lists["samples"]):
            self._sample(n, item, wanted)
        for n, item in enumerate(lists["experiments"]):
            self._experiment(n, item)
        for n, item in enumerate(lists["tracks"]):
            self._track(n, item)
            if n % FLUSH == 0:
                graph.spool.flush()
        self._derivation()
        self._further_sources()
        titles = (item.get("study_name") for item in lists["studies"])
        return title or next((t for t in titles if isinstance(t, str) and t), "")

    @staticmethod
    def _members(leaves: Leaves, kind: Kind) -> list[Json]:
        """Take one of the four lists out of the leaves, if it is one of objects."""
        found = leaves.get(kind.key)
        if isinstance(found, list) and found and all(isinstance(item, dict) for item in found):
            leaves.pop(kind.key)
            return found
        return []

    # -- document and collection -------------------------------------------------------------------------------------

    def _document(self, document: Json, leaves: Leaves) -> str:
        graph, root = self.graph, self.root
        self._ontologies(leaves)
        for ref, target in (
            ("collection_info/doc_ref", "doc_info/local_id"),
            ("collection_info/document_ref", "document/global_id"),
        ):
            self._reference(root, leaves, ref, self._called(leaves.get(target)))
        for section, (key, _) in SIGNATURES.items():
            given = leaves.get(f"{section}/{key}")
            if isinstance(given, str) and SHA256.fullmatch(given):
                if signature(document) == given:
                    graph.add(root, f"<{FAIRTRACKS.is_signed}>", _TRUE)
                    leaves.pop(f"{section}/{key}")
                else:
                    message = (
                        "the signature is not the SHA-256 of the document; it is kept as it is"
                    )
                    where = f"{self.name}#/{section}/{key}"
                    graph.report.add(finding("info", "fairtracks-signature", message, where=where))
        self.objects.write(DOCUMENT, root, leaves)
        title = leaves.get("collection_info/long_name") or leaves.get("collection_info/short_name")
        return title if isinstance(title, str) else ""

    def _ontologies(self, leaves: Leaves) -> None:
        """Take the versions of ontologies out of the leaves: each is an ontology source, before the first term of one."""
        graph = self.graph
        for n, pointer in enumerate([p for p in leaves if is_version(p, leaves[p])]):
            version, iri = leaves[pointer], unescape(pointer.rpartition("/")[2])
            stem = name = iri.rsplit("/", 1)[-1].partition(".")[0].upper() or "ONTOLOGY"
            while name in graph.sources:
                name = f"{stem} {n + 1}"
            node = graph.ontology_source(name)
            graph.add(self.root, f"<{ISA.ontologySource}>", node)
            graph.text(node, SCHEMA.url, iri)
            graph.text(node, SCHEMA.version, version)
            graph.index(node, n)
            del leaves[pointer]

    def _further_sources(self) -> None:
        """Declare the ontologies of terms whose version the document does not give."""
        graph, root = self.graph, self.root
        declared = len(graph.sources)
        for n, node in enumerate(graph.sources.values()):
            graph.add(root, f"<{ISA.ontologySource}>", node)
            if n >= declared:
                graph.index(node, n)

    def _called(self, name: Any) -> dict[Any, str]:
        """Return what leads to the dataset: what the document or the collection is called."""
        return {name: self.root} if isinstance(name, str) else {}

    def _reference(
        self, node: str, leaves: Leaves, key: str, known: dict[Any, str], predicate: str = ""
    ) -> None:
        """Write a reference as one to the thing that it names; one to nothing stays a text."""
        text = leaves.get(key)
        if not text or not isinstance(text, str):
            return
        del leaves[key]
        found = known.get(text) or literal(text)
        self.graph.add(node, predicate or f"<{FAIRTRACKS[key.rpartition('/')[2]]}>", found)

    # -- things ------------------------------------------------------------------------------------------------------

    def _begin(
        self, kind: Kind, n: int, item: Json, scope: str, segment: str
    ) -> tuple[str, Leaves]:
        """Mint the node of an object and write what it is; return it with what the object says."""
        name = item.get("local_id")
        node = self.graph.mint(
            scope, segment, name if isinstance(name, str) and name else f"{kind.name}{n + 1}", n
        )
        self.graph.write(
            f'{node} {TYPE} <{kind.rdf_type}> .\n{node} {INDEX} "{n}"^^<{XSD.integer}> .\n'
        )
        leaves = flatten(kind, item)
        self.objects.layout(kind, node, item, leaves)
        return node, leaves

    def _study(self, n: int, item: Json, collection: Any) -> None:
        graph = self.graph
        node, leaves = self._begin(STUDY, n, item, graph.dataset, "study")
        graph.studies.append(node[1:-1])
        graph.add(self.root, f"<{SCHEMA.hasPart}>", node)
        graph.types(node, f"<{ISA.Study}>", f"<{SCHEMA.Dataset}>")
        graph.text(node, ISA.fileName, f"s_{node[1:-1].rsplit('/', 1)[1]}.txt")
        self._reference(node, leaves, "collection_ref", self._called(collection))
        publication(graph, node, leaves)
        self.objects.write(STUDY, node, leaves)
        name = item.get("local_id")
        self.studies.setdefault(name if isinstance(name, str) else f"\0{n}", _Study(self, node, n))

    def _samples_of_studies(self, experiments: list[Json]) -> dict[str, list[_Study]]:
        """Return the studies that use each sample, in the order of the experiments."""
        found: dict[str, dict[str, _Study]] = {}
        for item in experiments:
            sample, study = item.get("sample_ref"), item.get("study_ref")
            if isinstance(sample, str) and isinstance(study, str) and study in self.studies:
                found.setdefault(sample, {})[study] = self.studies[study]
        return {sample: list(studies.values()) for sample, studies in found.items()}

    def _sample(self, n: int, item: Json, wanted: dict[str, list[_Study]]) -> None:
        graph, name = self.graph, item.get("local_id")
        studies = wanted.get(name, []) if isinstance(name, str) else []
        studies = studies or list(self.studies.values())[:1]
        study = studies[0] if studies else None
        scope = study.node[1:-1] if study else graph.dataset
        node, leaves = self._begin(SAMPLE, n, item, scope, "sample")
        graph.samples.append(node[1:-1])
        graph.types(node, *NODE_TYPES["sample"])
        self.objects.write(SAMPLE, node, leaves, study.category if study else None, PROPERTY)
        if isinstance(name, str):
            self.samples.setdefault(name, (node, study))
        for owner in studies:
            graph.add(owner.node, MEMBERSHIP["sample"], node)
            self._source(
                owner, node, name if isinstance(name, str) and name else f"sample{n + 1}", n
            )

    def _source(self, study: _Study, sample: str, name: str, n: int) -> None:
        """Write the source that ISA wants before a sample, and how the one becomes the other; the document has neither."""
        graph, scope = self.graph, study.node[1:-1]
        source = graph.mint(scope, "source", name, n)
        process = graph.mint(scope, "process", f"collection-{name}", n)
        kinds = "".join(f"{source} {TYPE} {kind} .\n" for kind in NODE_TYPES["source"])
        kinds += "".join(f"{process} {TYPE} {kind} .\n" for kind in NODE_TYPES["process"])
        index = f'{INDEX} "{n}"^^<{XSD.integer}> .\n'
        graph.write(
            f"{study.node} {MEMBERSHIP['source']} {source} .\n{source} <{SCHEMA.name}> {literal(name)} .\n"
            f"{study.node} {MEMBERSHIP['process']} {process} .\n{kinds}{source} {index}{process} {index}"
            f"{source} <{FG.synthetic}> {_TRUE} .\n{process} <{FG.synthetic}> {_TRUE} .\n"
            f"{process} {EXECUTES} {study.protocol(COLLECTION)} .\n"
        )
        self._edges(process, [source], [sample])

    def _experiment(self, n: int, item: Json) -> None:
        graph, write = self.graph, self.graph.write
        name, study_ref = item.get("local_id"), item.get("study_ref")
        study = self.studies.get(study_ref) if isinstance(study_ref, str) else None
        leaves = flatten(EXPERIMENT, item)
        table = study.assay(*_assay_terms(leaves)) if study else ""
        scope = table[1:-1] if table else graph.dataset
        node, leaves = self._begin(EXPERIMENT, n, item, scope, "process")
        graph.types(node, *NODE_TYPES["process"])
        if study:
            write(f"{table} {MEMBERSHIP['process']} {node} .\n{node} {EXECUTES} {study.protocol(EXPERIMENTATION)} .\n")  # fmt: skip
            del leaves["study_ref"]
            self.table_of[node] = table
        else:
            self._reference(node, leaves, "study_ref", {})
        self._inputs(node, leaves, table)
        category: Callable[[str], str] | None = study.parameter if study else None
        self.objects.write(EXPERIMENT, node, leaves, category, PARAMETER_VALUE)
        if isinstance(name, str):
            self.experiments.setdefault(name, node)

    def _inputs(self, node: str, leaves: Leaves, table: str) -> None:
        """Write what an experiment was made on: its sample, or the samples of the experiments that it sums up."""
        parts = leaves.get("aggregated_from")
        summed = isinstance(parts, list) and parts
        text = leaves.get("sample_ref")
        known = self.samples.get(text) if isinstance(text, str) else None
        inputs = [known[0]] if known else []
        if summed or known is None:
            samples = {name: sample for name, (sample, _) in self.samples.items()}
            self._reference(node, leaves, "sample_ref", samples)
        else:
            del leaves["sample_ref"]
        for part in parts if isinstance(parts, list) else ():
            experiment = self.experiments.get(part) if isinstance(part, str) else None
            inputs += self.inputs.get(experiment or "", [])
        self.inputs[node] = list(dict.fromkeys(inputs))
        for sample in self.inputs[node] if table else ():
            self.graph.add(table, MEMBERSHIP["sample"], sample)

    def _track(self, n: int, item: Json) -> None:
        graph, ref = self.graph, item.get("experiment_ref")
        experiment = self.experiments.get(ref) if isinstance(ref, str) else None
        table = self.table_of.get(experiment or "", "")
        node, leaves = self._begin(TRACK, n, item, table[1:-1] if table else graph.dataset, "data")
        kinds = "".join(f"{node} {TYPE} {kind} .\n" for kind in NODE_TYPES["data"])
        graph.write(f"{kinds}{node} <{ISA.fileType}> {literal('Derived Data File')} .\n")
        if experiment:
            del leaves["experiment_ref"]
            self.outputs.setdefault(experiment, []).append(node)
            if table:
                graph.add(table, MEMBERSHIP["data"], node)
        else:
            self._reference(node, leaves, "experiment_ref", {})
        checksum(graph, node, leaves)
        self.objects.write(TRACK, node, leaves)

    def _derivation(self) -> None:
        for experiment, inputs in self.inputs.items():
            self._edges(experiment, inputs, self.outputs.get(experiment, []))

    def _edges(self, process: str, inputs: list[str], outputs: list[str]) -> None:
        """Write what a process took in and gave out, with what follows from it (queries/derive)."""
        write = self.graph.write
        for one in inputs:
            write(f"{process} {OBJECT} {one} .\n{process} <{PROV.used}> {one} .\n")
        for one in outputs:
            write(f"{process} {RESULT} {one} .\n{one} <{PROV.wasGeneratedBy}> {process} .\n")
        if len(inputs) == 1 or len(outputs) == 1:
            for one in outputs:
                for other in inputs:
                    write(f"{one} <{PROV.wasDerivedFrom}> {other} .\n")


def _assay_terms(leaves: Leaves) -> tuple[Term, Term]:
    """Return the technique of an experiment, and what it looks at, if that has a name."""
    found = []
    for pointer in EXPERIMENT.terms:
        iri, label = leaves.get(f"{pointer}/term_id"), leaves.get(f"{pointer}/term_label")
        if isinstance(iri, str) and iri:
            found.append(Term(label if isinstance(label, str) else "", iri, source_of(iri)))
        else:
            found.append(Term())
    # What has a name says more than an accession alone.
    return found[0], next((term for term in found[1:] if term.name), Term())
