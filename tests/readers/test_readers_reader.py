"""`reader` (lemon24/reader) keeps what we publish, and tells an edit from a new article."""

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import SiteOnDisk, Workspace, awkward_site, record, sample_site

from feedpub.feed import Entry

reader = pytest.importorskip("reader")

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("sgmllib") is None,
    reason="reader brings a feedparser of its own that needs the package sgmllib3k",
)

FILES = ("rss.xml", "atom.xml", "feed.json")


class Kept:
    """What `reader` has in its database after reading every feed of a site in one format."""

    def __init__(self, library: Any, site: SiteOnDisk, file: str) -> None:
        self.file = file
        self.site = site
        self.failures = {
            feed.url: feed.last_exception
            for feed in library.get_feeds()
            if feed.last_exception is not None
        }
        self.entries = {(entry.feed_url, entry.id): entry for entry in library.get_entries()}

    def found(self, fact: Callable[[Any], Any]) -> dict[tuple[str, str], Any]:
        return {key: fact(entry) for key, entry in self.entries.items()}

    def expected(self, fact: Callable[[Entry], Any]) -> dict[tuple[str, str], Any]:
        return {
            (f"{path}/{self.file}", entry.id): fact(entry)
            for path, entries in self.site.entries.items()
            for entry in entries
        }


@pytest.fixture(scope="module", params=["sample", "awkward"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SiteOnDisk:
    make = sample_site if request.param == "sample" else awkward_site
    return SiteOnDisk(make(tmp_path_factory.mktemp(request.param)))


@pytest.fixture(scope="module", params=FILES)
def kept(request: pytest.FixtureRequest, site: SiteOnDisk) -> Iterator[Kept]:
    with reader.make_reader(":memory:", feed_root=str(site.folder)) as library:
        for path in site.entries:
            library.add_feed(f"{path}/{request.param}")
        library.update_feeds()
        yield Kept(library, site, request.param)


def test_every_feed_is_taken(kept):
    assert kept.failures == {}


def test_every_article_is_there_once_under_its_id(kept):
    assert sorted(kept.entries) == sorted(kept.expected(lambda e: e.id))


def test_titles_are_the_composed_ones(kept):
    assert kept.found(lambda e: e.title) == kept.expected(lambda e: e.title)


def test_links_are_the_composed_ones(kept):
    assert kept.found(lambda e: e.link) == kept.expected(lambda e: e.link)


def test_publication_dates_are_the_composed_ones(kept):
    assert kept.found(lambda e: e.published) == kept.expected(lambda e: e.published)


def test_authors_are_the_composed_ones(kept):
    """From XML `reader` keeps the last author; in RSS it takes `<…>` for an e-mail address."""

    def names(entry: Entry) -> list[str]:
        composed = [person.name for person in entry.authors]
        if kept.file == "feed.json":
            return composed
        last = composed[-1]
        return [last.partition(" <")[0] if kept.file == "rss.xml" else last]

    assert kept.found(lambda e: [author.name for author in e.authors]) == kept.expected(names)


def test_every_article_has_content_to_show(kept):
    assert kept.found(lambda e: e.get_content() is not None) == kept.expected(lambda _: True)


def test_dates_of_changes_are_the_composed_ones(kept):
    """An item of RSS 2.0 has none."""
    has_none = kept.file == "rss.xml"
    assert kept.found(lambda e: e.updated) == kept.expected(
        lambda e: None if has_none else e.updated
    )


def test_enclosures_are_the_pictures(kept):
    def pictures(entry: Entry) -> list[tuple[str, str]]:
        lead = (entry.lead,) if entry.lead else ()
        images = lead if kept.file == "rss.xml" else entry.images
        return [(image.url, image.media_type) for image in images]

    assert kept.found(lambda e: [(item.href, item.type) for item in e.enclosures]) == (
        kept.expected(pictures)
    )


@pytest.mark.parametrize("file", FILES)
class TestChanges:
    """What a subscriber sees when records change between two readings."""

    @pytest.fixture
    def library(self, workspace: Workspace, file: str) -> Iterator[Any]:
        workspace.write("a.md", record())
        write_out(workspace)
        folder = workspace.folder / "feeds"
        with reader.make_reader(":memory:", feed_root=str(folder)) as library:
            library.add_feed(f"all/{file}")
            library.update_feeds()
            for entry in library.get_entries():
                library.mark_entry_as_read(entry)
            yield library

    def test_an_unchanged_site_brings_nothing_new(self, workspace, library):
        write_out(workspace)
        assert counted(library) == (0, 0)

    def test_heat_quality_and_secrets_bring_nothing_new(self, workspace, library):
        workspace.write("a.md", record(heat="480", quality="12", secured='"zzz=="'))
        write_out(workspace)
        assert counted(library) == (0, 0)

    def test_a_new_title_is_an_edit_of_the_same_article(self, workspace, library):
        workspace.write("a.md", record(title="Another title"))
        write_out(workspace)
        assert counted(library) == (0, 1)

    def test_a_new_link_is_an_edit_of_the_same_article(self, workspace, library):
        workspace.write("a.md", record(webUrl='"https://mirror.example.org/kits"'))
        write_out(workspace)
        assert counted(library) == (0, 1)

    def test_an_edited_article_stays_read(self, workspace, library):
        workspace.write("a.md", record(title="Another title"))
        write_out(workspace)
        counted(library)
        assert [entry.read for entry in library.get_entries()] == [True]

    def test_another_record_is_a_new_article(self, workspace, library):
        workspace.write("b.md", record(webUrl='"https://www.example.com/b"'))
        write_out(workspace)
        assert counted(library) == (1, 0)


def write_out(workspace: Workspace) -> Path:
    return SiteOnDisk(workspace).folder


def counted(library: Any) -> tuple[int, int]:
    """Return how many articles the next reading finds new, and how many changed."""
    (feed,) = library.get_feeds()
    found = library.update_feed(feed)
    return (found.new, found.modified) if found else (0, 0)
