"""The way of somebody who comes here for the first time: search, open, follow the lineage, take it away, ask, bring something."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browsing import ALIQUOTS, Site, Tab, pool
from fairgraph.exports.export import installed

QUERY = """PREFIX fg: <https://w3id.org/fairgraph/ns#>
PREFIX isa: <https://w3id.org/fairgraph/isa#>
PREFIX schema: <http://schema.org/>
# Which organism parts were sampled, and how often?
SELECT ?part ?name (COUNT(DISTINCT ?sample) AS ?samples)
WHERE {
  ?category schema:name "organism part" .
  ?annotation fg:category ?category ; schema:valueReference ?part .
  ?sample schema:additionalProperty ?annotation ; a isa:Sample .
  ?part schema:name ?name .
}
GROUP BY ?part ?name
ORDER BY DESC(?samples)"""
# Small: each format can be asked for twice.
RUN = "mouse-circadian-run"
LINES = ["liver", "suprachiasmatic nucleus", "blood plasma"]


@pytest.fixture(params=["with scripts", "without scripts"])
def either_tab(request: pytest.FixtureRequest) -> Tab:
    """The same way for those who run scripts and those who do not."""
    found: Tab = request.getfixturevalue("tab" if request.param == "with scripts" else "plain_tab")
    return found


def test_from_search_to_what_a_sample_came_from(
    site: Site, either_tab: Tab, picture: Callable[[Page, str], None]
) -> None:
    page = either_tab.page
    either_tab.open("/")
    picture(page, "home")
    page.get_by_role("searchbox", name="Search").first.fill("circadian")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=circadian")
    page.locator(".hits a").first.click()
    expect(page.locator("h1")).to_be_visible()

    either_tab.open(site.places["mouse-circadian"])
    picture(page, "investigation")
    page.locator("#samples tbody th a").first.click()
    name = page.locator("h1").inner_text()
    lineage = page.locator("#lineage svg")
    expect(lineage.locator(".here")).to_contain_text(name)
    lineage.scroll_into_view_if_needed()
    picture(page, "sample")
    # The first box that is not this sample: where it came from.
    origin = lineage.locator("a").first
    known_as = origin.locator("title").first.text_content()
    origin.click()
    expect(page.locator("h1")).to_have_text(known_as or "")
    page.locator("#lineage summary").click()
    expect(page.locator("#lineage ol a", has_text=name).first).to_be_visible()


def test_a_group_of_the_lineage_opens(
    site: Site, either_tab: Tab, picture: Callable[[Page, str], None]
) -> None:
    page = either_tab.page
    either_tab.open(site.places["pool"])
    group = page.locator("#lineage svg a", has=page.locator(".several")).first
    expect(group).to_contain_text(f"{ALIQUOTS} of Sample")
    picture(page, "lineage")
    group.click()
    page.wait_for_url("**#lineage")
    expect(page.locator("#lineage svg a", has_text="aliquot 17")).to_have_count(1)
    expect(page.locator("#lineage svg .several")).to_have_count(1)


@pytest.mark.parametrize("slug", ["mouse-circadian", RUN])
def test_every_format_of_the_toolbar_is_downloaded(site: Site, tab: Tab, slug: str) -> None:
    page = tab.page
    tab.open(site.places[slug])
    page.locator("#exports").evaluate(
        "all => all.querySelectorAll('details').forEach((d) => { d.open = true; })"
    )
    buttons = page.locator("#exports a[href*='/export/']")
    known = {export.name: export for export in installed()}
    addresses = [button.get_attribute("href") or "" for button in buttons.all()]
    names = [re.split(r"[/?]export/|\?", address)[1] for address in addresses]
    assert set(names) == set(known)
    for n, name in enumerate(names):
        export = known[name]
        if name == "loss-report" and slug != RUN:
            continue  # it makes all the others
        with page.expect_download() as arrived:
            buttons.nth(n).click()
        path = arrived.value.path()
        assert path.stat().st_size > 0, name
        if slug == RUN:
            media_type = page.request.get(addresses[n]).headers["content-type"]
            assert media_type.partition(";")[0] == export.media_type.partition(";")[0], name
        file_name = arrived.value.suggested_filename
        assert file_name.startswith(slug), name
        assert file_name.endswith(f".{export.suffix}"), name
        path.unlink()


def test_a_query_is_written_run_and_taken_away_in_the_editor(
    tab: Tab, picture: Callable[[Page, str], None]
) -> None:
    page = tab.page
    tab.open("/sparql")
    page.locator("#editor .CodeMirror-code").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(QUERY)
    page.locator("#editor .yasqe_queryButton").click()
    rows = page.locator("#editor .yasr table tbody tr")
    expect(rows).to_contain_text(LINES)
    picture(page, "editor")
    with page.expect_download() as arrived:
        page.locator("#editor .yasr_downloadIcon").click()
    lines = arrived.value.path().read_text(encoding="utf-8").splitlines()
    assert len(lines) == 4
    assert all(name in line for name, line in zip(LINES, lines[1:], strict=True))


def test_a_query_is_asked_without_scripts(site: Site, plain_tab: Tab) -> None:
    page = plain_tab.page
    plain_tab.open("/sparql")
    page.get_by_label("Query").fill(QUERY)
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#result tbody tr")).to_contain_text(LINES)
    answer = page.request.get(f"{page.url}&format=csv".replace("format=&", ""))
    assert answer.headers["content-type"].startswith("text/csv")


def test_files_are_brought_with_a_key(site: Site, either_tab: Tab, tmp_path: Path) -> None:
    page = either_tab.page
    either_tab.open("/import")
    slug = "brought" if either_tab.scripts else "brought-plainly"
    page.get_by_label("Key", exact=True).fill(site.key)
    page.get_by_label("Files", exact=True).set_input_files(
        sorted(pool(tmp_path / "pool").iterdir())
    )
    page.get_by_label("Short name").fill(slug)
    page.get_by_role("button", name="Import").click()
    expect(page.locator("h1")).to_have_text("Ninety aliquots of one plasma pool")
    assert site.key not in page.url
    page.get_by_role("link", name="Open it").click()
    expect(page.locator("p.iri").first).to_contain_text(f"id/{slug}")
    expect(page.locator("#samples tbody tr").first).to_contain_text("aliquot 1")


def test_without_a_good_key_nothing_is_brought(site: Site, either_tab: Tab, tmp_path: Path) -> None:
    page = either_tab.page
    either_tab.open("/import")
    either_tab.refused.add(401)
    page.get_by_label("Key", exact=True).fill(site.key[:-4] + "AAAA")
    page.get_by_label("Files", exact=True).set_input_files(
        sorted(pool(tmp_path / "pool").iterdir())
    )
    page.get_by_label("Short name").fill("never")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("alert")).to_contain_text("this key is not known")
    assert page.request.get("/id/never").status == 404


def test_the_pages_on_a_phone_in_the_dark(
    site: Site, tab: Tab, picture: Callable[[Page, str], None]
) -> None:
    page = tab.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    try:
        tab.open(site.places["mouse-circadian"])
        box = page.locator("h1").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        picture(page, "phone")
    finally:
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 860})
