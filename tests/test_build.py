import errno
import json
import os
import shutil
import time
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree
from support import CONFIG, NOW, MemoryDestination, Workspace, record

from feedpub import build as build_module
from feedpub.compose import FORMAT_FILES
from feedpub.destinations.directory import Directory
from feedpub.errors import ConfigError, OutputError
from feedpub.slugs import ROOT_FILES, suffixed

ATOM = "{http://www.w3.org/2005/Atom}"


def numbered(number, **fields):
    """Return a record with an address and a day of its own; a higher number is newer."""
    defaults = {
        "title": f'"Number {number}"',
        "webUrl": f'"https://www.example.com/news/{number}"',
        "publishedDateTime": f"2026-01-{number:02}T12:00:00Z",
    }
    return record(**(defaults | fields))


def items(workspace, path="all"):
    return json.loads(workspace.text(f"{path}/feed.json"))["items"]


def titles(workspace, path="all"):
    return [item["title"] for item in items(workspace, path)]


def paths(report):
    return [group.path for group in report.groups]


def listed(workspace, **options):
    return [article.title for article in workspace.build(**options).survey.corpus.listed]


def findings(report):
    return [problem for problem in report.survey.problems if problem.severity != "note"]


def manifest(workspace):
    return {feed["path"]: feed for feed in json.loads(workspace.text("feeds.json"))["feeds"]}


# What comes out, and in which order.


def test_every_feed_has_its_formats_and_a_page(workspace):
    workspace.write("a.md", record())
    workspace.build()
    assert {path for path in workspace.destination.files if path.startswith("all/")} == {
        "all/rss.xml", "all/atom.xml", "all/feed.json", "all/index.html",
    }  # fmt: skip


def test_site_has_an_index_a_manifest_and_an_opml(workspace):
    workspace.write("a.md", record())
    workspace.build()
    roots = {path for path in workspace.destination.files if "/" not in path}
    assert roots >= {"index.html", "feeds.json", "feeds.opml"}


def test_no_folder_can_be_called_like_a_file_at_the_root(workspace):
    workspace.build()
    assert {path for path in workspace.destination.files if "/" not in path} == ROOT_FILES


def test_site_without_records_has_its_feed_of_everything(workspace):
    assert paths(workspace.build()) == ["all"]
    assert items(workspace) == []


def handed_over(workspace):
    """Return the paths of a build in the order in which the destination got them."""
    order = []

    class Recorder(MemoryDestination):
        def publish(self, documents, *, prune, kept=()):
            documents = list(documents)
            order.extend(document.path for document in documents)
            return super().publish(documents, prune=prune, kept=kept)

    workspace.destination = Recorder()
    workspace.build()
    return order


def test_feeds_are_handed_over_before_what_points_to_them(workspace):
    workspace.write("a.md", record())
    order = handed_over(workspace)
    roots = [path for path in order if path in {"feeds.opml", "feeds.json", "index.html"}]
    assert roots == ["feeds.opml", "feeds.json", "index.html"]
    assert order[-3:] == roots


def test_page_of_a_feed_is_handed_over_after_its_formats(workspace):
    workspace.write("a.md", record())
    order = [path for path in handed_over(workspace) if path.startswith("all/")]
    assert order[-1] == "all/index.html"
    assert sorted(order[:-1]) == ["all/atom.xml", "all/feed.json", "all/rss.xml"]


def test_no_path_is_handed_over_twice(workspace):
    workspace.write("a.md", record())
    workspace.write("b.md", numbered(2, topics="[Repair, C, C++, c]"))
    order = handed_over(workspace)
    assert len(set(order)) == len(order)


def test_groups_come_by_kind_then_by_path(workspace):
    workspace.configure(
        CONFIG + "min_entries: 1\nnamed: {hot: {min_heat: 0}, best: {min_quality: 0}}\n"
    )
    workspace.write("a.md", numbered(1, topics="[Repair, Libraries]"))
    workspace.write("b.md", numbered(2, provider="{name: B, domain: b.example.org}"))
    assert paths(workspace.build()) == [
        "all",
        "topics/libraries",
        "topics/repair",
        "providers/b.example.org",
        "providers/example.com",
        "topics/libraries/b.example.org",
        "topics/libraries/example.com",
        "topics/repair/example.com",
        "best",
        "hot",
    ]


def test_second_build_writes_nothing(workspace):
    workspace.write("a.md", record())
    workspace.build()
    outcome = workspace.build(now=NOW + timedelta(days=400)).outcome
    assert (outcome.written, outcome.obsolete) == ((), ())


def test_order_in_which_files_were_made_does_not_matter(tmp_path):
    made = []
    for names in (["a", "b", "c"], ["c", "a", "b"]):
        folder = tmp_path / "".join(names)
        folder.mkdir()
        workspace = Workspace(folder)
        for name in names:
            workspace.write(f"{name}.md", record(webUrl=f"https://www.example.com/{name}"))
        workspace.build()
        made.append(workspace.destination.files)
    assert made[0] == made[1]


def test_entries_are_newest_first(workspace):
    for number in (2, 3, 1):
        workspace.write(f"{number}.md", numbered(number))
    workspace.build()
    assert titles(workspace) == ["Number 3", "Number 2", "Number 1"]


def test_report_counts_feeds_that_changed_in_any_format(workspace):
    workspace.write("a.md", numbered(1))
    workspace.write("b.md", numbered(2, topics="[Repair]"))
    assert workspace.build().written_feeds == 4
    workspace.write("b.md", numbered(2, topics="[Repair]", title='"Changed"'))
    assert workspace.build().written_feeds == 3  # but for topics/libraries


