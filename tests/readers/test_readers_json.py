"""A strict JSON Feed 1.1 reader finds what the entries were composed of, and what RSS holds."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import pytest
from lxml import etree
from support import SiteOnDisk, awkward_site, sample_site

from feedpub.feed import Entry

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)")


class JsonFeedError(ValueError):
    """What a strict reader says before it gives up."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """An item as a reader keeps it; `related` comes from the extension `_feedpub`."""

    id: str
    url: str
    external_url: str | None
    title: str
    content_html: str
    summary: str | None
    image: str | None
    published: datetime
    modified: datetime
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    language: str | None
    attachments: tuple[tuple[str, str], ...]
    related: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class JsonFeed:
    """A feed as a reader keeps it."""

    title: str
    home_page_url: str
    feed_url: str
    language: str | None
    items: tuple[Item, ...]


_FEED = {
    "version": str, "title": str, "home_page_url": str, "feed_url": str, "description": str,
    "icon": str, "favicon": str, "language": str, "authors": list, "items": list,
}  # fmt: skip
_ITEM = {
    "id": str, "url": str, "external_url": str, "title": str, "content_html": str, "summary": str,
    "image": str, "date_published": str, "date_modified": str, "authors": list, "tags": list,
    "language": str, "attachments": list, "_feedpub": dict,
}  # fmt: skip
_AUTHOR = {"name": str, "url": str, "avatar": str}
_ATTACHMENT = {"url": str, "mime_type": str, "title": str, "size_in_bytes": int}
_EXTENSION = {"about": str, "provider": dict, "related": list, "merged_ids": list, "story": dict}
_RELATED = {"url": str, "title": str, "provider": str, "date_published": str}


def read_json_feed(data: bytes) -> JsonFeed:
    """Read a feed; whatever JSON Feed 1.1 does not know or does not allow is an error."""
    text = data.decode("utf-8")
    document = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    _check(document, _FEED, required=("version", "title", "home_page_url", "feed_url", "items"))
    if next(iter(document)) != "version":
        raise JsonFeedError("version is not the first key")
    if document["version"] != "https://jsonfeed.org/version/1.1":
        raise JsonFeedError(document["version"])
    for author in document.get("authors", []):
        _check(author, _AUTHOR)
    return JsonFeed(
        title=document["title"],
        home_page_url=document["home_page_url"],
        feed_url=document["feed_url"],
        language=document.get("language"),
        items=tuple(_item(item) for item in document["items"]),
    )


def _item(item: Any) -> Item:
    _check(item, _ITEM, required=("id", "url", "title", "content_html", "authors"))
    for author in item.get("authors", []):
        _check(author, _AUTHOR)
    for attachment in item.get("attachments", []):
        _check(attachment, _ATTACHMENT, required=("url", "mime_type"))
    extension = item.get("_feedpub", {})
    _check(extension, _EXTENSION, required=("about",) if extension else ())
    for related in extension.get("related", []):
        _check(related, _RELATED, required=("url", "title"))
    if not all(isinstance(tag, str) for tag in item.get("tags", [])):
        raise JsonFeedError("a tag is no text")
    return Item(
        id=item["id"],
        url=item["url"],
        external_url=item.get("external_url"),
        title=item["title"],
        content_html=item["content_html"],
        summary=item.get("summary"),
        image=item.get("image"),
        published=_moment(item["date_published"]),
        modified=_moment(item["date_modified"]),
        authors=tuple(author["name"] for author in item["authors"]),
        tags=tuple(item.get("tags", ())),
        language=item.get("language"),
        attachments=tuple((a["url"], a["mime_type"]) for a in item.get("attachments", ())),
        related=tuple((link["url"], link["title"]) for link in extension.get("related", ())),
    )


def _check(value: Any, kinds: Mapping[str, type], required: tuple[str, ...] = ()) -> None:
    if not isinstance(value, dict):
        raise JsonFeedError(f"{value!r} is no object")
    missing = set(required) - set(value)
    if missing:
        raise JsonFeedError(f"{sorted(missing)} missing")
    for key, inner in value.items():
        if key not in kinds or not isinstance(inner, kinds[key]):
            raise JsonFeedError(f"{key}: {inner!r}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise JsonFeedError("a key appears twice")
    return dict(pairs)


def _refuse(constant: str) -> None:
    raise JsonFeedError(constant)


def _moment(text: str) -> datetime:
    if not _RFC3339.fullmatch(text):
        raise JsonFeedError(f"{text} is no RFC 3339 date")
    return datetime.fromisoformat(text)


@pytest.fixture(scope="module", params=["sample", "awkward"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SiteOnDisk:
    make = sample_site if request.param == "sample" else awkward_site
    return SiteOnDisk(make(tmp_path_factory.mktemp(request.param)))


@pytest.fixture(scope="module")
def feeds(site: SiteOnDisk) -> dict[str, JsonFeed]:
    return {
        path: read_json_feed((site.folder / path / "feed.json").read_bytes())
        for path in site.entries
    }


@pytest.fixture
def found(feeds: dict[str, JsonFeed]) -> Callable[[Callable[[Item], Any]], dict[str, list[Any]]]:
    return lambda fact: {path: [fact(i) for i in feed.items] for path, feed in feeds.items()}


@pytest.fixture
def expected(site: SiteOnDisk) -> Callable[[Callable[[Entry], Any]], dict[str, list[Any]]]:
    return lambda fact: {path: [fact(e) for e in es] for path, es in site.entries.items()}


@pytest.mark.parametrize(
    "text",
    [
        '{"title": "no version", "items": []}',
        '{"version": "https://jsonfeed.org/version/1", "title": "old", "items": []}',
        '{"version": "https://jsonfeed.org/version/1.1", "title": 5, "items": []}',
        '{"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": [], "items": []}',
        '{"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": [NaN]}',
    ],
)
def test_the_strict_reader_refuses_what_is_no_json_feed(text):
    with pytest.raises(JsonFeedError):
        read_json_feed(text.encode())


@pytest.mark.parametrize(
    "change",
    [{"id": 5}, {"url": None}, {"tags": [1]}, {"attachments": [{"url": "x"}]}, {"unknown": "x"},
     {"date_published": "yesterday"}, {"authors": [{}, "x"]}, {"_feedpub": {"related": []}}],
)  # fmt: skip
def test_the_strict_reader_refuses_an_item_that_is_none(site, change):
    document = json.loads((site.folder / "all" / "feed.json").read_bytes())
    document["items"][0] |= change
    with pytest.raises(JsonFeedError):
        read_json_feed(json.dumps(document).encode())


def test_every_feed_names_its_own_address(feeds):
    assert {path: feed.feed_url for path, feed in feeds.items()} == {
        path: f"https://feeds.example.org/{quote(path)}/feed.json" for path in feeds
    }


def test_every_feed_names_its_page(feeds):
    assert {path: feed.home_page_url for path, feed in feeds.items()} == {
        path: f"https://feeds.example.org/{quote(path)}/" for path in feeds
    }


def test_titles_are_the_composed_ones(found, expected):
    assert found(lambda i: i.title) == expected(lambda e: e.title)


def test_links_are_the_composed_ones(found, expected):
    assert found(lambda i: i.url) == expected(lambda e: e.link)


def test_ids_are_the_composed_ones(found, expected):
    assert found(lambda i: i.id) == expected(lambda e: e.id)


def test_original_addresses_are_external_urls(found, expected):
    assert found(lambda i: i.external_url) == expected(lambda e: e.via)


def test_dates_are_the_composed_ones(found, expected):
    assert found(lambda i: (i.published, i.modified)) == expected(
        lambda e: (e.published, e.updated)
    )


def test_authors_are_the_composed_ones(found, expected):
    assert found(lambda i: i.authors) == expected(
        lambda e: tuple(person.name for person in e.authors)
    )


def test_tags_are_the_composed_categories(found, expected):
    assert found(lambda i: i.tags) == expected(lambda e: tuple(c.term for c in e.categories))


def test_texts_are_the_composed_ones(found, expected):
    assert found(lambda i: (i.summary, i.content_html)) == expected(
        lambda e: (e.summary, e.content)
    )


def test_the_image_is_the_lead_picture(found, expected):
    assert found(lambda i: i.image) == expected(lambda e: e.lead.url if e.lead else None)


def test_attachments_are_the_pictures(found, expected):
    assert found(lambda i: i.attachments) == expected(
        lambda e: tuple((image.url, image.media_type) for image in e.images)
    )


def test_the_extension_holds_the_related_links(found, expected):
    assert found(lambda i: i.related) == expected(
        lambda e: tuple((link.href, link.title) for link in e.related)
    )


def test_a_language_is_named_where_it_is_not_the_feeds(found, expected):
    assert found(lambda i: i.language) == expected(
        lambda e: e.language if e.language != "en" else None
    )


def test_json_and_rss_hold_equal_facts_for_each_article(site, feeds):
    for path, feed in feeds.items():
        root = etree.fromstring((site.folder / path / "rss.xml").read_bytes())
        assert [_facts_of_rss(item) for item in root.iter("item")] == [
            _facts_of_json(item) for item in feed.items
        ]


def test_json_and_atom_hold_equal_facts_for_each_article(site, feeds):
    for path, feed in feeds.items():
        root = etree.fromstring((site.folder / path / "atom.xml").read_bytes())
        assert [_facts_of_atom(entry) for entry in root.iter(f"{ATOM}entry")] == [
            (*_facts_of_json(item), item.modified, item.summary, item.attachments)
            for item in feed.items
        ]


def _facts_of_json(item: Item) -> tuple[Any, ...]:
    return (item.id, item.title, item.url, item.external_url, item.published, item.authors,
            item.tags, item.content_html, item.related, item.image)  # fmt: skip


def _facts_of_rss(item: Any) -> tuple[Any, ...]:
    links = [(link.get("rel"), link.get("href"), link.get("title"))
             for link in item.iterfind(f"{ATOM}link")]  # fmt: skip
    enclosure = item.find("enclosure")
    return (
        item.findtext("guid"),
        item.findtext("title"),
        item.findtext("link"),
        next((href for rel, href, _ in links if rel == "via"), None),
        parsedate_to_datetime(item.findtext("pubDate")),
        tuple(creator.text for creator in item.iterfind(f"{DC}creator")),
        tuple(category.text for category in item.iterfind("category")),
        item.findtext(ENCODED),
        tuple((href, title) for rel, href, title in links if rel == "related"),
        enclosure.get("url") if enclosure is not None else None,
    )


def _facts_of_atom(entry: Any) -> tuple[Any, ...]:
    links = [(link.get("rel"), link.get("href"), link.get("title"), link.get("type"))
             for link in entry.iterfind(f"{ATOM}link")]  # fmt: skip
    pictures = [(href, kind) for rel, href, _, kind in links if rel == "enclosure"]
    (alternate,) = [href for rel, href, _, _ in links if rel == "alternate"]
    return (
        entry.findtext(f"{ATOM}id"),
        entry.findtext(f"{ATOM}title"),
        alternate,
        next((href for rel, href, _, _ in links if rel == "via"), None),
        datetime.fromisoformat(entry.findtext(f"{ATOM}published")),
        tuple(name.text for name in entry.iterfind(f"{ATOM}author/{ATOM}name")),
        tuple(category.get("term") for category in entry.iterfind(f"{ATOM}category")),
        entry.findtext(f"{ATOM}content"),
        tuple((href, title) for rel, href, title, _ in links if rel == "related"),
        next((href for href, kind in pictures if kind.startswith("image/")), None),
        datetime.fromisoformat(entry.findtext(f"{ATOM}updated")),
        entry.findtext(f"{ATOM}summary"),
        tuple(pictures),
    )
