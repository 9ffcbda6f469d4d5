"""FAIR Signposting (signposting.org/FAIR, 2023-10-02): typed links from the page of a dataset to what belongs to it, and back.

A few stand in the header of the page (level 1), all of them in a link set (level 2, RFC 9264). All come from the schema.org
description of the dataset, hence from the table of exports.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import request, url_for

from fairgraph.catalogue import Dataset
from fairgraph.terms import is_web_iri

LINK_SET = "application/linkset+json"
# More than these would make a header that proxies refuse: all of them are in the link set.
MOST_ITEMS = 10
_TYPES = ("https://schema.org/AboutPage", "https://schema.org/Dataset")
_OF_URLS = "%:/?#[]@!$&'()*+,;=-._~"
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:; ?[\w-]+=[\w.:/#-]+)*", re.ASCII)
_DESCRIPTIONS = {"schema-org": "application/ld+json", "dcat": "text/turtle"}


@dataclass(frozen=True)
class Link:
    """A typed link (RFC 8288): its target, its relation, the media type of what is there."""

    target: str
    relation: str
    media_type: str = ""

    def __str__(self) -> str:
        """The link as a header has it."""
        kind = f'; type="{self.media_type}"' if _MEDIA_TYPE.fullmatch(self.media_type) else ""
        return f'<{_ascii(self.target)}>; rel="{self.relation}"{kind}'


def header(links: Iterable[Link]) -> str:
    """Return links as the value of a ``Link`` header."""
    return ", ".join(map(str, links))


def here(url: str, base: str) -> str:
    """Return an address below the base of the store as it is under the host that was asked."""
    return request.host_url + url.removeprefix(base) if url.startswith(base) else url


def concise(dataset: Dataset, described: dict[str, Any], base: str) -> list[Link]:
    """Return the links for the header of a dataset's page: all that there are, if there are no more than ten items."""
    links = list(_links(dataset, described, base))
    items = [link for link in links if link.relation == "item"]
    if len(items) <= MOST_ITEMS:
        return links
    hidden = set(items[MOST_ITEMS:])
    link_set = url_for("pages.link_set", number=dataset.number, _external=True)
    return [link for link in links if link not in hidden] + [Link(link_set, "linkset", LINK_SET)]


def link_set(dataset: Dataset, described: dict[str, Any], base: str) -> dict[str, Any]:
    """Return all links of a dataset's page, and those that lead back to it, as a link set (RFC 9264 §4.2)."""
    page = _page(dataset.number)
    about: dict[str, Any] = {"anchor": page}
    back = []
    for link in _links(dataset, described, base):
        target = {"href": link.target} | ({"type": link.media_type} if link.media_type else {})
        about.setdefault(link.relation, []).append(target)
        if link.relation in ("item", "describedby"):
            relation = "collection" if link.relation == "item" else "describes"
            back.append({"anchor": link.target, relation: [{"href": page, "type": "text/html"}]})
    return {"linkset": [about, *back]}


def to_page(dataset: Dataset) -> str:
    """Return the header that leads from an export or a file of a dataset back to its page."""
    return header([Link(_page(dataset.number), "collection", "text/html")])


def _page(number: int) -> str:
    return url_for("pages.investigation", number=number, _external=True)


def _links(dataset: Dataset, described: dict[str, Any], base: str) -> Iterator[Link]:
    yield Link(described["identifier"], "cite-as")
    for kind in _TYPES:
        yield Link(kind, "type")
    for person in described.get("creator", ()):
        if is_web_iri(person.get("@id", "")):
            yield Link(person["@id"], "author")
    if is_web_iri(described.get("license", "")):
        yield Link(described["license"], "license")
    for name, media_type in _DESCRIPTIONS.items():
        url = url_for("rest.export", number=dataset.number, format=name, _external=True)
        yield Link(url, "describedby", media_type)
    for part in described.get("distribution", ()):
        if not part["contentUrl"].endswith(tuple(f"/{name}" for name in _DESCRIPTIONS)):
            yield Link(here(part["contentUrl"], base), "item", part.get("encodingFormat", ""))


def _ascii(text: str) -> str:
    # A header is Latin-1, and what ends a link is no part of one: other characters go percent-encoded (RFC 3986 §2).
    return quote(text, safe=_OF_URLS)