# Feeds that no longer belong.


@pytest.fixture
def emptied(workspace):
    """A workspace whose topic lost its only record."""
    workspace.write("a.md", numbered(1))
    repair = workspace.write("b.md", numbered(2, topics="[Repair]"))
    workspace.build()
    repair.unlink()
    return workspace


def test_emptied_topic_keeps_its_feed_without_entries(emptied):
    emptied.build()
    assert items(emptied, "topics/repair") == []


def test_emptied_topic_keeps_its_title(emptied):
    before = json.loads(emptied.text("topics/repair/feed.json"))["title"]
    emptied.build()
    assert json.loads(emptied.text("topics/repair/feed.json"))["title"] == before


def test_emptied_topic_keeps_its_date(emptied):
    emptied.build()
    feed = etree.fromstring(emptied.destination.files["topics/repair/atom.xml"])
    assert feed.findtext(f"{ATOM}updated") == "2026-01-02T12:00:00Z"


def test_emptied_topic_keeps_its_id(emptied):
    def atom_id():
        feed = etree.fromstring(emptied.destination.files["topics/repair/atom.xml"])
        return feed.findtext(f"{ATOM}id")

    before = atom_id()
    emptied.build()
    assert atom_id() == before


def test_emptied_topic_is_valid_in_every_format(emptied):
    emptied.build()
    channel = etree.fromstring(emptied.destination.files["topics/repair/rss.xml"]).find("channel")
    assert channel.findtext("title")
    assert channel.findtext("link") == "https://feeds.example.org/topics/repair/"
    assert channel.findtext("description") == "No current articles"
    assert channel.findall("item") == []


def test_emptied_topic_is_reported(emptied):
    assert [group.path for group in emptied.build().kept] == ["topics/repair"]


def test_emptied_topic_is_marked_in_the_manifest(emptied):
    emptied.build()
    assert manifest(emptied)["topics/repair"]["standing"] == "kept"
    assert manifest(emptied)["topics/libraries"]["standing"] == "current"


def test_emptied_topic_stays_the_same_in_later_runs(emptied):
    emptied.build()
    assert emptied.build().outcome.written == ()


def test_emptied_topic_is_taken_up_again(emptied):
    emptied.build()
    emptied.write("b.md", numbered(2, topics="[Repair]"))
    assert emptied.build().kept == ()
    assert titles(emptied, "topics/repair") == ["Number 2"]


def test_emptied_topic_is_pruned_on_demand(emptied):
    emptied.build()
    report = emptied.build(prune=True)
    assert "topics/repair" not in paths(report)
    assert "topics/repair/rss.xml" in report.outcome.removed
    assert "topics/repair/rss.xml" not in emptied.destination.files


def test_pruned_topic_does_not_come_back(emptied):
    emptied.build(prune=True)
    assert "topics/repair" not in paths(emptied.build())


def test_emptied_provider_keeps_its_feed(workspace):
    workspace.write("a.md", numbered(1))
    gone = workspace.write("b.md", numbered(2, provider="{name: B, domain: b.example.org}"))
    workspace.build()
    gone.unlink()
    assert [group.path for group in workspace.build().kept] == ["providers/b.example.org"]
    assert "B – " in workspace.text("providers/b.example.org/rss.xml")


def test_emptied_site_keeps_all_its_feeds(workspace):
    only = workspace.write("a.md", record())
    before = paths(workspace.build())
    only.unlink()
    assert paths(workspace.build()) == before


def pair(workspace, numbers):
    for number in range(1, 7):
        location = workspace.folder / "articles" / f"{number}.md"
        location.unlink(missing_ok=True)
        if number in numbers:
            workspace.write(f"{number}.md", numbered(number))


def test_pair_of_topic_and_provider_has_a_feed_from_five_entries_on(workspace):
    pair(workspace, range(1, 5))
    assert "topics/libraries/example.com" not in paths(workspace.build())
    pair(workspace, range(1, 6))
    assert "topics/libraries/example.com" in paths(workspace.build())


def test_pair_that_fell_below_the_threshold_keeps_its_entries(workspace):
    pair(workspace, range(1, 6))
    workspace.build()
    pair(workspace, [2, 4])
    report = workspace.build()
    assert titles(workspace, "topics/libraries/example.com") == ["Number 4", "Number 2"]
    assert [group.path for group in report.kept] == ["topics/libraries/example.com"]


def test_pair_that_fell_below_the_threshold_is_pruned_on_demand(workspace):
    pair(workspace, range(1, 6))
    workspace.build()
    pair(workspace, [2, 4])
    assert "topics/libraries/example.com" not in paths(workspace.build(prune=True))


def test_group_removed_from_the_configuration_keeps_its_entries(workspace):
    workspace.write("a.md", record())
    workspace.build()
    workspace.configure(CONFIG + "groups: [all, topic]\n")
    report = workspace.build()
    assert [group.path for group in report.kept] == ["providers/example.com"]
    assert len(items(workspace, "providers/example.com")) == 1


def test_named_feed_removed_from_the_configuration_stays_empty(workspace):
    workspace.write("a.md", record(heat=300))
    workspace.configure(CONFIG + "named: {hot: {min_heat: 200, title: Most discussed}}\n")
    workspace.build()
    workspace.configure(CONFIG)
    workspace.build()
    assert items(workspace, "hot") == []
    assert "Most discussed" in workspace.text("hot/rss.xml")


