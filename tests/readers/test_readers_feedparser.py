"""feedparser finds in our RSS and Atom what the entries were composed of."""

import calendar
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import feedparser
import pytest
from support import SiteOnDisk, awkward_site, sample_site

from feedpub.feed import Entry

FILES = {"rss": "rss.xml", "atom": "atom.xml"}


class Read:
    """All feeds of a site, as feedparser reads them in one format."""

    def __init__(self, site: SiteOnDisk, form: str) -> None:
        self.form = form
        self.composed = site.entries
        self.feeds = {
            path: feedparser.parse((site.folder / path / FILES[form]).read_bytes())
            for path in site.entries
        }

    def found(self, fact: Callable[[Any], Any]) -> dict[str, list[Any]]:
        return {path: [fact(e) for e in feed.entries] for path, feed in self.feeds.items()}

    def expected(self, fact: Callable[[Entry], Any]) -> dict[str, list[Any]]:
        return {path: [fact(e) for e in entries] for path, entries in self.composed.items()}


@pytest.fixture(scope="module", params=["sample", "awkward"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SiteOnDisk:
    make = sample_site if request.param == "sample" else awkward_site
    return SiteOnDisk(make(tmp_path_factory.mktemp(request.param)))


@pytest.fixture(scope="module", params=["rss", "atom"])
def read(request: pytest.FixtureRequest, site: SiteOnDisk) -> Read:
    return Read(site, request.param)


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> SiteOnDisk:
    return SiteOnDisk(awkward_site(tmp_path_factory.mktemp("awkward")))


def moment(parsed: Any) -> datetime:
    return datetime.fromtimestamp(calendar.timegm(parsed), UTC)


def links(entry: Any, rel: str) -> list[tuple[str, str | None, str | None]]:
    return [(link.href, link.get("type"), link.get("title")) for link in entry.links
            if link.rel == rel]  # fmt: skip


def markup(fragment: str) -> list[Any]:
    """Return the tags and texts of HTML, whatever the order of the attributes."""
    events: list[Any] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            events.append((tag, sorted(attrs)))

        def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            events.append((tag, sorted(attrs)))

        def handle_endtag(self, tag: str) -> None:
            events.append(("/" + tag, []))

        def handle_data(self, data: str) -> None:
            if isinstance(events[-1] if events else None, str):
                events[-1] += data
            else:
                events.append(data)

    reader = Reader()
    reader.feed(fragment)
    reader.close()
    return events


def test_no_feed_is_called_ill_formed(read):
    assert [path for path, feed in read.feeds.items() if feed.bozo] == []


def test_every_feed_is_known_for_its_format(read):
    version = {"rss": "rss20", "atom": "atom10"}[read.form]
    assert {feed.version for feed in read.feeds.values()} == {version}


def test_the_feed_links_to_its_page(read):
    assert {path: feed.feed.link for path, feed in read.feeds.items()} == {
        path: f"https://feeds.example.org/{quote(path)}/" for path in read.composed
    }


def test_titles_are_the_composed_ones(read):
    assert read.found(lambda e: e.title) == read.expected(lambda e: e.title)


def test_links_are_the_composed_ones(read):
    assert read.found(lambda e: e.link) == read.expected(lambda e: e.link)


def test_ids_are_the_composed_ones(read):
    assert read.found(lambda e: e.id) == read.expected(lambda e: e.id)


def test_publication_dates_are_the_composed_ones(read):
    assert read.found(lambda e: moment(e.published_parsed)) == read.expected(lambda e: e.published)


def test_authors_are_the_composed_ones(read):
    assert read.found(lambda e: [author.name for author in e.authors]) == read.expected(
        lambda e: [person.name for person in e.authors]
    )


def test_tags_are_the_composed_categories(read):
    assert read.found(lambda e: [tag.term for tag in e.get("tags", [])]) == read.expected(
        lambda e: [category.term for category in e.categories]
    )


def test_content_passes_the_sanitiser_unharmed(read):
    """Without a summary feedparser calls the content the summary (lemon24/reader #262)."""
    assert read.found(lambda e: markup(e.content[0].value)) == read.expected(
        lambda e: markup(e.content)
    )


def test_related_links_keep_address_type_and_title(read):
    assert read.found(lambda e: links(e, "related")) == read.expected(
        lambda e: [(link.href, "text/html", link.title) for link in e.related]
    )


def test_via_links_are_the_original_addresses(read):
    assert read.found(lambda e: links(e, "via")) == read.expected(
        lambda e: [(e.via, "text/html", None)] if e.via else []
    )


def test_entries_have_one_alternate_link_only(read):
    assert {len(links(e, "alternate")) for feed in read.feeds.values() for e in feed.entries} == {1}


def test_media_contents_are_the_pictures_with_their_sizes(read):
    names = ("url", "type", "medium", "width", "height")

    def found(entry: Any) -> list[tuple[Any, ...]]:
        return [tuple(media.get(name) for name in names)
                for media in entry.get("media_content", [])]  # fmt: skip

    def composed(entry: Entry) -> list[tuple[Any, ...]]:
        return [
            (
                image.url,
                image.media_type,
                image.medium,
                str(image.width) if image.width else None,
                str(image.height) if image.height else None,
            )
            for image in entry.images
        ]

    assert read.found(found) == read.expected(composed)


def test_the_thumbnail_is_the_lead_picture(read):
    assert read.found(lambda e: [t["url"] for t in e.get("media_thumbnail", [])]) == read.expected(
        lambda e: [e.lead.url] if e.lead else []
    )


def test_rss_encloses_the_lead_picture(site):
    read = Read(site, "rss")
    assert read.found(
        lambda e: [(item.href, item.type, item.length) for item in e.enclosures]
    ) == read.expected(lambda e: [(e.lead.url, e.lead.media_type, "0")] if e.lead else [])


def test_atom_encloses_every_picture_with_type_and_title(site):
    read = Read(site, "atom")
    assert read.found(lambda e: links(e, "enclosure")) == read.expected(
        lambda e: [(image.url, image.media_type, image.title) for image in e.images]
    )


def test_atom_enclosures_claim_no_length(site):
    read = Read(site, "atom")
    lengths = read.found(lambda e: [item.get("length") for item in e.enclosures])
    assert {length for feed in lengths.values() for entry in feed for length in entry} == {None}


def test_atom_tells_when_an_editor_changed_something(site):
    read = Read(site, "atom")
    assert read.found(lambda e: moment(e.updated_parsed)) == read.expected(lambda e: e.updated)


def test_atom_summaries_are_plain_text(site):
    read = Read(site, "atom")
    assert read.found(lambda e: e.summary if e.summary != e.content[0].value else None) == (
        read.expected(lambda e: e.summary)
    )


def test_atom_categories_point_to_the_page_of_the_topic(site):
    read = Read(site, "atom")
    assert read.found(lambda e: [tag.scheme for tag in e.get("tags", [])]) == read.expected(
        lambda e: [category.scheme for category in e.categories]
    )


def test_atom_and_rss_hold_the_same_articles(site):
    rss, atom = (Read(site, form).found(lambda e: (e.id, e.title, e.link)) for form in FILES)
    assert rss == atom


def test_atom_and_rss_hold_equal_facts_for_each_article(site):
    def facts(entry: Any) -> tuple[Any, ...]:
        return (
            moment(entry.published_parsed),
            [author.name for author in entry.authors],
            [tag.term for tag in entry.get("tags", [])],
            links(entry, "related"),
            links(entry, "via"),
            entry.content[0].value,
            entry.get("media_content"),
        )

    rss, atom = (Read(site, form).found(facts) for form in FILES)
    assert rss == atom


@pytest.mark.parametrize("form", FILES)
def test_entities_of_a_record_are_decoded_once(awkward, form):
    titles = [e.title for e in Read(awkward, form).feeds["all"].entries]
    assert titles[0] == 'Readers ’ & "writers" – 5 < 6 & 7 > 3'


@pytest.mark.parametrize("form", FILES)
def test_what_merely_looks_like_a_tag_is_shown(awkward, form):
    titles = [e.title for e in Read(awkward, form).feeds["all"].entries]
    assert titles[1] == "Imaginary Shelving <EXMP.O> beats <https://example.org> by 3 & a half"


@pytest.mark.parametrize("form", FILES)
def test_joined_emoji_and_scripts_arrive_whole(awkward, form):
    titles = [e.title for e in Read(awkward, form).feeds["all"].entries]
    assert titles[2] == "👩‍🔧 mends a “toaster” — 100 % ‘done’ 🏳️‍🌈 日本語 مرحبا"


@pytest.mark.parametrize("form", FILES)
def test_ampersands_of_a_name_arrive_as_such(awkward, form):
    first = Read(awkward, form).feeds["all"].entries[0]
    assert first.author == "R&D <Daily>"


@pytest.mark.parametrize("form", FILES)
def test_the_query_of_a_link_is_left_alone(awkward, form):
    """`&copy=3` must not become `©=3` on the way."""
    first = Read(awkward, form).feeds["all"].entries[0]
    assert first.link == "https://www.example.com/entities?a=1&b=2&copy=3"


def test_an_rss_description_is_the_summary_as_html(awkward):
    first = Read(awkward, "rss").feeds["all"].entries[0]
    assert markup(first.summary) == [
        "It’s R&D.",
        ("br", []),
        ("br", []),
        "A second paragraph, 1 < 2 & 3 > 2.",
    ]


def test_a_language_of_its_own_stands_on_the_entry(awkward):
    content = Read(awkward, "atom").feeds["all"].entries[2].content[0]
    assert content.language == "de"
