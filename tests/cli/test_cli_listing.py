import json

import pytest
from support import CONFIG, call_feedpub, record


@pytest.fixture
def site(workspace):
    workspace.configure(CONFIG + "named: {hot: {min_heat: 10, title: Most discussed}}\n")
    for number, topics, name in (
        (1, "[Repair, C++]", "Example Daily"),
        (2, "[repair]", "Example Daily"),
        (3, "[Repair]", "Example%2c Daily"),
    ):
        workspace.write(
            f"{number}.md",
            record(
                webUrl=f"https://www.example.com/{number}",
                publishedDateTime=f"2026-01-0{number}",
                topics=topics,
                provider=f'{{name: "{name}", domain: example.com}}',
            ),
        )
    workspace.write(
        "hidden.md",
        record(published="false", topics="[Hidden]", provider="{domain: h.example.org}"),
    )
    return workspace


def listing(workspace, what, *options):
    ended = call_feedpub("list", what, *options, cwd=workspace.folder)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


def rows(workspace, what, *options):
    return json.loads(listing(workspace, what, "--format", "json", *options))


def test_topics_are_listed_with_count_path_name_and_spellings(site):
    assert rows(site, "topics") == [
        {"articles": 1, "path": "topics/c-cedb1bac", "name": "C++", "spellings": {"C++": 1}},
        {
            "articles": 3,
            "path": "topics/repair",
            "name": "Repair",
            "spellings": {"Repair": 2, "repair": 1},
        },
    ]


def test_topics_are_listed_for_people(site):
    assert listing(site, "topics").splitlines() == [
        "     1  topics/c-cedb1bac  C++",
        "     3  topics/repair      Repair; also: repair (1)",
    ]


def test_providers_are_listed_with_count_path_name_and_spellings(site):
    assert rows(site, "providers") == [
        {
            "articles": 3,
            "path": "providers/example.com",
            "name": "Example Daily",
            "spellings": {"Example Daily": 2, "Example, Daily": 1},
        }
    ]


def test_providers_are_listed_for_people(site):
    assert listing(site, "providers") == (
        "     3  providers/example.com  Example Daily; also: Example, Daily (1)\n"
    )


def test_feeds_are_listed_with_count_path_and_name(site):
    assert rows(site, "feeds") == [
        {"articles": 3, "path": "all", "name": "Example Every Day"},
        {"articles": 1, "path": "topics/c-cedb1bac", "name": "C++"},
        {"articles": 3, "path": "topics/repair", "name": "Repair"},
        {"articles": 3, "path": "providers/example.com", "name": "Example Daily"},
        {"articles": 0, "path": "hot", "name": "Most discussed"},
    ]


def test_feeds_are_listed_for_people(site):
    lines = listing(site, "feeds").splitlines()
    assert lines[0].split(maxsplit=2) == ["3", "all", "Example Every Day"]
    assert len(lines) == 5


@pytest.mark.parametrize("what", ["topics", "providers"])
def test_what_is_withheld_is_not_listed(site, what):
    assert "idden" not in listing(site, what)
    assert "h.example.org" not in listing(site, what)


def test_what_is_unpublished_is_listed_on_demand(site):
    assert "topics/hidden" in [row["path"] for row in rows(site, "topics", "--unpublished")]


def test_topic_of_the_configuration_is_listed_without_articles(workspace):
    workspace.configure(CONFIG + "topics: [{name: Künstliche Intelligenz, slug: ki}]\n")
    assert rows(workspace, "topics") == [
        {"articles": 0, "path": "topics/ki", "name": "Künstliche Intelligenz", "spellings": {}}
    ]


@pytest.mark.parametrize("what", ["topics", "providers"])
def test_list_of_nothing_is_empty(workspace, what):
    assert listing(workspace, what) == ""
    assert rows(workspace, what) == []


def test_article_that_names_a_topic_twice_counts_once(workspace):
    workspace.write("a.md", record(topics="[Repair, repair]"))
    assert [row["articles"] for row in rows(workspace, "topics")] == [1]


def test_listing_writes_nothing(site):
    before = sorted(site.folder.rglob("*"))
    listing(site, "feeds")
    assert sorted(site.folder.rglob("*")) == before


def test_problem_of_a_record_is_not_the_matter_of_a_list(site):
    site.write("broken.md", record(title=None))
    assert len(rows(site, "topics")) == 2


def test_name_cannot_move_the_cursor(workspace):
    workspace.write("a.md", record(topics='["Repair \\e[31m\\u202e"]'))
    assert listing(workspace, "topics").rstrip("\n").isprintable()


def test_feed_that_is_kept_for_its_subscribers_is_listed(site):
    call_feedpub("build", cwd=site.folder)
    site.write("1.md", record(topics="[Repair]"))
    call_feedpub("build", cwd=site.folder)
    assert (site.folder / "feeds/topics/c-cedb1bac/rss.xml").exists()
    assert "topics/c-cedb1bac" in listing(site, "feeds")
