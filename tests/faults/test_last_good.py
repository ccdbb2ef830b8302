"""What turned bad stays as it was for a week; what cannot be reached, for as long as that lasts."""

import json
import shutil
from datetime import timedelta

import pytest
from support import CONFIG, NOW, Workspace, call_feedpub, record
from unprivileged import nobody, open_folder

BROKEN = "---\ntitle: [\n---\n"


def build(workspace, *options, days=0):
    epoch = str(int((NOW + timedelta(days=days)).timestamp()))
    env = {"SOURCE_DATE_EPOCH": epoch}
    return call_feedpub("build", *options, cwd=workspace.folder, env=env)


def titles(workspace, path="all"):
    feed = json.loads((workspace.folder / f"feeds/{path}/feed.json").read_text())
    return sorted(item["title"] for item in feed["items"])


def tree(workspace):
    files = (path for path in (workspace.folder / "feeds").rglob("*") if path.is_file())
    return {path: path.read_bytes() for path in files}


def good(name, **fields):
    return record(title=name, webUrl=f"https://www.example.com/{name}", **fields)


@pytest.fixture
def site(workspace):
    """Make a site of three records that was built."""
    for name in ("one", "two", "three"):
        workspace.write(f"{name}.md", good(name, body=f"The body of {name}.\n"))
    assert build(workspace).returncode == 0
    return workspace


BREAKAGES = {
    "malformed": BROKEN,
    "no closing line": "---\ntitle: Half\n",
    "no title": record(title=None),
    "bad date": record(publishedDateTime="soon"),
    "empty": "",
    "duplicate key": "---\ntitle: a\ntitle: b\n---\n",
}


@pytest.mark.parametrize("text", BREAKAGES.values(), ids=BREAKAGES)
def test_record_that_turned_bad_stays_as_it_was(site, text):
    before = tree(site)
    site.write("one.md", text)
    ended = build(site)
    assert ended.returncode == 3
    assert "feedpub: 1 of 3 records skipped or stale:" in ended.stderr
    assert "stays as it was until 2026-11-08" in ended.stderr
    assert tree(site) == before


def test_record_that_is_not_utf_8_any_more_stays_as_it_was(site):
    before = tree(site)
    (site.folder / "articles/one.md").write_bytes(b"---\ntitle: caf\xe9\n---\n")
    assert build(site).returncode == 3
    assert tree(site) == before


def test_record_replaced_by_a_link_stays_as_it_was(site):
    location = site.folder / "articles/one.md"
    location.unlink()
    location.symlink_to("two.md")
    assert build(site).returncode == 3
    assert titles(site) == ["one", "three", "two"]


def test_record_that_cannot_be_read_stays_until_it_can():
    with open_folder() as place:
        site = Workspace(place)
        site.write("one.md", good("one"))
        location = site.write("two.md", good("two"))
        build(site)
        location.chmod(0)
        location.parent.joinpath("one.md").touch()
        with nobody(place):
            ended = build(site)
            assert (ended.returncode, titles(site)) == (3, ["one", "two"])
            assert "cannot be read: Permission denied" in ended.stderr
            location.chmod(0o644)
        assert build(site).returncode == 0


def test_every_run_ends_with_3_while_a_record_is_stale(site):
    site.write("one.md", BROKEN)
    assert [build(site, days=day).returncode for day in (0, 1, 6)] == [3, 3, 3]


def test_stale_record_is_dropped_after_a_week(site):
    site.write("one.md", BROKEN)
    build(site)
    build(site, days=6.9)
    assert titles(site) == ["one", "three", "two"]
    ended = build(site, days=7)
    assert ended.returncode == 3
    assert "stays as it was" not in ended.stderr
    assert titles(site) == ["three", "two"]


def test_another_mistake_does_not_begin_the_week_anew(site):
    site.write("one.md", BROKEN)
    build(site)
    site.write("one.md", record(title=None))
    build(site, days=5)
    assert titles(site) == ["one", "three", "two"]
    build(site, days=7)
    assert titles(site) == ["three", "two"]


def test_days_can_be_configured(site):
    site.configure(CONFIG + "stale_days: 1\n")
    site.write("one.md", BROKEN)
    build(site)
    build(site, days=1)
    assert titles(site) == ["three", "two"]


