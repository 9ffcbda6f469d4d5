"""Text that people wrote with marks in it, made safe to be shown: what runs, what comes from elsewhere and what traps is taken out."""

from __future__ import annotations

from functools import cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

_PICTURES = ("data:image/png;", "data:image/jpeg;", "data:image/gif;", "data:image/webp;")
_SCHEMES = {"http", "https", "mailto"}


def shown(text: str, media_type: str) -> Markup:
    """Return the text of an entry as HTML: HTML and Markdown sanitised, anything else as it is written, with its lines."""
    if media_type.startswith("text/html") or (not media_type and _looks_like_html(text)):
        return Markup(_clean(text))
    if media_type.startswith("text/markdown"):
        return Markup(_clean(_markdown().render(text)))
    return Markup('<p class="plain-text">{}</p>').format(escape(text))


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _looks_like_html(text: str) -> bool:
    start = text.lstrip()[:2]
    return len(start) == 2 and start[0] == "<" and start[1].isalpha()


def _clean(html: str) -> str:
    # A picture from elsewhere would tell its host who reads: only those that the text itself holds are kept.
    return nh3.clean(
        html,
        attribute_filter=_attribute,
        url_schemes=_SCHEMES | {"data"},
        link_rel="noopener noreferrer nofollow",
    )


def _attribute(element: str, name: str, value: str) -> str | None:
    if element == "img" and name == "src":
        return value if value.startswith(_PICTURES) else None
    # Browsers leave out white space and control characters within a scheme.
    if name in ("href", "cite") and "".join(value.split()).lower().startswith("data:"):
        return None
    return value
