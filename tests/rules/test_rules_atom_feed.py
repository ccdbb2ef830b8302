"""Feed rules §4: the Atom feed."""

import feedparser
import pytest
from feed_checks import (
    ATOM,
    LANG,
    PREFIXES,
    RELATIONS,
    children,
    is_address,
    is_language,
    parse_xml,
)
from support import CONFIG, record


def feed_of(workspace, path="all/atom.xml"):
    return parse_xml(workspace.destination.files[path])


def links(element, rel):
    return element.xpath(f"a:link[@rel='{rel}']", namespaces=PREFIXES)


@pytest.mark.rule(41)
@pytest.mark.parametrize("name", ["id", "title", "updated"])
def test_feed_has_exactly_one_of_what_atom_requires(feeds, name):
    assert {len(root.findall(f"a:{name}", PREFIXES)) for root in feeds.atom.values()} == {1}


@pytest.mark.rule(41)
def test_metadata_stands_before_the_first_entry(feeds):
    for path, root in feeds.atom.items():
        names = children(root)
        first = names.index("atom:entry") if "atom:entry" in names else len(names)
        assert set(names[first:]) <= {"atom:entry"}, path


@pytest.mark.rule(41)
def test_feed_id_is_a_tag_of_the_site_and_differs_from_feed_to_feed(feeds):
    ids = [root.findtext("a:id", None, PREFIXES) for root in feeds.atom.values()]
    assert len(set(ids)) == len(ids)
    assert all(found.startswith("tag:feeds.example.org,2026:feed:") for found in ids)


@pytest.mark.rule(42)
def test_feed_has_an_author(site):
    authors = {
        tuple(root.findtext(f"a:author/a:{name}", None, PREFIXES) for name in ("name", "uri"))
        for root in site.atom.values()
    }
    assert authors == {("The Editors", "https://feeds.example.org/editors")}


@pytest.mark.rule(42)
def test_every_entry_has_an_author_of_its_own(feeds):
    assert [e for e in feeds.entries if e.find("a:author/a:name", PREFIXES) is None] == []


@pytest.mark.rule(43)
def test_feed_has_one_self_link_with_the_type_of_atom(feeds):
    for path, root in feeds.atom.items():
        assert [link.get("type") for link in links(root, "self")] == ["application/atom+xml"], path


@pytest.mark.rule(43)
def test_self_link_is_the_address_the_feed_is_served_at(site):
    for path, root in site.atom.items():
        encoded = path.replace("ü", "%C3%BC")
        (link,) = links(root, "self")
        assert link.get("href") == f"https://feeds.example.org/site/{encoded}"


@pytest.mark.rule(44)
def test_feed_has_at_most_one_alternate_of_a_type(feeds):
    for path, root in feeds.atom.items():
        kinds = [link.get("type") for link in links(root, "alternate")]
        assert len(set(kinds)) == len(kinds), path


@pytest.mark.rule(44)
def test_page_and_sister_feeds_are_the_alternates(site):
    alternates = links(site.atom["topics/c/atom.xml"], "alternate")
    assert [(link.get("type"), link.get("href")) for link in alternates] == [
        ("application/rss+xml", "https://feeds.example.org/site/topics/c/rss.xml"),
        ("application/feed+json", "https://feeds.example.org/site/topics/c/feed.json"),
        ("text/html", "https://feeds.example.org/site/topics/c/"),
    ]


@pytest.mark.rule(44)
def test_feed_names_no_sister_that_was_not_written(workspace):
    workspace.configure(CONFIG + "formats: [atom]\n")
    workspace.write("a.md", record())
    workspace.build()
    kinds = [link.get("type") for link in links(feed_of(workspace), "alternate")]
    assert kinds == ["text/html"]


@pytest.mark.rule(45)
def test_updated_of_a_feed_is_the_newest_updated_of_its_entries(feeds):
    for path, root in feeds.atom.items():
        dates = root.xpath("a:entry/a:updated/text()", namespaces=PREFIXES)
        if dates:
            assert root.findtext("a:updated", None, PREFIXES) == max(dates), path


@pytest.mark.rule(45)
def test_feed_that_never_held_anything_has_the_date_of_the_tag(site):
    updated = site.atom["nothing/atom.xml"].findtext("a:updated", None, PREFIXES)
    assert updated == "2026-01-01T00:00:00Z"


@pytest.mark.rule(45)
def test_emptied_feed_keeps_the_date_it_had(workspace):
    location = workspace.write("a.md", record())
    workspace.build()
    location.unlink()
    workspace.build()
    root = feed_of(workspace, "topics/libraries/atom.xml")
    assert root.findtext("a:updated", None, PREFIXES) == "2026-01-30T13:53:00Z"


