"""Imports point down, modules stay small, and the store is asked in one place only (ARCHITECTURE.md, layers)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import fairgraph

PACKAGE = Path(fairgraph.__file__).parent
LAYERS = (
    (
        "closing",
        "cycles",
        "errors",
        "identifiers",
        "licences",
        "markdown",
        "memory",
        "report",
        "resources",
        "sorting",
        "terms",
    ),
    ("crate", "curies", "fairtracks", "files", "isa", "literals", "search", "templates", "writing"),
    ("keys", "pennsieve"),
    ("store",),
    ("queries", "revisions"),
    ("ontology",),
    ("catalogue", "scores"),
    ("access", "exports", "importers", "validation"),
    ("answers", "drafts"),
    ("checking",),
    ("runs",),
    ("api",),
    ("conversion",),
    ("web",),
    ("cli",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
# Libraries that only some packages may know: they are slow to import, or they are the business of one layer.
LIBRARIES = {
    "click": {"cli", "web.serve"},
    "flask": {"web"},
    "SPARQLWrapper": {"store.server"},
    "http": {"store.server", "web"},
    "markdown_it": {"web.pages.notes"},
    "nh3": {"web.pages.notes"},
    "pyshacl": {"validation"},
    "rdflib": {"validation"},
    "rich": {"cli"},
    "owlready2": {"ontology.classify"},
    "socket": {"web.connection"},  # options of a socket that the server opened
    "sqlite3": set(),
    "subprocess": {"web"},
    "waitress": {"web"},
    "werkzeug": {"web"},
    "zipfile": {"exports.package", "importers.archive", "importers.crate_files"},
}
LONGEST = 500


@cache
def modules() -> dict[str, Path]:
    """All modules by their name within the package."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts).removesuffix("__init__").removesuffix(".")] = path
    return found


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(modules()[module].read_text(encoding="utf-8"))


def imported(module: str) -> Iterator[str]:
    """The dotted names that a module imports anywhere, in functions and for types, too."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def ours(module: str) -> Iterator[str]:
    for name in imported(module):
        if name.split(".")[0] == "fairgraph":
            yield name.removeprefix("fairgraph").removeprefix(".")


def calls(module: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(module)) if isinstance(node, ast.Call))


def within(module: str, places: set[str]) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in places)


MODULES = [name for name in modules() if name]


def test_every_module_has_a_layer() -> None:
    assert {name.split(".")[0] for name in MODULES} == set(LEVEL)


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module: str) -> None:
    package = module.split(".")[0]
    for name in ours(module):
        other = name.split(".")[0]
        if other not in ("__version__", package):
            assert LEVEL[other] < LEVEL[package], f"{module} imports {name}"


@pytest.mark.parametrize("module", [name for name in MODULES if LEVEL[name.split(".")[0]] == 0])
def test_a_leaf_imports_nothing_of_ours(module: str) -> None:
    assert list(ours(module)) == []


@pytest.mark.parametrize("package", ["importers", "exports", "validation"])
def test_formats_know_the_store_and_the_leaves_only(package: str) -> None:
    allowed = {
        package,
        "scores",
        "store",
        "ontology",
        "__version__",
        *LAYERS[0],
        *LAYERS[1],
        *LAYERS[2],
    }
    for module in (name for name in MODULES if name.split(".")[0] == package):
        strangers = {name for name in ours(module) if name.split(".")[0] not in allowed}
        assert strangers == set(), module


def test_the_package_itself_only_offers_the_api() -> None:
    assert set(ours("")) <= {"api", "api.Fairgraph", "api.open_fairgraph", "runs.Run"}


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_stays_in_its_layer(library: str) -> None:
    users = {m for m in modules() if library in {name.split(".")[0] for name in imported(m)}}
    assert {user for user in users if not within(user, LIBRARIES[library])} == set()


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_not_too_long(module: str) -> None:
    length = len(modules()[module].read_text(encoding="utf-8").splitlines())
    assert length <= LONGEST, f"{length} lines"


def test_nothing_is_printed_but_through_click() -> None:
    printing = {m for m in MODULES for call in calls(m) if isinstance(call.func, ast.Name) and call.func.id == "print"}  # fmt: skip
    assert printing == set()


# Who may ask the store: what is asked on behalf of a caller passes access.visible or access.dataset_scope in api and answers.
ASKING = {"store", "ontology", "catalogue", "access", "answers", "api", "checking", "drafts"}
READERS = {"reader", "_reader", "writer", "state", "scratch"}


def receiver(call: ast.Call) -> str:
    """The last name before the method: ``reader`` in ``self.reader.select(…)``."""
    value = call.func.value if isinstance(call.func, ast.Attribute) else None
    if isinstance(value, ast.Attribute):
        return value.attr
    return value.id if isinstance(value, ast.Name) else ""


@pytest.mark.parametrize("module", [name for name in MODULES if not within(name, ASKING)])
def test_nobody_else_asks_the_store(module: str) -> None:
    for call in calls(module):
        if isinstance(call.func, ast.Attribute):
            method = call.func.attr
            assert method not in ("select", "construct"), ast.unparse(call)
            asks = method in ("query", "ask") and receiver(call) in READERS
            assert not asks, ast.unparse(call)


def test_a_scope_for_a_caller_is_made_by_access_only() -> None:
    makers = {m for m in MODULES if {"store.Scope", "store.protocol.Scope"} & set(ours(m))}
    assert {m for m in makers if not within(m, {"catalogue", "ontology", "store"})} <= {"access", "answers", "api", "checking", "drafts"}  # fmt: skip


def test_the_engine_is_opened_by_the_store_only() -> None:
    """``pyoxigraph.Store`` elsewhere is only a scratch pad in memory: called without a path."""
    for module in (name for name in MODULES if not within(name, {"store"})):
        names = {name for name in imported(module) if name == "pyoxigraph.Store"}
        for call in calls(module):
            is_store = isinstance(call.func, ast.Name) and call.func.id == "Store" and names
            is_store = is_store or (isinstance(call.func, ast.Attribute) and call.func.attr == "Store")  # fmt: skip
            assert not (is_store and (call.args or call.keywords)), ast.unparse(call)


def test_nothing_opens_a_socket() -> None:
    """But one module, to the one server that the operator named."""
    for module in set(MODULES) - {"store.server"}:
        roots = set(imported(module))
        assert not roots & {"urllib.request", "urllib.request.urlopen", "requests", "httpx"}, module
