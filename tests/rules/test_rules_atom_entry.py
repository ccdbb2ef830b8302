"""Feed rules §5: the Atom entry."""

import feedparser
import pytest
from feed_checks import ATOM, ENCODED, PREFIXES, children, is_address, is_rfc3339, parse_xml
from lxml import etree
from support import record

ORDER = [
    "atom:id",
    "atom:title",
    "atom:updated",
    "atom:published",
    "atom:author",
    "atom:link",
    "atom:category",
    "atom:summary",
    "atom:content",
    "media:content",
    "media:thumbnail",
    "atom:source",
]
TEXTS = ("title", "subtitle", "summary", "rights", "content")


def text(element, name):
    return element.findtext(f"a:{name}", None, PREFIXES)


def links(element, rel):
    return element.xpath(f"a:link[@rel='{rel}']", namespaces=PREFIXES)


def entry_of(workspace):
    root = parse_xml(workspace.destination.files["all/atom.xml"])
    (entry,) = root.findall("a:entry", PREFIXES)
    return entry


@pytest.mark.rule(51)
@pytest.mark.parametrize("name", ["id", "title", "updated", "content"])
def test_every_entry_has_exactly_one_of_what_atom_requires(feeds, name):
    assert {len(entry.findall(f"a:{name}", PREFIXES)) for entry in feeds.entries} == {1}


@pytest.mark.rule(52)
def test_id_of_a_record_is_its_path_as_a_tag_uri(site):
    found = {text(entry, "id") for entry in site.entries}
    assert "tag:feeds.example.org,2026:mit%20leer%20&%20%C3%BC" in found


@pytest.mark.rule(52)
def test_ids_hold_no_white_space(feeds):
    ids = [text(entry, "id") for entry in feeds.entries]
    assert [found for found in ids if found != "".join(found.split())] == []


@pytest.mark.rule(52)
def test_nothing_unreserved_is_encoded_in_an_id(workspace):
    workspace.write("under_score-dash.dot~tilde/A9.md", record())
    workspace.build()
    assert (
        text(entry_of(workspace), "id")
        == "tag:feeds.example.org,2026:under_score-dash.dot~tilde/A9"
    )


@pytest.mark.rule(52)
def test_path_in_decomposed_unicode_gives_the_id_of_the_composed_one(workspace):
    workspace.write("u\u0308.md", record())
    workspace.build()
    assert text(entry_of(workspace), "id") == "tag:feeds.example.org,2026:%C3%BC"


@pytest.mark.rule(52)
@pytest.mark.parametrize(
    "id", ["http://", "no uri", "42", "javascript:alert(1)", "tag:a b", "urn:ü"]
)
def test_own_id_that_is_no_absolute_uri_is_not_used(workspace, id):
    workspace.write("a.md", record(id=f'"{id}"'))
    workspace.build()
    assert text(entry_of(workspace), "id") == "tag:feeds.example.org,2026:a"


@pytest.mark.rule(52)
@pytest.mark.parametrize(
    "id",
    [
        "https://Example.COM/a",
        "https://example.com",
        "https://example.com:443/a",
        "https://example.com/a/../b",
        "https://example.com/%7ea",
        "https://example.com/a%2fb",
    ],
)
def test_own_id_that_is_not_normalised_is_not_published_as_it_stands(workspace, id):
    workspace.write("a.md", record(id=f'"{id}"'))
    workspace.build()
    assert text(entry_of(workspace), "id") != id


@pytest.mark.rule(53)
def test_article_has_the_same_id_in_every_feed_and_format(site):
    by_title = {}
    for item in site.items:
        by_title.setdefault(item.findtext("title"), set()).add(item.findtext("guid"))
    for entry in site.entries:
        by_title.setdefault(text(entry, "title"), set()).add(text(entry, "id"))
    for item in site.json_items:
        by_title.setdefault(item["title"], set()).add(item["id"])
    assert {title: ids for title, ids in by_title.items() if len(ids) != 1} == {}


@pytest.mark.rule(53)
def test_different_articles_have_different_ids(site):
    links = {text(entry, "id"): set() for entry in site.entries}
    for entry in site.entries:
        links[text(entry, "id")].add(entry.find("a:link", PREFIXES).get("href"))
    assert {name: found for name, found in links.items() if len(found) != 1} == {}


