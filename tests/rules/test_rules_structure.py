"""All feeds against the structure of RFC 4287, RSS 2.0, Media RSS and JSON Feed; and the checks.

The second half breaks a sound feed in every way the checks are meant to see: a check that sees
nothing would be worth nothing.
"""

import re

import pytest
from feed_checks import (
    atom_faults,
    html_faults,
    is_address,
    is_rfc822,
    is_rfc3339,
    namespace_faults,
    numeric_reference_faults,
    parse_json,
    parse_xml,
    rss_faults,
)
from jsonfeed_schema import json_feed_faults
from support import PROJECT, entry, feed, image, related

from feedpub import formats
from feedpub.feed import Category, RelatedLink, Source

REFERENCE = PROJECT.parent / "shared" / "reference"


def faulty(found):
    return {path: faults for path, faults in found.items() if faults}


@pytest.mark.rule(11, 14, 25, 27, 32, 33, 50, 73, 74)
def test_every_rss_feed_keeps_rss_2_0_and_media_rss(feeds):
    assert faulty({path: rss_faults(root) for path, root in feeds.rss.items()}) == {}


@pytest.mark.rule(41, 44, 46, 48, 50, 51, 55, 59, 69, 74)
def test_every_atom_feed_keeps_rfc_4287_and_media_rss(feeds):
    assert faulty({path: atom_faults(root) for path, root in feeds.atom.items()}) == {}


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="../shared/reference is not on this machine")
def test_feeds_that_every_validator_took_pass_the_checks():
    assert rss_faults(parse_xml((REFERENCE / "ref.rss.xml").read_bytes())) == []
    assert atom_faults(parse_xml((REFERENCE / "ref.atom.xml").read_bytes())) == []


FULL = feed(
    entry(
        images=(
            image(width=20, height=10),
            image("https://images.example.com/b.png", media_type="image/png"),
        ),
        lead=image(width=20, height=10),
        via="https://original.example.net/a",
        categories=(
            Category(term="Libraries", scheme="https://feeds.example.org/topics/libraries/"),
        ),
        related=(RelatedLink(href=related().link, title="A related article"),),
        source=Source(title="Example Daily", feed_url="https://www.example.com/feed.xml"),
        language="de",
    ),
    entry("b"),
    logo="https://feeds.example.org/logo.png",
    icon="https://feeds.example.org/icon.png",
    rights="© Example",
)


def rendered(name):
    return formats.render(name, FULL).data.decode()


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_checks_find_nothing_in_a_sound_feed(name):
    check = {"rss": rss_faults, "atom": atom_faults}[name]
    root = parse_xml(rendered(name).encode())
    assert check(root) + namespace_faults(root) == []


@pytest.mark.parametrize(
    ("pattern", "replacement", "fault"),
    [
        (r"<id>.*?</id>", "", "feed has 0 id"),
        (r"(<id>.*?</id>)", r"\1\1", "feed has 2 id"),
        (r"<title>.*?</title>", "<title> </title>", "title is blank"),
        (r"<updated>.*?</updated>", "<updated>today</updated>", "no RFC 3339 date"),
        (r"<updated>(.*?)T(.*?)Z", r"<updated>\1 \2Z", "no RFC 3339 date"),
        (
            r"(<entry.*</entry>)(.*)</feed>",
            r"\1<icon>https://x.example.com/</icon></feed>",
            "after the first entry",
        ),
        (r'rel="related"', 'rel="amphtml"', "unknown rel 'amphtml'"),
        (r'rel="related"', 'rel="alternate"', "two alternates"),
        (r'<link (rel="related".*?)/>', r"<link \1>x</link>", "link related is not empty"),
        (r'href="https://www.example.net/r"', 'href="/r"', "no absolute address"),
        (r'href="https://www.example.net/r"', "", "link lacks href"),
        (r'title="A related article"', 'title=" "', "title=' '"),
        (r'<content type="html">', '<content type="CDATA">', "has type 'CDATA'"),
        (r'<content type="html">', '<content mode="escaped" type="html">', "content has mode"),
        (r'xml:lang="de"', 'xml:lang="de_DE"', "no language tag"),
        (r'term="Libraries"', 'term=""', "blank term"),
        (r'scheme="[^"]*"', 'scheme="topics"', "category scheme"),
        (r"<name>.*?</name>", "", "author has 0 name"),
        (r"<uri>.*?</uri>", "<uri>example.com</uri>", "uri 'example.com'"),
        (r"</entry>", "<in-reply-to/></entry>", "in-reply-to in entry"),
        (r"<summary>.*?</summary>", "<summary></summary>", "summary is blank"),
        (r'width="20"', 'width="0"', "width='0'"),
        (r'medium="image"', 'medium="video"', "medium='video' with type="),
        (
            r"(<media:content[^>]*/>)",
            r"<media:group>\1</media:group>",
            "group without alternatives",
        ),
        (r"(<media:thumbnail)", r"<media:title>x</media:title>\1", "media:title"),
        (r":b</id>", ":a</id>", "appears twice"),
    ],
)
def test_check_of_atom_sees_the_fault(pattern, replacement, fault):
    broken, count = re.subn(pattern, replacement, rendered("atom"), count=1, flags=re.DOTALL)
    assert count == 1
    assert any(fault in found for found in atom_faults(parse_xml(broken.encode())))


