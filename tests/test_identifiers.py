"""DOIs and ORCID iDs in the spellings that people use; the order of names with numbers."""

from __future__ import annotations

import pytest

from fairgraph.api import Fairgraph
from fairgraph.identifiers import doi, is_valid_orcid, orcid, orcid_within
from fairgraph.sorting import natural
from fairgraph.web.app import create_app
from fairgraph.web.pages.signposting import Link


@pytest.mark.parametrize(
    "text",
    ["10.1000/a(b)", " doi: 10.1000/a(b)", "DOI:10.1000/a(b)", "https://dx.doi.org/10.1000/a(b)"],
)
def test_a_doi_is_read_in_each_spelling(text: str) -> None:
    assert doi(text) == "10.1000/a(b)"


@pytest.mark.parametrize("text", ["", "10.1/a", "doi:", "see 10.1000/a", "10.1000/"])
def test_what_is_no_doi(text: str) -> None:
    assert doi(text) is None


@pytest.mark.parametrize(
    "text",
    ["0000-0002-1825-0097", "https://www.orcid.org/0000-0002-1825-0097/", "orcid:0000-0002-1825-0097"],
)  # fmt: skip
def test_an_orcid_is_read_in_each_spelling(text: str) -> None:
    assert orcid(text) == "0000-0002-1825-0097"


@pytest.mark.parametrize(
    "text", ["0000-0002-1825-009", "٠٠٠٠-0002-1825-0097", "x 0000-0002-1825-0097"]
)
def test_what_is_no_orcid(text: str) -> None:
    assert orcid(text) is None


def test_an_orcid_within_a_text_leaves_the_rest() -> None:
    assert orcid_within("Ada <https://orcid.org/0000-0002-1825-0097>") == ("0000-0002-1825-0097", "Ada <>")  # fmt: skip
    assert orcid_within("Ada") is None


def test_the_check_digit_counts() -> None:
    assert is_valid_orcid("0000-0002-1825-0097")
    assert not is_valid_orcid("0000-0002-1825-0098")


def test_numbers_in_names_are_sorted_by_their_value() -> None:
    long = "s" + "9" * 5_000
    assert sorted(["s10", "s2", long, "s02b", "t1", "s"], key=natural) == ["s", "s2", "s02b", "s10", long, "t1"]  # fmt: skip


@pytest.mark.parametrize("text", ["10.1234/a\r\nX: 1", '10.1234/a>; rel="license"', "10.1234/ü"])
def test_no_identifier_breaks_a_page_or_its_links(example: Fairgraph, text: str) -> None:
    example.set(1, doi=text)
    answer = create_app(example).test_client().get("/investigations/1")
    assert answer.status_code == 200
    links = answer.headers["Link"].split(", ")
    assert [link for link in links if link.endswith('rel="cite-as"')] == links[:1]
    for name in ("dcat", "schema-org", "turtle", "card"):
        example.export(name, 1).to_bytes()


def test_what_ends_a_link_is_no_part_of_one() -> None:
    link = Link('https://a.org/ü>; rel="x"\n', "item", 'text/csv"; a="b')
    assert str(link) == '<https://a.org/%C3%BC%3E;%20rel=%22x%22%0A>; rel="item"'
    assert str(Link("https://a.org/a%20b", "item", "text/csv")) == '<https://a.org/a%20b>; rel="item"; type="text/csv"'  # fmt: skip
