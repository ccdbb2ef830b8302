"""Digests: one entry a day or a week, made once it is over, and left as it is."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from support import CONFIG, call_feedpub, record

from feedpub.roundups import period_end, period_name
from feedpub.state import State

MONDAY = datetime(2026, 2, 2, tzinfo=UTC)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "period", "end", "name"),
    [
        ("2026-02-04T12:00", "daily", "2026-02-05", "2026-02-04"),
        ("2026-02-04T00:00", "daily", "2026-02-05", "2026-02-04"),
        ("2026-02-02T00:00", "weekly", "2026-02-09", "2026-W06"),
        ("2026-02-08T23:59", "weekly", "2026-02-09", "2026-W06"),
        ("2027-01-01T00:00", "weekly", "2027-01-04", "2026-W53"),
    ],
)
def test_period_ends_at_midnight_and_has_a_name(moment, period, end, name):
    assert period_end(at(moment), period) == at(end)
    assert period_name(at(end), period) == name


@pytest.fixture
def site(workspace):
    """Make a site with a weekly digest, and two articles of one week."""
    workspace.configure(
        CONFIG + "named:\n  best: {digest: weekly, best: 2, title: The best, min_quality: 10}\n"
    )
    write(workspace, "a", 20)
    write(workspace, "b", 30, excerpt='"R&D of <EXMP.O>"', images="[https://i.example.com/b.jpg]")
    workspace.state = State.in_memory()
    return workspace


def write(workspace, name, quality, *, days=1, **fields):
    day = MONDAY + timedelta(days=days)
    workspace.write(
        f"{name}.md",
        record(
            title=f"Title of {name}",
            webUrl=f"/{name}",
            quality=quality,
            publishedDateTime=f"{day:%Y-%m-%d}",
            **fields,
        ),
    )


def entries(site, *, days=7, **options):
    """Return the entries of the digest after a run so many days after Monday."""
    options = {"state": site.state, **options}
    site.build(now=MONDAY + timedelta(days=days), **options)
    return json.loads(site.destination.files["best/feed.json"])["items"]


def test_there_is_no_entry_before_the_period_is_over(site):
    assert entries(site, days=6.99) == []


def test_there_is_one_entry_when_the_period_is_over(site):
    (entry,) = entries(site)
    assert entry["id"] == "tag:feeds.example.org,2026:digest:best:2026-W06"
    assert entry["title"] == "The best: week 6 of 2026"
    assert entry["date_published"] == "2026-02-09T00:00:00Z"


def test_the_best_stories_come_first_with_their_pictures(site):
    (entry,) = entries(site)
    html = entry["content_html"]
    assert html.index("Title of b") < html.index("Title of a")
    assert "https://i.example.com/b.jpg" in html
    assert "R&amp;D of &lt;EXMP.O&gt;" in html
    assert entry["image"] == "https://i.example.com/b.jpg"


def test_no_more_stories_are_in_it_than_asked_for(site):
    write(site, "c", 15)
    (entry,) = entries(site)
    assert "Title of c" not in entry["content_html"]


def test_rules_of_the_feed_hold_for_its_digests(site):
    write(site, "b", 5)
    (entry,) = entries(site)
    assert "Title of b" not in entry["content_html"]


@pytest.mark.parametrize("change", [("a", 90), ("c", 90)])
def test_a_digest_that_was_made_stays_as_it_is(site, change):
    first = entries(site)
    write(site, *change)
    assert entries(site, days=8) == first


def test_a_story_that_was_withdrawn_leaves_it(site):
    entries(site)
    write(site, "b", 30, removed="true")
    (entry,) = entries(site, days=8)
    assert "Title of b" not in entry["content_html"]
    assert "Title of a" in entry["content_html"]


def test_a_digest_of_nothing_is_none(site):
    entries(site)
    for name in "ab":
        write(site, name, 30, removed="true")
    assert entries(site, days=8) == []


def test_a_lost_memory_changes_no_id(site):
    before = [entry["id"] for entry in entries(site)]
    assert [entry["id"] for entry in entries(site, state=State.in_memory())] == before


def test_a_week_without_stories_has_no_entry(site):
    write(site, "later", 20, days=15)
    names = [entry["id"].rpartition(":")[2] for entry in entries(site, days=30)]
    assert names == ["2026-W08", "2026-W06"]


def test_a_daily_digest_is_of_a_day(site):
    site.configure(CONFIG + "named: {best: {digest: daily}}\n")
    (entry,) = entries(site)
    assert entry["title"] == "best: 3 February 2026"


def test_other_feeds_hold_no_digests(site):
    entries(site)
    assert ":digest:" not in site.text("all/feed.json")


def test_the_end_of_a_period_is_something_to_do(site):
    for days, written in ((6, "best"), (7, "best")):
        epoch = str(int((MONDAY + timedelta(days=days)).timestamp()))
        done = call_feedpub("build", cwd=site.folder, env={"SOURCE_DATE_EPOCH": epoch})
        assert done.returncode == 0
        feed = json.loads((site.folder / f"feeds/{written}/feed.json").read_text())
        assert len(feed["items"]) == days - 6
