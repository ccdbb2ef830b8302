"""The HTML of an entry: its body made safe, the lead picture before it, related links after it.

What leaves here is a fragment that any reader may show: sanitised by nh3 to an allow-list,
well-nested, every address absolute.
"""

import html
import re
from functools import cache
from typing import TYPE_CHECKING

from feedpub.article import Article, Image
from feedpub.feed import RelatedLink
from feedpub.links import clean_url
from feedpub.text import paragraphs, without_forbidden

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

# Headings, text, lists, tables, pictures, quotations. No frames, forms, media players, styles.
_TAGS = {
    "a", "abbr", "b", "bdi", "bdo", "blockquote", "br", "caption", "cite", "code", "col",
    "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure",
    "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p",
    "pre", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strong", "sub", "summary",
    "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "u", "ul", "var", "wbr",
}  # fmt: skip
_DROPPED_WITH_CONTENT = {
    "script", "style", "title", "template", "noscript", "iframe", "object", "embed", "svg", "math",
    "textarea", "select", "head",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"dir", "lang", "title"},
    "a": {"href"},
    "blockquote": {"cite"},
    "col": {"span"},
    "colgroup": {"span"},
    "del": {"cite", "datetime"},
    "img": {"alt", "height", "src", "width"},
    "ins": {"cite", "datetime"},
    "ol": {"reversed", "start"},
    "q": {"cite"},
    "td": {"colspan", "headers", "rowspan"},
    "th": {"colspan", "headers", "rowspan", "scope"},
    "time": {"datetime"},
}
_ADDRESSES = {"cite", "href", "src"}
# Of what nh3 writes: attributes always in double quotes, `<` never outside a tag.
_TAG = re.compile(r'<(?:"[^"]*"|[^">])*>')
_IMAGE = re.compile(r'<img((?: [a-z-]+="[^"]*")*)>')
_ADDRESS_OF_IMAGE = re.compile(r'<img(?: [a-z-]+="[^"]*")*? src="([^"]+)"')
RELATED_HEADING = "Related:"


def entry_content(
    article: Article, *, lead: Image | None, related: tuple[RelatedLink, ...], full: bool
) -> str:
    """Return the HTML of an entry; never empty.

    `full` takes the record's body where there is one, otherwise the excerpt stands.
    """
    body = sanitised_body(article) if full and article.body else ""
    if not body:
        body = "".join(f"<p>{_escaped(text)}</p>" for text in paragraphs(article.summary or ""))
    picture = picture_html(lead) if lead and lead.url not in _pictures_in(body) else ""
    outlets = article.story.outlets - 1 if article.story else 0
    return picture + body + related_html(related, outlets) or _title_html(article)


def sanitised_body(article: Article) -> str:
    """Return the body as safe HTML, its addresses resolved against the article's own.

    Empty where nothing is left that could be read or seen.
    """
    import nh3  # 5 ms that a corpus without bodies never pays

    body = without_forbidden(article.body or "")
    if article.body_format == "markdown":
        body = _markdown().render(body)

    def absolute(_tag: str, attribute: str, value: str) -> str | None:
        return clean_url(value, article.link) if attribute in _ADDRESSES else value

    safe = nh3.clean(
        body,
        tags=_TAGS,
        clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        attribute_filter=absolute,
        link_rel=None,
        url_schemes={"http", "https"},
    )
    # nh3 decodes references: `&#1;` becomes a character that XML forbids. A byte order mark is
    # nothing to be seen, and in front of a text no part of it.
    safe = without_forbidden(safe).replace("\ufeff", "")
    safe = _IMAGE.sub(_usable_image, safe).strip()
    return safe if "<img " in safe or html.unescape(_TAG.sub("", safe)).strip() else ""


def _usable_image(match: re.Match[str]) -> str:
    """Drop an `img` whose address was taken away; give one without `alt` an empty one."""
    attributes = match[1]
    if ' src="' not in attributes or ' src=""' in attributes:
        return ""
    return match[0] if ' alt="' in attributes else f'<img{attributes} alt="">'


def _pictures_in(body: str) -> frozenset[str]:
    return frozenset(html.unescape(url) for url in _ADDRESS_OF_IMAGE.findall(body))


@cache
def _markdown() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # 50 ms that a corpus without bodies never pays

    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def picture_html(image: Image) -> str:
    """Return an `img` with `alt`, and its size where known (so that pages do not jump)."""
    size = "".join(
        f' {name}="{value}"'
        for name, value in (("width", image.width), ("height", image.height))
        if value
    )
    return f'<p><img src="{_escaped(image.url)}" alt="{_escaped(image.title or "")}"{size}></p>'


def story_heading(outlets: int) -> str:
    """Return what stands above the list of the other outlets that tell a story."""
    return f"Also at {outlets} {'outlet' if outlets == 1 else 'outlets'}:"


def related_html(related: tuple[RelatedLink, ...], outlets: int = 0) -> str:
    """Return the lists of related articles, each with its provider: what every reader shows.

    Those of the same story come first, under the number of the other `outlets` that tell it.
    """
    same = [link for link in related if link.same_story and outlets]
    rest = [link for link in related if not (link.same_story and outlets)]
    return _list_html(story_heading(outlets), same) + _list_html(RELATED_HEADING, rest)


def _list_html(heading: str, links: list[RelatedLink]) -> str:
    if not links:
        return ""
    rows = "".join(
        f'<li><a href="{_escaped(link.href)}">{_escaped(link.title)}</a>'
        + (f" ({_escaped(link.provider)})" if link.provider else "")
        + "</li>"
        for link in links
    )
    return f"<p>{heading}</p><ul>{rows}</ul>"


def _escaped(text: str) -> str:
    """Escape for text and attributes, without the numeric references some parsers leave alone."""
    return html.escape(text, quote=False).replace('"', "&quot;")


def _title_html(article: Article) -> str:
    return f'<p><a href="{_escaped(article.link)}">{_escaped(article.title)}</a></p>'
