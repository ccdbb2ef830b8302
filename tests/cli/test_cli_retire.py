"""`feedpub retire` writes into the configuration, and nothing else of it changes."""

import json

import pytest
from support import CONFIG, call_feedpub, record


@pytest.fixture
def site(workspace):
    workspace.write("a.md", record(topics='[Libraries, "C++"]'))
    assert call_feedpub("build", cwd=workspace.folder).returncode == 0
    return workspace


def retire(workspace, *arguments):
    return call_feedpub("retire", *arguments, cwd=workspace.folder)


def config(workspace):
    return (workspace.folder / "config.yaml").read_text("utf-8")


def shown(workspace, path):
    assert call_feedpub("build", cwd=workspace.folder).returncode == 0
    items = json.loads((workspace.folder / "feeds" / path / "feed.json").read_bytes())["items"]
    return [item["title"] for item in items]


@pytest.mark.parametrize("topic", ["libraries", "LIBRARIES", "topics/libraries/"])
def test_topic_is_retired_by_its_name_or_its_path(site, topic):
    said = retire(site, topic).stdout
    assert said == "topics/libraries is retired from the next `feedpub build` on\n"
    assert shown(site, "topics/libraries") == ["This feed has ended"]


def test_retired_feed_is_not_said_to_be_there_until_it_is_pruned(site):
    retire(site, "Libraries")
    site.write("a.md", record(topics='["C++"]'))
    for option in ((), ("--prune",)):
        said = call_feedpub("build", *option, cwd=site.folder).stdout
        assert "kept" not in said
        assert (site.folder / "feeds/topics/libraries/rss.xml").exists()


def test_item_stands_below_all_that_was_there(site):
    before = config(site)
    retire(site, "Libraries", "--to", "https://x.example/a")
    assert config(site) == (
        before.rstrip("\n")
        + '\n\nretired:\n  - feed: "topics/libraries"\n    to: "https://x.example/a"\n'
        "    since: 2026-11-01\n"
    )


def test_second_topic_joins_the_first(site):
    retire(site, "Libraries")
    assert retire(site, "C++").returncode == 0
    assert config(site).count("retired:") == 1
    assert shown(site, "topics/c-cedb1bac") == ["This feed has ended"]
    assert shown(site, "topics/libraries") == ["This feed has ended"]


def test_configuration_of_another_style_is_left_alone(site):
    site.configure(f"{CONFIG}retired: [{{feed: all, since: 2026-01-01}}]\n")
    before = config(site)
    ended = retire(site, "Libraries")
    assert (ended.returncode, config(site)) == (78, before)
    assert 'feed: "topics/libraries"' in ended.stderr


def test_path_of_a_feed_that_nobody_remembers_is_taken_at_its_word(site):
    assert "there is no such feed so far" in retire(site, "topics/lost").stdout
    assert shown(site, "topics/lost") == ["This feed has ended"]


def test_topic_without_a_feed_is_a_mistake(site):
    ended = retire(site, "Nothing")
    assert ended.returncode == 2
    assert "there is no feed of 'Nothing'" in ended.stderr


@pytest.mark.parametrize("address", ["javascript:x", 'https://x.example/"\nlimit: 3'])
def test_address_that_is_none_is_a_mistake(site, address):
    before = config(site)
    assert retire(site, "Libraries", "--to", address).returncode == 78
    assert config(site) == before


def test_mode_of_the_configuration_stays(site):
    location = site.folder / "config.yaml"
    location.chmod(0o640)
    retire(site, "Libraries")
    assert location.stat().st_mode & 0o777 == 0o640
