"""What cannot be read just now, and can a moment later, leaves no trace in what is published."""

import errno
import os
from pathlib import Path

import pytest
from support import CONFIG, call_feedpub, record, related_list

from feedpub.sources import contents

TOPICS = "topics: topics/\n"


def build(site):
    return call_feedpub("build", cwd=site)


def output(site):
    files = (path for path in (site / "feeds").rglob("*") if path.is_file())
    return {path.relative_to(site): path.read_bytes() for path in files}


@pytest.fixture
def failing(monkeypatch):
    """Return what lets the reading of a file fail from some time on, until that ends."""
    fails, times = {}, {}
    real = contents._read_unchanging

    def read(location, max_bytes):
        name = Path(location).name
        times[name] = times.get(name, 0) + 1
        if times[name] > fails.get(name, 1000):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(location, max_bytes)

    monkeypatch.setattr(contents, "_read_unchanging", read)

    def begin(name, after=0):
        times[name], fails[name] = 0, after

    begin.end = fails.clear
    return begin


@pytest.fixture
def sites(tmp_path):
    """Make two sites of the same records, which were built when one of those had another title."""
    made = []
    for name in ("undisturbed", "disturbed"):
        site = tmp_path / name
        (site / "articles").mkdir(parents=True)
        (site / "topics").mkdir()
        (site / "config.yaml").write_text(CONFIG + TOPICS)
        (site / "topics/libraries.yaml").write_text("_id: lending\nname: Libraries\n")
        (site / "articles/one.md").write_text(record(related=related_list("a", "b")))
        assert build(site).returncode == 0
        (site / "articles/one.md").write_text(record(title="New", related=related_list("a", "b")))
        made.append(site)
    undisturbed, disturbed = made
    assert build(undisturbed).returncode == 0
    return disturbed, output(undisturbed)


def test_related_list_is_read_by_the_next_run(sites, failing):
    site, wanted = sites
    failing("one.md", after=1)  # once, to find out what is in it
    ended = build(site)
    assert ended.returncode == 0
    assert "articles/one.md:1: its related articles could not be read just now" in ended.stderr
    assert b"https://www.example.net/a" not in (site / "feeds/all/rss.xml").read_bytes()
    failing.end()
    ended = build(site)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert output(site) == wanted


def test_related_list_is_tried_until_it_can_be_read(sites, failing):
    site, wanted = sites
    failing("one.md", after=1)
    build(site)
    failing("one.md")
    ended = build(site)
    assert "its related articles could not be read just now" in ended.stderr
    failing.end()
    build(site)
    assert output(site) == wanted
    assert "0 written" in build(site).stdout


def test_metadata_that_cannot_be_read_stops_the_run(sites, failing):
    site, wanted = sites
    before = output(site)
    failing("libraries.yaml")
    ended = build(site)
    assert ended.returncode == 78
    assert "topics/libraries.yaml: cannot be read: Input/output error; nothing" in ended.stderr
    assert output(site) == before
    failing.end()
    assert build(site).returncode == 0
    assert output(site) == wanted


def test_record_is_read_by_the_next_run(sites, failing):
    site, wanted = sites
    failing("one.md")
    assert build(site).returncode == 3
    failing.end()
    assert build(site).returncode == 0
    assert output(site) == wanted


def test_edit_is_shown_while_the_related_list_cannot_be_read(sites, failing):
    site, _ = sites
    location = site / "articles/one.md"
    dated = {"updatedDateTime": "2026-02-01T00:00:00Z", "related": related_list("a", "b")}
    location.write_text(record(title="New", **dated))
    failing("one.md", after=1)
    build(site)
    location.write_text(record(title="Newer", **dated))  # no date of the feed changes
    failing("one.md", after=2)  # once to compare it, once to find out what is in it
    assert build(site).returncode == 0
    feed = (site / "feeds/all/rss.xml").read_text()
    assert "<title>Newer</title>" in feed
    assert "https://www.example.net/a" not in feed
