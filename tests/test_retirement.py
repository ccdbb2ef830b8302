"""A feed that ended stays, and tells its subscribers so."""

import json

import pytest
from feed_checks import atom_faults, parse_xml, rss_faults
from support import CONFIG, record

from feedpub.config_file import parse_config
from feedpub.errors import ConfigError
from feedpub.state import State

PATH = "topics/libraries"
MOVED = 'retired: [{feed: topics/libraries, to: "https://x.example/?a=1&b=2", since: 2026-02-01}]\n'
ENDED = "retired: [{feed: topics/libraries, since: 2026-02-01}]\n"


@pytest.fixture
def site(workspace):
    workspace.write("a.md", record(topics="[Libraries, Tools]"))
    workspace.build()
    return workspace


def retired(workspace, config=MOVED, **options):
    workspace.configure(CONFIG + config)
    workspace.build(**options)
    return items(workspace)


def items(workspace, path=PATH):
    return json.loads(workspace.text(f"{path}/feed.json"))["items"]


def test_retired_feed_has_one_entry_that_says_where_to_go(site):
    (item,) = retired(site)
    assert item["title"] == "This feed has moved"
    assert item["url"] == "https://x.example/?a=1&b=2"
    assert item["date_published"] == "2026-02-01T00:00:00Z"
    assert '<a href="https://x.example/?a=1&amp;b=2">' in item["content_html"]


def test_retired_feed_without_a_successor_says_that_it_ended(site):
    (item,) = retired(site, ENDED)
    assert (item["title"], item["url"]) == ("This feed has ended", "https://feeds.example.org/")


def test_retired_feed_is_valid(site):
    retired(site)
    assert atom_faults(parse_xml(site.destination.files[f"{PATH}/atom.xml"])) == []
    assert rss_faults(parse_xml(site.destination.files[f"{PATH}/rss.xml"])) == []


def test_articles_of_a_retired_feed_stay_in_the_others(site):
    retired(site)
    assert len(items(site, "topics/tools")) == len(items(site, "all")) == 1


def test_retired_feed_keeps_its_id_and_is_no_current_one(site):
    def listed():
        feeds = json.loads(site.text("feeds.json"))["feeds"]
        return next(feed for feed in feeds if feed["path"] == PATH)

    before = listed()
    retired(site)
    assert listed()["id"] == before["id"]
    assert (before["standing"], listed()["standing"]) == ("current", "kept")


def test_retired_feed_outlives_the_loss_of_state_and_output_and_pruning(site):
    expected = retired(site)
    site.destination.files.clear()
    assert retired(site, prune=True) == expected


def test_retired_feed_whose_topic_is_gone_still_says_so(site):
    expected = retired(site)
    site.write("a.md", record(topics="[Tools]"))
    site.destination.files.clear()
    assert retired(site) == expected


def test_retired_feed_does_not_change_from_run_to_run(site):
    state = State.in_memory()
    retired(site, state=state)
    before = dict(site.destination.files)
    site.write("b.md", record(topics="[Libraries]", webUrl="https://www.example.com/b"))
    retired(site, state=state)
    assert site.destination.files[f"{PATH}/atom.xml"] == before[f"{PATH}/atom.xml"]


def test_feed_that_is_retired_no_more_is_as_before(site):
    before = site.destination.files[f"{PATH}/atom.xml"]
    retired(site)
    retired(site, "")
    assert site.destination.files[f"{PATH}/atom.xml"] == before


@pytest.mark.parametrize(
    "path", ["../x", "/etc", "topics/../x", "topics/.x", "index.html", "a b", "topics/", "", "a/b"]
)
def test_path_that_no_feed_can_have_is_a_mistake(path):
    with pytest.raises(ConfigError, match="retired"):
        parse_config(f'{CONFIG}retired: [{{feed: "{path}", since: 2026-01-01}}]\n'.encode(), "c")


@pytest.mark.parametrize("day", ["2026-02-30", "soon", "2026-1-1"])
def test_day_that_there_is_not_is_a_mistake(day):
    with pytest.raises(ConfigError, match="since"):
        parse_config(f"{CONFIG}retired: [{{feed: all, since: {day}}}]\n".encode(), "c")
