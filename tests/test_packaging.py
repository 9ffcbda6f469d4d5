"""What is installed is whole: sdist → wheel → a fresh environment, where every command of a first day works."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import fairgraph
from fairgraph import queries, resources
from support import ROOT

SLOW_LIBRARIES = ("flask", "pyoxigraph", "pyshacl", "rdflib", "rich", "waitress")
CLEAN = {
    key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "FAIRGRAPH"))
}
Run = Callable[..., subprocess.CompletedProcess[str]]


def run(
    *command: object, cwd: Path, env: dict[str, str] = CLEAN
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


# -- before anything is installed ------------------------------------------------------------------------------------


def modules_after(code: str, cwd: Path) -> set[str]:
    code = f"import sys\n{code}\nprint(' '.join(sys.modules))"
    return set(run(sys.executable, "-c", code, cwd=cwd).stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "code",
    [
        "import fairgraph",
        "from fairgraph.cli.main import run; run(['--help'])",
        "from fairgraph.cli.main import run; run(['import', '--help'])",
        "from fairgraph.cli.main import run; run(['serve', '--help'])",
        "from fairgraph.cli.main import run; run(['--version'])",
        "from fairgraph.cli.main import run; run(['nosuch'])",
    ],
)
def test_help_does_not_wait_for_slow_libraries(code: str, tmp_path: Path) -> None:
    assert modules_after(code, tmp_path) & set(SLOW_LIBRARIES) == set()


def test_the_store_does_not_wait_for_the_libraries_of_validation_and_web(tmp_path: Path) -> None:
    code = "import fairgraph\nwith fairgraph.open('memory:') as fg: fg.datasets()"
    assert modules_after(code, tmp_path) & (set(SLOW_LIBRARIES) - {"pyoxigraph"}) == set()


def test_the_data_folders_are_found_in_a_checkout() -> None:
    for folder in (resources.QUERIES, resources.SHAPES, resources.ONTOLOGIES, resources.EXAMPLES):
        assert folder.is_dir()
        assert folder.parent == ROOT


# -- installed -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sdist, and the wheel that was built from it."""
    out = tmp_path_factory.mktemp("dist")
    isolated = [] if importlib.util.find_spec("hatchling") is None else ["--no-isolation"]
    run(sys.executable, "-m", "build", *isolated, "--outdir", out, ROOT, cwd=out, env=dict(os.environ))  # fmt: skip
    (sdist,), (wheel,) = out.glob("*.tar.gz"), out.glob("*.whl")
    return sdist, wheel


@pytest.fixture(scope="module")
def fresh(built: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel; the libraries it needs are those that the tests run with."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", "--quiet", built[1], cwd=folder)  # fmt: skip
    (site,) = folder.glob("lib/python*/site-packages")
    # A path file names one folder and none of its path files: our checkout, installed for editing, is not found.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def installed(fresh: Path, tmp_path: Path) -> Run:
    """Run a program of the new environment in an empty folder."""
    return lambda program, *args: run(fresh / "bin" / program, *args, cwd=tmp_path)


@pytest.mark.slow
def test_the_sdist_holds_what_a_developer_needs_and_nothing_private(
    built: tuple[Path, Path],
) -> None:
    with tarfile.open(built[0]) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    tops = {name.partition("/")[0] for name in names}
    assert {"src", "tests", "queries", "shapes", "ontologies", "examples", "Makefile"} <= tops
    assert {"README.md", "LICENSE", "pyproject.toml"} <= names
    assert not any("__pycache__" in name or "fairgraph-data" in name for name in names)
    assert tops.isdisjoint({".venv", "build", "dist", ".git"})