def test_format_removed_from_the_configuration_is_still_published(workspace):
    workspace.write("a.md", numbered(1))
    workspace.build()
    workspace.configure(CONFIG + "formats: [rss]\n")
    workspace.write("b.md", numbered(2))
    workspace.build()
    assert titles(workspace) == ["Number 2", "Number 1"]
    assert "Number 2" in workspace.text("all/atom.xml")


def test_format_removed_from_the_configuration_goes_when_pruned(workspace):
    workspace.write("a.md", numbered(1))
    workspace.build()
    workspace.configure(CONFIG + "formats: [rss]\n")
    workspace.build(prune=True)
    assert not [path for path in workspace.destination.files if path.endswith("/feed.json")]
    assert "feed.json" not in workspace.text("all/index.html")


def test_feed_that_begins_after_a_format_was_removed_does_not_have_it(workspace):
    workspace.write("a.md", numbered(1))
    workspace.build()
    workspace.configure(CONFIG + "formats: [rss]\n")
    workspace.write("b.md", numbered(2, topics="[Repair]"))
    workspace.build()
    assert "topics/repair/rss.xml" in workspace.destination.files
    assert "topics/repair/feed.json" not in workspace.destination.files


@pytest.mark.parametrize("name", FORMAT_FILES)
def test_one_format_is_enough(workspace, name):
    workspace.configure(CONFIG + f"formats: {name}\n")
    workspace.write("a.md", record())
    workspace.build()
    made = {path for path in workspace.destination.files if path.startswith("all/")}
    assert made == {f"all/{FORMAT_FILES[name]}", "all/index.html"}


def test_site_without_any_feed_is_no_failure(workspace):
    workspace.configure(CONFIG + "groups: topic\n")
    assert workspace.build().groups == ()


def test_manifest_that_was_tampered_with_leads_nowhere_and_fails_nothing(workspace, tmp_path):
    workspace.write("a.md", record())

    def publish():
        return build_module.build(
            workspace.settings, Directory(tmp_path / "feeds", "feeds"), now=NOW
        )

    publish()
    listing = tmp_path / "feeds/feeds.json"
    listing.write_text(listing.read_text().replace('"topics/libraries"', '"../outside"'))
    publish()
    assert not (tmp_path / "outside").exists()


# Where the output is all that is left of earlier runs.


