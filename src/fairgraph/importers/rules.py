"""The rules that importers check: what only the notation knows, each with its severity, its numbers and what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fairgraph.report import Finding, Severity


@dataclass(frozen=True)
class Rule:
    """A rule of the importers.

    ``severity`` and ``code`` (of isatools) name several where they depend on the case, ``content_rule`` is the number of the content
    rule of the ISA specification 1.0, or 0, and ``when`` says what is found.
    """

    name: str
    severity: str
    when: str
    code: str = ""
    content_rule: int = 0


RULES: tuple[Rule, ...] = (
    # The notation as a whole
    Rule("isa-encoding", "warning", "a file is not UTF-8; read as UTF-16, Windows-1252 or Latin-1", "10", 1),
    Rule("isa-json-syntax", "violation", "an ISA-JSON document is not JSON; nothing is read", "2", 2),
    Rule("isa-json-schema", "violation", "an object of an ISA-JSON document has a property, a type or a value that its schema does not have", "3", 3),
    Rule("isa-json-suffix", "warning", "the name of an ISA-JSON file does not end in .json", "", 4),
    Rule("isa-missing-file", "violation", "the investigation names a study (6) or assay (8) file that is not there", "6, 8", 24),
    Rule("isa-study-file-name", "warning", "a study names no table file", "3005", 24),
    Rule("isa-assay-file-name", "warning", "an assay names no table file", "3005", 24),
    Rule("isa-unreferenced-file", "info", "a table that the investigation does not name; not read"),
    Rule("isa-no-study", "warning", "the investigation has no study"),
    # The investigation file of ISA-Tab
    Rule("isa-section-missing", "violation", "a section of the investigation file is not there", "5"),
    Rule("isa-section-order", "violation", "a section stands in another place than the standard gives it, or before any STUDY", "5"),
    Rule("isa-repeated-section", "warning", "a section is given twice; both are read", "5"),
    Rule("isa-label-missing", "violation", "a section lacks a label that it must have", "5"),
    Rule("isa-label-form", "violation, warning", "a section heading or label is written in another way than the standard writes it (warning: a comment)", "5"),
    Rule("isa-repeated-label", "warning", "a label is given twice in a section; the second is kept as a comment", "5"),
    Rule("isa-reserved-comment", "warning", "the name of a comment begins with isatab:, which is reserved; kept, but not written as ISA-Tab"),
    Rule("isa-unknown-label", "warning", "a label that the section does not have; kept as a comment", "5"),
    Rule("isa-repeated-comment", "violation", "two comments of one section have the same name", "5"),
    Rule("isa-comment-count", "violation", "a comment has more or fewer values than its section describes things"),
    Rule("isa-value-count", "warning", "a label has fewer values than its section describes things; the others are empty"),
    Rule("isa-surplus-value", "violation", "more than one value on a line that takes one; kept as comments"),
    Rule("isa-ragged-list", "warning", "more accessions or sources than names in a list with semicolons"),
    Rule("isa-repeated-source", "warning", "an ontology source is declared twice"),
    # The tables of ISA-Tab
    Rule("isa-empty-table", "violation", "a table has no header"),
    Rule("isa-open-quote", "violation", "a cell begins with a quotation mark that is never closed; what follows was read as this cell"),
    Rule("isa-no-node", "violation", "no column of a table names a material, data file or process; its rows are not kept", "4014"),
    Rule("isa-first-node", "violation", "the first node of a study table is no source, or that of an assay table no sample"),
    Rule("isa-no-sample", "violation", "a study table has no Sample Name"),
    Rule("isa-column", "warning", "a column that the standard does not have; kept as a comment, or read as what its name says", "4014"),
    Rule("isa-column-form", "violation", "a heading is written in another way than the standard writes it", "4014"),
    Rule("isa-column-place", "violation", "a column stands where there is nothing that it could describe or qualify", "4014"),
    Rule("isa-term-columns", "violation", "a value has one of Term Source REF and Term Accession Number, but not the other", "4014"),
    Rule("isa-surplus-cell", "warning", "cells beyond the last header; kept as comments without a name", "4014"),
    Rule("isa-qualifier-without-value", "info", "a unit or a term without a value", "4999"),
    Rule("isa-conflicting-value", "warning", "one thing has several values in one column; all are kept"),
    Rule("isa-factor-value-of-row", "info", "a factor value differs between rows of one sample; kept with what determines it"),
    Rule("isa-implicit-process", "violation", "a node follows a node without a Protocol REF"),
    # What is used must be declared
    Rule("isa-cycle", "violation", "the experimental graph has a cycle"),
    Rule("isa-characteristic-undeclared", "violation", "ISA-JSON refers to a characteristic category that is not declared", "1013", 9),
    Rule("isa-unit-undeclared", "violation", "ISA-JSON refers to a unit that is not declared", "1014", 11),
    Rule("isa-source-undeclared", "violation", "ISA-JSON refers to a source or sample that is not declared", "1005", 12),
    Rule("isa-sample-undeclared", "violation", "an assay uses a sample that the study does not have", "1013, 1005", 12),
    Rule("isa-material-undeclared", "violation", "ISA-JSON refers to a material or data file that is not declared", "1005", 13),
    Rule("isa-process-undeclared", "violation", "ISA-JSON refers to a next or previous process that is not there", "1006", 14),
    Rule("isa-process-elsewhere", "violation", "the next or previous process is in the process sequence of something else", "1006", 14),
    Rule("isa-protocol-undeclared", "violation", "a protocol is executed but not declared", "1007", 16),
    Rule("isa-protocol-reference", "violation", "a process of ISA-JSON executes a protocol with an empty `@id`", "1007", 16),
    Rule("isa-factor-undeclared", "violation", "a factor has a value but is not declared", "1008", 18),
    Rule("isa-parameter-undeclared", "violation", "a parameter has a value but is not declared", "1009"),
    Rule("isa-ontology-source-undeclared", "violation", "an ontology source is used but not declared", "3009", 26),
    # ISA-JSON
    Rule("isa-empty-comment", "violation", "a comment has neither a name nor a value; not kept", "", 30),
    Rule("isa-empty-reference", "warning", "an empty `@id` refers to nothing"),
    Rule("isa-repeated-description", "info, warning", "a declared object is described again where it is referred to (warning: in another way); the declaration counts"),
    Rule("isa-unexpected-property", "info, warning", "how a key that ISA-JSON does not have, or a value of another type, was read (warning: it was not kept)"),
    Rule("isa-annotation-id", "info", "ontology annotations have an `@id`, which is not kept: they get new ones when they are written"),
    Rule("isa-repeated-key", "violation", "a key is given twice in one JSON object; the last one counts"),
    # Notebooks and crates. What is not safe to read is refused instead
    Rule("crate-csv-formula", "warning", "a name begins as a formula of a spreadsheet does"),
    Rule("crate-context-ignored", "info, warning", "what a context says beyond terms, or the context of a single node, is not heeded; a draft of RO-Crate's is read as the final one"),
    Rule("crate-context-redefined", "warning", "the context of a document gives a term of RO-Crate another meaning, which is not heeded"),
    Rule("crate-duplicate-case", "warning", "two members of an archive differ in upper and lower case only"),
    Rule("crate-empty", "info", "a property has no value: null, or an empty list; not kept"),
    Rule("crate-graph-dangling", "warning", "a reference leads to nothing that the document describes"),
    Rule("crate-graph-duplicate", "warning", "two nodes have one `@id`; what both say is said about one thing"),
    Rule("crate-graph-foreign-id", "warning", "a node has the IRI of a term or of another dataset; it gets one of its own"),
    Rule("crate-graph-no-id", "warning", "a node has no `@id`; it gets an IRI"),
    Rule("crate-graph-no-type", "warning", "a node has no `@type`"),
    Rule("crate-html-active", "warning", "a text holds scripts or the like; kept as it is"),
    Rule("crate-id-encoded", "info", "an `@id` has characters that no IRI has; it is kept beside the IRI"),
    Rule("crate-json-bom", "warning", "the metadata begin with a byte order mark"),
    Rule("crate-json-number", "warning", "a number is too large to be counted with"),
    Rule("crate-link", "warning", "a file or folder of a crate is a link; it is not followed, and not kept"),
    Rule("crate-lost", "warning", "a value of the metadata did not become a triple"),
    Rule("crate-method", "warning", "a member of an archive is packed by a method that not every reader knows"),
    Rule("crate-nested", "info", "an object stands inside of another; it becomes a node of its own"),
    Rule("crate-payload-missing", "warning", "a file that is described is not there"),
    Rule("crate-payload-preview", "info", "the preview for browsers is not kept"),
    Rule("crate-payload-sha256", "warning", "the SHA-256 of a file is not what the metadata say, or what they say is none"),
    Rule("crate-payload-size", "warning", "the size of a file is not what the metadata say"),
    Rule("crate-payload-undescribed", "warning", "a file of the archive is not described; kept"),
    Rule("crate-payload-unsigned", "info", "a file has no SHA-256 in the metadata; it got the one of its bytes"),
    Rule("crate-restored", "info", "a crate by fairgraph says which statements it supplied or withheld for the sake of rules; they are as they were before"),
    Rule("crate-signature", "info, warning, violation", "who signed a notebook, and whether that could be verified against a configured key (violation: it is not the signature of these metadata)"),
    Rule("crate-term-unknown", "info", "no context has a term; kept under the name of the program that wrote it"),
    Rule("crate-values-date", "warning", "a date is not written as ISO 8601 has it, or is none"),
    Rule("role-genre-unknown", "warning", "no entry of a notebook has a genre for which a role was given"),
    # Runs that are recorded
    Rule("run-input-differs", "warning", "an input has the name of a data file of the dataset, but other bytes; they are not linked"),
    Rule("run-input-missing", "warning", "an input that the parameters name is not there, or a folder of inputs holds no file"),
    Rule("run-input-outside", "warning", "a file that the parameters name is neither beside them nor among the inputs; it is not read"),
    Rule("run-input-unknown", "info", "an input is no data file of the dataset, neither by its bytes nor by its name"),
    Rule("run-link", "warning", "a link, or what is neither file nor folder, among the inputs or outputs of a run; it is not followed, and not kept"),
    Rule("run-parameter-left-out", "info, warning", "a parameter, or what it says of a file (warning), is in the document of parameters only"),
    # FAIRtracks
    Rule("fairtracks-comment", "warning", "a comment of ISA that should carry a value of a FAIRtracks document carries none, or not the one that its name says; kept as a comment, or as a text"),
    Rule("fairtracks-repeated-key", "violation", "a key is given twice in one object of a FAIRtracks document; the last one counts"),
    Rule("fairtracks-signature", "info", "the signature of a FAIRtracks document is not the SHA-256 of its content; kept as it is"),
    # Published datasets of Pennsieve
    Rule("pennsieve-byte-order-mark", "warning", "a document begins with a byte order mark"),
    Rule("pennsieve-column", "warning", "a table lacks a column of its schema, or has one that the schema does not have; kept as texts"),
    Rule("pennsieve-data-type", "warning", "the data type of a property is none of schema.json; kept, and not checked"),
    Rule("pennsieve-escapes", "warning", "the quotes of a record are escaped twice; read as if once"),
    Rule("pennsieve-file-missing", "warning", "a file that the manifest lists is not there"),
    Rule("pennsieve-file-path", "violation, warning", "the path of a file leads out of the dataset (violation), or is missing or that of another file"),
    Rule("pennsieve-file-sha256", "warning", "a SHA-256 is not 32 bytes in base64, or not that of the file"),
    Rule("pennsieve-file-size", "warning", "the size of a file is not what the manifest says"),
    Rule("pennsieve-file-unlisted", "warning", "a record is of a file that the manifest does not list"),
    Rule("pennsieve-form", "info", "a document or table is written in a form that is not kept: it comes back equal as data, not as bytes"),
    Rule("pennsieve-key-order", "info", "objects of one kind have their keys in several orders; one is kept"),
    Rule("pennsieve-link", "warning", "a file or folder is a link; it is not followed, and not kept"),
    Rule("pennsieve-model", "violation, warning", "a model has no name, or that of another (violation); a table is of no model of the schema"),
    Rule("pennsieve-property", "violation", "a property of a model has no name, or that of another"),
    Rule("pennsieve-record", "violation", "a record is not as the schema of its model says; looked for with the profile pennsieve only"),
    Rule("pennsieve-record-id", "violation", "a record has no id, or that of another record"),
    Rule("pennsieve-record-missing", "warning", "a record that is referred to is in no table"),
    Rule("pennsieve-schema-missing", "warning", "there are records and no schema of them; read as texts"),
    Rule("pennsieve-short-row", "warning", "a row has fewer cells than its table has columns; cells of linked properties go to the model that has the record"),
    Rule("pennsieve-surplus-cell", "warning", "a row has more cells than its table has columns; kept"),
    Rule("pennsieve-table-missing", "warning", "the table of a model is not where the schema says, or is not there"),
    Rule("pennsieve-text", "warning", "a text is not UTF-8"),
    # Others
    Rule("isa-data-file-missing", "warning", "a data file is not beside the metadata; looked for with `--data-files` only"),
    Rule("rdf-graph", "info", "the graph of an RDF file has a blank node as name"),
    Rule("rdf-iri-encoded", "warning", "an `@id` or `@type` of JSON-LD had characters that no IRI has; they were percent-encoded"),
    Rule("rdf-lost", "warning", "JSON-LD that becomes no triple: a key without an IRI, an object whose `@id` is none"),
    Rule("rdf-rewritten", "info", "a literal or number that the store spells in another way, such as `007` as `7`, or keeps as another type, such as `xsd:int` as `xsd:integer`"),
    Rule("rdf-unchecked", "info", "a JSON-LD file of more than 64 MB: nobody looked for what became no triple"),
    Rule("slug-taken", "info", "the slug belongs to a dataset from another source; a suffix was added"),
)  # fmt: skip

CONTENT_RULES: Mapping[str, int] = {rule.name: rule.content_rule for rule in RULES}


def finding(
    severity: Severity, rule: str, message: str, *, code: str = "", where: str = "", count: int = 1
) -> Finding:
    """Return a finding of an importer, with the number of the content rule that its rule stands for."""
    number = CONTENT_RULES.get(rule, 0)
    return Finding(
        severity, rule, message, code=code, where=where, count=count, content_rule=number
    )