@pytest.mark.parametrize(
    ("pattern", "replacement", "fault"),
    [
        (r' version="2.0"', ' version="0.91"', "not version 2.0"),
        (r"<title>.*?</title>", "", "channel has 0 title"),
        (r"<description>.*?</description>", "<description/>", "description is blank"),
        (r"<link>.*?</link>", "<link>/x</link>", "no absolute address"),
        (r"<language>.*?</language>", "<language>en_US</language>", "language 'en_US'"),
        (r"<lastBuildDate>.*?</", "<lastBuildDate>2026-01-30T13:53:00Z</", "no RFC 822 date"),
        (r"<pubDate>Fri", "<pubDate>Mon", "no RFC 822 date"),
        (r"GMT</pubDate>", "UTC</pubDate>", "no RFC 822 date"),
        (r"(<item>.*</item>)", r"\1<ttl>5</ttl>", "after the first item"),
        (r"<docs>", "<rating>x</rating><docs>", "rating in channel"),
        (r'isPermaLink="false"', 'isPermaLink="False"', "isPermaLink='False'"),
        (r' isPermaLink="false"', "", "a permalink that is no address"),
        (r"(<enclosure[^>]*/>)", r"\1\1", "item has 2 enclosure"),
        (r' length="0"', "", "enclosure lacks length"),
        (r' length="0"', ' length="-1"', "enclosure length '-1'"),
        (r'(<enclosure.*?)type="image/jpeg"', r'\1type="jpeg"', "enclosure type 'jpeg'"),
        (r'<enclosure url="[^"]*"', '<enclosure url="http://localhost/a.jpg"', "enclosure url"),
        (r'<source url="[^"]*"', "<source", "source lacks url"),
        (r"<category>.*?</category>", "<category> </category>", "category is blank"),
        (r'rel="related"', 'rel="alternate"', "readers take for the link"),
        (r"<dc:creator>(.*?)</dc:creator>", r"<dc:subject>\1</dc:subject>", "dc:subject in item"),
        (
            r"<media:thumbnail",
            "<media:description>x</media:description><media:thumbnail",
            "media:description",
        ),
        (r"(:b</guid>)", ":a</guid>", "appears twice"),
        (r"<(title>)(Title of a)</title>", r"<\1</title>", "title is blank"),
    ],
)
def test_check_of_rss_sees_the_fault(pattern, replacement, fault):
    broken, count = re.subn(pattern, replacement, rendered("rss"), count=1, flags=re.DOTALL)
    assert count == 1
    assert any(fault in found for found in rss_faults(parse_xml(broken.encode())))


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (["version"], "https://jsonfeed.org/version/1", "const"),
        (["version"], None, "required"),
        (["feed_url"], "/feed.json", "feed_url"),
        (["author"], {"name": "x"}, "author"),
        (["hubs"], {}, "hubs"),
        (["items", 0, "id"], 42, "].id: 42"),
        (["items", 0, "id"], None, "required"),
        (["items", 0, "url"], None, "required"),
        (["items", 0, "content_html"], None, "anyOf"),
        (["items", 0, "date_published"], "Fri, 30 Jan 2026", "date_published"),
        (["items", 0, "tags"], "x", "tags"),
        (["items", 0, "tags"], [1], "tags"),
        (["items", 0, "authors"], [{}], "authors"),
        (["items", 0, "attachments", 0, "mime_type"], None, "mime_type"),
        (["items", 0, "attachments", 0, "size_in_bytes"], 0, "size_in_bytes"),
        (["items", 0, "_feedpub"], [], "_feedpub"),
        (["items", 0, "_feed.pub"], {"about": "x"}, "_feed.pub"),
        (["items", 0, "unknown"], "x", "unknown"),
        (["items", 1, "id"], "tag:feeds.example.org,2026:a", "twice"),
    ],
)
def test_check_of_json_sees_the_fault(path, value, fault):
    document = parse_json(rendered("json").encode())
    *way, last = path
    place = document
    for key in way:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    words = {
        "const": "was expected",
        "required": "is a required property",
        "anyOf": "not valid under",
    }
    assert any(words.get(fault, fault) in found for found in json_feed_faults(document))


