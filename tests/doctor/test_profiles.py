from datetime import UTC, datetime

import pytest
from support import NOW

from feedpub.cli.doctor import _PROFILES
from feedpub.doctor.aggregators import hold_against
from feedpub.doctor.profiles import PROFILES, OfFeed, channel, judged

URL = "https://feeds.example.org/all/rss.xml"
NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"'
)
CHANNEL = {
    "title": "Example Every Day",
    "link": "https://feeds.example.org/all/",
    "description": "What the world writes",
    "language": "en-GB",
    "pubDate": "Fri, 30 Oct 2026 12:00:00 GMT",
}
ITEM = {
    "title": "City libraries lend out repair kits",
    "link": "https://www.feeds.example.org/a",
    "guid": "tag:feeds.example.org,2026:a",
    "pubDate": "Fri, 30 Oct 2026 12:00:00 GMT",
    "dc:creator": "Ana Example",
    "description": "Three branches now lend tool boxes. " * 10,
    "content:encoded": "&lt;p&gt;All of it.&lt;/p&gt;",
    "enclosure": {"url": "https://example.org/a.jpg", "type": "image/jpeg", "length": "0"},
}


def element(name, value):
    if isinstance(value, dict):
        attributes = "".join(f' {key}="{text}"' for key, text in value.items())
        return f"<{name}{attributes}/>"
    return f"<{name}>{value}</{name}>"


def rss(*items, **fields):
    """Return a feed of items; a field that is None is left out."""
    head = {**CHANNEL, **fields}
    inside = [element(name, value) for name, value in head.items() if value is not None]
    inside += [
        "<item>" + "".join(element(*pair) for pair in one.items()) + "</item>" for one in items
    ]
    return f'<rss version="2.0" {NAMESPACES}><channel>{"".join(inside)}</channel></rss>'.encode()


def item(number=0, /, **changes):
    changes = {name.replace("_", ":"): value for name, value in changes.items()}
    fields = {**ITEM, "guid": f"tag:feeds.example.org,2026:{number}", **changes}
    return {name: value for name, value in fields.items() if value is not None}


GOOD = rss(*map(item, range(20)))


def broken(profile, *feeds, url=URL):
    """Return what breaks a profile: by requirement, its level and what was seen."""
    channels = [channel(url, feed) for feed in feeds]
    findings = judged(profile, channels, NOW)
    return {one.check: (one.level, one.seen) for one in findings if one.level != "ok"}


@pytest.mark.parametrize("profile", PROFILES)
def test_a_feed_that_has_it_all_breaks_nothing_of(profile):
    assert broken(profile, GOOD) == {}


def test_the_command_offers_every_profile():
    assert tuple(PROFILES) == _PROFILES


@pytest.mark.parametrize("profile", PROFILES)
def test_every_requirement_of_a_profile_has_a_source_and_is_there_once(profile):
    texts = [one.text for one in PROFILES[profile]]
    assert len(texts) == len(set(texts))
    assert all(one.source.startswith("https://") for one in PROFILES[profile])


LONG = "x" * 151
# What breaks which requirement of which profiles: a change of every item.
OF_ENTRIES = [
    ({"title": None}, "title", "flipboard smartnews apple"),
    ({"link": None}, "link", "flipboard msn smartnews apple"),
    ({"description": None}, "description", "flipboard apple"),
    ({"pubDate": None}, "readable pubDate", "flipboard msn"),
    ({"pubDate": "yesterday"}, "readable pubDate", "flipboard msn"),
    ({"guid": None}, "guid", "flipboard msn"),
    ({"dc_creator": None}, "author in dc:creator", "flipboard"),
    ({"enclosure": None}, "picture or video as enclosure", "flipboard"),
    (
        {"media_content": {"url": "https://example.org/a.jpg", "width": "800", "height": "499"}},
        "pictures of 500 pixels or more",
        "flipboard",
    ),
    ({"description": "Short."}, "excerpt of 300 characters", "flipboard"),
    ({"link": "https://www.example.com/a"}, "link on feed's domain", "flipboard"),
    ({"title": "Twenty characters..."}, "title of more than 20 characters", "msn"),
    ({"title": "A &lt;b&gt;bold&lt;/b&gt; title with tags"}, "title without HTML", "msn apple"),
    ({"content_encoded": None, "description": None}, "body", "msn"),
    ({"pubDate": "Sat, 01 Nov 2025 12:00:00 GMT"}, "published within the last 365 days", "msn"),
    ({"pubDate": "Mon, 02 Nov 2026 12:00:00 GMT"}, "published within the last 365 days", "msn"),
    ({"link": "https://ana:pw@example.org/a"}, "link without a password", "msn"),
    ({"title": LONG}, "title of up to 150 characters", "msn"),
    ({"description": "&lt;p&gt;One&lt;/p&gt;"}, "description in plain text", "msn"),
    ({"enclosure": None}, "picture (to be published unseen)", "msn"),
    (
        {"content_encoded": "&lt;script src='x'&gt;&lt;/script&gt;"},
        "body without scripts and plug-ins",
        "msn",
    ),
    ({"content_encoded": "&lt;img src='/a.png'&gt;"}, "absolute addresses of pictures", "msn"),
    ({"title": "Too short"}, "title of 15 to 60 characters", "apple"),
    ({"title": "x" * 61}, "title of 15 to 60 characters", "apple"),
]
OF_FEEDS = [
    ({"title": None}, "feed has a title", "flipboard smartnews apple"),
    ({"link": None}, "feed has a link", "flipboard smartnews apple"),
    ({"description": None}, "feed has a description", "flipboard smartnews"),
    ({"language": None}, "feed names its language", "flipboard smartnews"),
    ({"language": "en"}, "language with its region", "apple"),
    ({"pubDate": None}, "feed has a pubDate", "smartnews"),
    ({"description": "x" * 31}, "description of up to 30 characters", "smartnews"),
    ({"description": "x" * 2**20}, "feed of up to 1 MB", "smartnews"),
]


