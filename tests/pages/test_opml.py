"""The subscription list, from whole builds and from site maps made by hand."""

from datetime import timedelta

import pytest
from feed_checks import parse_xml
from feed_strategies import lines, steadily
from hypothesis import given
from support import CONFIG, DAY, NOW, feed, record

from feedpub.article import Person
from feedpub.compose import Site
from feedpub.groups import Group
from feedpub.pages import opml
from feedpub.pages.site_map import Published, SiteMap

SITE = Site(
    title="Example Every Day",
    url="https://feeds.example.org/",
    tag="feeds.example.org,2026",
    description="What the world writes",
    language="en",
    author=Person(name="The Editors"),
)


def published(path="all", kind="all", name=None, parent=None, **fields):
    base = f"https://feeds.example.org/{path}/"
    made = feed(path=path, page=base, **({"addresses": {"rss": f"{base}rss.xml"}} | fields))
    group = Group(kind=kind, path=path, name=name, articles=(), limit=50, parent=parent)
    return Published(group=group, feed=made, sha256="0" * 64)


def listed(*feeds):
    return parse_xml(opml.render(SiteMap(site=SITE, feeds=feeds)).data)


def tree(element):
    """Return the outlines below an element as nested lists of their texts."""
    return [[child.get("text"), *tree(child)] for child in element.findall("outline")]


def built(workspace, config, **records):
    workspace.configure(config)
    for name, text in records.items():
        workspace.write(f"{name}.md", text)
    workspace.build()
    return parse_xml(workspace.destination.files["feeds.opml"])


def test_document_has_the_path_and_the_media_type_of_opml():
    document = opml.render(SiteMap(site=SITE, feeds=(published(),)))
    assert (document.path, document.media_type) == ("feeds.opml", "text/x-opml")


def test_list_of_one_feed_is_these_bytes():
    document = opml.render(SiteMap(site=SITE, feeds=(published(title="A & B"),)))
    assert document.data.decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<opml version="2.0">\n'
        " <head>\n"
        "  <title>Example Every Day</title>\n"
        "  <dateModified>Fri, 30 Jan 2026 13:53:00 GMT</dateModified>\n"
        "  <ownerName>The Editors</ownerName>\n"
        " </head>\n"
        " <body>\n"
        '  <outline type="rss" text="A &amp; B" title="A &amp; B"'
        ' description="Articles on Libraries" xmlUrl="https://feeds.example.org/all/rss.xml"'
        ' htmlUrl="https://feeds.example.org/all/"/>\n'
        " </body>\n"
        "</opml>\n"
    )


def test_date_is_the_newest_change_of_any_feed():
    root = listed(
        published(updated=DAY),
        published("hot", "named", "Hot", updated=DAY + timedelta(days=1)),
        published("old", "named", "Old", updated=DAY - timedelta(days=1)),
    )
    assert root.findtext("head/dateModified") == "Sat, 31 Jan 2026 13:53:00 GMT"


def test_date_does_not_follow_the_clock(workspace):
    workspace.write("a.md", record())
    workspace.build()
    before = workspace.text("feeds.opml")
    workspace.build(now=NOW + timedelta(days=30))
    assert workspace.text("feeds.opml") == before


def test_feed_of_everything_and_named_feeds_stand_at_the_top():
    root = listed(published(title="All"), published("hot", "named", "Hot"))
    assert tree(root.find("body")) == [["All"], ["Hot"]]


def test_topics_nest_by_their_parents():
    root = listed(
        published(title="All"),
        published("topics/a", "topic", "A"),
        published("topics/b", "topic", "B", parent="topics/a"),
        published("topics/c", "topic", "C", parent="topics/b"),
    )
    assert tree(root.find("body")) == [["All"], ["Topics", ["A", ["A"], ["B", ["B"], ["C"]]]]]


def test_topic_whose_parent_has_no_feed_stands_at_the_top_of_the_topics():
    root = listed(
        published(title="All"),
        published("topics/a", "topic", "A"),
        published("topics/b", "topic", "B", parent="topics/absent"),
    )
    assert tree(root.find("body")) == [["All"], ["Topics", ["A"], ["B"]]]


def test_providers_of_a_topic_stand_in_its_folder_before_its_children():
    root = listed(
        published(title="All"),
        published("topics/a", "topic", "A"),
        published("topics/b", "topic", "B", parent="topics/a"),
        published("topics/a/example.com", "topic-provider", "A: Daily", parent="topics/a"),
    )
    assert tree(root.find("body")) == [["All"], ["Topics", ["A", ["A"], ["A: Daily"], ["B"]]]]


def test_providers_stand_apart_from_topics():
    root = listed(
        published(title="All"),
        published("topics/a", "topic", "A"),
        published("providers/example.com", "provider", "Daily"),
    )
    assert tree(root.find("body")) == [["All"], ["Topics", ["A"]], ["Providers", ["Daily"]]]


