"""RSS 2.0 as rendered from feeds made by hand."""

import html

import pytest
from feed_checks import (
    ENCODED,
    PREFIXES,
    children,
    namespace_faults,
    numeric_reference_faults,
    parse_xml,
    rss_faults,
)
from feed_strategies import categories, entries, lines, plain_texts, related_links, steadily
from hypothesis import given
from hypothesis import strategies as st
from support import DAY, entry, feed, image

from feedpub.article import Person
from feedpub.feed import Category, Source
from feedpub.formats import rss


def rendered(*entries, **fields):
    return parse_xml(rss.render(feed(*entries, **fields)).data)


def item_of(**fields):
    return rendered(entry(**fields)).find("channel/item")


def text_of_html(fragment):
    """Return the plain text of a description, as a reader shows it."""
    return html.unescape(fragment.replace("<br>", "\n"))


SMALLEST = """<?xml version="1.0" encoding="utf-8"?>
<?xml-stylesheet type="text/css" href="../../feed.css"?>
<rss xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"\
 xmlns:content="http://purl.org/rss/1.0/modules/content/" version="2.0">
  <channel>
    <title>Libraries – Example Every Day</title>
    <link>https://feeds.example.org/topics/libraries/</link>
    <description>Articles on Libraries</description>
    <language>en</language>
    <lastBuildDate>Fri, 30 Jan 2026 13:53:00 GMT</lastBuildDate>
    <generator>feedpub</generator>
    <docs>https://www.rssboard.org/rss-specification</docs>
    <atom:link href="https://feeds.example.org/topics/libraries/rss.xml" rel="self"\
 type="application/rss+xml"/>
    <atom:link rel="alternate" type="application/atom+xml"\
 href="https://feeds.example.org/topics/libraries/atom.xml"/>
    <atom:link rel="alternate" type="application/feed+json"\
 href="https://feeds.example.org/topics/libraries/feed.json"/>
    <item>
      <title>Title of a</title>
      <link>https://www.example.com/a</link>
      <guid isPermaLink="false">tag:feeds.example.org,2026:a</guid>
      <pubDate>Fri, 30 Jan 2026 13:53:00 GMT</pubDate>
      <dc:creator>Example Daily</dc:creator>
      <description>Summary of a.</description>
      <content:encoded>&lt;p&gt;Summary of a.&lt;/p&gt;</content:encoded>
    </item>
  </channel>
</rss>
"""


def test_feed_of_one_entry_is_these_bytes():
    assert rss.render(feed(entry())).data.decode() == SMALLEST


def test_document_has_the_path_and_the_media_type_of_rss():
    document = rss.render(feed())
    assert (document.path, document.media_type) == (
        "topics/libraries/rss.xml",
        "application/rss+xml",
    )


def test_rendering_twice_gives_the_same_document():
    whole = feed(entry(images=(image(),), lead=image()))
    assert rss.render(whole) == rss.render(whole)


def test_feed_without_entries_is_a_sound_channel():
    root = rendered()
    assert rss_faults(root) == []
    assert root.find("channel/item") is None


def test_entry_without_any_option_has_the_least_of_elements():
    assert children(item_of(summary=None)) == [
        "title",
        "link",
        "guid",
        "pubDate",
        "dc:creator",
        "content:encoded",
    ]


def test_entries_keep_their_order():
    guids = [guid.text[-1] for guid in rendered(entry("b"), entry("a"), entry("c")).iter("guid")]
    assert guids == ["b", "a", "c"]


def test_date_of_publication_is_written_and_not_the_date_of_change():
    item = item_of(updated=DAY.replace(year=2027))
    assert item.findtext("pubDate") == "Fri, 30 Jan 2026 13:53:00 GMT"


def test_date_of_publication_is_that_of_the_newest_entry():
    root = rendered(entry(), newest=DAY.replace(day=29))
    assert root.findtext("channel/pubDate") == "Thu, 29 Jan 2026 13:53:00 GMT"


def test_feed_without_entries_has_no_date_of_publication():
    assert rendered().find("channel/pubDate") is None


def test_last_build_date_is_the_updated_of_the_feed():
    root = rendered(entry(), updated=DAY.replace(day=31))
    assert root.findtext("channel/lastBuildDate") == "Sat, 31 Jan 2026 13:53:00 GMT"


def test_rights_are_the_copyright():
    assert rendered(rights="© Example").findtext("channel/copyright") == "© Example"


def test_feed_without_rights_has_no_copyright():
    assert rendered().find("channel/copyright") is None


