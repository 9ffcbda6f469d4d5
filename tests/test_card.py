"""Data cards: what they say, that nothing breaks them, that they stay the same, and that their code runs."""

from __future__ import annotations

import io
import json
import re
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from decimal import InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from werkzeug.serving import make_server

import fairgraph
from fairgraph.api import Fairgraph
from fairgraph.errors import FairgraphError
from fairgraph.exports import card as card_export
from fairgraph.exports.card_picture import flowchart, label
from fairgraph.exports.export import exports, installed
from fairgraph.markdown import inline
from fairgraph.web.app import close_app, create_app
from support import EXAMPLE, ROOT, corpus_paths

GOLDEN = ROOT / "tests" / "data-card-example.md"
SPECIFICATION = ROOT / "tests" / "fixtures" / "mouse-transcriptomics"
CORPUS = {
    path.relative_to(path.parents[1]).as_posix(): path
    for path in [*corpus_paths("isa/tab/*"), *corpus_paths("isa/json/*/*.json")]
}
HOSTILE = (
    "a\n---\nb", "no", "2026-03-14", "#hash", "line\u2028separator", "tab\there", "- item", "key: value", "'quoted\"",
    "{a: b}", "&anchor *alias", "null", "~", "1e3", "| pipe |", "```", "<script>alert(1)</script>", "[x](http://e.org)", "é\u0085\ufeff",
)  # fmt: skip
SECTIONS = (
    "Summary", "Identity", "Contacts", "Contents", "Studies", "Protocols", "Organisms and materials", "Columns", "Ontology coverage", "Provenance",
    "Scores and how to raise them", "Uses, limits, biases", "Access", "Code", "How to cite",
)  # fmt: skip


def front_matter(card: bytes) -> dict[str, Any]:
    """The front matter as a reader of cards finds it: between the first two lines of three hyphens."""
    assert card.startswith(b"---\n")
    text = card.decode("utf-8")
    end = text.index("\n---\n", 4)
    found = yaml.safe_load(text[4:end])
    assert isinstance(found, dict)
    return found


def body(card: bytes) -> str:
    return card.decode("utf-8").split("\n---\n", 1)[1]


@cache
def validator() -> Any:
    text = (ROOT / "tests" / "data_card_schema.json").read_text(encoding="utf-8")
    return jsonschema.Draft202012Validator(json.loads(text))


def check(card: bytes, document: dict[str, Any]) -> dict[str, Any]:
    """A card is as its schema wants, and the same as its JSON form."""
    found = front_matter(card)
    assert [f"{error.json_path}: {error.message}" for error in validator().iter_errors(found)] == []
    assert {k: v for k, v in document.items() if k not in ("columns", "body_markdown")} == found
    assert document["body_markdown"] == body(card)
    assert [c["name"] for c in document["columns"]] == [
        f["name"] for f in found["configs"][0]["features"]
    ]
    assert body(card).count("\n```") % 2 == 0
    prose = re.sub(r"^```.*?^```$", "", body(card), flags=re.MULTILINE | re.DOTALL)
    assert len(re.findall(r"^# ", prose, re.MULTILINE)) == 1
    headings = re.findall(r"^## (.*)$", prose, re.MULTILINE)
    assert headings == [name for name in SECTIONS if name in headings]
    return found


def card_of(fg: Fairgraph, dataset: Any = 1) -> dict[str, Any]:
    document = json.loads(fg.export("card-json", dataset).to_bytes())
    return check(fg.export("card", dataset).to_bytes(), document)


def steady(card: str) -> str:
    """A card without what other formats and the day of the import change."""
    card = re.sub(r"^api:\n(?:  .*\n)+", "", card, flags=re.MULTILINE)
    return re.sub(r"^## (Access|Code)\n.*?(?=^## )", "", card, flags=re.MULTILINE | re.DOTALL)


