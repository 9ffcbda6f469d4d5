"""The documentation says what the code does: tables are fresh, everything is documented, links lead somewhere, examples run."""

from __future__ import annotations

import importlib.util
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlencode, urlsplit

import click
import pytest

import fairgraph
from fairgraph import queries
from fairgraph.api import Fairgraph
from fairgraph.cli.main import COMMANDS, cli
from fairgraph.cli.main import run as run_command
from fairgraph.exports.export import exports
from fairgraph.importers.format import formats
from fairgraph.validation.shapes import profiles, shapes
from support import EXAMPLE, ROOT


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generate = _generator()
DOCUMENTS: list[Path] = generate.documents()
RULE = re.compile(r'(?:"(?:violation|warning|info)",|"(?=slug-))\s*"?([a-z]+-[a-z-]+)"')
LINK = re.compile(r"(?<!\!)\[[^\]\n]*\]\(([^)\s]+)\)|!\[[^\]\n]*\]\(([^)\s]+)\)")
PICTURE = re.compile(r"!\[([^\]\n]*)\]\(([^)\s]+\.png)\)")
MOST_OF_A_PICTURE = 150_000
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
FENCE = re.compile(r"^```(\w+)(?: title=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def title(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# -- what must be documented ---------------------------------------------------------------------------------------


def test_no_table_is_stale() -> None:
    stale = [title(path) for path in generate.stale()]
    assert stale == [], "run .venv/bin/python docs/generate.py"


def test_every_table_is_in_a_document() -> None:
    used = {m["name"] for path in DOCUMENTS for m in generate.MARKED.finditer(path.read_text())}
    assert used == set(generate.TABLES)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name: str) -> None:
    sections = re.split(r"^## ", text_of("docs/cli.md"), flags=re.MULTILINE)
    section = next((part for part in sections if part.startswith(f"{name}\n")), "")
    assert section, f"docs/cli.md has no section {name}"
    command = cli.get_command(click.Context(cli), name)
    assert command
    options = {option for param in command.params for option in param.opts if option[0] == "-"}
    known = section + (text_of("docs/cli.md").split("## import")[0] if "--json" in options else "")
    assert [option for option in sorted(options) if option not in known] == []


def test_every_option_before_the_command_is_documented() -> None:
    options = {option for param in cli.params for option in param.opts}
    head = text_of("docs/cli.md").split("## ")[0]
    assert [option for option in sorted(options) if f"`{option}" not in head] == []


def test_every_format_and_export_is_documented() -> None:
    readme = text_of("README.md")
    names = [form.name for form in formats()] + [export.name for export in exports()]
    assert [name for name in names if f"`{name}`" not in readme] == []


def test_every_option_of_an_export_is_documented() -> None:
    page = text_of("docs/cli.md")
    assert [o for export in exports() for o in export.options if f"`{o}`" not in page] == []


def test_every_query_is_documented() -> None:
    page = text_of("docs/queries.md")
    assert [name for name in queries.catalogue() if f"`{name}`" not in page] == []


def test_every_rule_is_documented() -> None:
    sources = (ROOT / "src" / "fairgraph").rglob("*.py")
    found = {rule for path in sources for rule in RULE.findall(path.read_text(encoding="utf-8"))}
    found |= {shape.rule for profile in profiles() for shape in shapes(profile)}
    page = text_of("docs/validation.md")
    assert [rule for rule in sorted(found) if f"`{rule}`" not in page] == []


def test_every_error_is_documented() -> None:
    page = text_of("docs/python.md")
    names = [error.__name__ for error in generate.error_classes()]
    assert "StoreLocked" in names
    assert [name for name in names if f"`{name}`" not in page] == []


def test_every_verb_of_python_is_documented() -> None:
    page = text_of("docs/python.md")
    verbs = [name for name in vars(Fairgraph) if not name.startswith("_")]
    assert [verb for verb in verbs if f"`{verb}(" not in page] == []


def test_every_module_is_in_the_codemap() -> None:
    page = text_of("ARCHITECTURE.md")
    package = ROOT / "src" / "fairgraph"
    named = [
        path.relative_to(package).as_posix()
        for path in sorted(package.rglob("*.py"))
        if path.name != "__init__.py" and "cli" not in path.parts
    ]
    assert [name for name in named if f"{name.rpartition('/')[2]}`" not in page] == []


def test_the_readme_names_the_targets_that_there_are() -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    assert {"run", "test"} <= targets
    for name in ("README.md", "CONTRIBUTING.md"):
        assert set(re.findall(r"(?:`|^ +)make ([a-z]+)\b", text_of(name), re.MULTILINE)) - {
            "PORT"
        } <= targets | {"which"}
    assert "make test" in text_of("README.md")


# -- links -----------------------------------------------------------------------------------------------------------