def tree(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_clone_with_the_output_but_no_state_converges(workspace, tmp_path):
    workspace.write("a.md", numbered(1))
    gone = workspace.write("b.md", numbered(2, topics="[Repair]"))
    build_module.build(workspace.settings, Directory(tmp_path / "feeds", "feeds"), now=NOW)
    gone.unlink()
    shutil.copytree(tmp_path / "feeds", tmp_path / "clone")
    for name in ("feeds", "clone"):
        build_module.build(workspace.settings, Directory(tmp_path / name, name), now=NOW)
    assert tree(tmp_path / "clone") == tree(tmp_path / "feeds")
    assert (tmp_path / "clone/topics/repair/rss.xml").exists()


def test_output_made_anew_is_the_same(workspace, tmp_path):
    for number in range(1, 4):
        workspace.write(f"{number}.md", numbered(number))
        build_module.build(workspace.settings, Directory(tmp_path / "grown", "g"), now=NOW)
    build_module.build(workspace.settings, Directory(tmp_path / "fresh", "f"), now=NOW)
    assert tree(tmp_path / "fresh") == tree(tmp_path / "grown")


def test_failed_build_leaves_what_was_published(workspace, tmp_path, monkeypatch):
    def no_space(_descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    workspace.write("a.md", numbered(1))
    build_module.build(workspace.settings, Directory(tmp_path / "feeds", "feeds"), now=NOW)
    before = tree(tmp_path / "feeds")
    workspace.write("b.md", numbered(2))
    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OutputError):
        build_module.build(workspace.settings, Directory(tmp_path / "feeds", "feeds"), now=NOW)
    assert tree(tmp_path / "feeds") == before


# Sources.


def test_missing_folder_below_a_missing_folder_is_a_mistake_of_the_configuration(workspace):
    workspace.configure(CONFIG.replace("articles/", "export/2026/"))
    with pytest.raises(ConfigError, match=r"config\.yaml.*sources\[0\].*export/2026/"):
        workspace.build()


def test_missing_source_folder_is_a_mistake_of_the_configuration(workspace):
    workspace.configure(CONFIG.replace("articles/", "articlse/"))
    with pytest.raises(ConfigError, match=r"config\.yaml.*sources\[0\].*articlse/"):
        workspace.build()


def test_missing_source_folder_empties_no_feed(workspace):
    workspace.write("a.md", record())
    workspace.build()
    workspace.folder.joinpath("articles").rename(workspace.folder / "gone")
    with pytest.raises(ConfigError):
        workspace.build()
    assert len(items(workspace)) == 1


@pytest.mark.parametrize("key", ["topics", "providers"])
def test_missing_folder_of_metadata_is_a_mistake_of_the_configuration(workspace, key):
    workspace.configure(CONFIG + f"{key}: metadata/\n")
    with pytest.raises(ConfigError, match="metadata/"):
        workspace.build()


def test_missing_source_is_named_with_its_line(workspace):
    workspace.configure(CONFIG.replace("articles/", "export/2026/"))
    with pytest.raises(ConfigError, match=r"config\.yaml:\d+: "):
        workspace.build()


def test_every_missing_source_is_named_at_once(workspace):
    workspace.configure(CONFIG.replace("- articles/", "- one/export/\n  - two/export/"))
    with pytest.raises(ConfigError) as raised:
        workspace.build()
    assert len(raised.value.mistakes) == 2


def test_overlapping_sources_are_read_once(workspace):
    workspace.configure(
        CONFIG.replace("- articles/", "- articles/\n  - articles/*.md\n  - articles/a.md")
    )
    workspace.write("a.md", record())
    report = workspace.build()
    assert report.survey.records == 1
    assert findings(report) == []


def test_glob_is_a_source(workspace):
    workspace.configure(CONFIG.replace("articles/", "articles/**/news-*.md"))
    workspace.write("2026/news-1.md", numbered(1))
    workspace.write("2026/other.md", numbered(2))
    assert listed(workspace) == ["Number 1"]


def test_single_file_is_a_source(workspace):
    workspace.configure(CONFIG.replace("articles/", "articles/a.md"))
    workspace.write("a.md", numbered(1))
    workspace.write("b.md", numbered(2))
    assert listed(workspace) == ["Number 1"]


def test_excluded_files_are_not_read(workspace):
    workspace.configure(
        CONFIG.replace("- articles/", '- {path: articles/, exclude: [README.md, "drafts/*"]}')
    )
    workspace.write("a.md", numbered(1))
    workspace.write("README.md", "no record")
    workspace.write("drafts/b.md", numbered(2))
    report = workspace.build()
    assert (report.survey.records, findings(report)) == (1, [])


def test_output_folder_inside_a_source_is_not_read(workspace, tmp_path):
    workspace.configure(CONFIG + "output: articles/feeds/\n")
    workspace.write("a.md", record())
    for _ in range(2):
        destination = Directory(tmp_path / "articles/feeds", "articles/feeds")
        report = build_module.build(workspace.settings, destination, now=NOW)
    assert report.survey.records == 1


def two_sources(workspace, more="- more/"):
    workspace.configure(CONFIG.replace("- articles/", f"- articles/\n  {more}"))
    workspace.folder.joinpath("more").mkdir()
    workspace.folder.joinpath("more/a.md").write_text(numbered(2, quality=5))
    workspace.write("a.md", numbered(1, quality=9))


def test_same_id_from_two_sources_is_a_warning(workspace):
    two_sources(workspace)
    (problem,) = findings(workspace.build())
    assert (problem.code, problem.severity) == ("same-id", "warning")
    assert problem.source == "more/a.md"
    assert "articles/a.md" in problem.message


def test_same_id_from_two_sources_is_one_entry(workspace):
    two_sources(workspace)
    assert listed(workspace) == ["Number 1"]


def test_prefix_keeps_the_ids_of_two_sources_apart(workspace):
    two_sources(workspace, "- {path: more/, prefix: more/}")
    report = workspace.build()
    assert findings(report) == []
    assert sorted(item["id"] for item in items(workspace)) == [
        "tag:feeds.example.org,2026:a",
        "tag:feeds.example.org,2026:more/a",
    ]


def test_link_template_gives_a_record_its_address(workspace):
    workspace.configure(
        CONFIG.replace(
            "- articles/",
            "- {path: articles/, link: 'https://blog.example.org/{year}/{month}/{day}/{slug}/'}",
        )
    )
    workspace.write("2026-01-30-Repair Kits.md", record(webUrl=None))
    workspace.build()
    assert items(workspace)[0]["url"] == "https://blog.example.org/2026/01/30/Repair%20Kits/"


def test_link_template_knows_path_and_name(workspace):
    workspace.configure(
        CONFIG.replace("- articles/", "- {path: articles/, link: '/news/{path}#{name}'}")
    )
    workspace.write("2026/kits.md", record(webUrl=None))
    workspace.build()
    assert items(workspace)[0]["url"] == "https://feeds.example.org/news/2026/kits#kits"


def test_link_template_does_not_replace_an_address(workspace):
    workspace.configure(
        CONFIG.replace("- articles/", "- {path: articles/, link: 'https://x.example.org/{slug}'}")
    )
    workspace.write("a.md", record())
    workspace.build()
    assert items(workspace)[0]["url"] == "https://www.example.com/news/repair-kits"


# Records of several kinds, side by side.


def test_records_of_every_kind_of_file_stand_side_by_side(workspace):
    def data(number):
        return {
            "title": f"Number {number}",
            "webUrl": f"https://www.example.com/{number}",
            "publishedDateTime": f"2026-01-{number:02}T12:00:00Z",
            "id": f"tag:example.org,2026:{number}",
        }

    workspace.write("1.md", numbered(1))
    workspace.write("2.html", numbered(2, body="<p>HTML</p>"))
    workspace.write("3.yaml", numbered(3).replace("---\n", ""))
    workspace.write("4.yaml", "\n".join(f"- {json.dumps(data(n))}" for n in (4, 5)))
    workspace.write("6.yml", numbered(6) + numbered(7).removeprefix("---\n"))
    workspace.write("8.json", json.dumps(data(8)))
    workspace.write("9.json", json.dumps([data(9), data(10)]))
    workspace.write("11.json", json.dumps({"value": [data(11)]}))
    workspace.write("12.json", json.dumps({"items": [data(12)]}))
    workspace.write("13.jsonl", "\n".join(json.dumps(data(n)) for n in (13, 14)) + "\n")
    report = workspace.build()
    assert findings(report) == []
    assert titles(workspace) == [f"Number {n}" for n in range(14, 0, -1)]


def test_hugo_names_are_known(workspace):
    workspace.write(
        "post.md",
        "---\n"
        "title: A Hugo post\n"
        "date: 2026-01-02T10:00:00+01:00\n"
        "lastmod: 2026-01-03\n"
        "draft: false\n"
        "description: About it\n"
        "tags: [Repair, Libraries]\n"
        "images: [https://images.example.com/cover.png]\n"
        "author: Ada Example\n"
        "link: https://blog.example.org/post/\n"
        "---\n"
        "The *body*.\n",
    )
    workspace.build()
    (item,) = items(workspace)
    assert item["title"] == "A Hugo post"
    assert item["date_published"] == "2026-01-02T09:00:00Z"
    assert item["date_modified"] == "2026-01-03T00:00:00Z"
    assert item["summary"] == "About it"
    assert item["tags"] == ["Repair", "Libraries"]
    assert item["image"] == "https://images.example.com/cover.png"
    assert item["authors"] == [{"name": "Ada Example"}]
    assert item["url"] == "https://blog.example.org/post/"
    assert "<em>body</em>" in item["content_html"]


def test_hugo_draft_is_held_back(workspace):
    workspace.write("post.md", numbered(1, draft="true"))
    assert workspace.build().survey.held_back == {"draft": 1}


def test_jekyll_names_are_known(workspace):
    workspace.configure(CONFIG.replace("- articles/", "- {path: _posts/, link: '/{slug}.html'}"))
    workspace.folder.joinpath("_posts").mkdir()
    workspace.folder.joinpath("_posts/2026-01-02-a-post.markdown").write_text(
        "---\n"
        "layout: post\n"
        "title: A Jekyll post\n"
        "date: 2026-01-02 10:00:00 +0100\n"
        "last_modified_at: 2026-01-04\n"
        "excerpt: About it\n"
        "categories: [Repair]\n"
        "image: https://images.example.com/cover.png\n"
        "lang: de\n"
        "---\n"
        "Text\n"
    )
    workspace.build()
    (item,) = items(workspace)
    assert item["url"] == "https://feeds.example.org/a-post.html"
    assert item["date_published"] == "2026-01-02T09:00:00Z"
    assert item["date_modified"] == "2026-01-04T00:00:00Z"
    assert item["tags"] == ["Repair"]
    assert item["language"] == "de"


def test_jekyll_post_that_is_not_published_is_held_back(workspace):
    workspace.write("a.md", numbered(1, published="false"))
    assert workspace.build().survey.held_back == {"unpublished": 1}


def test_eleventy_data_file_is_read(workspace):
    workspace.write(
        "a.json",
        json.dumps(
            {
                "title": "An Eleventy page",
                "date": "2026-01-02",
                "permalink": "/posts/a/",
                "tags": "Repair",
                "summary": "About it",
            }
        ),
    )
    workspace.build()
    (item,) = items(workspace)
    assert (item["url"], item["tags"], item["summary"]) == (
        "https://feeds.example.org/posts/a/",
        ["Repair"],
        "About it",
    )


def test_json_feed_is_read(workspace):
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Another feed",
        "items": [
            {
                "id": "https://blog.example.org/1",
                "url": "https://blog.example.org/1",
                "external_url": "https://www.example.net/original",
                "title": "An item",
                "content_html": "<p>Its <b>text</b></p>",
                "summary": "About it",
                "image": "https://images.example.com/1.png",
                "date_published": "2026-01-02T10:00:00Z",
                "date_modified": "2026-01-03T10:00:00Z",
                "authors": [{"name": "Ada Example", "url": "https://ada.example.org/"}],
                "tags": ["Repair"],
                "language": "de",
            }
        ],
    }
    workspace.write("feed.json", json.dumps(feed))
    workspace.build()
    (item,) = items(workspace)
    given = feed["items"][0]
    kept = set(given) - {"content_html", "date_published", "date_modified"}
    assert {key: item[key] for key in kept} == {key: given[key] for key in kept}
    assert item["date_modified"] == "2026-01-03T10:00:00Z"
    assert "<p>Its <b>text</b></p>" in item["content_html"]


