"""Atom 1.0 as rendered from feeds made by hand."""

import pytest
from feed_checks import (
    LANG,
    PREFIXES,
    atom_faults,
    children,
    namespace_faults,
    numeric_reference_faults,
    parse_xml,
)
from feed_strategies import categories, entries, lines, plain_texts, related_links, steadily
from hypothesis import given
from hypothesis import strategies as st
from support import DAY, entry, feed, image

from feedpub.article import Person
from feedpub.feed import Category, RelatedLink, Source
from feedpub.formats import atom


def rendered(*entries, **fields):
    return parse_xml(atom.render(feed(*entries, **fields)).data)


def entry_of(**fields):
    return rendered(entry(**fields)).find("a:entry", PREFIXES)


def text(element, path):
    return element.findtext("/".join(f"a:{name}" for name in path.split("/")), None, PREFIXES)


SMALLEST = """<?xml version="1.0" encoding="utf-8"?>
<?xml-stylesheet type="text/css" href="../../feed.css"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
  <id>tag:feeds.example.org,2026:feed:topics/libraries</id>
  <title>Libraries – Example Every Day</title>
  <subtitle>Articles on Libraries</subtitle>
  <updated>2026-01-30T13:53:00Z</updated>
  <author>
    <name>Example Every Day</name>
    <uri>https://feeds.example.org/</uri>
  </author>
  <link href="https://feeds.example.org/topics/libraries/atom.xml" rel="self"\
 type="application/atom+xml"/>
  <link href="https://feeds.example.org/topics/libraries/rss.xml" rel="alternate"\
 type="application/rss+xml"/>
  <link href="https://feeds.example.org/topics/libraries/feed.json" rel="alternate"\
 type="application/feed+json"/>
  <link href="https://feeds.example.org/topics/libraries/" rel="alternate" type="text/html"/>
  <generator>feedpub</generator>
  <entry>
    <id>tag:feeds.example.org,2026:a</id>
    <title>Title of a</title>
    <updated>2026-01-30T13:53:00Z</updated>
    <published>2026-01-30T13:53:00Z</published>
    <author>
      <name>Example Daily</name>
      <uri>https://example.com/</uri>
    </author>
    <link rel="alternate" type="text/html" href="https://www.example.com/a"/>
    <summary>Summary of a.</summary>
    <content type="html">&lt;p&gt;Summary of a.&lt;/p&gt;</content>
  </entry>
</feed>
"""


def test_feed_of_one_entry_is_these_bytes():
    assert atom.render(feed(entry())).data.decode() == SMALLEST


def test_document_has_the_path_and_the_media_type_of_atom():
    document = atom.render(feed())
    assert (document.path, document.media_type) == (
        "topics/libraries/atom.xml",
        "application/atom+xml",
    )


def test_rendering_twice_gives_the_same_document():
    whole = feed(entry(images=(image(),), lead=image()))
    assert atom.render(whole) == atom.render(whole)


def test_feed_without_entries_is_a_sound_document():
    assert atom_faults(rendered()) == []


def test_entry_without_any_option_has_the_least_of_elements():
    assert children(entry_of(summary=None)) == [
        "atom:id",
        "atom:title",
        "atom:updated",
        "atom:published",
        "atom:author",
        "atom:link",
        "atom:content",
    ]


def test_entries_keep_their_order():
    ids = rendered(entry("b"), entry("a"), entry("c")).xpath(
        "a:entry/a:id/text()", namespaces=PREFIXES
    )
    assert [found[-1] for found in ids] == ["b", "a", "c"]


def test_updated_and_published_are_told_apart():
    found = entry_of(updated=DAY.replace(month=5))
    assert (text(found, "updated"), text(found, "published")) == (
        "2026-05-30T13:53:00Z",
        "2026-01-30T13:53:00Z",
    )


@pytest.mark.parametrize("name", ["icon", "logo", "rights"])
def test_element_that_is_not_known_is_left_out(name):
    assert rendered().find(f"a:{name}", PREFIXES) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("icon", "https://feeds.example.org/icon.png"),
        ("logo", "https://feeds.example.org/logo.svg"),
        ("rights", "© Example & Co."),
    ],
)
def test_element_that_is_known_is_written(name, value):
    assert text(rendered(**{name: value}), name) == value


def test_author_of_the_feed_without_address_has_a_name_alone():
    root = rendered(author=Person(name="The Editors"))
    assert children(root.find("a:author", PREFIXES)) == ["atom:name"]