def test_the_card_of_the_example_is_the_one_that_we_know(
    example: Fairgraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")  # 2026-01-01
    found = steady(example.export("card", 1).to_bytes().decode())
    if not GOLDEN.exists():
        GOLDEN.write_text(found, encoding="utf-8")
        pytest.fail(f"{GOLDEN.name} was not there and is written anew: read it")
    assert found == GOLDEN.read_text(encoding="utf-8")


def test_the_card_says_what_the_graph_says(example: Fairgraph) -> None:
    card = card_of(example)
    assert card["pretty_name"] == "A mouse circadian transcriptomics investigation"
    assert card["license"] == "cc0-1.0"
    assert card["identity"]["license"] == "CC0-1.0"
    assert card["contacts"][0]["orcid"] == "0000-0002-1825-0097"
    assert len(card["contacts"]) == 3, "who is named in both studies stands once"
    assert card["scale"]["samples"] == 42
    assert card["biology"]["organisms"] == [
        {"label": "Mus musculus", "curie": "NCBITaxon:10090", "iri": "http://purl.obolibrary.org/obo/NCBITaxon_10090", "samples": 42}
    ]  # fmt: skip
    assert [m["samples"] for m in card["biology"]["material_types"]] == [21, 12, 9]
    assert card["provenance"]["max_depth"] == 5
    assert "sample collection" in card["provenance"]["process_categories"]
    scores = example.score(1)
    assert card["scores"]["fair"]["total"] == scores.fair.total
    assert card["scores"]["ai_ready"]["dimensions"] == scores.ai_ready.parts
    names = {export.name.replace("-", "_") for export in exports()}
    assert set(card["api"]) == {"self", "landing", "score", "sparql", *names}


def test_a_changed_triple_changes_the_card(example: Fairgraph) -> None:
    example.update(
        """PREFIX schema: <http://schema.org/>
        PREFIX rai: <http://mlcommons.org/croissant/RAI/>
        DELETE { GRAPH ?g { ?person schema:familyName ?name } }
        INSERT { GRAPH ?g { ?person schema:familyName "Nemo" . ?g rai:dataUseCases "Finding genes of the clock" } }
        WHERE { GRAPH ?g { ?person schema:familyName ?name FILTER (?name = "Carberry") } }"""
    )
    card = card_of(example)
    assert card["contacts"][0]["name"] == "Josiah S Nemo"
    assert card["rai"]["use_cases"] == "Finding genes of the clock"
    assert card["identity"]["version"] == "r2"


def test_what_the_owner_sets_is_in_the_card(example: Fairgraph) -> None:
    example.set(1, license="https://creativecommons.org/licenses/by/4.0/", doi="10.5555/1", status="published")  # fmt: skip
    card = card_of(example)
    assert (card["license"], card["identity"]["license"]) == ("cc-by-4.0", "CC-BY-4.0")
    assert card["identity"]["doi"] == "10.5555/1"
    assert card["identity"]["status"] == "published"
    example.set(1, license="Ask: the author")
    card = card_of(example)
    assert (card["license"], card["license_name"]) == ("other", "Ask: the author")


def test_addresses_of_people_are_in_cards_of_public_datasets_only(example: Fairgraph) -> None:
    assert card_of(example)["contacts"][0]["email"] == "josiah.carberry@example.org"
    example.set(1, visibility="private")
    assert {contact["email"] for contact in card_of(example)["contacts"]} == {None}
    assert "josiah.carberry@example.org" not in example.export("card", 1).to_bytes().decode()


def test_the_same_graph_gives_the_same_card(
    example: Fairgraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = example.export("card", 1).to_bytes()
    assert example.export("card", 1).to_bytes() == first
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert card_of(example)["identity"]["export_date"] == "1970-01-02"


@pytest.mark.parametrize("title", HOSTILE)
def test_no_title_breaks_a_card(
    write_tab: Callable[..., Path], memory: Fairgraph, title: str
) -> None:
    memory.add(write_tab([["Source Name", "Sample Name"], ["m1", "s1"]]))
    memory.set(1, title=title)
    card = card_of(memory)
    assert card["identity"]["title"] == title
    assert card["pretty_name"] == " ".join(title.split())
    text = body(memory.export("card", 1).to_bytes())
    assert "<script>" not in text
    assert text.splitlines()[0].startswith("# ")


def test_no_value_breaks_a_card(write_tab: Callable[..., Path], memory: Fairgraph) -> None:
    hostile = [text for text in HOSTILE if not re.search(r"[\t\n\r\u0085\u2028]", text)]
    rows = [
        ["Source Name", "Characteristics[organism]", "Protocol REF", "Sample Name", "Factor Value[dose]"],
        *([f"m{n}", text.replace('"', ""), "collection", f"s{n}", text.replace('"', "")] for n, text in enumerate(hostile)),
    ]  # fmt: skip
    memory.add(write_tab(rows))
    memory.update(
        """PREFIX schema: <http://schema.org/> PREFIX isa: <https://w3id.org/fairgraph/isa#>
        DELETE { GRAPH ?g { ?protocol isa:protocolType ?type } } INSERT { GRAPH ?g { ?protocol schema:name "x\\"] --> y; <b>``` #1" } }
        WHERE { GRAPH ?g { ?protocol isa:protocolType ?type } }"""
    )
    card = card_of(memory)
    assert {o["label"] for o in card["biology"]["organisms"]} == {text.replace('"', "") for text in hostile}  # fmt: skip


def test_labels_of_the_picture_hold_no_markup() -> None:
    assert label('a "b"] > <c>;') == "a #34;b#34;#93; #62; #60;c#62;#59;"
    assert label("#1 `x`\n\u00e9") == "#35;1 #96;x#96; \u00e9"
    assert label("\n") == " "
    lines = flowchart({("", "x|y"): 2, ("x|y", ""): 1}, 1, 2, 0).splitlines()
    assert lines == [
        "flowchart LR",
        '  start(["1 source"])',
        '  p0["x#124;y"]',
        '  finish[("2 samples")]',
        "  start -->|2| p0",
        "  p0 -->|1| finish",
    ]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a|b", "a\\|b"),
        ("# no heading", "\\# no heading"),
        ("1. no list", "1\\. no list"),
        ("- no list", "\\- no list"),
        ("3.69.0", "3.69.0"),
        ("two\n\nlines", "two lines"),
        ("*_`<&", "\\*\\_\\`\\<\\&"),
        ("--- a", "\\--- a"),
    ],
)
def test_texts_mean_nothing_to_markdown(text: str, written: str) -> None:
    assert inline(text) == written


