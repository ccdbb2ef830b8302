import json

import pytest
from support import CONFIG, call_feedpub, record


def explain(workspace, *words):
    ended = call_feedpub("explain", *words, cwd=workspace.folder)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


RELATED = """
  - title: Why a library lends drills
    webUrl: https://www.example.net/drills
    provider: {name: Example Net, domain: example.net}
    images: [{url: https://images.example.net/drills.png}]
"""


@pytest.fixture
def site(workspace):
    workspace.write("2026/a.md", record(related=RELATED))
    return workspace


# Listed.


def test_listed_record_is_explained_whole(site):
    assert explain(site, "articles/2026/a.md").splitlines() == [
        "articles/2026/a.md: City libraries lend out repair kits",
        "  id: tag:feeds.example.org,2026:2026/a",
        "  link: https://www.example.com/news/repair-kits",
        "  published: 2026-01-30T13:53:00Z",
        "  picture: https://images.example.net/drills.png (image/png)",
        "  related: Why a library lends drills (Example Net)",
        "  in these feeds:",
        "    all: 1 of 1",
        "    topics/libraries: 1 of 1",
        "    providers/example.com: 1 of 1",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "articles/2026/a.md",
        "./articles/2026/a.md",
        "a.md",
        "tag:feeds.example.org,2026:2026/a",
        "https://www.example.com/news/repair-kits",
    ],
)
def test_record_is_found_by_file_id_or_link(site, name):
    assert explain(site, name).startswith("articles/2026/a.md: City libraries")


def test_record_is_found_by_its_absolute_path(site):
    assert explain(site, f"{site.folder}/articles/2026/a.md").startswith("articles/2026/a.md: ")


def test_record_is_found_by_its_original_address(workspace):
    workspace.write("a.md", record(originalUrl="https://www.example.org/original"))
    assert "articles/a.md: " in explain(workspace, "https://www.example.org/original")


def test_record_without_a_picture_is_said_to_have_none(workspace):
    workspace.write("a.md", record())
    assert "  picture: none\n" in explain(workspace, "a.md")


def test_place_of_a_record_in_each_feed_is_told(site):
    site.write("b.md", record(webUrl="https://www.example.com/b", publishedDateTime="2026-02-01"))
    assert "    all: 2 of 2\n" in explain(site, "articles/2026/a.md")


def test_feed_without_the_record_is_not_named(site):
    site.write("b.md", record(webUrl="https://www.example.com/b", topics="[Repair]"))
    assert "topics/repair" not in explain(site, "articles/2026/a.md")


def test_record_past_the_limit_is_said_not_to_be_shown(site):
    site.configure(CONFIG + "limit: 1\n")
    site.write("b.md", record(webUrl="https://www.example.com/b", publishedDateTime="2026-02-01"))
    assert "    all: 2 of 2, past the limit of 1: not shown\n" in explain(
        site, "articles/2026/a.md"
    )


def test_record_that_stands_for_another_names_it(site):
    site.write("b.md", record(publishedDateTime="2026-02-01"))
    assert "  stands also for articles/b.md: same link\n" in explain(site, "articles/2026/a.md")


def test_every_record_of_that_name_is_explained(site):
    site.write("2025/a.md", record(webUrl="https://www.example.com/b"))
    assert explain(site, "a.md").count("in these feeds:") == 2


def test_record_in_a_data_file_is_found_by_its_id(workspace):
    item = {
        "id": "tag:example.org,2026:x",
        "title": "In a list",
        "webUrl": "https://www.example.com/x",
        "publishedDateTime": "2026-01-01",
    }
    workspace.write("list.json", json.dumps([item]))
    assert "In a list" in explain(workspace, "tag:example.org,2026:x")


def test_records_of_a_data_file_are_found_by_the_file(workspace):
    item = {"title": "In a list", "webUrl": "/x", "publishedDateTime": "2026-01-01"}
    workspace.write("list.json", json.dumps([item]))
    assert "In a list" in explain(workspace, "articles/list.json")


def test_feed_that_is_kept_for_its_subscribers_is_named(site):
    call_feedpub("build", cwd=site.folder)
    site.configure(CONFIG + "groups: [all, topic]\n")
    call_feedpub("build", cwd=site.folder)
    assert "repair kits" in (site.folder / "feeds/providers/example.com/rss.xml").read_text()
    assert "providers/example.com" in explain(site, "a.md")


# Held back.


@pytest.mark.parametrize(
    ("fields", "because"),
    [
        (
            {"published": "false"},
            "`published: false`; --unpublished or select: {unpublished: true}",
        ),
        ({"draft": "true"}, "`draft: true`"),
        ({"removed": "true"}, "`removed: true` or `deleted: true`; such a record never appears"),
        ({"deleted": "true"}, "`removed: true` or `deleted: true`; such a record never appears"),
        ({"published": "perhaps"}, "published, draft, removed or deleted is no clear yes or no"),
        ({"publishedDateTime": "2026-12-24"}, "its date is in the future"),
    ],
)
def test_withheld_record_is_explained_with_its_reason(workspace, fields, because):
    workspace.write("a.md", record(**fields))
    said = explain(workspace, "articles/a.md")
    assert said.startswith("articles/a.md: City libraries lend out repair kits\n")
    assert f"  held back: {because}" in said
    assert "in these feeds" not in said


