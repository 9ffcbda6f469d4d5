"""A real server of the demo store, and a real browser that reaches nobody else: chromium, driven by playwright.

Chromium is FAIRGRAPH_CHROMIUM, or `chromium` on the PATH. `tools/chromium.sh` installs it where it may; without it these tests are
skipped, and fail where CI is set and it could have been installed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

import fairgraph
from browsing import VISIT, Site, Tab, address, places_of, pool
from fairgraph.resources import EXAMPLES
from support import ROOT

OPTIONS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update"
    " --disable-sync --force-color-profile=srgb"
)
# Whatever is not on this machine has no address.
NOBODY = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
ABOUT = "http://schema.org/keywords"


# -- The server ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`fairgraph serve` over the examples, a study of many samples, and a dataset that was removed."""
    folder = tmp_path_factory.mktemp("site")
    with fairgraph.open(folder / "store") as fg:
        for path in sorted(EXAMPLES.iterdir()):
            if path.name[0] not in "._" and (path.is_dir() or path.suffix in (".json", ".eln")):
                fg.add(path)
        fg.add(pool(folder / "plasma-pool"))
        removed = fg.add(EXAMPLES / "mouse-circadian-tracks.json", slug="removed").dataset
        fg.remove(removed)
        published = fg.dataset("mouse-circadian-published").iri
        fg.update(
            f'INSERT DATA {{ GRAPH <{published}> {{ <{published}> <{ABOUT}> "telemetry of mice" }} }}'
        )
        places = places_of(fg)
        places["removed"] = f"/id/{removed.slug}"
        _, key = fg.store.keys.create("browser", scope="write")
    log = folder / "serve.log"
    start = "from fairgraph.cli.main import main; main()"
    options = ("--store", str(folder / "store"), "serve", "--port", "0", "--writable")
    with (
        log.open("w", encoding="utf-8") as errors,
        subprocess.Popen([sys.executable, "-c", start, *options], stderr=errors) as server,
    ):
        try:
            yield Site(address(server, log), key, places)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)
    assert "Traceback" not in log.read_text(encoding="utf-8")


# -- The browser -----------------------------------------------------------------------------------------------------


def chromium() -> str:
    """Return where chromium is; skip without it, or fail where it should be."""
    found = os.environ.get("FAIRGRAPH_CHROMIUM") or shutil.which("chromium")
    if found is None and Path("/usr/bin/chromium").exists():
        found = "/usr/bin/chromium"
    if found is None:
        told = "no chromium: `apt install chromium`, or set FAIRGRAPH_CHROMIUM to one"
        script = ["sh", str(ROOT / "tools" / "chromium.sh"), "installable"]
        if os.environ.get("CI") and subprocess.run(script, check=False).returncode == 0:
            pytest.fail(told)
        pytest.skip(told)
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*OPTIONS.split(), NOBODY])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def tabs(browser: Browser, site: Site) -> Iterator[Callable[..., Tab]]:
    """Contexts are made once for all tests of a file: with scripts, without, wide or narrow."""
    made: dict[str, tuple[BrowserContext, Tab]] = {}

    def tab(**options: Any) -> Tab:
        key = str(sorted(options.items()))
        if key not in made:
            context = browser.new_context(base_url=site.url, **options)
            made[key] = context, watched(context, site.url)
            made[key][1].scripts = options.get("java_script_enabled", True)
        return made[key][1]

    yield tab
    for context, _ in made.values():
        context.close()


def watched(context: BrowserContext, url: str) -> Tab:
    """A page whose requests to others than the server end here, and are known; and what the console says."""
    page = context.new_page()
    tab = Tab(page, url)

    def refuse(route: Any) -> None:
        tab.foreign.append(route.request.url)
        route.abort()

    def complain(message: Any) -> None:
        if message.type == "error":
            tab.complaints.append(message.text)

    context.route(lambda address: not address.startswith((url + "/", "data:", "blob:")), refuse)
    context.on("console", complain)
    context.on("weberror", lambda error: tab.complaints.append(str(error.error)))
    page.set_default_timeout(VISIT)
    return tab


@pytest.fixture
def tab(tabs: Callable[..., Tab]) -> Iterator[Tab]:
    """A page of 1280 by 860 pixels, with scripts."""
    yield from unblemished(tabs(viewport={"width": 1280, "height": 860}, accept_downloads=True))


@pytest.fixture
def plain_tab(tabs: Callable[..., Tab]) -> Iterator[Tab]:
    """The same without scripts."""
    yield from unblemished(tabs(viewport={"width": 1280, "height": 860}, java_script_enabled=False))


def unblemished(tab: Tab) -> Iterator[Tab]:
    """Lend a page; afterwards nobody else has been asked, and the console has nothing to say."""
    tab.clear()
    yield tab
    assert tab.foreign == []
    assert tab.unexpected == []


# -- Pictures for the documentation ----------------------------------------------------------------------------------


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Take a picture of what is on the screen into the folder FAIRGRAPH_PICTURES; without it, take none (`make pictures`)."""
    folder = os.environ.get("FAIRGRAPH_PICTURES")

    def take(page: Page, name: str) -> None:
        if folder:
            path = ROOT / folder / f"{name}.png"
            page.screenshot(path=path, animations="disabled", caret="hide")
            reduce(path)

    return take


def reduce(path: Path) -> None:
    """Leave 128 colours, if pillow is there: a third of the bytes."""
    try:
        from PIL import Image
    except ImportError:
        return
    with Image.open(path) as image:
        few = image.convert("RGB").quantize(128, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
