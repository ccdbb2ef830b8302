"""Hypothesis strategies: texts as records hold them, entries of what the cleaning leaves."""

from datetime import UTC, datetime

from hypothesis import settings
from hypothesis import strategies as st
from support import article

from feedpub.article import Image, Person
from feedpub.content import entry_content
from feedpub.feed import Category, Entry, RelatedLink, Source
from feedpub.text import one_line, plain_text

# The same examples on every machine, and nothing written beside the project.
steadily = settings(max_examples=60, database=None, derandomize=True)

_AWKWARD = st.sampled_from(
    [
        "&amp;",
        "&#8217;",
        "&lt;b&gt;",
        "<b>",
        "</p>",
        "<EXMP.O>",
        "]]>",
        "<![CDATA[",
        "<!--",
        "&",
        "<",
        ">",
        '"',
        "'",
        "\u00a0",
        "\u200b",
        "\u2028",
        "\u202e",
        "\x00",
        "\x1f",
        "\ufffe",
        "\ud800",
        "\r\n",
        "\t",
        "👩‍🔧",
        "é",
        "e\u0301",
        "ﷺ",
        "&#1;",
        "&#xD800;",
        "--",
        "%20",
        "\n\n",
        " ",
    ]
)
# Any characters at all, lone surrogates and controls among them.
texts = st.lists(_AWKWARD | st.text(st.characters(), max_size=6), min_size=1, max_size=8).map(
    "".join
)
lines = texts.map(one_line).filter(bool)
plain_texts = texts.map(plain_text).filter(bool)
# Without the references that end a build: test_rules_document has a test for those alone.
bodies = texts.map(lambda text: text.replace("&#1;", ""))

moments = st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(microsecond=0))
_paths = st.text("abcXYZ019-._~!$&'()*+,;=:@/?%", max_size=12).map(
    lambda path: path.replace("%", "%2F")
)
addresses = st.builds(
    "https://{}.example.com/{}".format, st.sampled_from(["www", "images", "xn--bcher-kva"]), _paths
)
languages = st.sampled_from(["en", "de", "pt-BR", "zh-Hans"])
people = st.builds(Person, name=lines, uri=st.none() | addresses)
images = st.builds(
    Image,
    url=addresses,
    media_type=st.sampled_from(["image/jpeg", "image/svg+xml", "video/mp4"]),
    width=st.none() | st.integers(1, 99_999),
    height=st.none() | st.integers(1, 99_999),
    title=st.none() | lines,
)


related_links = st.builds(
    RelatedLink,
    href=addresses,
    title=lines,
    provider=st.none() | lines,
    published=st.none() | moments,
)
categories = st.builds(Category, term=lines, scheme=st.none() | addresses)


@st.composite
def entries(draw: st.DrawFn, name: str = "a") -> Entry:
    """Draw an entry with any of its parts, its content made as a record's content is."""
    pictures = tuple(draw(st.lists(images, max_size=3, unique_by=lambda image: image.url)))
    lead = next((image for image in pictures if image.medium == "image"), None)
    related = tuple(draw(st.lists(related_links, max_size=3)))
    title, summary = draw(lines), draw(st.none() | plain_texts)
    record = article(
        title=title, summary=summary, body=draw(st.none() | bodies), body_format="html"
    )
    published = draw(moments)
    return Entry(
        id=f"tag:feeds.example.org,2026:{name}",
        title=title,
        link=draw(addresses),
        published=published,
        updated=max(published, draw(moments)),
        authors=tuple(draw(st.lists(people, min_size=1, max_size=3))),
        content=entry_content(record, lead=lead, related=related, full=True),
        summary=summary,
        via=draw(st.none() | addresses),
        categories=tuple(draw(st.lists(categories, max_size=3))),
        images=pictures,
        lead=lead,
        related=related,
        source=draw(st.none() | st.builds(Source, title=lines, feed_url=addresses)),
        language=draw(st.none() | languages),
        provider_name=draw(st.none() | lines),
        provider_domain=draw(st.none() | st.just("example.com")),
        merged_ids=draw(st.sampled_from([(), ("tag:feeds.example.org,2026:b",)])),
    )
