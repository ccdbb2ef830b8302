"""Compressed copies stand beside their documents, hold just these, and come and go with them."""

import gzip
import os
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import CONFIG, NOW, call_feedpub, record
from test_incremental import many, settle

from feedpub import compressed
from feedpub.build import build
from feedpub.compressed import SUFFIX, copy_path, with_copies
from feedpub.destinations import no_longer_wanted
from feedpub.destinations.directory import Directory
from feedpub.feed import Document
from feedpub.state import State

PACKED = CONFIG + "precompress: true\n"


def document(data=b"<rss/>", media_type="application/rss+xml"):
    return Document(path="all/rss.xml", media_type=media_type, data=data)


def copy_of(one, published=None):
    (_, copy) = with_copies([one], lambda _: published)
    return copy


@given(st.binary())
def test_copy_holds_the_document(data):
    copy = copy_of(document(data))
    assert (copy.path, gzip.decompress(copy.data)) == ("all/rss.xml.gz", data)


def test_copy_has_neither_name_nor_time():
    flags, time = copy_of(document()).data[3], copy_of(document()).data[4:8]
    assert (flags, time) == (0, b"\0\0\0\0")


def test_copy_that_holds_the_document_is_taken_as_it_is():
    earlier = gzip.compress(b"<rss/>", 1, mtime=7)
    assert copy_of(document(), earlier).data == earlier


@pytest.mark.parametrize(
    "earlier",
    [
        b"",
        b"no gzip",
        gzip.compress(b"<rss></rss>", mtime=0),
        gzip.compress(b"<rss/>", mtime=0)[:-1],
        gzip.compress(b"<rss/>", mtime=0) + b"more",
        gzip.compress(b"<rss/>", mtime=0) + gzip.compress(b"more", mtime=0),
        gzip.compress(b"\0" * 10_000_000, mtime=0),
        zlib.compress(b"<rss/>"),
    ],
)
def test_copy_that_holds_something_else_is_made_anew(earlier):
    assert copy_of(document(), earlier) == copy_of(document())


@pytest.mark.parametrize(
    "media_type",
    """application/rss+xml application/atom+xml application/feed+json application/json
    text/html text/css text/x-opml""".split(),
)
def test_text_is_copied(media_type):
    copy = copy_of(document(media_type=media_type))
    assert (copy.path.endswith(".gz"), copy.media_type) == (True, "application/gzip")


@pytest.mark.parametrize("media_type", ["image/png", "application/octet-stream"])
def test_what_is_no_text_is_not_copied(media_type):
    assert len(list(with_copies([document(media_type=media_type)], lambda _: None))) == 1


@pytest.mark.parametrize(
    ("wanted", "prune", "removed", "obsolete"),
    [
        ({"a"}, False, ("a.gz",), ("b", "b.gz")),
        ({"a"}, True, ("a.gz", "b", "b.gz"), ()),
        (set(), False, (), ("a", "a.gz", "b", "b.gz")),
        ({"a", "a.gz", "b", "b.gz"}, True, (), ()),
    ],
)
def test_copy_goes_when_its_document_is_published_without_one(wanted, prune, removed, obsolete):
    own = ["b.gz", "b", "a.gz", "a"]
    assert no_longer_wanted(own, wanted, prune=prune) == (removed, obsolete)


class Site:
    """A site published into a folder, with a state."""

    def __init__(self, workspace):
        self.workspace = workspace
        self.root = workspace.folder / "feeds"
        self.state = State.in_memory()
        workspace.configure(PACKED)
        many(workspace)
        self.publish()

    def publish(self, **options):
        settle(self.workspace)
        destination = Directory(self.root, "feeds/")
        report = build(self.workspace.settings, destination, now=NOW, state=self.state, **options)
        self.check()
        return report.outcome

    def check(self):
        """See that every copy holds its document."""
        for copy in self.copies():
            assert gzip.decompress(copy.read_bytes()) == copy.with_suffix("").read_bytes()

    def copies(self):
        return sorted(self.root.rglob(f"*{SUFFIX}"))

    def documents(self):
        return sorted(p for p in self.root.rglob("[!.]*") if p.is_file() and p.suffix != SUFFIX)


@pytest.fixture
def site(workspace):
    return Site(workspace)


