"""The body of a data card: Markdown (CommonMark with tables) for people."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from fairgraph.exports.card_code import examples
from fairgraph.exports.card_facts import Card
from fairgraph.exports.card_picture import flowchart
from fairgraph.exports.ml_columns import Column
from fairgraph.markdown import code, inline, paragraphs, table
from fairgraph.scores.score import Score, plain
from fairgraph.terms import SCHEMA

_LISTED, _LEVELS, _LONGEST, _TITLE = 20, 6, 40, 200
_EXAMPLES = 3
_STUDY = ("identifier", "name", "dateCreated", "datePublished", "description")
_QUESTIONS = {
    "use_cases": "What are the data for?",
    "limitations": "What are they not fit for?",
    "biases": "Which biases are known?",
    "collection": "How were they collected?",
    "missing_data": "Why are values missing?",
    "personal_sensitive_information": "Is there personal or sensitive information?",
    "maintenance_plan": "Who keeps them, and how?",
}


def body(card: Card) -> str:
    """Return the body: the title, and a section for each matter that the card knows something about."""
    lines = [f"# {inline(card.title)}", ""]
    for title, section in SECTIONS:
        content = list(section(card))
        if content:
            lines += [f"## {title}", "", *content, ""]
    lines.append(
        f"Written by fairgraph (`card`, version {card.front_matter['card_version']}) from revision {card.version or 'r1'} of <{card.iri}>."
    )
    return "\n".join(lines) + "\n"


def _summary(card: Card) -> Iterator[str]:
    description = card.about.get(SCHEMA.description, "")
    if description:
        yield from (paragraphs(description), "")
    measured = [" by ".join(inline(text) for text in pair if text) for pair in card.measured]
    if any(measured):
        yield f"Measured: {'; '.join(filter(None, measured))}."


def _identity(card: Card) -> Iterator[str]:
    rows = [
        (name.replace("_", " "), _value(value))
        for name, value in card.front_matter["identity"].items()
        if value is not None
    ]
    yield from table(("", ""), rows)


def _value(value: Any) -> str:
    text = str(value)
    return f"<{text}>" if re.fullmatch(r"https?://[^\s<>|]+", text) else inline(text)


def _contacts(card: Card) -> Iterator[str]:
    for contact in card.front_matter["contacts"]:
        line = f"* **{inline(contact['name'])}**"
        if contact["orcid"]:
            line += f" ([{contact['orcid']}](https://orcid.org/{contact['orcid']}))"
        if contact["affiliation"]:
            line += f", {inline(contact['affiliation'])}"
        if contact["email"]:
            line += f", {inline(contact['email'])}"
        if contact["roles"]:
            line += f": {', '.join(inline(role) for role in contact['roles'])}"
        yield line


def _contents(card: Card) -> Iterator[str]:
    scale = card.front_matter["scale"]
    yield from table(
        ("what", "how many"), ((n.replace("_", " "), f"{v:,}") for n, v in scale.items() if v)
    )


def _studies(card: Card) -> Iterator[str]:
    if card.parts:
        yield from table(
            ("study", "title", "submitted", "released", "description"),
            (
                (inline(_shortened(part.get(SCHEMA[name], ""), _TITLE)) for name in _STUDY)
                for part in card.parts
            ),
        )


def _protocols(card: Card) -> Iterator[str]:
    if card.protocols:
        yield from table(
            ("protocol", "type", "version", "address", "description"),
            (
                (
                    inline(protocol.get("name", "")),
                    inline(protocol.get("type", "")),
                    inline(protocol.get("version", "")),
                    _value(protocol.get("url", "")),
                    inline(_shortened(protocol.get("description", ""), _TITLE)),
                )
                for protocol in card.protocols
            ),
        )


def _biology(card: Card) -> Iterator[str]:
    rows = [
        (kind, inline(value["label"]), value["curie"] or "", f"{value['samples']:,}")
        for kind, values in (("organism", card.organisms), ("material", card.materials))
        for value in values[:_LISTED]
    ]
    if rows:
        yield from table(("", "what", "term", "samples"), rows)


def _columns(card: Card) -> Iterator[str]:
    total = len(card.matrix)
    if not card.matrix.columns:
        return
    yield f"The matrix of samples (`ml-csv`, `ml-json`, `ml-zip`) has {total:,} row{'' if total == 1 else 's'} and these columns:"
    yield ""
    yield from table(
        ("column", "type", "unit", "meaning", "missing", "values"),
        (
            (
                code(column.name),
                column.type,
                inline(column.unit_label or column.unit or ""),
                column.property_curie or "",
                f"{100 * column.missing / total:.0f} %" if total else "",
                _levels(card, column),
            )
            for column in card.matrix.columns
        ),
    )


def _levels(card: Card, column: Column) -> str:
    if column.minimum is not None and column.maximum is not None:
        return f"{plain(column.minimum):g} to {plain(column.maximum):g}"
    if column.name == "sample_label":
        shown = [inline(_shortened(str(row[1]))) for row in islice(card.matrix.rows(), _EXAMPLES)]
        return ", ".join([*shown, *(["…"] if len(card.matrix) > _EXAMPLES else [])])
    if column.type not in ("ontology", "categorical"):
        return ""
    values = card.values(column)
    shown = [inline(_shortened(value["label"])) for value in values[:_LEVELS]]
    more = [f"and {len(values) - _LEVELS} more"] if len(values) > _LEVELS else []
    return " · ".join([*shown, *more])


def _counted(number: int, one: str, several: str = "") -> str:
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def _shortened(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _files(card: Card) -> Iterator[str]:
    if card.files:
        yield from table(("file", "what"), ((f"`{n}`", text) for n, text in card.files.items()))


def _ontology(card: Card) -> Iterator[str]:
    coverage = card.front_matter["ontology"]
    yield (
        f"{coverage['annotated_values']:,} of {coverage['total_values']:,} annotations ({coverage['coverage_percent']} %) name an ontology term, as the value or as the unit."
    )
    if card.ontologies:
        yield ""
        yield from table(
            ("source", "version", "terms", "address"),
            (
                (
                    inline(s["prefix"]),
                    inline(s["version"] or ""),
                    s["terms"],
                    _value(s["uri"] or ""),
                )
                for s in card.ontologies
            ),
        )


def _provenance(card: Card) -> Iterator[str]:
    known = card.provenance
    if not known["process_categories"]:
        return
    pooled = known["pooled_samples"]
    yield (
        f"Samples come from {_counted(known['root_sources'], 'root material')}"
        + (f"; {_counted(pooled, 'sample')} from several at once" if pooled else "")
        + f". The longest chain has {_counted(known['max_depth'], 'process', 'processes')}. "
        + (
            "No process leads back to itself."
            if known["valid_prov"]
            else "**Some processes lead back to themselves.**"
        )
    )
    picture = flowchart(
        card.lineage.steps, card.count("sources"), card.count("samples"), card.count("files")
    )
    yield from ("", "```mermaid", picture, "```")


def _scores(card: Card) -> Iterator[str]:
    yield "How complete the metadata are, by the rules named; not a certificate."
    yield ""
    scores = (card.scores.fair, card.scores.ai_ready)
    yield from table(
        ("score", "points", "rules"),
        (
            (f"**{s.rule_set.label}**", f"**{s.total}** of 100", f"`{s.rule_set.name}`")
            for s in scores
        ),
    )
    for score in scores:
        yield from _score(score)


def _score(score: Score) -> Iterator[str]:
    yield ""
    yield from table(
        (score.rule_set.label, "points"),
        ((part, f"{points:g} of {score.rule_set.of:g}") for part, points in score.parts.items()),
    )
    hints = list(score.hints())[:5]
    if hints:
        yield from ("", "What would raise it:", "")
        yield from (f"* {inline(rule.hint)} (+{rule.missing:.3g})" for rule in hints)


def _uses(card: Card) -> Iterator[str]:
    for key, question in _QUESTIONS.items():
        said = card.rai[key]
        yield f"* **{question}** {inline(said) if said else 'Not stated.'}"


def _access(card: Card) -> Iterator[str]:
    if card.is_public:
        yield "Everybody may see this dataset; no key is needed."
    else:
        yield "This dataset is not public: requests need a key of somebody who may see it."
    yield ""
    yield from table(("what", "address"), ((inline(n), f"<{url}>") for n, url in card.api.items()))


def _code(card: Card) -> Iterator[str]:
    for heading, language, text in examples(card):
        yield from (f"### {heading}", "", f"```{language}", text.rstrip("\n"), "```", "")


def _citation(card: Card) -> Iterator[str]:
    people = ", ".join(inline(contact["name"]) for contact in card.contacts)
    year = (card.about.get(SCHEMA.datePublished) or card.export_date)[:4]
    identity = card.front_matter["identity"]
    where = f"https://doi.org/{identity['doi']}" if identity["doi"] else card.iri
    yield f"{f'{people} ' if people else ''}({inline(year)}): {inline(card.title)}. {card.version}. <{where}>"
    if card.publications:
        yield from ("", "Publications:", "")
    for item in card.publications:
        link = (
            f" <https://doi.org/{item['doi']}>"
            if str(item["doi"]).startswith("10.") and not re.search(r"[\s<>]", item["doi"])
            else ""
        )
        pubmed = f" PubMed {inline(item['pubmed'])}." if item["pubmed"] else ""
        words = [inline(item[key]) for key in ("authors", "title") if item[key]]
        yield f"* {'. '.join(words)}.{pubmed}{link}"


SECTIONS: tuple[tuple[str, Callable[[Card], Iterator[str]]], ...] = (
    ("Summary", _summary),
    ("Identity", _identity),
    ("Contacts", _contacts),
    ("Contents", _contents),
    ("Studies", _studies),
    ("Protocols", _protocols),
    ("Organisms and materials", _biology),
    ("Columns", _columns),
    ("Files", _files),
    ("Ontology coverage", _ontology),
    ("Provenance", _provenance),
    ("Scores and how to raise them", _scores),
    ("Uses, limits, biases", _uses),
    ("Access", _access),
    ("Code", _code),
    ("How to cite", _citation),
)