@pytest.mark.rule(53)
def test_id_stays_when_the_site_moves_to_another_host(workspace):
    workspace.write("a.md", record())
    workspace.build()
    before = text(entry_of(workspace), "id")
    config = (workspace.folder / "config.yaml").read_text("utf-8")
    workspace.configure(config.replace("https://feeds.example.org/", "https://news.example.net/f/"))
    workspace.build()
    assert text(entry_of(workspace), "id") == before


@pytest.mark.rule(54)
def test_no_feed_holds_an_id_twice(feeds):
    for path, root in feeds.atom.items():
        ids = root.xpath("a:entry/a:id/text()", namespaces=PREFIXES)
        assert len(set(ids)) == len(ids), path


@pytest.mark.rule(55)
def test_every_date_is_rfc_3339(feeds):
    dates = [
        e.text
        for root in feeds.atom.values()
        for e in root.iter(f"{{{ATOM}}}updated", f"{{{ATOM}}}published")
    ]
    assert dates
    assert [date for date in dates if not is_rfc3339(date)] == []


@pytest.mark.rule(55)
@pytest.mark.parametrize(
    "written",
    [
        "2026-01-23T08:00:00+02:00",
        "2026-01-23 06:00:00",
        '"2026-01-23T06:00:00.123456Z"',
        '"Fri, 23 Jan 2026 06:00:00 GMT"',
        '"2026-01-23T06:00Z"',
        '"January 23, 2026 6:00 UTC"',
    ],
)
def test_date_is_written_in_one_form_whatever_the_record_wrote(workspace, written):
    workspace.write("a.md", record(publishedDateTime=written))
    workspace.build()
    assert text(entry_of(workspace), "published") == "2026-01-23T06:00:00Z"


@pytest.mark.rule(56)
def test_updated_is_never_before_published(feeds):
    assert [e for e in feeds.entries if text(e, "updated") < text(e, "published")] == []


@pytest.mark.rule(56)
@pytest.mark.parametrize(
    ("name", "published", "updated"),
    [
        ("edited", "2026-01-23T06:00:00Z", "2026-04-01T10:00:00Z"),
        ("backwards", "2026-01-22T08:00:00Z", "2026-01-22T08:00:00Z"),
        ("entities", "2026-02-09T08:00:00Z", "2026-02-09T08:00:00Z"),
    ],
)
def test_published_and_updated_are_the_dates_of_the_record(site, name, published, updated):
    entry = site.entry(name)
    assert (text(entry, "published"), text(entry, "updated")) == (published, updated)


@pytest.mark.rule(57)
def test_article_of_the_future_is_in_no_feed(site):
    assert [path for path, data in site.files.items() if b"Withheld four" in data] == []


@pytest.mark.rule(57)
def test_change_dated_in_the_future_is_not_published_as_the_date(workspace):
    workspace.write("a.md", record(updatedDateTime="2099-01-01T00:00:00Z"))
    workspace.build()
    assert "2099" not in workspace.text("all/atom.xml")


@pytest.mark.rule(58)
def test_equal_dates_are_left_equal(site):
    names = ("addresses", "same-moment")
    assert {text(site.entry(name), "updated") for name in names} == {"2026-02-10T08:00:00Z"}


@pytest.mark.rule(59)
def test_text_constructs_have_only_the_types_of_atom(feeds):
    found = {
        e.get("type", "text")
        for root in feeds.atom.values()
        for name in TEXTS
        for e in root.iter(f"{{{ATOM}}}{name}")
    }
    assert found == {"text", "html"}


@pytest.mark.rule(59)
@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("entities", 'AT&T’s R&D: 5 < 6 & 7 > 3, bold "said"'),
        ("ticker", "Shares of <EXMP.O> rise, <https://www.example.com/> says"),
        ("cdata", "Ends ]]> in the middle"),
        ("emoji", "👩‍👩‍👧 reads 📚 in 🇩🇪 — ﷽"),
    ],
)
def test_title_is_plain_text(site, name, title):
    element = site.entry(name).find("a:title", PREFIXES)
    assert (element.get("type", "text"), element.text) == ("text", title)