def test_fields_of_ones_own_are_mapped(workspace):
    workspace.configure(CONFIG + "fields: {title: headline, excerpt: teaser}\n")
    workspace.write("a.md", record(title=None, excerpt=None, headline="Mine", teaser="About it"))
    workspace.build()
    (item,) = items(workspace)
    assert (item["title"], item["summary"]) == ("Mine", "About it")


def test_dotted_path_goes_into_nested_records(workspace):
    workspace.configure(CONFIG + "fields: {title: meta.texts.headline, webUrl: meta.link}\n")
    workspace.write(
        "a.md",
        record(
            title=None,
            webUrl=None,
            meta="{link: 'https://x.example.org/a', texts: {headline: Mine}}",
        ),
    )
    workspace.build()
    (item,) = items(workspace)
    assert (item["title"], item["url"]) == ("Mine", "https://x.example.org/a")


def test_mapped_field_comes_before_the_known_one(workspace):
    workspace.configure(CONFIG + "fields: {title: headline}\n")
    workspace.write("a.md", record(headline="Mine"))
    assert listed(workspace) == ["Mine"]


def test_known_field_stands_in_for_a_mapped_one_that_is_missing(workspace):
    workspace.configure(CONFIG + "fields: {title: headline}\n")
    workspace.write("a.md", record(title="Known"))
    assert listed(workspace) == ["Known"]


def test_fields_of_a_source_are_for_this_source_alone(workspace):
    workspace.configure(
        CONFIG.replace("- articles/", "- articles/\n  - {path: more/, fields: {title: headline}}")
    )
    workspace.folder.joinpath("more").mkdir()
    workspace.folder.joinpath("more/b.md").write_text(numbered(2, headline="Mapped"))
    workspace.write("a.md", numbered(1, headline="Not mapped"))
    assert listed(workspace) == ["Mapped", "Number 1"]


