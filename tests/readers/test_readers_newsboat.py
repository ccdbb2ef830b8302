"""newsboat, a terminal reader, stores what the entries were composed of."""

import json
import os
import shlex
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support import SiteOnDisk, awkward_site, sample_site

from feedpub.feed import Entry

pytestmark = pytest.mark.skipif(
    shutil.which("newsboat") is None, reason="needs the Debian package newsboat"
)

FILES = {"rss": "rss.xml", "atom": "atom.xml"}


class Newsboat:
    """A newsboat with a home of its own, which has read one feed."""

    def __init__(self, home: Path, address: str) -> None:
        home.mkdir()
        self.home = home
        home.joinpath("urls").write_text(f"{address}\n", "utf-8")
        home.joinpath("config").write_text("", "utf-8")
        self.run("-x", "reload")
        with closing(sqlite3.connect(home / "cache.db")) as cache:
            cache.row_factory = sqlite3.Row
            self.items = [dict(row) for row in cache.execute("SELECT * FROM rss_item")]
            (self.feed,) = [dict(row) for row in cache.execute("SELECT * FROM rss_feed")]

    def run(self, *arguments: str) -> None:
        files = [f"-{key}{self.home / name}" for key, name in
                 (("u", "urls"), ("C", "config"), ("c", "cache.db"))]  # fmt: skip
        environment = {"HOME": str(self.home), "LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]}
        subprocess.run(
            ["newsboat", *files, *arguments],
            env=environment,
            capture_output=True,
            timeout=60,
            check=True,
        )

    def found(self, fact: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        return {item["guid"]: fact(item) for item in self.items}


@pytest.fixture(scope="module", params=["sample", "awkward"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SiteOnDisk:
    make = sample_site if request.param == "sample" else awkward_site
    return SiteOnDisk(make(tmp_path_factory.mktemp(request.param)))


@pytest.fixture(scope="module", params=FILES)
def newsboat(
    request: pytest.FixtureRequest, site: SiteOnDisk, tmp_path_factory: pytest.TempPathFactory
) -> Newsboat:
    home = tmp_path_factory.mktemp("newsboat") / "home"
    return Newsboat(home, f"file://{site.folder}/all/{FILES[request.param]}")


@pytest.fixture
def expected(site: SiteOnDisk) -> Callable[[Callable[[Entry], Any]], dict[str, Any]]:
    return lambda fact: {entry.id: fact(entry) for entry in site.entries["all"]}


def test_every_article_is_stored_once_under_its_id(newsboat, expected):
    assert sorted(item["guid"] for item in newsboat.items) == sorted(expected(lambda e: e.id))


def test_titles_are_the_composed_ones(newsboat, expected):
    assert newsboat.found(lambda item: item["title"]) == expected(lambda e: e.title)


def test_links_are_the_composed_ones(newsboat, expected):
    assert newsboat.found(lambda item: item["url"]) == expected(lambda e: e.link)


def test_publication_dates_are_the_composed_ones(newsboat, expected):
    assert newsboat.found(lambda item: datetime.fromtimestamp(item["pubDate"], UTC)) == expected(
        lambda e: e.published
    )


def test_the_author_is_named(newsboat, expected):
    """From RSS newsboat keeps the last `dc:creator`."""
    found = newsboat.found(lambda item: item["author"])
    assert found in (
        expected(lambda e: ", ".join(person.name for person in e.authors)),
        expected(lambda e: e.authors[-1].name),
    )


def test_content_is_the_composed_html(newsboat, expected):
    assert newsboat.found(lambda item: item["content"]) == expected(lambda e: e.content)


def test_a_film_among_the_pictures_is_the_enclosure(newsboat, expected):
    """newsboat keeps one enclosure, for its podcast player: audio or video before all."""
    films = expected(lambda e: [i.url for i in e.images if i.medium == "video"])
    found = newsboat.found(lambda item: [item["enclosure_url"]])
    with_film = {key: urls for key, urls in films.items() if urls}
    assert {key: found[key] for key in with_film} == with_film


def test_no_foreign_address_is_enclosed(newsboat, expected):
    pictures = expected(lambda e: {"", *(image.url for image in e.images)})
    enclosed = newsboat.found(lambda item: item["enclosure_url"])
    assert [key for key, url in enclosed.items() if url not in pictures[key]] == []


def test_the_feed_has_its_title(newsboat):
    assert newsboat.feed["title"] == "Example Every Day"


def test_the_rss_feed_has_its_page(site, tmp_path):
    feed = Newsboat(tmp_path / "home", f"file://{site.folder}/all/rss.xml").feed
    assert feed["url"] == "https://feeds.example.org/all/"


def test_the_atom_feed_has_its_page(site, tmp_path):
    feed = Newsboat(tmp_path / "home", f"file://{site.folder}/all/atom.xml").feed
    assert feed["url"] == "https://feeds.example.org/all/"


def test_a_second_reload_stores_nothing_twice(newsboat, expected):
    newsboat.run("-x", "reload")
    with closing(sqlite3.connect(newsboat.home / "cache.db")) as cache:
        (count,) = cache.execute("SELECT count(*) FROM rss_item").fetchone()
    assert count == len(expected(lambda e: e.id))


def test_the_subscription_list_imports_every_feed_into_its_folder(site, tmp_path):
    boat = Newsboat(tmp_path / "home", f"file://{site.folder}/all/rss.xml")
    boat.run("-i", str(site.folder / "feeds.opml"))
    _, *imported = map(shlex.split, boat.home.joinpath("urls").read_text("utf-8").splitlines())
    feeds = json.loads(site.folder.joinpath("feeds.json").read_bytes())["feeds"]
    assert sorted(address for address, *_ in imported) == sorted(f["formats"]["rss"] for f in feeds)
    parents = {feed["parent"] for feed in feeds if "parent" in feed}
    for address, *folders in imported:
        (feed,) = (feed for feed in feeds if feed["formats"]["rss"] == address)
        assert folders == folders_of(feed, feeds, parents)


def folders_of(feed, feeds, parents):
    """Return the folder of a feed as newsboat names it, by what the manifest says of the feed."""
    if not feed["kind"].startswith("topic"):
        return ["Providers"] if feed["kind"] == "provider" else []
    above = feed["path"] if feed["path"] in parents else feed.get("parent")
    names = []
    while above:
        topic = next(each for each in feeds if each["path"] == above)
        names.insert(0, topic["name"])
        above = topic.get("parent")
    return ["/".join(["Topics", *names])]
