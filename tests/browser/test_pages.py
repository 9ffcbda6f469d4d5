"""Every page, in a browser: for those who see little, on a phone, in the dark, on paper, without scripts; and nobody else is asked."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response

from browsing import Site, Tab

QUERY = "SELECT ?name { ?s a <https://w3id.org/fairgraph/isa#Source> ; <http://schema.org/name> ?name } ORDER BY ?name LIMIT 3"
# Pages by their path, or by what Site.places calls them; a status where it is not 200.
PAGES: dict[str, tuple[str, int]] = {
    "home": ("/", 200),
    "isa-tab": ("mouse-circadian", 200),
    "isa-json": ("mouse-circadian-isa", 200),
    "notebook": ("mouse-circadian-notebook", 200),
    "published": ("mouse-circadian-published", 200),
    "run-crate": ("mouse-circadian-run", 200),
    "tracks": ("mouse-circadian-tracks", 200),
    **{
        name: (name, 200)
        for name in (
            *(
                "study",
                "assay",
                "source",
                "sample",
                "process",
                "protocol",
                "run",
                "entry",
                "person",
            ),
            *("term", "file", "pool"),
        )
    },
    "numbered sample": ("/samples/1", 200),
    "values of a property": (
        "{study}?property=https%3A%2F%2Fw3id.org%2Ffairgraph%2Fisa%23sample",
        200,
    ),
    "search": ("/search", 200),
    "search with hits": ("/search?q=liver", 200),
    "search without hits": ("/search?q=nothingiscalledthis", 200),
    "queries": ("/queries", 200),
    "query": ("/queries/examples/organism-parts", 200),
    "sparql": ("/sparql", 200),
    "sparql after a run": (f"/sparql?query={quote(QUERY)}", 200),
    "sparql with a fault": ("/sparql?query=SELEKT", 400),
    "vocabulary": ("/vocabulary", 200),
    "scores": ("/scores", 200),
    "terms": ("/terms?q=liver", 200),
    "import": ("/import", 200),
    "exports": ("{mouse-circadian}/exports", 200),
    "columns": ("{mouse-circadian}/columns", 200),
    "revisions": ("{mouse-circadian-published}/revisions", 200),
    "revision": ("{mouse-circadian-published}/revisions/r2", 200),
    "nothing here": ("/investigations/4711", 404),
    "removed": ("removed", 410),
}
LOOKS = (("light", 1280), ("dark", 390))
# The rows of a table are alike: the first ones are judged, and fewer where there is one table after the other.
ALIKE = [
    "tbody tr:nth-child(n+13)",
    "section:nth-of-type(n+3) tbody tr:nth-child(n+4)",
    ".hits > li:nth-child(n+9)",
    "article:nth-of-type(n+7)",
]
JUDGED = {"include": [["html"]], "exclude": [[selector] for selector in ALIKE]}
AXE = {"resultTypes": ["violations"], "preload": False}
# What depends on colours and width; the rest has been said in the first look.
AXE_AGAIN = {
    **AXE,
    "runOnly": ["color-contrast", "link-in-text-block", "scrollable-region-focusable"],
}


def path_of(site: Site, name: str) -> str:
    path = PAGES[name][0]
    if path.startswith("{"):
        return path.format_map(site.places)
    return site.places.get(path, path)


def drawn(tab: Tab, name: str) -> None:
    """Wait for what scripts draw."""
    if name.startswith("sparql"):
        tab.page.wait_for_selector(".CodeMirror-code")
    if name == "sparql after a run":
        tab.page.wait_for_selector(".yasr table tbody tr")


def hurdles(page: Page, axe: Axe, options: dict[str, Any]) -> list[str]:
    """What axe calls serious or critical."""
    found = axe.run(page, context=JUDGED, options=options).response["violations"]
    return [
        f"{fault['id']}: {fault['help']}: {node['html'][:160]} {node['failureSummary'][-160:]}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"][:4]
    ]


def policy_faults(response: Response) -> list[str]:
    """What the policy of a page allows beyond our own files."""
    policy = response.headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    scripts = rules.get("script-src", rules["default-src"])
    faults = [] if scripts in ("'self'", "'none'") else [f"script-src {scripts}"]
    faults += [f"{rule} {what}" for rule, what in rules.items() if "http" in what or "*" in what]
    return faults + (["unsafe-eval"] if "unsafe-eval" in policy else [])


@pytest.fixture(scope="module")
def axe() -> Axe:
    return Axe()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_hurdles(name: str, site: Site, tab: Tab, axe: Axe) -> None:
    page = tab.page
    page.emulate_media(media="screen", color_scheme="light")
    response = tab.open(path_of(site, name), PAGES[name][1])
    faults = policy_faults(response)
    drawn(tab, name)
    for scheme, width in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 860})
        options = AXE if (scheme, width) == LOOKS[0] else AXE_AGAIN
        faults += [f"{scheme} {width}: {fault}" for fault in hurdles(page, axe, options)]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            faults.append(f"{width}: the page scrolls sideways: {too_wide(page)}")
    page.emulate_media(media="print")
    if not page.locator("h1").first.is_visible():
        faults.append("print: no heading")
    ink, paper = (page.evaluate(BRIGHTNESS, kind) for kind in ("color", "backgroundColor"))
    if ink > 80 or paper < 240:
        faults.append(f"print: ink {ink}, paper {paper}")
    page.emulate_media(media="screen", color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 860})
    assert not faults, "\n".join(faults)


# From 0, black, to 255, white.
BRIGHTNESS = """kind => {
  const [r, g, b] = getComputedStyle(document.body)[kind].match(/[0-9.]+/g).map(Number);
  return (r + g + b) / 3;
}"""


def too_wide(page: Page) -> list[Any]:
    """The elements that reach beyond the screen without being in one that scrolls, for who reads the failure."""
    found: list[Any] = page.evaluate(
        """() => [...document.querySelectorAll("body *")]
          .filter((e) => e.getBoundingClientRect().left + e.scrollWidth > window.innerWidth + 1)
          .filter((e) => { for (let p = e.parentElement; p; p = p.parentElement)
            if (getComputedStyle(p).overflowX !== "visible") return false; return true; })
          .slice(-5).map((e) => e.outerHTML.slice(0, 120))"""
    )
    return found


def test_every_page_is_there_without_scripts(site: Site, plain_tab: Tab) -> None:
    page = plain_tab.page
    links: dict[str, str] = {}
    for name, (_, status) in PAGES.items():
        plain_tab.open(path_of(site, name), status)
        assert page.locator("h1").first.is_visible(), name
        assert len(page.locator("main").inner_text()) > 40, name
        addresses = page.locator("a[href]").evaluate_all(HREFS)
        for address in addresses:
            if address.startswith(site.url) and not re.search("#|/export/", address):
                links.setdefault(kind_of(address.removeprefix(site.url)), address)
    assert len(links) > 25
    answers = {
        kind: page.request.get(address, headers={"Accept": "text/html"}).status
        for kind, address in links.items()
    }
    assert {links[kind]: status for kind, status in answers.items() if status >= 400} == {}


# The links of an SVG keep theirs in an object.
HREFS = "all => all.map((a) => new URL(a.getAttribute('href'), document.baseURI).href)"


def kind_of(path: str) -> str:
    """What links are alike: of each kind one is followed."""
    address = urlsplit(path)
    first, *rest = address.path.strip("/").split("/")
    # /page/{dataset}/{kind}/… and /api/v1/investigations/{number}/export/{format}
    named = rest[1:2] if first in ("page", "id", "data") else rest[-1:] if first == "api" else []
    return " ".join([first, *named, *sorted(parse_qs(address.query))])