def test_fields_of_a_source_come_before_those_of_the_site(workspace):
    workspace.configure(
        CONFIG.replace("- articles/", "- {path: articles/, fields: {title: special}}")
        + "fields: {title: headline}\n"
    )
    workspace.write("a.md", record(headline="Of the site", special="Of the source"))
    assert listed(workspace) == ["Of the source"]


def test_mapped_flag_holds_a_record_back(workspace):
    workspace.configure(CONFIG + "fields: {draft: meta.hidden}\n")
    workspace.write("a.md", record(meta="{hidden: true}"))
    assert workspace.build().survey.held_back == {"draft": 1}


# Records that are held back, and records that cannot be used.


def test_reasons_for_holding_back_are_counted(workspace):
    workspace.write("1.md", numbered(1, published="false"))
    workspace.write("2.md", numbered(2, published="false"))
    workspace.write("3.md", numbered(3, removed="true"))
    workspace.write("4.md", numbered(4, deleted="true"))
    workspace.write("5.md", numbered(5, draft="true"))
    workspace.write("6.md", numbered(6, published="perhaps"))
    workspace.write("7.md", numbered(7, publishedDateTime="2026-12-01"))
    assert workspace.build().survey.held_back == {
        "unpublished": 2,
        "removed": 2,
        "draft": 1,
        "doubtful": 1,
        "scheduled": 1,
    }


@pytest.mark.parametrize(
    ("flag", "reason"),
    [
        ({"published": "false"}, "unpublished"),
        ({"draft": "true"}, "draft"),
        ({"removed": "true"}, "removed"),
    ],
)
def test_withheld_record_that_is_broken_is_held_back_and_no_problem(workspace, flag, reason):
    workspace.write("a.md", record(title=None, **flag))
    report = workspace.build()
    assert report.survey.held_back == {reason: 1}
    assert findings(report) == []


def test_broken_record_is_a_problem_once_unpublished_ones_are_asked_for(workspace):
    workspace.write("a.md", record(title=None, published="false"))
    survey = workspace.build(unpublished=True).survey
    assert [problem.code for problem in survey.errors] == ["no-title"]


def test_unpublished_records_are_listed_on_demand(workspace):
    workspace.write("a.md", numbered(1, published="false"))
    assert listed(workspace, unpublished=True) == ["Number 1"]


def test_configuration_may_list_unpublished_records(workspace):
    workspace.configure(CONFIG + "select: {unpublished: true}\n")
    workspace.write("a.md", numbered(1, published="false"))
    assert listed(workspace) == ["Number 1"]


@pytest.mark.parametrize("flag", ["removed", "deleted", "draft"])
def test_removed_and_draft_records_never_appear(workspace, flag):
    workspace.configure(CONFIG + "select: {unpublished: true}\n")
    workspace.write("a.md", numbered(1, published="false", **{flag: "true"}))
    assert listed(workspace, unpublished=True) == []


def test_record_of_the_future_appears_when_its_time_has_come(workspace):
    workspace.write("a.md", numbered(1, publishedDateTime="2026-12-01T00:00:00Z"))
    assert listed(workspace, now=datetime(2026, 11, 30, 22, tzinfo=UTC)) == []
    assert listed(workspace, now=datetime(2026, 12, 1, tzinfo=UTC)) == ["Number 1"]


def test_bad_record_costs_no_other_its_place(workspace):
    workspace.write("a.md", numbered(1))
    workspace.write("b.md", "---\ntitle: [\n---\n")
    workspace.write("c.md", numbered(3, publishedDateTime="whenever"))
    report = workspace.build()
    assert titles(workspace) == ["Number 1"]
    assert [problem.source for problem in report.survey.errors] == [
        "articles/b.md",
        "articles/c.md",
    ]


def test_problem_of_a_metadata_file_costs_no_record(workspace):
    workspace.configure(CONFIG + "topics: metadata/\n")
    workspace.folder.joinpath("metadata").mkdir()
    workspace.folder.joinpath("metadata/a.yaml").write_text("parent: Repair\n")
    workspace.write("a.md", record())
    (problem,) = findings(workspace.build())
    assert (problem.code, problem.severity) == ("no-name", "warning")
    assert len(items(workspace)) == 1


# Selecting.


def scored(workspace):
    """Write four records that differ in all a rule can ask for."""
    workspace.write(
        "1.md",
        numbered(1, heat=10, quality=10, type="article", locale="en-GB", topics="[Repair]"),
    )
    workspace.write(
        "2.md", numbered(2, heat=20, quality=5, type="video", locale="de", topics="[repair, C++]")
    )
    workspace.write(
        "3.md",
        numbered(
            3, heat=30, quality=-1, type="Article", provider="{name: B, domain: b.example.org}"
        ),
    )
    workspace.write("4.md", numbered(4, topics="[]", provider="{name: C, domain: www.c.example}"))