def level(profile, text):
    required = next(one.level for one in PROFILES[profile] if one.text == text)
    return "failure" if required == "must" else "warning"


@pytest.mark.parametrize(
    ("changes", "text", "profile"),
    [(change, text, name) for change, text, names in OF_ENTRIES for name in names.split()],
)
def test_entries_that_break_a_requirement_are_counted(changes, text, profile):
    feed = rss(*[item(n, **changes) if n < 3 else item(n) for n in range(20)])
    found = broken(profile, feed)
    # entries without a guid go by their link, which all of these share
    number, entries = (1, 18) if "guid" in changes else (3, 20)
    assert found[text] == (level(profile, text), f"broken by {number} of {entries} entries")


@pytest.mark.parametrize(
    ("changes", "text", "profile"),
    [(change, text, name) for change, text, names in OF_FEEDS for name in names.split()],
)
def test_feeds_that_break_a_requirement_are_counted(changes, text, profile):
    found = broken(profile, rss(*map(item, range(20)), **changes))
    assert found[text] == (level(profile, text), "broken by 1 of 1 feeds")


def test_a_feed_of_19_entries_is_too_short_for_flipboard():
    found = broken("flipboard", rss(*map(item, range(19))))
    assert found == {"20 entries or more": ("warning", "broken by 1 of 1 feeds")}


def test_two_entries_of_one_id_are_found():
    found = broken("msn", rss(item(1), item(1)))
    assert found == {"no two entries share an id": ("failure", "broken by 1 of 1 feeds")}


def test_a_feed_over_plain_http_is_refused_by_msn():
    found = broken("msn", GOOD, url=URL.replace("https", "http"))
    assert found == {"feed is served by https": ("failure", "broken by 1 of 1 feeds")}


@pytest.mark.parametrize("profile", ["smartnews", "apple"])
def test_a_feed_that_is_not_utf_8_is_found(profile):
    latin = b'<?xml version="1.0" encoding="iso-8859-1"?>' + GOOD.replace(b"Ana", b"A\xf1a")
    assert broken(profile, latin) == {"feed is UTF-8": ("failure", "broken by 1 of 1 feeds")}


def test_every_requirement_is_tried():
    tried = {(name, text) for _, text, names in OF_ENTRIES + OF_FEEDS for name in names.split()}
    tried |= {("flipboard", "20 entries or more"), ("msn", "no two entries share an id")}
    tried |= {("msn", "feed is served by https")}
    tried |= {("smartnews", "feed is UTF-8"), ("apple", "feed is UTF-8")}
    assert tried == {(name, one.text) for name, table in PROFILES.items() for one in table}


def test_an_entry_in_two_feeds_counts_once():
    feed = rss(item(1, title="Too short"), item(2))
    assert broken("apple", feed, feed) == {
        "title of 15 to 60 characters": ("warning", "broken by 1 of 2 entries")
    }


def test_an_example_is_named_with_the_feed_it_is_in():
    channels = [channel(URL, rss(item(title=None)))]
    finding = next(one for one in judged("apple", channels, NOW) if one.check == "title")
    assert finding.advice == f"for example https://www.feeds.example.org/a in {URL}"
    assert finding.url == next(
        one.source
        for one in PROFILES["apple"]
        if one.text == "title" and not isinstance(one, OfFeed)
    )


def test_the_day_a_date_is_too_old_is_exact():
    feed = rss(item(pubDate="Sat, 01 Nov 2025 12:00:00 GMT"))
    text = "published within the last 365 days"
    just_before = datetime(2026, 11, 1, 11, 59, 59, tzinfo=UTC)
    levels = [
        next(one.level for one in judged("msn", [channel(URL, feed)], now) if one.check == text)
        for now in (just_before, NOW)
    ]
    assert levels == ["ok", "failure"]


# Against a live site.


@pytest.fixture
def held(live, fetcher):
    """Return what holds the live site against a profile: (level, what was seen) by requirement."""

    def hold(profile, **options):
        diagnosis = hold_against(live.url, profile, fetcher, now=NOW, **options)
        return {finding.check: (finding.level, finding.seen) for finding in diagnosis.findings}

    return hold


def test_the_feeds_of_a_live_site_are_held_against_a_profile(held):
    found = held("apple")
    assert found["language with its region"] == ("failure", "broken by 3 of 3 feeds")
    assert found["title of 15 to 60 characters"] == ("warning", "broken by 1 of 2 entries")
    assert found["link"] == ("ok", "kept by 2 entries")


def test_a_feed_that_cannot_be_fetched_is_a_failure_and_the_others_are_judged(live, held):
    del live.files["all/rss.xml"]
    found = held("apple")
    assert found["status"] == ("failure", "404")
    assert found["language with its region"] == ("failure", "broken by 2 of 2 feeds")


def test_a_feed_that_cannot_be_read_is_a_failure(live, held):
    live.files["all/rss.xml"] = b"<html/>"
    assert held("apple")["parses"] == ("failure", "the root element is html, not rss")


def test_without_a_manifest_there_is_one_failure(live, held):
    del live.files["feeds.json"]
    assert held("msn") == {"status": ("failure", "404")}
