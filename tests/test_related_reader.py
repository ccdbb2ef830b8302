"""Related lists that were left in their files are read as they were proven, or proven anew."""

import os

import pytest
from support import record, related_list

from feedpub.file_reading import decoded_reading, read_item
from feedpub.reading import jobs_of
from feedpub.records import RecordRules
from feedpub.related_reader import RelatedReader
from feedpub.settings import Source
from feedpub.sources import front_matter
from feedpub.sources.files import FileSource, Scans

RULES = RecordRules(tag="feeds.example.org,2026", base="https://feeds.example.org/")
DAY_NS = 24 * 3600 * 1_000_000_000


class Site:
    """A file, what was read of it, and what reads its related list."""

    def __init__(self, folder, age_ns):
        self.location = folder / "a.md"
        self.location.write_text(record(related=related_list("one", "two")))
        self.scans = Scans()
        self.date(self.scans.began_ns - age_ns)
        files = FileSource(pattern=str(folder), shown="articles/")
        source = Source(files=files, rules=RULES)
        [job] = jobs_of([source], self.scans)
        [self.article] = decoded_reading(read_item(job).reading).articles
        assert self.article.related_unread
        self.read = RelatedReader([source], self.scans)

    def date(self, time_ns):
        os.utime(self.location, ns=(time_ns, time_ns))

    def titles(self):
        return [item.full().title for item in self.read(self.article)]


@pytest.fixture
def proofs(monkeypatch):
    """Count how often a list is proven to have the known shape."""
    files = []
    find = front_matter.find_block

    def counted(data):
        files.append(data)
        return find(data)

    monkeypatch.setattr(front_matter, "find_block", counted)
    return files


def test_list_is_not_proven_twice(tmp_path, proofs):
    site = Site(tmp_path, DAY_NS)
    assert site.titles() == ["one", "two"]
    assert len(proofs) == 1


def test_list_in_a_file_that_changed_is_proven_anew(tmp_path, proofs):
    site = Site(tmp_path, DAY_NS)
    text = site.location.read_text()
    site.location.write_text(text.replace('"two"', '"t\\x77o"'))
    assert site.titles() == ["one", "two"]
    assert len(proofs) == 2


def test_list_in_a_file_written_as_the_run_began_is_proven_anew(tmp_path, proofs):
    site = Site(tmp_path, 0)
    assert site.titles() == ["one", "two"]
    assert len(proofs) == 2


def test_list_that_vanished_behind_the_same_time_and_size_is_missed_by_nobody(tmp_path):
    site = Site(tmp_path, DAY_NS)
    before = site.location.stat()
    text = site.location.read_text()
    site.location.write_text(text.replace("\nrelated:\n", "\nrelates:\n"))
    site.date(before.st_mtime_ns)
    assert site.location.stat().st_size == before.st_size
    assert site.read(site.article) == []


def test_list_of_a_file_that_is_gone_cannot_be_read(tmp_path):
    site = Site(tmp_path, DAY_NS)
    site.location.unlink()
    assert site.read(site.article) is None