@pytest.mark.parametrize(
    ("rule", "numbers"),
    [
        ("{}", "4321"),
        ("{min_heat: 20}", "32"),
        ("{min_heat: 30.5}", ""),
        ("{min_quality: 0}", "421"),
        ("{min_quality: 5}", "21"),
        ("{max_age: 303d}", "432"),
        ("{max_age: 302d}", "43"),
        ("{types: [article]}", "31"),
        ("{types: {exclude: [article]}}", "42"),
        ("{languages: [en]}", "1"),
        ("{languages: [en-gb, de]}", "21"),
        ("{languages: {exclude: en}}", "432"),
        ("{topics: [Repair]}", "21"),
        ("{topics: C++}", "2"),
        ("{topics: {include: [Repair], exclude: [C++]}}", "1"),
        ("{topics: {exclude: [Repair]}}", "43"),
        ("{providers: [example.com]}", "21"),
        ("{providers: {exclude: [www.example.com]}}", "43"),
        ("{providers: [c.example, B.example.org]}", "43"),
        ("{min_heat: 20, types: [article]}", "3"),
    ],
)
def test_rule_selects(workspace, rule, numbers):
    workspace.configure(CONFIG + f"select: {rule}\n")
    scored(workspace)
    assert listed(workspace) == [f"Number {number}" for number in numbers]


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("{min_heat: 99}", "below min_heat"),
        ("{min_quality: 99}", "below min_quality"),
        ("{max_age: 1d}", "older than max_age"),
        ("{types: [course]}", "type not selected"),
        ("{languages: [fr]}", "language not selected"),
        ("{topics: [Cooking]}", "topic not selected"),
        ("{providers: [example.net]}", "provider not selected"),
    ],
)
def test_rule_is_named_as_the_reason_for_holding_back(workspace, rule, reason):
    workspace.configure(CONFIG + f"select: {rule}\n")
    scored(workspace)
    assert workspace.build().survey.held_back == {reason: 4}


def test_topic_whose_records_are_not_selected_has_no_feed(workspace):
    workspace.configure(CONFIG + "select: {topics: {exclude: [Repair]}}\n")
    scored(workspace)
    assert "topics/repair" not in paths(workspace.build())


def test_named_feed_holds_what_its_rule_selects(workspace):
    workspace.configure(CONFIG + "named: {hot: {min_heat: 20, types: [article]}}\n")
    scored(workspace)
    workspace.build()
    assert titles(workspace, "hot") == ["Number 3"]
    assert len(titles(workspace)) == 4


def test_named_feed_selects_from_what_the_site_selects(workspace):
    workspace.configure(CONFIG + "select: {max_age: 302d}\nnamed: {hot: {min_heat: 10}}\n")
    scored(workspace)
    workspace.build()
    assert titles(workspace, "hot") == ["Number 3"]


def test_named_feed_has_its_own_title_description_and_limit(workspace):
    workspace.configure(
        CONFIG + "named: {hot: {min_heat: 1, title: Most discussed, description: Warm, limit: 2}}\n"
    )
    scored(workspace)
    workspace.build()
    feed = json.loads(workspace.text("hot/feed.json"))
    assert (feed["title"], feed["description"]) == ("Most discussed – Example Every Day", "Warm")
    assert titles(workspace, "hot") == ["Number 3", "Number 2"]


def test_named_feed_without_articles_is_published_empty(workspace):
    workspace.configure(CONFIG + "named: {hot: {min_heat: 999}}\n")
    scored(workspace)
    report = workspace.build()
    assert items(workspace, "hot") == []
    assert report.kept == ()


def test_limit_keeps_the_newest(workspace):
    workspace.configure(CONFIG + "limit: 2\n")
    scored(workspace)
    workspace.build()
    assert titles(workspace) == ["Number 4", "Number 3"]


@pytest.fixture
def nested(workspace):
    """A workspace with a topic of a topic of a topic."""
    workspace.configure(
        CONFIG
        + "topics:\n"
        + "  - {name: Places}\n"
        + "  - {name: Libraries, parent: Places}\n"
        + "  - {name: Repair, parent: libraries}\n"
    )
    workspace.write("1.md", numbered(1, topics="[Places]"))
    workspace.write("2.md", numbered(2, topics="[Libraries]"))
    workspace.write("3.md", numbered(3, topics="[Repair]"))
    return workspace


def test_topic_has_its_own_articles_alone_by_default(nested):
    nested.build()
    assert titles(nested, "topics/libraries") == ["Number 2"]


def test_topic_may_include_the_articles_of_its_children(nested):
    text = nested.folder.joinpath("config.yaml").read_text()
    nested.configure(text + "include_children: true\n")
    nested.build()
    assert titles(nested, "topics/libraries") == ["Number 3", "Number 2"]
    assert titles(nested, "topics/places") == ["Number 3", "Number 2", "Number 1"]
    assert titles(nested, "topics/repair") == ["Number 3"]


def test_article_of_parent_and_child_is_in_the_parent_once(nested):
    text = nested.folder.joinpath("config.yaml").read_text()
    nested.configure(text + "include_children: true\n")
    nested.write("4.md", numbered(4, topics="[Repair, Libraries]"))
    nested.build()
    assert titles(nested, "topics/libraries") == ["Number 4", "Number 3", "Number 2"]


def test_slug_of_the_configuration_that_is_the_folder_of_another_topic_is_a_mistake(workspace):
    workspace.configure(CONFIG + "topics: [{name: Mending, slug: repair}]\n")
    workspace.write("1.md", numbered(1, topics="[Mending]"))
    workspace.write("2.md", numbered(2, topics="[Repair]"))
    with pytest.raises(ConfigError, match=r"slug repair of Mending is the folder of .+ Repair"):
        workspace.build()


def test_slug_of_the_configuration_takes_no_folder_from_a_published_topic(workspace):
    workspace.write("1.md", numbered(1, topics="[Mending]"))
    workspace.write("2.md", numbered(2, topics="[Repair]"))
    workspace.build()
    workspace.configure(CONFIG + "topics: [{name: Mending, slug: repair}]\n")
    with pytest.raises(ConfigError, match="repair"):
        workspace.build()
    assert titles(workspace, "topics/repair") == ["Number 2"]