@pytest.mark.parametrize(
    ("kind", "path", "folders"),
    [("topic", "topics/a", ["Topics"]), ("provider", "providers/example.com", ["Providers"])],
)
def test_folder_without_feeds_is_left_out(kind, path, folders):
    root = listed(published(title="All"), published(path, kind, "A"))
    assert [o.get("text") for o in root.findall("body/outline") if o.get("type") is None] == folders


def test_feed_holds_no_other(hostile_site):
    """Miniflux and FreshRSS do not look for feeds in the outline of one."""
    root = parse_xml(hostile_site.destination.files["feeds.opml"])
    assert root.findall(".//outline[@xmlUrl]/outline") == []


def test_folder_is_no_feed():
    folder = listed(published(), published("topics/a", "topic", "A")).find("body/outline[2]")
    assert dict(folder.attrib) == {"text": "Topics"}


@pytest.mark.parametrize(
    ("formats", "file"),
    [
        (("rss", "atom", "json"), "rss.xml"),
        (("atom", "json"), "atom.xml"),
        (("json", "atom"), "atom.xml"),
        (("json",), "feed.json"),
    ],
)
def test_address_is_the_first_xml_format_and_json_where_there_is_none(formats, file):
    base = "https://feeds.example.org/all/"
    files = {"rss": "rss.xml", "atom": "atom.xml", "json": "feed.json"}
    root = listed(published(addresses={name: base + files[name] for name in formats}))
    outline = root.find("body/outline")
    assert (outline.get("type"), outline.get("xmlUrl")) == ("rss", base + file)


@pytest.mark.parametrize("name", ["rss", "atom", "json"])
def test_address_leads_to_a_file_whatever_the_formats_of_the_site(workspace, name):
    root = built(workspace, f"{CONFIG}formats: [{name}]\n", a=record())
    found = [outline.get("xmlUrl") for outline in root.iterfind(".//outline[@xmlUrl]")]
    paths = [address.removeprefix("https://feeds.example.org/") for address in found]
    assert len(paths) == 3
    assert set(paths) <= set(workspace.destination.files)


def test_every_address_of_a_hostile_site_leads_to_a_file(hostile_site, served):
    root = parse_xml(hostile_site.destination.files["feeds.opml"])
    for outline in root.iterfind(".//outline[@xmlUrl]"):
        assert served(outline.get("xmlUrl"))
        assert served(outline.get("htmlUrl"))


def test_every_feed_of_a_hostile_site_is_listed_once(hostile_site):
    root = parse_xml(hostile_site.destination.files["feeds.opml"])
    listed = [outline.get("xmlUrl") for outline in root.iterfind(".//outline[@xmlUrl]")]
    feeds = [path for path in hostile_site.destination.files if path.endswith("rss.xml")]
    assert len(listed) == len(set(listed)) == len(feeds)


def test_hostile_names_are_text(hostile_site):
    root = parse_xml(hostile_site.destination.files["feeds.opml"])
    texts = {outline.get("text") for outline in root.iter("outline")}
    assert {
        "Every <b>Day</b> \"&\" 'Night' <EXMP.O>",
        'Most <discussed> & "hot"',
        "Daily <script>alert('provider')</script> & Co.",
        '"C" <++> &',
    } <= texts


def test_two_topics_that_name_each_other_as_parent_are_both_listed(hostile_site):
    root = parse_xml(hostile_site.destination.files["feeds.opml"])
    topics = root.find("body/outline[@text='Topics']")
    assert {"Chicken", "Egg"} <= {outline.get("text") for outline in topics}


def test_kept_feed_is_still_listed(workspace):
    location = workspace.write("a.md", record())
    workspace.build()
    location.unlink()
    workspace.build()
    root = parse_xml(workspace.destination.files["feeds.opml"])
    assert [o.get("text") for o in root.iterfind(".//outline[@xmlUrl]")] == [
        "Example Every Day",
        "Libraries",
        "Example Daily",
    ]


@pytest.mark.parametrize("groups", ["[all, topic-provider]", "[all, provider, topic-provider]"])
def test_feeds_of_topic_and_provider_are_listed_where_topics_have_none(workspace, groups):
    root = built(workspace, f"{CONFIG}groups: {groups}\nmin_entries: 1\n", a=record())
    listed = [outline.get("xmlUrl") for outline in root.iterfind(".//outline[@xmlUrl]")]
    assert "https://feeds.example.org/topics/libraries/example.com/rss.xml" in listed


@pytest.mark.parametrize("groups", ["[topic]", "[provider]", "[topic, provider]", "[]"])
def test_site_without_feeds_has_an_empty_list(workspace, groups):
    root = built(workspace, f"{CONFIG}groups: {groups}\n")
    assert root.findall(".//outline") == []


@steadily
@given(lines)
def test_any_name_survives(text):
    root = listed(published(title=text), published("topics/a", "topic", text))
    assert [(o.get("text"), o.get("title")) for o in root.iterfind(".//outline[@xmlUrl]")] == [
        (text, text),
        (text, "Libraries – Example Every Day"),
    ]
