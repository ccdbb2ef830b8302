"""Feed rules §9: identity and change."""

import re

import pytest
from feed_checks import PREFIXES, parse_json, parse_xml
from support import CONFIG, record

from feedpub.errors import ConfigError

# RFC 4151 §2.1, as the W3C feed validator checks it (InvalidTAG).
TAG_URI = re.compile(
    r"tag:(?:[a-z0-9._-]+@)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?,\d{4}(?:-\d{2}(?:-\d{2})?)?:"
    r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-F]{2})*"
)


def items_of(workspace, path="all/feed.json"):
    return parse_json(workspace.destination.files[path])["items"]


def only_id(workspace):
    (item,) = items_of(workspace)
    return item["id"]


@pytest.mark.rule(90)
def test_own_absolute_uri_is_the_id(site):
    ids = {item["id"] for item in site.json_items}
    assert "urn:uuid:11111111-2222-5333-8444-555555555555" in ids


@pytest.mark.rule(90)
def test_every_other_id_is_a_valid_tag_uri_of_the_site(feeds):
    ids = {item["id"] for item in feeds.json_items if not item["id"].startswith("urn:")}
    assert [found for found in ids if not TAG_URI.fullmatch(found)] == []


@pytest.mark.rule(90)
@pytest.mark.parametrize(
    "id",
    [
        "tag:x",
        "tag:Example.com,2026:x",
        "tag:example.com,26:x",
        "urn:x",
        "urn:uuid:nope",
        "http://[",
    ],
)
def test_own_id_that_breaks_the_form_of_its_scheme_is_not_used(workspace, id):
    workspace.write("a.md", record(id=f'"{id}"'))
    workspace.build()
    assert only_id(workspace) == "tag:feeds.example.org,2026:a"


