"""Feeds tell of entries that were withdrawn (RFC 6721), and of no others."""

from datetime import timedelta

import pytest
from lxml import etree
from support import CONFIG, NOW, record

from feedpub.state import State

TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
ID = "tag:feeds.example.org,2026:a"


@pytest.fixture
def site(workspace):
    """Make a site of two records that was built once."""
    workspace.write("a.md", record(webUrl="/a", quality="60"))
    workspace.write("b.md", record(title="Other", webUrl="/b", quality="70"))
    workspace.state = State.in_memory()
    workspace.build(state=workspace.state)
    return workspace


def told(site, *, days=1, path="all"):
    """Return what the Atom feed tells of withdrawn entries after another run, by id."""
    site.build(state=site.state, now=NOW + timedelta(days=days))
    feed = etree.fromstring(site.destination.files[f"{path}/atom.xml"])
    return {element.get("ref"): element.get("when") for element in feed.iter(TOMBSTONE)}


@pytest.mark.parametrize("field", [{"removed": "true"}, {"published": "false"}])
def test_withdrawn_record_is_told_of_with_the_time_of_the_run(site, field):
    site.write("a.md", record(webUrl="/a", **field))
    assert told(site) == {ID: "2026-11-02T12:00:00Z"}


def test_deleted_record_is_told_of(site):
    (site.folder / "articles/a.md").unlink()
    assert list(told(site)) == [ID]


def test_feeds_that_never_showed_it_tell_nothing(site):
    site.write("c.md", record(title="C", webUrl="/c", topics="[Else]"))
    told(site)
    site.write("a.md", record(webUrl="/a", removed="true"))
    assert told(site, days=2, path="topics/else") == {}


def test_it_is_told_for_the_days_of_the_configuration(site):
    (site.folder / "articles/a.md").unlink()
    assert told(site, days=1)
    assert told(site, days=30)
    assert told(site, days=32) == {}


def test_record_that_returns_is_told_of_no_longer(site):
    site.write("a.md", record(webUrl="/a", removed="true"))
    assert told(site)
    site.write("a.md", record(webUrl="/a"))
    assert told(site, days=2) == {}
    assert f"<id>{ID}</id>" in site.text("all/atom.xml")


def test_record_that_a_rule_passes_over_was_not_withdrawn(site):
    site.configure(CONFIG + "select: {min_quality: 65}\n")
    assert told(site) == {}
    assert ID not in site.text("all/atom.xml")


def test_record_with_the_link_of_another_was_not_withdrawn(site):
    site.write("b.md", record(title="Other", webUrl="/a", quality="70"))
    assert told(site) == {}


def test_the_feed_is_as_new_as_the_withdrawal(site):
    (site.folder / "articles/a.md").unlink()
    told(site)
    feed = etree.fromstring(site.destination.files["all/atom.xml"])
    assert feed.findtext("{http://www.w3.org/2005/Atom}updated") == "2026-11-02T12:00:00Z"