# -- in packages -------------------------------------------------------------------------------------------------


def members(fg: Fairgraph, name: str, **options: str) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(fg.export(name, 1, **options).to_bytes())) as archive:
        return {entry: archive.read(entry) for entry in archive.namelist()}


def test_the_isa_tab_package_holds_the_card_unless_it_is_not_wanted(example: Fairgraph) -> None:
    files = members(example, "isa-tab")
    assert files["DATA_CARD.md"] == example.export("card", 1).to_bytes()
    assert "README.md" in files
    assert set(files) - set(members(example, "isa-tab", card="no")) == {"DATA_CARD.md"}
    assert members(example, "isa-tab", card="yes") == files


def test_a_fault_of_the_card_costs_no_isa_tab(
    example: Fairgraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(answers: object) -> bytes:
        raise InvalidOperation("a number")

    whole = members(example, "isa-tab")
    monkeypatch.setattr(card_export, "encoded", fault)
    files = members(example, "isa-tab")
    assert set(whole) - set(files) == {"DATA_CARD.md"}
    assert b"data card is missing, by a fault of fairgraph: InvalidOperation: a number" in files["README.md"]  # fmt: skip
    assert all(files[name] == whole[name] for name in files if name != "README.md")
    with pytest.raises(InvalidOperation):
        members(example, "isa-tab", card="yes")


@pytest.mark.parametrize("digits", [400, 5000])
def test_a_number_of_many_digits_breaks_nothing(example: Fairgraph, digits: int) -> None:
    long = "9" * digits
    with example.query(
        "PREFIX schema: <http://schema.org/> PREFIX isa: <https://w3id.org/fairgraph/isa#> SELECT ?value ?old { ?thing a isa:Sample ; schema:additionalProperty ?value . ?value schema:value ?old "
        "FILTER(ISNUMERIC(?old)) } ORDER BY ?value LIMIT 1"
    ) as answer:
        (value, old), *_ = answer
    graph = example.dataset(1).node
    example.update(
        f"DELETE DATA {{ GRAPH {graph} {{ {value} <http://schema.org/value> {old} }} }} ; "
        f"INSERT DATA {{ GRAPH {graph} {{ {value} <http://schema.org/value> {long} }} }}"
    )
    for format in installed():
        assert example.export(format.name, 1).to_bytes(), format.name
    for name in ("isa-json", "turtle", "ml-csv"):
        assert long.encode() in example.export(name, 1).to_bytes(), name
    assert "DATA_CARD.md" in members(example, "isa-tab")
    client = create_app(example).test_client()
    for path in ("/investigations/1", "/api/v1/investigations/1/score", "/api/v1/investigations/1/card", "/"):  # fmt: skip
        assert client.get(path).status_code == 200, path


def test_the_readme_of_the_matrix_package_is_the_card(example: Fairgraph) -> None:
    files = members(example, "ml-zip")
    card = front_matter(files["README.md"])
    assert card["dataset_info"][0]["download_size"] == len(files["samples.csv"])
    assert card["identity"] == card_of(example)["identity"]
    assert [f["name"] for f in card["configs"][0]["features"]] == files["samples.csv"].decode().partition("\n")[0].split(",")  # fmt: skip
    text = body(files["README.md"])
    assert all(f"`{name}`" in text for name in files if name != "README.md")


def test_a_reimport_of_the_package_says_the_same_card(example: Fairgraph, tmp_path: Path) -> None:
    before = card_of(example)
    example.export("isa-tab", 1).to_path(tmp_path / "mouse-circadian")
    with fairgraph.open("memory:") as other:
        other.add(tmp_path / "mouse-circadian", slug="mouse-circadian")
        after = card_of(other)
    for document in (before, after):
        document["scale"].pop("triples")
    assert after == before


# -- every dataset of the corpus ---------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.corpus
@pytest.mark.parametrize("name", CORPUS)
def test_every_dataset_has_a_card(name: str, memory: Fairgraph) -> None:
    try:
        memory.add(CORPUS[name])
    except FairgraphError as error:
        pytest.skip(f"is not read: {error}")
    card_of(memory)
    assert memory.export("card", 1).to_bytes() == memory.export("card", 1).to_bytes()


# -- code --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose datasets 1 (the example) and 3 (the specification's) have IRIs under its own address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}/"
    with fairgraph.open(tmp_path_factory.mktemp("served") / "store", base=base) as fg:
        fg.add(EXAMPLE)
        fg.add(SPECIFICATION, number=3)
        app = create_app(fg)
        server = make_server("127.0.0.1", port, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield base
        server.shutdown()
        thread.join()
        server.server_close()
        close_app(app)


def shell(command: str, folder: Path) -> str:
    done = subprocess.run(["sh", "-ec", command], cwd=folder, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def python(code: str, folder: Path) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, timeout=120)  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def blocks(text: str) -> list[tuple[str, str]]:
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_the_code_of_the_card_runs(served: str, tmp_path: Path) -> None:
    shell(f"curl -fsS -o DATA_CARD.md {served}api/v1/investigations/1/card", tmp_path)
    found = blocks((tmp_path / "DATA_CARD.md").read_text(encoding="utf-8"))
    query = next(code for language, code in found if language == "sparql")
    (tmp_path / "query.rq").write_text(query)
    answers = [shell(code, tmp_path) for language, code in found if language == "sh"]
    assert answers[-1].splitlines()[0] == "study,samples"
    assert (tmp_path / "mouse-circadian.csv").read_text().startswith("sample_id,sample_label,")
    pandas = next(code for language, code in found if language == "python")
    assert 'keep_default_na=False, na_values=[""]' in pandas
    pytest.importorskip("pandas", reason="pandas is in the extra ml-oracles")
    shown = python(pandas + "print(len(df), df['sample_id'].dtype, df['sample_label'][0])", tmp_path)  # fmt: skip
    assert shown.split()[:2] == ["42", "int64"]


def test_the_addresses_of_the_card_answer(served: str, tmp_path: Path) -> None:
    text = shell(f"curl -fsS {served}api/v1/investigations/1/card?format=json", tmp_path)
    for name, address in json.loads(text)["api"].items():
        if name not in ("anndata", "parquet"):  # they need libraries
            shell(f"curl -fsS -o /dev/null '{address}'", tmp_path)


def test_the_examples_of_the_platform_run_with_another_host(served: str, tmp_path: Path) -> None:
    api = f"{served}api.php/v1"
    key = '-H "X-API-Key: YOUR_KEY"'
    assert json.loads(shell(f'curl -fsS {key} "{api}/investigations/3/ml-export"', tmp_path))["metadata"]["investigation_id"] == 3  # fmt: skip
    assert shell(f'curl -fsS {key} "{api}/investigations/3/ml-export?format=csv"', tmp_path).startswith("sample_id,")  # fmt: skip
    shell(f'curl -fsS {key} -o ml_export.zip "{api}/investigations/3/ml-export?format=zip"', tmp_path)  # fmt: skip
    assert "README.md" in zipfile.ZipFile(tmp_path / "ml_export.zip").namelist()
    assert shell(f"curl -fsS {api}/investigations/3/card", tmp_path).startswith("---\n")
    assert json.loads(shell(f"curl -fsS {api}/investigations/3/card?format=json", tmp_path))["card_version"] == "1.0"  # fmt: skip
    assert json.loads(shell(f"curl -fsS {api}/platform-card", tmp_path))["statistics"]["investigations"] == 2  # fmt: skip
    pytest.importorskip("pandas", reason="pandas is in the extra ml-oracles")
    frames = python(
        f"""
import json, urllib.request
import pandas as pd
from io import StringIO
def get(url):
    return urllib.request.urlopen(urllib.request.Request(url, headers={{"X-API-Key": "YOUR_KEY"}})).read().decode()
data = json.loads(get("{api}/investigations/3/ml-export"))
one = pd.DataFrame(data["rows"], columns=[c["name"] for c in data["columns"]])
two = pd.read_csv(StringIO(get("{api}/investigations/3/ml-export?format=csv")))
print(one.equals(two), len(one))
""",
        tmp_path,
    )
    assert frames.split()[0] == "True"


NAMESAKES = """@prefix schema: <http://schema.org/> . @prefix isa: <https://w3id.org/fairgraph/isa#> .
<http://x/i> a isa:Investigation, schema:Dataset ; schema:name "I" ; schema:creator <http://x/i/person/p1>, <http://x/i/person/p2>, <http://x/i/person/p3> .
<http://x/i/person/p1> a schema:Person ; schema:givenName "Wei" ; schema:familyName "Wang" ; schema:email "a@x.org" ; schema:affiliation "A" ; schema:sameAs <https://orcid.org/0000-0002-1825-0097> .
<http://x/i/person/p2> a schema:Person ; schema:givenName "Wei" ; schema:familyName "Wang" ; schema:email "b@y.org" ; schema:affiliation "B" ; schema:sameAs <https://orcid.org/0000-0001-5109-3700> .
<http://x/i/person/p3> a schema:Person ; schema:givenName "Wei" ; schema:familyName "Wang" ; schema:email "b@y.org" .
"""


def test_two_people_of_one_name_are_two(tmp_path: Path, memory: Fairgraph) -> None:
    path = tmp_path / "two.ttl"
    path.write_text(NAMESAKES)
    dataset = memory.add(path).dataset
    contacts = json.loads(memory.export("card-json", dataset).to_bytes())["contacts"]
    assert [(c["name"], c["orcid"], c["affiliation"]) for c in contacts] == [
        ("Wei Wang", "0000-0002-1825-0097", "A"),
        ("Wei Wang", "0000-0001-5109-3700", "B"),
    ]
    for name in ("dcat", "schema-org"):
        text = memory.export(name, dataset).to_bytes()
        assert b"0000-0002-1825-0097" in text, name
        assert b"0000-0001-5109-3700" in text, name