@pytest.fixture
def packing(monkeypatch):
    """Return the documents that are packed from now on."""
    packed = []
    pack = compressed._packed
    monkeypatch.setattr(compressed, "_packed", lambda data: packed.append(data) or pack(data))
    return packed


def test_every_file_has_a_copy(site):
    assert [copy.with_suffix("") for copy in site.copies()] == site.documents()


def test_same_records_give_the_same_copies(site):
    before = [copy.read_bytes() for copy in site.copies()]
    for copy in site.copies():
        copy.unlink()
    site.publish()
    assert [copy.read_bytes() for copy in site.copies()] == before


def test_second_run_packs_and_writes_nothing(site, packing):
    assert (site.publish().written, packing) == ((), [])


def test_run_without_a_state_packs_and_writes_nothing(site, packing):
    site.state = State.in_memory()
    assert (site.publish().written, packing) == ((), [])


def test_edit_packs_only_what_changed(site, packing):
    site.workspace.write("03.md", record(title="Edited", webUrl="https://www.example.com/3"))
    written = site.publish().written
    documents = {path for path in written if not path.endswith(SUFFIX)}
    assert {path for path in written if path.endswith(SUFFIX)} == set(map(copy_path, documents))
    assert len(packing) == len(documents)


def test_copy_that_is_lost_comes_back(site):
    (site.root / "all/rss.xml.gz").unlink()
    assert site.publish().written == ("all/rss.xml.gz",)


def test_copy_that_was_tampered_with_is_mended(site):
    (site.root / "all/rss.xml.gz").write_bytes(gzip.compress(b"other", mtime=0))
    assert site.publish().written == ("all/rss.xml.gz",)


def test_document_that_was_tampered_with_is_mended_and_its_copy_stays(site):
    before = (site.root / "all/rss.xml.gz").stat()
    (site.root / "all/rss.xml").write_text("other")
    assert site.publish().written == ("all/rss.xml",)
    assert (site.root / "all/rss.xml.gz").stat() == before


def test_copies_go_at_once_when_they_are_no_longer_asked_for(site):
    copies = {copy.relative_to(site.root).as_posix() for copy in site.copies()}
    site.workspace.configure(CONFIG)
    outcome = site.publish()
    assert (site.copies(), set(outcome.removed), outcome.written) == ([], copies, ())


def test_copies_come_when_they_are_asked_for(site):
    site.workspace.configure(CONFIG)
    site.publish()
    site.workspace.configure(PACKED)
    outcome = site.publish()
    assert len(outcome.written) == len(site.copies()) == len(site.documents())


def test_copies_are_obsolete_and_removed_with_their_documents(site):
    site.workspace.configure(PACKED + "formats: rss\n")
    for location in (site.workspace.folder / "articles").iterdir():
        if "Topic 1" in location.read_text():
            location.unlink()
    assert site.publish().obsolete == ()  # a feed that was published stays, in all its formats
    removed = site.publish(prune=True).removed
    assert {"topics/topic-1/rss.xml", "topics/topic-1/rss.xml.gz"} <= set(removed)
    assert {"all/atom.xml", "all/atom.xml.gz"} <= set(removed)


def test_run_that_is_cut_off_leaves_no_copy_of_something_else(site, monkeypatch):
    """Wherever between two renames it ends."""
    for number in range(6):
        site.workspace.write("03.md", record(title=f"Edit {number}", webUrl="/3"))
        renames = iter(range(number))
        replace = os.replace

        def failing(source, target, renames=renames, replace=replace):
            if next(renames, None) is None:
                raise KeyboardInterrupt
            replace(source, target)

        with monkeypatch.context() as patch:
            patch.setattr("pathlib.os.replace", failing)
            with pytest.raises(KeyboardInterrupt):
                site.publish()
        site.check()
    site.publish()
    assert [copy.with_suffix("") for copy in site.copies()] == site.documents()


def test_a_site_with_copies_is_built_on_disk(workspace):
    workspace.configure(CONFIG + "precompress: true\n")
    workspace.write("a.md", record())
    ended = call_feedpub("build", cwd=workspace.folder)
    output = workspace.folder / "feeds/all"
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (
        gzip.decompress((output / "rss.xml.gz").read_bytes()) == (output / "rss.xml").read_bytes()
    )
