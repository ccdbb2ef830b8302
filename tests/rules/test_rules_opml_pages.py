"""Feed rules 100 and 111: the subscription list and the pages."""

from email.utils import parsedate_to_datetime

import pytest
from feed_checks import is_address, is_rfc822, parse_xml
from lxml import html


def opml(feeds):
    return parse_xml(feeds.files["feeds.opml"])


def outlines(feeds):
    return opml(feeds).findall(".//outline[@xmlUrl]")


def page_of(feeds, path):
    return html.document_fromstring(feeds.files[path])


def alternates(page):
    return [
        {name: link.get(name) for name in ("type", "title", "href")}
        for link in page.iterfind(".//link[@rel='alternate']")
    ]


@pytest.mark.rule(100)
def test_list_is_opml_2_0_with_one_head_and_one_body(feeds):
    root = opml(feeds)
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert [child.tag for child in root] == ["head", "body"]


@pytest.mark.rule(100)
def test_head_holds_what_opml_knows_and_a_title(feeds):
    head = opml(feeds).find("head")
    assert head.findtext("title").strip()
    assert {child.tag for child in head} <= {
        "title",
        "dateCreated",
        "dateModified",
        "ownerName",
        "ownerEmail",
        "ownerId",
    }


@pytest.mark.rule(100)
def test_date_of_the_list_is_rfc_822(feeds):
    assert is_rfc822(opml(feeds).findtext("head/dateModified"))


@pytest.mark.rule(100)
def test_date_of_the_list_is_the_newest_change_of_a_feed(feeds):
    modified = parsedate_to_datetime(opml(feeds).findtext("head/dateModified"))
    changes = [parsedate_to_datetime(c.findtext("lastBuildDate")) for c in feeds.channels.values()]
    assert modified == max(changes)


@pytest.mark.rule(100)
def test_every_feed_has_type_text_title_and_addresses(feeds):
    for outline in outlines(feeds):
        assert outline.get("type") == "rss"
        assert outline.get("text").strip()
        assert outline.get("title").strip()
        assert is_address(outline.get("xmlUrl"))
        assert is_address(outline.get("htmlUrl"))


@pytest.mark.rule(100)
def test_no_outline_has_an_attribute_opml_does_not_know(feeds):
    known = {"type", "text", "title", "description", "xmlUrl", "htmlUrl", "language"}
    assert {name for o in opml(feeds).iter("outline") for name in o.attrib} <= known


@pytest.mark.rule(100)
def test_every_outline_has_a_text(feeds):
    assert [o for o in opml(feeds).iter("outline") if not o.get("text", "").strip()] == []


@pytest.mark.rule(100)
def test_list_names_every_feed_once(feeds):
    listed = [outline.get("xmlUrl") for outline in outlines(feeds)]
    selves = [
        channel.find("{http://www.w3.org/2005/Atom}link[@rel='self']").get("href")
        for channel in feeds.channels.values()
    ]
    assert sorted(listed) == sorted(selves)


@pytest.mark.rule(111)
def test_every_feed_has_a_page(feeds):
    for path in (*feeds.xml, *feeds.json):
        assert f"{path.rpartition('/')[0]}/index.html" in feeds.files


@pytest.mark.rule(111)
def test_page_announces_each_format_with_type_title_and_address(site):
    page = page_of(site, "topics/c/index.html")
    base = "https://feeds.example.org/site/topics/c/"
    title = "C – R&D <Every> Day"
    assert alternates(page) == [
        {"type": "application/rss+xml", "title": f"{title} (RSS)", "href": f"{base}rss.xml"},
        {"type": "application/atom+xml", "title": f"{title} (Atom)", "href": f"{base}atom.xml"},
        {
            "type": "application/feed+json",
            "title": f"{title} (JSON Feed)",
            "href": f"{base}feed.json",
        },
    ]


@pytest.mark.rule(111)
def test_page_announces_the_feeds_beside_it_and_no_other(feeds):
    for path, channel in feeds.channels.items():
        page = page_of(feeds, path.replace("rss.xml", "index.html"))
        folder = channel.findtext("link")
        assert [alternate["href"] for alternate in alternates(page)] == [
            f"{folder}{name}" for name in ("rss.xml", "atom.xml", "feed.json")
        ]


@pytest.mark.rule(111)
def test_index_announces_the_feed_of_everything_and_no_other(feeds):
    everything = feeds.channels["all/rss.xml"].findtext("link")
    assert [alternate["href"] for alternate in alternates(page_of(feeds, "index.html"))] == [
        f"{everything}{name}" for name in ("rss.xml", "atom.xml", "feed.json")
    ]