def test_check_of_json_finds_nothing_in_a_sound_feed():
    assert json_feed_faults(parse_json(rendered("json").encode())) == []


@pytest.mark.parametrize("text", ['{"a": NaN}', '{"a": 1, "a": 2}', '\ufeff{"a": 1}', "{'a': 1}"])
def test_strict_reading_of_json_refuses_what_is_no_json(text):
    with pytest.raises(ValueError, match=r"NaN|twice|mark|property name"):
        parse_json(text.encode())


@pytest.mark.parametrize(
    ("fragment", "fault"),
    [
        ("<p>a & b</p>", "not escaped"),
        ("<p>a < b</p>", "not escaped"),
        ("<p>a", "<p> is never closed"),
        ("<b><i></b></i>", "</b> where"),
        ("</p>", "</p> where"),
        ("<script>x</script>", "<script> is not for feeds"),
        ("<body></body>", "<body> is not for feeds"),
        ('<p onclick="x"></p>', "<p onclick>"),
        ('<p style="x"></p>', "<p style>"),
        ('<a href="/x"></a>', "is not absolute"),
        ('<img src="//www.example.com/x">', "is not absolute"),
        ('<a href="javascript:x"></a>', "is not absolute"),
        ('<a href="https://www.example.com/?a=1&b=2"></a>', "a bare & in <a>"),
        ("&copy;", "entity &copy;"),
        ("<!-- x -->", "a comment"),
        ("<!DOCTYPE html>", "a declaration"),
        ("<?x?>", "an instruction"),
        ('<p title="a" title="b"></p>', "appears twice"),
    ],
)
def test_check_of_html_sees_the_fault(fragment, fault):
    assert any(fault in found for found in html_faults(fragment))


@pytest.mark.parametrize(
    "data",
    [b'<a href="x&#38;y"/>', b"<link>x&#x26;y</link>", b'<guid isPermaLink="false">&#65;</guid>'],
)
def test_check_of_references_sees_the_fault(data):
    assert len(numeric_reference_faults(data)) == 1


@pytest.mark.parametrize(
    "document",
    [
        '<rss xmlns:m="http://search.yahoo.com/mrss/"/>',
        '<rss xmlns:media="http://search.yahoo.com/mrss"/>',
        '<rss><dc:creator xmlns:dc="http://purl.org/dc/elements/1.1/"/></rss>',
        '<a:feed xmlns:a="http://www.w3.org/2005/Atom"/>',
    ],
)
def test_check_of_namespaces_sees_the_fault(document):
    assert namespace_faults(parse_xml(document.encode())) != []


@pytest.mark.parametrize(
    "text",
    [
        "www.example.com/",
        "//www.example.com/",
        "https://www.example.com",
        "https://www.example.com/a b",
        "https://www.example.com/ü",
        "ftp://www.example.com/",
        "https://www.example.com/%zz",
    ],
)
def test_check_of_addresses_sees_the_fault(text):
    assert not is_address(text)


@pytest.mark.parametrize("text", ["2026-01-30", "2026-01-30 13:53:00Z", "2026-01-30T13:53:00", "x"])
def test_check_of_rfc_3339_sees_the_fault(text):
    assert not is_rfc3339(text)


@pytest.mark.parametrize(
    "text",
    [
        "Thu, 30 Jan 2026 13:53:00 GMT",
        "Fri, 30 Jan 26 13:53:00 GMT",
        "30 Jan 2026",
        "x",
        "Fri, 30 Jan 2026 13:53:00 UTC",
    ],
)
def test_check_of_rfc_822_sees_the_fault(text):
    assert not is_rfc822(text)