@pytest.mark.parametrize(
    ("rule", "because"),
    [
        ("{min_heat: 3}", "below min_heat"),
        ("{min_quality: 3}", "below min_quality"),
        ("{max_age: 30d}", "older than max_age"),
        ("{types: [video]}", "type not selected"),
        ("{languages: [de]}", "language not selected"),
        ("{topics: {exclude: [Libraries]}}", "topic not selected"),
        ("{providers: {exclude: [example.com]}}", "provider not selected"),
    ],
)
def test_record_that_is_not_selected_is_explained_with_the_rule(workspace, rule, because):
    workspace.configure(CONFIG + f"select: {rule}\n")
    workspace.write("a.md", record())
    said = explain(workspace, "a.md")
    assert f"  held back: {because} (a select: rule of the configuration)\n" in said


def test_unpublished_record_is_explained_as_if_it_were_published(workspace):
    workspace.write("a.md", record(published="false"))
    assert "    all: 1 of 1\n" in explain(workspace, "a.md", "--unpublished")


# Merged, unusable, unknown.


def test_merged_record_is_explained_with_what_stands_for_it(site):
    site.write("b.md", record(publishedDateTime="2026-02-01"))
    said = explain(site, "articles/b.md")
    assert "  merged into articles/2026/a.md: same link\n" in said
    assert "in these feeds" not in said


def test_link_of_merged_records_finds_them_both(site):
    site.write("b.md", record(publishedDateTime="2026-02-01"))
    said = explain(site, "https://www.example.com/news/repair-kits")
    assert "merged into" in said
    assert "in these feeds:" in said


@pytest.mark.parametrize("name", ["articles/b.md", "b.md"])
def test_record_that_cannot_be_used_is_explained_with_its_problem(site, name):
    site.write("b.md", record(title=None))
    assert "articles/b.md: cannot be used: articles/b.md:1: no title" in explain(site, name)


def test_record_that_is_withheld_and_cannot_be_used_is_explained(site):
    site.write("b.md", record(title=None, published="false"))
    assert "b.md" in explain(site, "articles/b.md")


@pytest.mark.parametrize("name", ["articles/none.md", "https://www.example.com/none", "d.md", ""])
def test_unknown_record_is_a_wrong_command_line(site, name):
    site.write("abcd.md", record(webUrl="https://www.example.com/abcd"))
    ended = call_feedpub("explain", name, cwd=site.folder)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "no record has this file, id or link" in ended.stderr


def test_explaining_writes_nothing(site):
    before = sorted(site.folder.rglob("*"))
    explain(site, "a.md")
    assert sorted(site.folder.rglob("*")) == before


def test_what_is_secured_is_not_explained(workspace):
    workspace.write("a.md", record(secured='"CANARY4JkpfCG5Xq8vJc2"', title=None))
    assert "CANARY" not in explain(workspace, "a.md")


# Stories.


def tells_of(*names):
    items = "".join(
        f"  - {{title: {name}, webUrl: 'https://www.example.com/{name}'}}\n" for name in names
    )
    return f"\n{items}"


def write_story(workspace, name, *others, **fields):
    workspace.write(
        f"{name}.md",
        record(
            title=name,
            webUrl=f"https://www.example.com/{name}",
            related=tells_of(*others),
            **fields,
        ),
    )


@pytest.fixture
def story(workspace):
    write_story(workspace, "one", "two", quality="10", publishedDateTime="2026-01-02")
    write_story(workspace, "two", "one", quality="20", publishedDateTime="2026-01-03")
    return workspace


def test_record_of_a_story_is_explained_with_it(story):
    lines = explain(story, "one.md").splitlines()
    assert "  story: 2 records from 1 outlet, as tag:feeds.example.org,2026:one" in lines
    assert "  led by articles/two.md: two" in lines
    assert "    all: 1 of 1" in lines


def test_what_earlier_runs_remember_is_explained(story):
    assert call_feedpub("build", cwd=story.folder).returncode == 0
    write_story(story, "zero", "one", "two", publishedDateTime="2026-01-01")
    write_story(story, "one", "zero", "two", quality="10", publishedDateTime="2026-01-02")
    write_story(story, "two", "zero", "one", quality="20", publishedDateTime="2026-01-03")
    said = explain(story, "zero.md")
    assert "story: 3 records from 1 outlet, as tag:feeds.example.org,2026:one" in said


def test_explaining_leaves_the_memory_as_it_is(story):
    assert call_feedpub("build", cwd=story.folder).returncode == 0
    state = story.folder / ".feedpub/state.sqlite3"
    before = state.read_bytes()
    write_story(story, "three", "one", publishedDateTime="2026-01-04")
    explain(story, "three.md")
    assert state.read_bytes() == before