@pytest.mark.rule(60)
def test_content_is_declared_and_escaped_as_html(feeds):
    contents = [entry.find("a:content", PREFIXES) for entry in feeds.entries]
    assert {(content.get("type"), len(content)) for content in contents} == {("html", 0)}


@pytest.mark.rule(60)
def test_content_is_the_same_html_as_in_rss(site):
    for name in ("addresses", "hostile", "markdown", "bare"):
        assert text(site.entry(name), "content") == site.item(name).findtext(ENCODED)


@pytest.mark.rule(61)
def test_elements_of_an_entry_stand_in_the_order_readers_need(feeds):
    for entry in feeds.entries:
        ranks = [ORDER.index(name) for name in children(entry)]
        assert ranks == sorted(ranks), children(entry)


@pytest.mark.rule(61)
def test_one_entry_of_the_site_has_every_element(site):
    assert list(dict.fromkeys(children(site.entry("addresses")))) == ORDER


@pytest.mark.rule(61)
def test_alternate_is_the_first_link_of_an_entry(feeds):
    assert {entry.find("a:link", PREFIXES).get("rel") for entry in feeds.entries} == {"alternate"}


@pytest.mark.rule(61)
def test_feedparser_tells_summary_content_and_author_apart(site):
    parsed = feedparser.parse(site.files["all/atom.xml"])
    entry = next(e for e in parsed.entries if e.id.endswith(":addresses"))
    assert entry.title == "Addresses with blanks"
    assert entry.summary == "Three branches now lend tool boxes."
    assert entry.content[0].value.startswith("<p><img")
    assert entry.author == "Example Daily"


@pytest.mark.rule(62)
def test_every_entry_has_exactly_one_alternate(feeds):
    assert {len(links(entry, "alternate")) for entry in feeds.entries} == {1}


@pytest.mark.rule(62)
def test_alternate_is_the_link_of_the_rss_item(site):
    by_id = {item.findtext("guid"): item.findtext("link") for item in site.items}
    for entry in site.entries:
        (alternate,) = links(entry, "alternate")
        assert alternate.get("href") == by_id[text(entry, "id")]


@pytest.mark.rule(62)
def test_feedparser_finds_the_link_of_every_entry(feeds):
    for path, root in feeds.atom.items():
        hrefs = root.xpath("a:entry/a:link[@rel='alternate']/@href", namespaces=PREFIXES)
        assert [entry.link for entry in feedparser.parse(feeds.files[path]).entries] == hrefs


@pytest.mark.rule(63)
def test_related_links_have_a_plain_title_and_a_type(site):
    assert [dict(link.attrib) for link in links(site.entry("addresses"), "related")] == [
        {
            "rel": "related",
            "type": "text/html",
            "title": 'R&D <EXMP.O>: “drills” "and" 👩‍🔧',
            "href": "https://www.example.net/a%20b?x=1&y=%E2%80%992%E2%80%99",
        },
        {
            "rel": "related",
            "type": "text/html",
            "title": "Another",
            "href": "https://www.example.org/other",
        },
    ]


@pytest.mark.rule(63)
def test_no_title_of_a_link_is_blank(feeds):
    titles = [
        k.get("title")
        for r in feeds.xml.values()
        for k in r.iter(f"{{{ATOM}}}link")
        if "title" in k.attrib
    ]
    assert titles
    assert all(title.strip() for title in titles)


@pytest.mark.rule(64)
def test_original_address_is_a_via_link(site):
    assert [link.get("href") for link in links(site.entry("addresses"), "via")] == [
        "https://original.example.net/a?b=1&c=%C2%AE"
    ]


@pytest.mark.rule(64)
def test_via_is_never_the_alternate(feeds):
    for entry in feeds.entries:
        (alternate,) = links(entry, "alternate")
        assert alternate.get("href") not in [link.get("href") for link in links(entry, "via")]


@pytest.mark.rule(65)
def test_every_picture_is_an_enclosure_with_its_type(site):
    enclosures = links(site.entry("addresses"), "enclosure")
    lead = "https://images.example.com/a%20b/laptop%E2%80%99s.jpg?auto=webp&quality=85,70"
    assert [(link.get("href"), link.get("type")) for link in enclosures] == [
        (lead, "image/jpeg"),
        ("https://images.example.com/two.PNG?w=600", "image/png"),
        ("https://images.example.com/clip.mp4", "video/mp4"),
    ]


