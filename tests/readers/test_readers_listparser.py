"""listparser, which reads subscription lists, finds the feeds of the manifest in their folders."""

import json
from typing import Any

import listparser
import pytest
from support import PROJECT, SiteOnDisk, awkward_site, sample_site


@pytest.fixture(scope="module", params=[sample_site, awkward_site])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SiteOnDisk:
    return SiteOnDisk(request.param(tmp_path_factory.mktemp("site")))


@pytest.fixture
def opml(site: SiteOnDisk) -> Any:
    return read(site.folder / "feeds.opml")


@pytest.fixture
def manifest(site: SiteOnDisk) -> Any:
    return json.loads(site.folder.joinpath("feeds.json").read_bytes())


@pytest.fixture(scope="module")
def folders() -> dict[str, list[list[str]]]:
    """Return the folders of the feeds of the sample site, by path."""
    feeds = read(PROJECT / "feeds" / "feeds.opml").feeds
    base = "https://feeds.example.org/"
    return {feed.url.removeprefix(base).removesuffix("/rss.xml"): feed.categories for feed in feeds}


def read(file):
    found = listparser.parse(file.read_bytes())
    assert not found.bozo, found.bozo_exception
    return found


def test_the_list_is_opml_2_with_title_and_date(opml, manifest):
    assert (opml.version, opml.meta.title) == ("opml2", manifest["title"])
    assert opml.meta.modified_parsed


def test_the_feeds_are_those_of_the_manifest(opml, manifest):
    names = {feed["formats"]["rss"]: feed.get("name", feed["title"]) for feed in manifest["feeds"]}
    assert {feed.url: feed.title for feed in opml.feeds} == names
    assert len(opml.feeds) == len(names)


def test_nothing_in_it_is_taken_for_anything_but_a_feed(opml):
    assert (opml.lists, opml.opportunities) == ([], [])


def test_feeds_of_everything_and_of_a_selection_are_in_no_folder(folders):
    assert (folders["all"], folders["hot"]) == ([], [])


def test_topic_is_in_the_folder_of_its_parent(folders):
    assert folders["topics/repair"] == [["Topics", "Libraries"]]
    assert folders["topics/ai-and-law"] == [["Topics", "Künstliche Intelligenz"]]


def test_topic_with_others_below_it_is_in_the_folder_it_names(folders):
    assert folders["topics/libraries"] == [["Topics", "Libraries"]]
    assert folders["topics/libraries/example.com"] == [["Topics", "Libraries"]]


def test_topic_without_others_below_it_is_among_the_topics(folders):
    assert folders["topics/c"] == [["Topics"]]


def test_provider_is_among_the_providers(folders):
    assert folders["providers/example.com"] == [["Providers"]]