def test_every_author_of_an_entry_is_written():
    found = entry_of(authors=(Person(name="Ann Exempel"), Person(name="Jo Beispiel")))
    assert found.xpath("a:author/a:name/text()", namespaces=PREFIXES) == [
        "Ann Exempel",
        "Jo Beispiel",
    ]


@pytest.mark.parametrize(
    ("language", "shown"),
    [("de", "de"), ("en", None), ("EN", None), ("en-GB", "en-GB"), (None, None)],
)
def test_language_stands_on_an_entry_that_differs_from_its_feed(language, shown):
    assert entry_of(language=language).get(LANG) == shown


def test_links_of_an_entry_are_alternate_via_related_enclosures():
    found = entry_of(
        via="https://www.example.net/v",
        related=(RelatedLink(href="https://www.example.net/r", title="R"),),
        images=(image(title="A caption"),),
        lead=image(title="A caption"),
    )
    assert [dict(link.attrib) for link in found.iterfind("a:link", PREFIXES)] == [
        {"rel": "alternate", "type": "text/html", "href": "https://www.example.com/a"},
        {"rel": "via", "type": "text/html", "href": "https://www.example.net/v"},
        {"rel": "related", "type": "text/html", "title": "R", "href": "https://www.example.net/r"},
        {
            "rel": "enclosure",
            "type": "image/jpeg",
            "title": "A caption",
            "href": "https://images.example.com/a.jpg",
        },
    ]


def test_category_without_page_has_no_scheme():
    found = entry_of(categories=(Category(term="C++"),))
    assert dict(found.find("a:category", PREFIXES).attrib) == {"term": "C++", "label": "C++"}


def test_source_stands_last_and_names_its_feed():
    found = entry_of(
        source=Source(title="A & B", feed_url="https://www.example.com/f?a=1&b=2"),
        images=(image(),),
        lead=image(),
    )
    assert children(found)[-1] == "atom:source"
    assert text(found, "source/title") == "A & B"


def test_media_namespace_is_declared_for_pictures_only():
    with_picture = rendered(entry(images=(image(),), lead=image()))
    assert ("media" in with_picture.nsmap, "media" in rendered(entry()).nsmap) == (True, False)


def test_sisters_are_those_formats_that_exist():
    base = "https://feeds.example.org/topics/libraries/"
    root = rendered(addresses={"atom": f"{base}atom.xml", "json": f"{base}feed.json"})
    found = root.xpath("a:link[@rel='alternate']/@href", namespaces=PREFIXES)
    assert found == [f"{base}feed.json", base]


@steadily
@given(lines)
def test_any_title_survives(text_):
    assert text(entry_of(title=text_), "title") == text_


@steadily
@given(plain_texts)
def test_any_summary_survives(text_):
    assert text(entry_of(summary=text_), "summary") == text_


@steadily
@given(lines)
def test_any_author_survives(text_):
    assert text(entry_of(authors=(Person(name=text_),)), "author/name") == text_


@steadily
@given(st.lists(categories, max_size=4))
def test_any_category_survives(found):
    written = entry_of(categories=tuple(found)).iterfind("a:category", PREFIXES)
    assert [(c.get("term"), c.get("label")) for c in written] == [(c.term, c.term) for c in found]


@steadily
@given(st.lists(related_links, max_size=4))
def test_any_related_link_survives(found):
    links = entry_of(related=tuple(found)).xpath("a:link[@rel='related']", namespaces=PREFIXES)
    assert [(k.get("title"), k.get("href")) for k in links] == [(k.title, k.href) for k in found]


@steadily
@given(lines)
def test_any_caption_survives(caption):
    link = entry_of(images=(image(title=caption),)).find("a:link[@rel='enclosure']", PREFIXES)
    assert link.get("title") == caption


def test_length_of_a_picture_is_told_where_it_is_known():
    pictures = (image(length_bytes=1234), image("https://images.example.com/b.jpg"))
    links = entry_of(images=pictures).iterfind("a:link[@rel='enclosure']", PREFIXES)
    assert [link.get("length") for link in links] == ["1234", None]


@steadily
@given(entries("a"), entries("b"))
def test_any_entries_give_a_sound_document(first, second):
    data = atom.render(feed(first, second)).data
    root = parse_xml(data)
    assert atom_faults(root) + namespace_faults(root) + numeric_reference_faults(data) == []


@steadily
@given(entries())
def test_content_of_any_entry_survives(made):
    assert text(rendered(made), "entry/content") == made.content