def anchors(path: Path) -> set[str]:
    """The anchors of the headings of a document, as GitHub makes them."""
    found = HEADING.findall(FENCE.sub("", path.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in found}


@pytest.mark.parametrize("path", DOCUMENTS, ids=title)
def test_no_link_is_broken(path: Path) -> None:
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    broken = []
    for match in LINK.finditer(text):
        link = match[1] or match[2]
        if urlsplit(link).scheme:
            continue
        name, _, anchor = link.partition("#")
        target = path.parent / name if name else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_picture_is_small_and_shown_with_words() -> None:
    shown = {
        (path.parent / match[2]).resolve(): match[1]
        for path in DOCUMENTS
        for match in PICTURE.finditer(path.read_text(encoding="utf-8"))
    }
    pictures = sorted((ROOT / "docs" / "images").glob("*.png"))
    assert len(pictures) >= 6, "run make pictures"
    assert [title(path) for path in pictures if len(shown.get(path, "")) < 20] == []
    assert [title(path) for path in pictures if path.stat().st_size > MOST_OF_A_PICTURE] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=title)
def test_a_document_names_no_place_on_a_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"(?:/work|/home|/tmp|/root|/Users)/\S+", text) == []


# -- examples --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """A fenced block; ``expected`` is the text block that follows a block of commands."""

    language: str
    file: str
    text: str
    expected: str


def blocks(path: Path) -> Iterator[Block]:
    found = [match.groups() for match in FENCE.finditer(path.read_text(encoding="utf-8"))]
    for n, (language, file, text) in enumerate(found):
        following = found[n + 1] if n + 1 < len(found) else ("", "", "")
        expected = following[2] if language == "sh" and following[0] == "text" else ""
        yield Block(language, file or "", text, expected)


def commands(block: Block) -> Iterator[list[str]]:
    """The commands of a block: one a line, without comments and without where their output goes."""
    for line in block.text.splitlines():
        words = shlex.split(line, comments=True)
        if words:
            yield words[: words.index(">")] if ">" in words else words


WITH_EXAMPLES = [
    path
    for path in DOCUMENTS
    if any(b.language in ("sh", "python", "sparql") for b in blocks(path))
]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the examples in it, where nothing is served in earnest."""
    for name in (EXAMPLE.name, "mouse-circadian-run"):
        shutil.copytree(EXAMPLE.with_name(name), tmp_path / "examples" / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FAIRGRAPH_STORE", raising=False)
    monkeypatch.delenv("FAIRGRAPH_QUERIES", raising=False)
    monkeypatch.setattr("fairgraph.web.serve.serve", lambda *args, **options: None)
    return tmp_path


@pytest.fixture
def client() -> Iterator[Any]:
    """The web application over a store that holds the example."""
    from fairgraph.web.app import close_app, create_app

    with fairgraph.open("memory:") as fg:
        fg.add(EXAMPLE)
        app = create_app(fg)
        with app.test_client() as one:
            yield one
        close_app(app)


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=title)
def test_the_examples_run(
    path: Path, place: Path, client: Any, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    names: dict[str, Any] = {}
    for block in blocks(path):
        if block.file:
            target = place / block.file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
        elif block.language == "sparql":
            with fairgraph.open("memory:") as fg:
                fg.add(EXAMPLE)
                assert list(fg.query(block.text)), block.text
        elif block.language == "python":
            exec(compile(block.text, title(path), "exec"), names)
        elif block.language == "sh":
            for words in commands(block):
                run(words, client)
                output = capfdbinary.readouterr().out.decode()
            if block.expected:
                assert output.split() == block.expected.split()


def run(words: list[str], client: Any) -> None:
    program, *arguments = words
    if program == "fairgraph":
        assert run_command(arguments) == 0, words
    elif program == "curl":
        assert fetched(arguments, client) == 200, words
    else:
        assert words == ["pip", "install", "."], words


def fetched(arguments: list[str], client: Any) -> int:
    """Ask as curl would; return the status."""
    headers, form, url, follow = {}, {}, "", False
    given = iter(arguments)
    for argument in given:
        if argument == "-H":
            name, _, value = next(given).partition(": ")
            headers[name] = value
        elif argument == "--data-urlencode":
            name, _, value = next(given).partition("=")
            form[name] = value
        elif argument == "-L":
            follow = True
        elif not argument.startswith("-"):
            url = argument
    assert url.startswith("http://localhost:8000/"), arguments
    local = url.removeprefix("http://localhost:8000")
    if form:
        content_type = "application/x-www-form-urlencoded"
        response = client.post(
            local, data=urlencode(form), headers=headers, content_type=content_type
        )
    else:
        response = client.get(local, headers=headers, follow_redirects=follow)
    with response:
        return int(response.status_code)