@pytest.mark.slow
def test_the_wheel_holds_every_data_file_and_every_module(built: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(built[1]) as wheel:
        names = set(wheel.namelist())
    for folder in (resources.QUERIES, resources.SHAPES, resources.ONTOLOGIES, resources.EXAMPLES):
        for path in folder.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert f"fairgraph/_data/{path.relative_to(resources.ROOT).as_posix()}" in names
    package = ROOT / "src" / "fairgraph"
    for path in package.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert f"fairgraph/{path.relative_to(package).as_posix()}" in names
    assert {name.partition("/")[0] for name in names} == {
        "fairgraph",
        f"fairgraph-{fairgraph.__version__}.dist-info",
    }
    assert any(name.endswith("licenses/LICENSE") for name in names)


@pytest.mark.slow
def test_the_wheel_says_that_it_is_typed(built: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(built[1]) as wheel:
        assert "fairgraph/py.typed" in wheel.namelist()


@pytest.mark.slow
def test_the_version_is_the_one_of_the_code(built: tuple[Path, Path], installed: Run) -> None:
    assert f"-{fairgraph.__version__}-" in built[1].name
    assert installed("fairgraph", "--version").stdout.split()[-1] == fairgraph.__version__


@pytest.mark.slow
def test_the_installed_package_is_the_one_that_runs(installed: Run, fresh: Path) -> None:
    code = "import fairgraph, fairgraph.resources as r; print(fairgraph.__file__); print(r.ROOT)"
    package, data = installed("python", "-c", code).stdout.splitlines()
    assert Path(package).is_relative_to(fresh)
    assert Path(data) == Path(package).parent / "_data"


@pytest.mark.slow
def test_the_installed_catalogue_has_every_query(installed: Run) -> None:
    listed = json.loads(installed("fairgraph", "queries", "--json").stdout)["queries"]
    files = [*resources.QUERIES.rglob("*.rq"), *resources.QUERIES.rglob("*.ru")]
    assert len(listed) == len(files) == len(queries.catalogue())


@pytest.mark.slow
def test_the_first_experience_works_in_an_empty_folder(installed: Run, tmp_path: Path) -> None:
    out = installed("fairgraph", "demo").stdout
    assert "validate  conforms" in out
    written = {path.name for path in (tmp_path / "build" / "demo" / "mouse-circadian").iterdir()}
    code = "from fairgraph.exports.export import installed; print(len(installed()))"
    assert len(written) == int(installed("python", "-c", code).stdout)
    listed = installed("fairgraph", "--store", "build/demo/store", "list", "--json").stdout
    assert json.loads(listed)["datasets"][0]["counts"]["samples"] == 42
    assert {path.name for path in tmp_path.iterdir()} == {"build"}


@pytest.mark.slow
def test_the_installed_web_application_has_its_pages(installed: Run) -> None:
    code = (
        "import fairgraph\n"
        "from fairgraph.web.app import create_app\n"
        "with fairgraph.open('memory:') as fg:\n"
        "    print(create_app(fg).test_client().get('/', headers={'Accept': 'text/html'}).status_code)"
    )
    assert installed("python", "-c", code).stdout.strip() == "200"


@pytest.mark.slow
def test_the_libraries_that_are_needed_are_named() -> None:
    """What is imported outside of the standard library is a dependency in pyproject.toml, and the other way round."""
    import ast
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {text.split(">")[0].split("=")[0].strip().lower() for text in project["dependencies"]}
    used = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                used |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                used.add(str(node.module).split(".")[0])
    strangers = {name.lower() for name in used - set(sys.stdlib_module_names)} - {"fairgraph"}
    called = {"yaml": "pyyaml", "markdown_it": "markdown-it-py"}
    strangers = {called.get(name, name) for name in strangers}
    of_flask = {"markupsafe", "werkzeug", "jinja2"}
    extras = project["optional-dependencies"]
    offered = {
        re.split("[>=]", text)[0].strip().lower()
        for name in extras
        if name != "dev"
        for text in extras[name]
    }
    assert strangers - named - offered <= of_flask
    planned = {"pyld", "sparqlwrapper"}
    assert named - strangers <= planned, "installed and not used"