@pytest.mark.parametrize(
    ("logo", "shown"),
    [
        ("https://feeds.example.org/logo.png", True),
        ("https://feeds.example.org/logo.svg", False),
        (None, False),
    ],
)
def test_image_of_the_channel_is_the_logo_rss_can_show(logo, shown):
    assert (rendered(logo=logo).find("channel/image") is not None) == shown


def test_sisters_are_those_formats_that_exist():
    base = "https://feeds.example.org/topics/libraries/"
    root = rendered(addresses={"rss": f"{base}rss.xml", "json": f"{base}feed.json"})
    found = root.xpath("channel/atom:link[@rel='alternate']/@href", namespaces=PREFIXES)
    assert found == [f"{base}feed.json"]


def test_media_namespace_is_declared_for_pictures_only():
    with_picture = rendered(entry(images=(image(),), lead=image()))
    assert ("media" in with_picture.nsmap, "media" in rendered(entry()).nsmap) == (True, False)


def test_every_author_is_a_creator():
    people = (Person(name="Ann Exempel"), Person(name="Jo Beispiel"))
    creators = item_of(authors=people).iterfind("dc:creator", PREFIXES)
    assert [creator.text for creator in creators] == ["Ann Exempel", "Jo Beispiel"]


def test_picture_that_is_not_the_lead_is_no_enclosure_and_no_thumbnail():
    film = image("https://images.example.com/a.mp4", media_type="video/mp4")
    assert children(item_of(images=(film,)))[-1] == "media:content"


def test_length_of_a_picture_is_told_where_it_is_known():
    lead = image(length_bytes=1234)
    item = item_of(images=(lead, image("https://images.example.com/b.jpg")), lead=lead)
    assert item.find("enclosure").get("length") == "1234"
    sizes = [e.get("fileSize") for e in item.iterfind("media:content", PREFIXES)]
    assert sizes == ["1234", None]


def test_source_has_its_feed_and_its_name():
    source = item_of(source=Source(title="A & B", feed_url="https://www.example.com/f?a=1&b=2"))
    found = source.find("source")
    assert (found.get("url"), found.text) == ("https://www.example.com/f?a=1&b=2", "A & B")


def test_category_is_the_term_alone():
    item = item_of(categories=(Category(term="C++", scheme="https://feeds.example.org/topics/c/"),))
    assert [(c.text, dict(c.attrib)) for c in item.iter("category")] == [("C++", {})]


@pytest.mark.parametrize(
    ("summary", "description"),
    [
        ("R&D", "R&amp;D"),
        ("5 < 6 > 4", "5 &lt; 6 &gt; 4"),
        ("<EXMP.O>", "&lt;EXMP.O&gt;"),
        ('"quoted"', '"quoted"'),
        ("one\ntwo", "one<br>two"),
        ("one\n\ntwo", "one<br><br>two"),
        ("&amp;", "&amp;amp;"),
        ("it's", "it's"),
    ],
)
def test_summary_becomes_html(summary, description):
    assert rss.description_html(summary) == description


@steadily
@given(lines)
def test_any_title_survives(text):
    assert item_of(title=text).findtext("title") == text


@steadily
@given(plain_texts)
def test_any_summary_survives(text):
    assert text_of_html(item_of(summary=text).findtext("description")) == text


@steadily
@given(lines)
def test_any_author_survives(text):
    item = item_of(authors=(Person(name=text),))
    assert item.findtext("dc:creator", None, PREFIXES) == text


@steadily
@given(st.lists(categories, max_size=4))
def test_any_category_survives(found):
    item = item_of(categories=tuple(found))
    assert [c.text for c in item.iter("category")] == [c.term for c in found]


@steadily
@given(st.lists(related_links, max_size=4))
def test_any_related_link_survives(found):
    links = item_of(related=tuple(found)).xpath("atom:link[@rel='related']", namespaces=PREFIXES)
    assert [(k.get("title"), k.get("href")) for k in links] == [(k.title, k.href) for k in found]


@steadily
@given(lines)
def test_any_title_of_a_feed_survives(text):
    assert rendered(title=text).findtext("channel/title") == text


@steadily
@given(entries("a"), entries("b"))
def test_any_entries_give_a_sound_document(first, second):
    data = rss.render(feed(first, second)).data
    root = parse_xml(data)
    assert rss_faults(root) + namespace_faults(root) + numeric_reference_faults(data) == []


@steadily
@given(entries())
def test_content_of_any_entry_survives(made):
    item = rendered(made).find("channel/item")
    assert item.findtext(ENCODED) == made.content
