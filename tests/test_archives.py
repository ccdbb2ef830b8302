"""Archived feeds (RFC 5005): every listed article is in exactly one document of a feed."""

import json
from datetime import UTC, datetime, timedelta

import feedparser
import pytest
from lxml import etree
from support import CONFIG, NOW, article, record

from feedpub.archives import archives, unarchived
from feedpub.state import State

ATOM = "{http://www.w3.org/2005/Atom}"
HISTORY = "{http://purl.org/syndication/history/1.0}archive"
SITE = "https://feeds.example.org/"


def on(day, name="a"):
    return article(name, published=datetime.fromisoformat(day).replace(tzinfo=UTC))


def test_months_are_archived_newest_first_with_their_neighbours():
    found = archives([on("2026-03-02"), on("2026-03-01"), on("2025-12-31")])
    assert [(each.month, each.previous, each.next) for each in found] == [
        ("2026-03", "2025-12", None),
        ("2025-12", None, "2026-03"),
    ]
    assert [len(each.articles) for each in found] == [2, 1]


@pytest.mark.parametrize(
    ("limit", "shown"),
    [(1, 1), (2, 3), (3, 3), (4, 4), (5, 5)],
)
def test_feed_shows_whole_months(limit, shown):
    days = ["2026-03-01", "2026-02-03", "2026-02-01", "2026-01-01"]
    assert unarchived([on(day) for day in days], limit) == shown


@pytest.fixture
def site(workspace):
    """Make a site of sixty articles, two a week, in feeds of five."""
    workspace.configure(CONFIG + "archive: true\nlimit: 5\ngroups: [all]\n")
    for number in range(60):
        write(workspace, number)
    workspace.state = State.in_memory()
    workspace.build(state=workspace.state)
    return workspace


def write(workspace, number, **fields):
    day = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=4 * number)
    text = record(
        title=f"Article {number}",
        webUrl=f"/{number}",
        publishedDateTime=f"{day:%Y-%m-%dT%H:%M:%SZ}",
        **fields,
    )
    workspace.write(f"{number:02}.md", text)


def served(site, address):
    return site.destination.files[address.removeprefix(SITE)]


def xml_documents(site, name, link, entry_id):
    """Follow `prev-archive` as a reader does; yield each document with the ids in it."""
    address = f"{SITE}all/{name}.xml"
    while address:
        root = etree.fromstring(served(site, address))
        ids = [element.text for element in root.iter(entry_id)]
        links = {element.get("rel"): element.get("href") for element in root.iter(link)}
        yield address, root, ids
        address = links.get("prev-archive")


def json_documents(site):
    address = f"{SITE}all/feed.json"
    while address:
        feed = json.loads(served(site, address))
        yield address, feed, [item["id"] for item in feed["items"]]
        address = feed.get("next_url")


READERS = {
    "rss": lambda site: xml_documents(site, "rss", f"{ATOM}link", "guid"),
    "atom": lambda site: xml_documents(site, "atom", f"{ATOM}link", f"{ATOM}id"),
    "json": json_documents,
}


def collected(site, name):
    """Return the ids of all articles in the order of the documents, and of the entries in them."""
    ids = [id_ for _, _, found in READERS[name](site) for id_ in found]
    return [id_ for id_ in ids if ":feed:" not in id_]


@pytest.mark.parametrize("name", READERS)
def test_reader_that_goes_back_collects_every_article_once_newest_first(site, name):
    listed = site.build(state=site.state).survey.corpus.listed
    assert collected(site, name) == [each.id for each in listed]


def test_subscribed_feed_shows_the_months_that_are_not_archived(site):
    (_, _, first), *_ = json_documents(site)
    assert len(first) == 7  # the newest five reach into August, of which all seven are shown


def test_archive_says_that_it_is_one_and_where_the_feed_is(site):
    _, *rest = xml_documents(site, "atom", f"{ATOM}link", f"{ATOM}id")
    for _, root, _ in rest:
        links = {element.get("rel"): element.get("href") for element in root.findall(f"{ATOM}link")}
        assert root.find(HISTORY) is not None
        assert links["current"] == f"{SITE}all/atom.xml"


def test_subscribed_feed_is_no_archive(site):
    assert HISTORY.partition("}")[0][1:] not in site.text("all/atom.xml")
    assert 'rel="current"' not in site.text("all/rss.xml")


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_archives_lead_back_and_forth(site, name):
    found = list(READERS[name](site))[1:]
    links = [
        {element.get("rel"): element.get("href") for element in root.iter(f"{ATOM}link")}
        for _, root, _ in found
    ]
    addresses = [address for address, _, _ in found]
    assert [each.get("next-archive") for each in links] == [None, *addresses[:-1]]
    assert [each["self"] for each in links] == addresses


@pytest.mark.parametrize("name", ["rss.xml", "atom.xml"])
def test_a_real_reader_reads_archives(site, name):
    found = feedparser.parse(site.destination.files[f"all/archive/2026-03/{name}"])
    assert not found.bozo
    assert len(found.entries) == 8


def archive_files(site):
    return {path: data for path, data in site.destination.files.items() if "/archive/" in path}


def test_new_articles_leave_archives_as_they_are(site):
    before = archive_files(site)
    write(site, 60)
    outcome = site.build(state=site.state).outcome
    assert archive_files(site) == before
    assert not [path for path in outcome.written if "/archive/" in path]


def test_article_that_changes_changes_its_archive_alone(site):
    write(site, 20, excerpt="Edited.")
    outcome = site.build(state=site.state).outcome
    changed = {path.split("/")[2] for path in outcome.written if "/archive/" in path}
    assert changed == {"2026-03"}


def test_next_month_archives_what_lies_before_it(site):
    for number in range(60, 70):
        write(site, number)
    site.build(state=site.state)
    assert collected(site, "atom") == collected(site, "json")
    assert len(set(collected(site, "rss"))) == 70


def test_late_arrival_is_shown_before_it_is_archived(site):
    late = record(title="Late", webUrl="/late", publishedDateTime="2026-02-03")
    site.write("late.md", late)
    site.build(state=site.state, now=NOW)
    (_, _, first), *_ = json_documents(site)
    assert "tag:feeds.example.org,2026:late" in first
    assert sorted(collected(site, "json")) == sorted(set(collected(site, "json")))
    site.build(state=site.state, now=NOW + timedelta(days=3))
    (_, _, first), *_ = json_documents(site)
    assert "tag:feeds.example.org,2026:late" not in first
    assert "tag:feeds.example.org,2026:late" in collected(site, "json")


def test_archives_are_the_same_with_nothing_remembered_of_the_work(site):
    write(site, 60)
    site.build(state=site.state)
    files = dict(site.destination.files)
    site.destination.files.clear()
    site.build()
    assert archive_files(site) == {p: data for p, data in files.items() if "/archive/" in p}


def test_pages_lead_to_older_and_newest_articles(site):
    assert 'rel="prev-archive"' in site.text("all/index.html")
    assert f'rel="current" href="{SITE}all/"' in site.text("all/archive/2026-03/index.html")


def test_lists_of_feeds_name_no_archives(site):
    assert "/archive/" not in site.text("feeds.opml") + site.text("feeds.json")


def test_without_the_key_there_are_no_archives(workspace):
    workspace.configure(CONFIG + "limit: 1\n")
    write(workspace, 1)
    write(workspace, 20)
    workspace.build()
    assert not archive_files(workspace)
    assert "prev-archive" not in workspace.text("all/atom.xml")