def test_no_days_drop_a_record_at_once(site):
    site.configure(CONFIG + "stale_days: 0\n")
    site.write("one.md", BROKEN)
    build(site)
    assert titles(site) == ["three", "two"]


def test_stale_record_that_is_mended_is_what_it_says(site):
    site.write("one.md", BROKEN)
    build(site)
    site.write("one.md", good("one", excerpt="Mended."))
    assert build(site).returncode == 0
    assert "Mended." in (site.folder / "feeds/all/rss.xml").read_text()
    site.write("one.md", BROKEN)
    build(site, days=9)
    assert titles(site) == ["one", "three", "two"]  # a new week


def test_stale_record_that_is_deleted_is_gone(site):
    site.write("one.md", BROKEN)
    build(site)
    (site.folder / "articles/one.md").unlink()
    assert build(site).returncode == 0
    assert titles(site) == ["three", "two"]


def test_record_that_never_was_good_is_skipped(site):
    site.write("four.md", BROKEN)
    ended = build(site)
    assert "feedpub: 1 of 4 records skipped:" in ended.stderr
    assert titles(site) == ["one", "three", "two"]


def test_stale_record_is_rendered_whole_in_new_feeds(site):
    site.write("one.md", BROKEN)
    build(site)
    site.configure(CONFIG + "named: {fresh: {title: Fresh}}\n")
    build(site)
    assert "The body of one" in (site.folder / "feeds/fresh/feed.json").read_text()


def test_guard_applies_when_stale_records_are_dropped(workspace):
    for number in range(50):
        workspace.write(f"{number}.md", good(str(number)))
    build(workspace)
    workspace.write("0.md", BROKEN)
    for number in range(1, 12):
        workspace.write(f"{number}.md", record(title=None))
    workspace.configure(CONFIG + "guard: {max_drop: 30%}\n")
    assert build(workspace).returncode == 3
    workspace.configure(CONFIG)
    ended = build(workspace, days=8)
    assert ended.returncode == 4
    assert "records fell from 50 to 38" in ended.stderr


def test_guard_refuses_many_records_that_turned_bad_at_once(workspace):
    for number in range(50):
        workspace.write(f"{number}.md", good(str(number)))
    build(workspace)
    for number in range(12):
        workspace.write(f"{number}.md", BROKEN)
    ended = build(workspace)
    assert ended.returncode == 4
    assert "12 more of 50 records cannot be used than before (limit 20%)" in ended.stderr
    assert build(workspace, "--accept-shrink").returncode == 3
    assert build(workspace).returncode == 3
    assert len(titles(workspace)) == 50


@pytest.mark.parametrize(
    "said",
    [
        "removed: true", "removed:  'yes'", '"removed": true', "deleted: on", "draft: maybe",
        "published: false", "published: 'no'", "published:\n  false", "- published: off",
        "other: {published: false}",
    ],
)  # fmt: skip
def test_bad_record_that_may_not_want_to_be_seen_is_hidden(site, said):
    site.write("one.md", f"---\ntitle: [\n{said}\n---\n")
    assert build(site).returncode == 3
    assert titles(site) == ["three", "two"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "latin-1"])
def test_bad_record_that_wants_to_be_hidden_is_understood_in(site, encoding):
    text = "---\ntitle: caf\xe9\nremoved: true\n---\n"
    (site.folder / "articles/one.md").write_bytes(text.encode(encoding))
    build(site)
    assert titles(site) == ["three", "two"]


@pytest.mark.parametrize(
    "said", ["removed: false", "published: true", "Published: 2024", "unpublished: true"]
)
def test_bad_record_that_wants_to_be_seen_stays(site, said):
    site.write("one.md", f"---\ntitle: [\n{said}")
    build(site)
    assert titles(site) == ["one", "three", "two"]


def test_parsed_record_that_is_bad_and_removed_is_hidden(site):
    site.write("one.md", record(title=None, removed="true"))
    assert build(site).returncode == 0
    assert titles(site) == ["three", "two"]