@pytest.mark.rule(90)
@pytest.mark.parametrize(
    "change",
    [
        {"webUrl": '"https://www.example.net/elsewhere"'},
        {"title": '"Another title"'},
        {"publishedDateTime": "2025-01-01T00:00:00Z"},
        {"quality": "99"},
        {"provider": "{name: Other, domain: example.net}"},
        {"body": "A body"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_id_survives_every_change_of_the_record(workspace, change):
    workspace.write("a.md", record())
    workspace.build()
    before = only_id(workspace)
    workspace.write("a.md", record(**change))
    workspace.build()
    assert only_id(workspace) == before


@pytest.mark.rule(90)
@pytest.mark.parametrize(
    "tag",
    [
        "Example.com,2026",
        "example.com",
        "example.com,26",
        "example.com,2026-13",
        "example.com,2026-1",
        ",2026",
    ],
)
def test_tag_of_the_site_that_breaks_rfc_4151_is_refused(workspace, tag):
    workspace.configure(CONFIG.replace("feeds.example.org,2026", f'"{tag}"'))
    with pytest.raises(ConfigError, match=r"site\.tag"):
        workspace.build()


@pytest.mark.rule(90)
@pytest.mark.parametrize("day", ["2026-02-30", "2025-02-29", "2026-04-31", "0000"])
def test_tag_of_the_site_with_a_day_that_never_was_is_refused(workspace, day):
    workspace.configure(CONFIG.replace("feeds.example.org,2026", f"feeds.example.org,{day}"))
    with pytest.raises(ConfigError):
        workspace.build()


@pytest.mark.rule(91)
def test_change_of_a_title_gives_no_new_item(workspace):
    workspace.write("a.md", record())
    workspace.build()
    workspace.write("a.md", record(title='"Corrected title"'))
    workspace.build()
    assert [(item["id"], item["title"]) for item in items_of(workspace)] == [
        ("tag:feeds.example.org,2026:a", "Corrected title")
    ]


@pytest.mark.rule(92)
def test_records_with_one_address_are_one_entry(site):
    titles = [item["title"] for item in site.json["all/feed.json"]["items"]]
    assert [title for title in titles if title.startswith("The same address")] == [
        "The same address again"
    ]


@pytest.mark.rule(92)
def test_merged_entry_has_the_older_id_and_remembers_the_other(site):
    item = site.json_item("twice-1")
    assert item["_feedpub"]["merged_ids"] == ["tag:feeds.example.org,2026:twice-2"]


@pytest.mark.rule(92)
def test_no_feed_holds_an_address_twice(feeds):
    for path, root in feeds.rss.items():
        addresses = [item.findtext("link").partition("://")[2] for item in root.iter("item")]
        assert len(set(addresses)) == len(addresses), path


@pytest.mark.rule(93)
@pytest.mark.parametrize(
    "word", ["Withheld one", "Withheld two", "Withheld three", "Withheld four"]
)
def test_withheld_record_is_in_no_file(site, word):
    assert [path for path, data in site.files.items() if word.encode() in data] == []


@pytest.mark.rule(93)
@pytest.mark.parametrize(
    "withheld",
    [
        {"published": "false"},
        {"published": "maybe"},
        {"draft": "true"},
        {"removed": "yes"},
        {"deleted": "1"},
        {"publishedDateTime": "2026-11-02T00:00:00Z"},
    ],
    ids=str,
)
def test_withheld_record_is_not_shown_as_a_related_link(workspace, withheld):
    workspace.write("a.md", record(webUrl='"https://www.example.com/hidden"', **withheld))
    related = '[{title: Hidden, webUrl: "https://www.example.com/hidden"}]'
    workspace.write("b.md", record(related=related))
    workspace.build()
    assert [
        path for path, data in workspace.destination.files.items() if b"com/hidden" in data
    ] == []


@pytest.mark.rule(94)
@pytest.mark.parametrize("format", ["rss", "atom", "json"])
def test_entries_are_newest_first_and_ties_are_broken_by_id(feeds, format):
    for entries in orders(feeds, format):
        by_id = sorted(entries, key=lambda entry: entry[1])
        assert entries == sorted(by_id, key=lambda entry: entry[0], reverse=True)


def orders(feeds, format):
    """Yield the dates and ids of every feed, in their order."""
    for path, document in feeds.json.items():
        if format == "json":
            yield [(item["date_published"], item["id"]) for item in document["items"]]
            continue
        dates = {item["id"]: item["date_published"] for item in document["items"]}
        if format == "rss":
            root = feeds.rss[path.replace("feed.json", "rss.xml")]
            ids = [guid.text for guid in root.iter("guid")]
        else:
            root = feeds.atom[path.replace("feed.json", "atom.xml")]
            ids = root.xpath("a:entry/a:id/text()", namespaces=PREFIXES)
        yield [(dates[found], found) for found in ids]


@pytest.mark.rule(94)
def test_two_articles_of_one_moment_stand_in_the_order_of_their_ids(site):
    ids = [item["id"].rpartition(":")[2] for item in site.json["all/feed.json"]["items"]]
    assert ids.index("same-moment") == ids.index("addresses") + 1


@pytest.mark.rule(95)
@pytest.mark.parametrize("path", ["all/rss.xml", "all/atom.xml", "all/feed.json"])
def test_feed_is_cut_at_the_limit(workspace, path):
    workspace.configure(CONFIG + "limit: 3\n")
    for number in range(5):
        address = f'"https://www.example.com/{number}"'
        workspace.write(f"{number}.md", record(webUrl=address))
    workspace.build()
    data = workspace.destination.files[path]
    count = len(parse_json(data)["items"]) if path.endswith("json") else data.count(b"</content")
    count = data.count(b"<item>") if path.endswith("rss.xml") else count
    assert count == 3


@pytest.mark.rule(95)
def test_related_links_are_cut_at_the_limit(workspace):
    related = ", ".join(
        f'{{title: T{number}, webUrl: "https://www.example.net/{number}"}}' for number in range(180)
    )
    workspace.write("a.md", record(related=f"[{related}]"))
    workspace.build()
    root = parse_xml(workspace.destination.files["all/rss.xml"])
    assert len(root.findall(".//atom:link[@rel='related']", PREFIXES)) == 5


@pytest.mark.rule(95)
def test_full_feed_of_ordinary_records_stays_below_250_kb(workspace):
    related = ", ".join(
        f'{{title: "{"A related title " * 5}", webUrl: "https://www.example.net/{number}"}}'
        for number in range(30)
    )
    for number in range(60):
        address = f'"https://www.example.com/{number}"'
        pictures = f'["https://images.example.com/{number}.jpg"]'
        excerpt = f'"{"An excerpt of the usual length. " * 6}"'
        fields = {"webUrl": address, "images": pictures, "excerpt": excerpt}
        workspace.write(f"{number}.md", record(related=f"[{related}]", **fields))
    workspace.build()
    assert max(map(len, workspace.destination.files.values())) < 250_000


@pytest.mark.rule(95)
def test_feed_of_huge_bodies_stays_below_the_limit_of_the_validator(workspace):
    for number in range(6):
        address = f'"https://www.example.com/{number}"'
        body = f"<p>{'Many words. ' * 9}</p>\n" * 8_000
        workspace.write(f"{number}.html", record(webUrl=address, body=body))
    workspace.build()
    assert max(map(len, workspace.destination.files.values())) < 5_000_000