@pytest.mark.rule(45)
def test_emptied_feed_keeps_its_date_in_later_runs_too(workspace):
    location = workspace.write("a.md", record())
    workspace.build()
    location.unlink()
    workspace.build()
    assert workspace.build().outcome.written == ()


@pytest.mark.rule(45)
@pytest.mark.parametrize(
    ("tag", "updated"),
    [
        ("feeds.example.org,2026-05", "2026-05-01T00:00:00Z"),
        ("feeds.example.org,2026-05-06", "2026-05-06T00:00:00Z"),
    ],
)
def test_date_of_the_tag_may_be_a_month_or_a_day(workspace, tag, updated):
    workspace.configure(CONFIG.replace("feeds.example.org,2026", tag))
    workspace.build()
    assert feed_of(workspace).findtext("a:updated", None, PREFIXES) == updated


@pytest.mark.rule(46)
def test_every_relation_is_one_that_validators_know(feeds):
    found = {
        link.get("rel") for root in feeds.xml.values() for link in root.iter(f"{{{ATOM}}}link")
    }
    assert found <= RELATIONS


@pytest.mark.rule(47)
def test_icon_and_logo_are_absolute_addresses(site):
    root = site.atom["all/atom.xml"]
    assert root.findtext("a:icon", None, PREFIXES) == "https://feeds.example.org/icon.png"
    assert root.findtext("a:logo", None, PREFIXES) == "https://feeds.example.org/logo.png?v=1&w=2"


@pytest.mark.rule(47)
def test_logo_of_a_provider_is_the_logo_of_its_feed(site):
    root = site.atom["providers/svg.example.net/atom.xml"]
    assert root.findtext("a:logo", None, PREFIXES) == "https://svg.example.net/logo.svg"


@pytest.mark.rule(48)
def test_language_stands_on_the_feed(site):
    assert {root.get(LANG) for root in site.atom.values()} == {"en-GB"}


@pytest.mark.rule(48)
def test_entry_of_another_language_says_so(site):
    assert (site.entry("deutsch").get(LANG), site.entry("arabic").get(LANG)) == ("de-DE", "ar")


@pytest.mark.rule(48)
def test_entry_of_the_feeds_language_says_nothing(site):
    assert site.entry("entities").get(LANG) is None


@pytest.mark.rule(48)
def test_every_language_is_a_valid_tag(feeds):
    tags = {e.get(LANG) for root in feeds.atom.values() for e in root.iter() if LANG in e.attrib}
    assert [tag for tag in tags if not is_language(tag)] == []


@pytest.mark.rule(48)
@pytest.mark.parametrize("locale", ["english", "'e'", "'de DE'", "'<b>'", "1234", "[de]"])
def test_language_of_a_record_that_is_no_tag_is_left_out(workspace, locale):
    workspace.write("a.md", record(locale=locale))
    workspace.build()
    (entry,) = feed_of(workspace).findall("a:entry", PREFIXES)
    assert entry.get(LANG) is None


@pytest.mark.rule(49)
def test_generator_is_feedpub(feeds):
    names = {root.findtext("a:generator", None, PREFIXES) for root in feeds.atom.values()}
    assert names == {"feedpub"}


@pytest.mark.rule(49)
@pytest.mark.parametrize("name", ["subtitle", "rights"])
def test_subtitle_and_rights_are_plain_text(site, name):
    elements = [e for root in site.atom.values() for e in root.iterfind(f"a:{name}", PREFIXES)]
    assert elements
    assert {element.get("type", "text") for element in elements} == {"text"}


@pytest.mark.rule(50)
def test_links_are_empty_and_carry_an_absolute_href(feeds):
    for root in feeds.xml.values():
        for link in root.iter(f"{{{ATOM}}}link"):
            assert (len(link), link.text, is_address(link.get("href"))) == (0, None, True)


@pytest.mark.rule(50)
def test_links_have_no_attribute_atom_does_not_know(feeds):
    known = {"href", "rel", "type", "title", "hreflang", "length"}
    found = {
        name
        for root in feeds.xml.values()
        for k in root.iter(f"{{{ATOM}}}link")
        for name in k.attrib
    }
    assert found <= known


@pytest.mark.rule(50)
def test_feedparser_reads_the_links_of_the_feed(site):
    parsed = feedparser.parse(site.files["all/atom.xml"])
    assert (parsed.feed.link, parsed.feed.title) == (
        "https://feeds.example.org/site/all/",
        "R&D <Every> Day",
    )