def test_bad_record_of_several_in_a_file_stays_alone(workspace):
    def line(name, **fields):
        link = f"https://www.example.com/{name}"
        date = "2026-01-30T00:00:00Z"
        parts = {"id": name, "title": name, "webUrl": link, "publishedDateTime": date}
        return json.dumps(parts | fields)

    workspace.write("all.jsonl", "\n".join(map(line, "abcd")))
    build(workspace)
    lines = [line("a")[:-3], line("b", title=""), line("d", published=False)]
    workspace.write("all.jsonl", "\n".join(lines))
    ended = build(workspace)
    # Which one the first line was nobody knows: `a`, and `c`, which is not there any more.
    assert (ended.returncode, titles(workspace)) == (3, ["a", "b", "c"])
    workspace.write("all.jsonl", "\n".join([line("a"), lines[1], lines[2]]))
    build(workspace)
    assert titles(workspace) == ["a", "b"]


# Sources that cannot be read.


@pytest.fixture
def two_sources(site):
    site.configure(CONFIG + "  - more/\n")
    (site.folder / "more").mkdir()
    (site.folder / "more/a.md").write_text(good("more"))
    build(site)
    return site


@pytest.mark.parametrize("options", [(), ("--accept-shrink",)])
def test_source_folder_that_is_gone_leaves_its_records_as_they_were(two_sources, options):
    before = tree(two_sources)
    shutil.move(two_sources.folder / "more", two_sources.folder / "moved")
    ended = build(two_sources, *options)
    assert ended.returncode == 3
    assert "more/: is not there any more; its records stay as they were" in ended.stderr
    assert tree(two_sources) == before


def test_other_sources_go_on_while_one_is_gone(two_sources):
    shutil.move(two_sources.folder / "more", two_sources.folder / "moved")
    build(two_sources)
    two_sources.write("four.md", good("four"))
    assert build(two_sources, days=30).returncode == 3
    assert titles(two_sources) == ["four", "more", "one", "three", "two"]
    shutil.move(two_sources.folder / "moved", two_sources.folder / "more")
    assert build(two_sources).returncode == 0


def test_source_that_is_gone_is_refused_by_strict(two_sources):
    shutil.move(two_sources.folder / "more", two_sources.folder / "moved")
    assert build(two_sources, "--strict").returncode == 4


def test_only_source_may_be_gone_too(site):
    before = tree(site)
    shutil.move(site.folder / "articles", site.folder / "moved")
    assert [build(site).returncode for _ in range(2)] == [3, 3]
    assert tree(site) == before


@pytest.mark.parametrize(
    "source", ["posts/**/*.md", "posts/data.yaml", "posts"], ids=["glob", "file", "folder"]
)
def test_source_of_any_kind_may_be_gone(workspace, source):
    workspace.configure(CONFIG + f"  - {source}\n")
    (workspace.folder / "posts/in").mkdir(parents=True)
    (workspace.folder / "posts/in/a.md").write_text(good("glob"))
    dated = "publishedDateTime: 2026-01-30"
    text = f"[{{title: data, webUrl: 'https://www.example.com/d', {dated}}}]"
    (workspace.folder / "posts/data.yaml").write_text(text)
    build(workspace)
    before = tree(workspace)
    shutil.rmtree(workspace.folder / "posts")
    assert build(workspace).returncode == 3
    assert tree(workspace) == before


def test_source_that_is_gone_without_a_state_publishes_nothing(two_sources):
    before = tree(two_sources)
    shutil.move(two_sources.folder / "more", two_sources.folder / "moved")
    shutil.rmtree(two_sources.folder / ".feedpub")
    assert build(two_sources).returncode == 78
    assert tree(two_sources) == before


@pytest.mark.parametrize("folder", ["articles", "articles/inner"])
def test_folder_that_cannot_be_read_leaves_its_records_as_they_were(folder):
    with open_folder() as place:
        site = Workspace(place)
        site.write("one.md", good("one"))
        site.write("inner/b.md", good("two"))
        build(site)
        before = tree(site)
        (place / folder).chmod(0)
        with nobody(place):
            ended = build(site)
            assert ended.returncode == 3
            assert f"{folder}/: cannot be read: Permission denied" in ended.stderr
            assert tree(site) == before
            (place / folder).chmod(0o755)
        assert build(site).returncode == 0


def test_folder_that_never_could_be_read_publishes_nothing():
    with open_folder() as place:
        site = Workspace(place)
        site.write("one.md", good("one"))
        build(site)
        site.write("inner/b.md", good("two"))
        (place / "articles/inner").chmod(0)
        with nobody(place):
            ended = build(site)
            assert (ended.returncode, titles(site)) == (78, ["one"])
            (place / "articles/inner").chmod(0o755)