def test_slug_of_the_configuration_may_be_the_folder_another_topic_gave_up(workspace):
    topics = "topics: [{name: Mending, slug: repair}, {name: Repair, slug: fixing}]\n"
    workspace.configure(CONFIG + topics)
    workspace.write("1.md", numbered(1, topics="[Mending]"))
    workspace.write("2.md", numbered(2, topics="[Repair]"))
    workspace.build()
    assert titles(workspace, "topics/repair") == ["Number 1"]
    assert titles(workspace, "topics/fixing") == ["Number 2"]


def test_topic_that_comes_later_takes_no_folder_given_by_the_configuration(workspace):
    workspace.configure(CONFIG + "topics: [{name: Mending, slug: repair}]\n")
    workspace.write("1.md", numbered(1, topics="[Mending]"))
    workspace.build()
    workspace.write("2.md", numbered(2, topics="[Repair]"))
    workspace.build()
    assert titles(workspace, "topics/repair") == ["Number 1"]
    assert titles(workspace, f"topics/{suffixed('repair', 'repair')}") == ["Number 2"]


# How entries look.


RELATED = """
  - title: Why a library lends drills
    webUrl: https://www.example.net/drills
    quality: 57
    images: [{url: https://images.example.net/drills.jpg, width: 1200, height: 800}]
  - title: Why another does not
    webUrl: https://www.example.net/none
    quality: 3
"""


def only(workspace):
    (item,) = items(workspace)
    return item


def test_body_is_the_content(workspace):
    workspace.write("a.md", record(body="The whole story.\n"))
    workspace.build()
    assert "<p>The whole story.</p>" in only(workspace)["content_html"]


def test_content_may_be_the_excerpt_alone(workspace):
    workspace.configure(CONFIG + "content: excerpt\n")
    workspace.write("a.md", record(body="The whole story.\n"))
    workspace.build()
    assert "The whole story." not in only(workspace)["content_html"]
    assert "<p>Three branches now lend tool boxes.</p>" in only(workspace)["content_html"]


def test_related_links_are_limited(workspace):
    workspace.configure(CONFIG + "related: {limit: 1}\n")
    workspace.write("a.md", record(related=RELATED))
    workspace.build()
    related = only(workspace)["_feedpub"]["related"]
    assert [link["url"] for link in related] == ["https://www.example.net/drills"]


def test_related_links_may_be_left_out(workspace):
    workspace.configure(CONFIG + "related: {limit: 0}\n")
    workspace.write("a.md", record(related=RELATED))
    workspace.build()
    assert "related" not in only(workspace)["_feedpub"]
    assert "drills</a>" not in only(workspace)["content_html"]


def test_article_without_a_picture_takes_one_of_a_related_article(workspace):
    workspace.write("a.md", record(related=RELATED))
    workspace.build()
    assert only(workspace)["image"] == "https://images.example.net/drills.jpg"


def test_picture_of_a_related_article_may_be_left_out(workspace):
    workspace.configure(CONFIG + "images: {fallback: none}\n")
    workspace.write("a.md", record(related=RELATED))
    workspace.build()
    assert "image" not in only(workspace)


def pictures(workspace, threshold, articles):
    workspace.configure(CONFIG + f"images: {{stock_threshold: {threshold}}}\n")
    for number in range(1, articles + 1):
        workspace.write(
            f"{number}.md", numbered(number, images="[https://images.example.com/logo.png]")
        )
    workspace.build()
    return {item.get("image") for item in items(workspace)}


def test_picture_that_more_articles_share_than_the_threshold_is_left_out(workspace):
    assert pictures(workspace, threshold=2, articles=3) == {None}


def test_picture_that_no_more_articles_share_than_the_threshold_stays(workspace):
    assert pictures(workspace, threshold=3, articles=3) == {"https://images.example.com/logo.png"}


def test_date_without_a_zone_is_in_the_zone_of_the_configuration(workspace):
    workspace.configure(CONFIG + "timezone: Europe/Berlin\n")
    workspace.write("a.md", record(publishedDateTime="2026-07-01 12:00"))
    workspace.build()
    assert only(workspace)["date_published"] == "2026-07-01T10:00:00Z"


def test_date_without_a_time_is_midnight_in_the_zone_of_the_configuration(workspace):
    workspace.configure(CONFIG + "timezone: Europe/Berlin\n")
    workspace.write("a.md", record(publishedDateTime="2026-01-02"))
    workspace.build()
    assert only(workspace)["date_published"] == "2026-01-01T23:00:00Z"


def test_date_with_a_zone_keeps_it(workspace):
    workspace.configure(CONFIG + "timezone: Europe/Berlin\n")
    workspace.write("a.md", record(publishedDateTime="2026-07-01T12:00:00-07:00"))
    workspace.build()
    assert only(workspace)["date_published"] == "2026-07-01T19:00:00Z"


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
def test_zone_of_the_machine_changes_nothing(workspace, monkeypatch, zone):
    workspace.write("a.md", record(publishedDateTime="2026-03-08 02:30"))
    workspace.build()
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert workspace.build().outcome.written == ()
    finally:
        monkeypatch.undo()
        time.tzset()


def test_tag_that_names_a_day_dates_a_feed_that_never_held_anything(workspace):
    workspace.configure(CONFIG.replace(",2026", ",2026-03-15"))
    workspace.build()
    feed = etree.fromstring(workspace.destination.files["all/atom.xml"])
    assert feed.findtext(f"{ATOM}updated") == "2026-03-15T00:00:00Z"