@pytest.mark.rule(65)
def test_enclosure_of_unknown_size_has_no_length(feeds):
    assert [k for e in feeds.entries for k in links(e, "enclosure") if "length" in k.attrib] == []


@pytest.mark.rule(66)
@pytest.mark.parametrize("name", ["bare", "blank"])
def test_blank_excerpt_gives_no_summary_but_content(site, name):
    entry = site.entry(name)
    assert entry.find("a:summary", PREFIXES) is None
    assert text(entry, "content").strip()


@pytest.mark.rule(66)
def test_no_summary_is_blank(feeds):
    summaries = [e.text for e in feeds.entries for e in e.iterfind("a:summary", PREFIXES)]
    assert summaries
    assert all((summary or "").strip() for summary in summaries)


@pytest.mark.rule(67)
def test_category_has_readable_name_page_of_the_topic_and_label(site):
    assert [dict(c.attrib) for c in site.entry("deutsch").iterfind("a:category", PREFIXES)] == [
        {
            "term": "Libraries",
            "scheme": "https://feeds.example.org/site/topics/libraries/",
            "label": "Libraries",
        }
    ]


@pytest.mark.rule(67)
def test_scheme_of_every_category_is_an_absolute_address(feeds):
    schemes = {c.get("scheme") for e in feeds.entries for c in e.iterfind("a:category", PREFIXES)}
    assert schemes
    assert all(is_address(scheme) for scheme in schemes)


@pytest.mark.rule(67)
def test_scheme_is_the_page_of_a_feed_that_was_written(feeds):
    pages = {
        root.xpath("a:link[@rel='alternate' and @type='text/html']/@href", namespaces=PREFIXES)[0]
        for root in feeds.atom.values()
    }
    schemes = {c.get("scheme") for e in feeds.entries for c in e.iterfind("a:category", PREFIXES)}
    assert schemes <= pages


@pytest.mark.rule(68)
def test_source_names_the_configured_feed_whole(site):
    source = site.entry("entities").find("a:source", PREFIXES)
    parts = [(etree.QName(part).localname, part.text or part.get("href")) for part in source]
    assert parts == [
        ("id", "https://www.example.com/feed.xml?a=1&b=2"),
        ("title", "Example Daily"),
        ("updated", "2026-02-09T08:00:00Z"),
        ("link", "https://www.example.com/feed.xml?a=1&b=2"),
    ]


@pytest.mark.rule(68)
@pytest.mark.parametrize("name", ["deutsch", "arabic", "nobody"])
def test_provider_without_a_configured_feed_is_no_source(site, name):
    assert site.entry(name).find("a:source", PREFIXES) is None


@pytest.mark.rule(69)
def test_every_person_has_a_name(feeds):
    for root in feeds.atom.values():
        for person in root.iter(f"{{{ATOM}}}author"):
            assert [c for c in children(person) if c == "atom:name"] == ["atom:name"]
            assert text(person, "name").strip()


@pytest.mark.rule(69)
def test_address_of_a_person_is_absolute_or_absent(feeds):
    uris = [e.text for root in feeds.atom.values() for e in root.iter(f"{{{ATOM}}}uri")]
    assert uris
    assert [uri for uri in uris if not is_address(uri)] == []


@pytest.mark.rule(69)
def test_email_address_of_an_author_is_left_out(site):
    names = [e.text for e in site.entry("mail").iterfind("a:author/a:name", PREFIXES)]
    assert names == ["Ann Exempel"]


@pytest.mark.rule(69)
def test_email_address_of_a_provider_is_left_out(workspace):
    workspace.write("a.md", record(provider="{name: desk@example.com, domain: example.com}"))
    workspace.build()
    assert "desk@example.com" not in workspace.text("all/atom.xml")


@pytest.mark.rule(69)
def test_entry_from_nobody_is_by_the_author_of_the_site(site):
    assert site.entry("nobody").findtext("a:author/a:name", None, PREFIXES) == "The Editors"


@pytest.mark.rule(70)
def test_related_articles_are_no_replies(feeds):
    for path in feeds.xml:
        assert b"in-reply-to" not in feeds.files[path], path
        assert b'rel="replies"' not in feeds.files[path], path
