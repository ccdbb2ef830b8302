"""Feeds name the hubs of the configuration, where who reads them looks for hubs."""

import json

import feedparser
import pytest
from feed_checks import PREFIXES, atom_faults, parse_xml, rss_faults
from jsonfeed_schema import json_feed_faults
from jsonschema import Draft202012Validator
from support import CONFIG, call_feedpub, entry, feed, record

from feedpub.formats import atom, jsonfeed, rss
from feedpub.state import State

HUBS = ("https://hub.example.org/?a=1&b=2", "https://hub.example.net/")
HEARD = CONFIG + f"websub: {{hubs: ['{HUBS[0]}', '{HUBS[1]}']}}\n"


@pytest.fixture
def site(workspace):
    workspace.configure(HEARD)
    workspace.write("a.md", record())
    workspace.state = State.in_memory()
    workspace.build(state=workspace.state)
    return workspace


@pytest.mark.rule(24)
@pytest.mark.rule(99)
def test_rss_names_hubs_beside_its_own_address():
    root = parse_xml(rss.render(feed(entry(), hubs=HUBS)).data)
    links = root.xpath("channel/atom:link[@rel='hub' or @rel='self']", namespaces=PREFIXES)
    assert [(link.get("rel"), link.get("href")) for link in links] == [
        ("self", "https://feeds.example.org/topics/libraries/rss.xml"),
        ("hub", HUBS[0]),
        ("hub", HUBS[1]),
    ]
    assert rss_faults(root) == []
    assert root.findtext("channel/link") == "https://feeds.example.org/topics/libraries/"


@pytest.mark.rule(99)
def test_atom_names_hubs_beside_its_own_address():
    root = parse_xml(atom.render(feed(entry(), hubs=HUBS)).data)
    links = root.xpath("a:link[@rel='hub' or @rel='self']", namespaces=PREFIXES)
    assert [(link.get("rel"), link.get("href")) for link in links] == [
        ("self", "https://feeds.example.org/topics/libraries/atom.xml"),
        ("hub", HUBS[0]),
        ("hub", HUBS[1]),
    ]
    assert atom_faults(root) == []


@pytest.mark.rule(99)
@pytest.mark.rule(107)
def test_json_feed_names_hubs_beside_its_own_address():
    document = json.loads(jsonfeed.render(feed(entry(), hubs=HUBS)).data)
    assert document["feed_url"] == "https://feeds.example.org/topics/libraries/feed.json"
    assert document["hubs"] == [{"type": "WebSub", "url": hub} for hub in HUBS]
    assert json_feed_faults(document) == []


def test_manifest_names_the_hubs_of_the_feeds_if_there_are_any(site):
    manifest, schema = (json.loads(site.text(f"feeds{end}.json")) for end in ("", ".schema"))
    assert manifest["hubs"] == list(HUBS)
    Draft202012Validator(schema).validate(manifest)
    site.configure(CONFIG)
    site.build(state=site.state)
    assert "hubs" not in json.loads(site.text("feeds.json"))


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_feedparser_finds_the_hubs(site, name):
    parsed = feedparser.parse(site.destination.files[f"all/{name}.xml"])
    assert [link.href for link in parsed.feed.links if link.rel == "hub"] == list(HUBS)


@pytest.mark.parametrize("path", ["all/rss.xml", "all/atom.xml", "all/feed.json"])
def test_feeds_are_made_anew_when_hubs_change(site, path):
    before = site.text(path)
    site.configure(CONFIG + f"websub: {{hubs: {HUBS[1]}}}\n")
    site.build(state=site.state)
    assert HUBS[1] in site.text(path)
    assert "hub.example.org" not in site.text(path)
    site.configure(HEARD)
    site.build(state=site.state)
    assert site.text(path) == before


def test_change_of_hubs_makes_no_entry_look_edited(site):
    site.configure(CONFIG)
    report = site.build(state=site.state)
    assert [(c.added, c.changed, c.gone) for c in report.changes] == [(0, 0, 0)] * 3
    assert report.rendered_entries == 0


def test_archives_name_no_hub(workspace):
    workspace.configure(HEARD + "archive: true\nlimit: 1\ngroups: [all]\n")
    for month in (1, 2):
        fields = {"webUrl": f"/{month}", "publishedDateTime": f"2026-0{month}-01T00:00:00Z"}
        workspace.write(f"{month}.md", record(title=f"Article {month}", **fields))
    workspace.build()
    for name in ("rss.xml", "atom.xml", "feed.json"):
        assert "hub.example.net" in workspace.text(f"all/{name}")
        assert "hub.example" not in workspace.text(f"all/archive/2026-01/{name}")


def test_one_hub_may_stand_without_a_list(workspace):
    workspace.configure(CONFIG + "websub: {hubs: https://hub.example.org}\n")
    assert workspace.settings.hubs == ("https://hub.example.org/",)


def test_hub_that_stands_there_twice_is_one(workspace):
    workspace.configure(CONFIG + f"websub: {{hubs: [{HUBS[1]}, {HUBS[1]}]}}\n")
    assert workspace.settings.hubs == HUBS[1:]


@pytest.mark.parametrize("hub", ["hub.example.org", "ftp://hub.example.org/", "javascript:1"])
def test_hub_that_is_no_address_is_a_mistake(workspace, hub):
    workspace.configure(CONFIG + f"websub: {{hubs: ['{hub}']}}\n")
    ended = call_feedpub("check", cwd=workspace.folder)
    assert ended.returncode == 78
    assert "websub.hubs" in ended.stderr
    assert "expected an address" in ended.stderr
