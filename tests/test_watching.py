"""When a site is built again: the decisions, and the loop itself."""

import os
import threading
from datetime import UTC, datetime, timedelta

import pytest
from support import NOW, record

from feedpub.run import Wish, last_run, run
from feedpub.selection import CLOCK_TOLERANCE
from feedpub.watching import LOOK_SECONDS, Places, is_of_interest, keep_built, pause, places


class Enough(Exception):  # noqa: N818 - nothing went wrong
    """Ends the loop."""


@pytest.fixture
def site(workspace):
    workspace.write("a.md", record())
    return workspace


def built(site, now=NOW):
    config = site.folder / "config.yaml"
    run(config, Wish(), now)
    return last_run(config)


# Where to look.


def test_config_alone_is_watched_before_the_first_build(site):
    here = frozenset({str(site.folder)})
    assert places(site.folder / "config.yaml", None) == Places(frozenset(), here, None)


def test_sources_are_watched_whole_and_single_files_by_their_folder(site):
    site.configure(
        (site.folder / "config.yaml").read_text()
        + "  - data/posts.json\n  - notes/*.md\n  - tree/**/*.md\n"
        + "topics: metadata/\npages: {templates: theme/}\n"
    )
    for name in ("data", "notes", "tree", "metadata", "theme"):
        (site.folder / name).mkdir()
    (site.folder / "data/posts.json").write_text("[]")
    found = places(site.folder / "config.yaml", built(site))

    def names(folders):
        return {os.path.relpath(folder, site.folder) for folder in folders}

    assert names(found.trees) == {"articles", "metadata", "theme", "tree"}
    assert names(found.folders) == {".", "data", "notes"}
    assert found.output == str(site.folder / "feeds")


def test_folder_that_vanished_is_not_watched(site):
    after = built(site)
    (site.folder / "articles/a.md").unlink()
    (site.folder / "articles").rmdir()
    assert places(site.folder / "config.yaml", after).trees == frozenset()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/home/.cache/site/a.md", True),
        ("/home/.cache/site/deep/a.md", True),
        ("/home/.cache/site/.a.md.swp", False),
        ("/home/.cache/site/.git/index", False),
        ("/home/.cache/site/feeds/all/rss.xml", False),
        ("/elsewhere/a.md", False),
    ],
)
def test_change_is_of_interest_unless_hidden_or_our_own(path, expected):
    assert is_of_interest(path, ["/home/.cache/site"], "/home/.cache/site/feeds") is expected


# How long to wait.


def test_record_of_the_future_is_waited_for(site):
    soon = NOW + CLOCK_TOLERANCE + timedelta(seconds=20)
    site.write("b.md", record(webUrl="/b", publishedDateTime=soon.isoformat()))
    assert pause(built(site), NOW) == 20


def test_wait_is_never_long_nor_none(site):
    later = NOW + timedelta(days=20)
    site.write("b.md", record(webUrl="/b", publishedDateTime=later.isoformat()))
    after = built(site)
    assert pause(after, NOW) == LOOK_SECONDS
    assert pause(after, later) == 1
    assert pause(None, NOW) == LOOK_SECONDS


# The loop.


def keep_building(site, clock, act):
    """Build until `act`, called after each build, has seen enough."""
    config = site.folder / "config.yaml"

    def build():
        run(config, Wish(), clock())
        act()

    with pytest.raises(Enough):
        keep_built(config, build, clock)


def test_time_alone_publishes_a_record(site):
    soon = datetime.now(UTC) + CLOCK_TOLERANCE + timedelta(seconds=2)
    site.write("b.md", record(title="Now", webUrl="/b", publishedDateTime=soon.isoformat()))
    feed = site.folder / "feeds/all/rss.xml"
    seen = []

    def act():
        seen.append("<title>Now</title>" in feed.read_text())
        if seen[-1]:
            raise Enough

    keep_building(site, lambda: datetime.now(UTC), act)
    assert seen[0] is False


def test_loop_ends_with_its_threads(site):
    def watching():
        return [thread for thread in threading.enumerate() if thread.name == "watch"]

    def act():
        if watching():
            raise Enough

    keep_building(site, lambda: NOW, act)
    assert watching() == []
