"""What looks like an accident is not published: far fewer records, a source that went away."""

import shutil
from collections.abc import Callable

import pytest
from support import CONFIG, Workspace, call_feedpub, record

from feedpub.config_file import parse_config


def build(workspace, *options):
    return call_feedpub("build", *options, cwd=workspace.folder)


def fill(workspace, count, **fields):
    for number in range(count):
        link = f"https://www.example.com/{number}"
        workspace.write(f"{number}.md", record(title=f"Title {number}", webUrl=link, **fields))


def remove(workspace, count):
    for number in range(count):
        (workspace.folder / f"articles/{number}.md").unlink()


def tree(workspace):
    files = (path for path in (workspace.folder / "feeds").rglob("*") if path.is_file())
    return {path: path.read_bytes() for path in files}


def refused(workspace, *options):
    """Build; make sure that nothing was done, and return what was said."""
    before = tree(workspace)
    ended = build(workspace, *options)
    assert (ended.returncode, ended.stdout) == (4, "")
    assert tree(workspace) == before
    return ended.stderr


@pytest.fixture
def site(workspace):
    """Make a site of 60 records that was built."""
    fill(workspace, 60)
    assert build(workspace).returncode == 0
    return workspace


def test_guard_refuses_a_fall_of_more_than_a_fifth(site):
    remove(site, 13)
    assert refused(site) == (
        "feedpub: refusing to publish: records fell from 60 to 47 (limit 20%)."
        " If intended: feedpub build --accept-shrink\n"
    )


def test_guard_refuses_again_until_it_is_accepted(site):
    remove(site, 13)
    refused(site)
    refused(site)
    assert build(site, "--accept-shrink").returncode == 0
    assert build(site).returncode == 0
    for number in range(13, 26):
        (site.folder / f"articles/{number}.md").unlink()
    refused(site)


def test_guard_lets_a_smaller_fall_pass(site):
    remove(site, 12)
    assert build(site).returncode == 0


def test_guard_lets_ten_records_pass_whatever_share_they_are(workspace):
    fill(workspace, 20)
    build(workspace)
    remove(workspace, 10)
    assert build(workspace).returncode == 0


def test_guard_refuses_a_fall_to_nothing_however_small(workspace):
    fill(workspace, 2)
    build(workspace)
    fill(workspace, 2, published="false")
    assert "records fell from 2 to 0" in refused(workspace)


def test_guard_lets_a_first_run_publish_nothing(workspace):
    fill(workspace, 2, published="false")
    assert build(workspace).returncode == 0


def test_guard_holds_against_a_changed_selection(site):
    site.configure(CONFIG + "select: {min_heat: 5}\n")
    assert "records fell from 60 to 0" in refused(site)


def test_guard_without_state_goes_by_what_is_published(site):
    shutil.rmtree(site.folder / ".feedpub")
    remove(site, 30)
    assert "refusing to publish: entries fell from" in refused(site)


def test_guard_without_state_lets_the_same_records_pass(site):
    shutil.rmtree(site.folder / ".feedpub")
    before = tree(site)
    assert build(site).returncode == 0
    assert tree(site) == before


def test_guard_outlives_a_change_of_the_configuration(site):
    site.configure(CONFIG + "timezone: Europe/Berlin\n")
    remove(site, 13)
    refused(site)


def test_guard_limits_can_be_configured(site):
    site.configure(CONFIG + "guard: {max_drop: 50%, min_drop: 40}\n")
    remove(site, 40)
    assert build(site).returncode == 0


@pytest.mark.parametrize("value", ["20", "101%", "-1%", "a lot"])
def test_guard_limit_is_a_percentage(value):
    with pytest.raises(Exception, match="guard"):
        parse_config((CONFIG + f"guard: {{max_drop: {value}}}\n").encode(), "config.yaml")


# Sources.


def test_guard_refuses_a_source_folder_that_is_empty(site):
    remove(site, 60)
    assert "there is nothing in articles/, where 60 files were read before" in refused(site)


def test_guard_refuses_one_empty_folder_of_two(site):
    """The smaller one alone would not be noticed by its share."""
    site.configure(CONFIG + "  - more/\n")
    (site.folder / "more").mkdir()
    link = "https://www.example.com/more"
    (site.folder / "more/a.md").write_text(record(title="More", webUrl=link))
    build(site)
    (site.folder / "more/a.md").unlink()
    assert "there is nothing in more/, where 1 file was read before" in refused(site)
    assert build(site, "--accept-shrink").returncode == 0


def test_source_folder_that_never_was_is_a_mistake_of_the_configuration(workspace):
    workspace.configure(CONFIG + "  - more/\n")
    ended = build(workspace)
    assert (ended.returncode, "there is no more/" in ended.stderr) == (78, True)


# Topics.


def topical(workspace, count):
    for number in range(count):
        link = f"https://www.example.com/topic{number}"
        workspace.write(f"t{number}.md", record(webUrl=link, topics=f"[Topic {number}]"))


def test_guard_refuses_an_explosion_of_topics(site):
    topical(site, 51)
    assert "51 new topics in one run (limit 50)" in refused(site)
    assert build(site, "--accept-shrink").returncode == 0
    assert build(site).returncode == 0


def test_guard_lets_fifty_new_topics_pass(site):
    topical(site, 50)
    assert build(site).returncode == 0


def test_guard_refuses_more_topics_than_a_site_may_have(site):
    site.configure(f"{CONFIG}guard: {{topics: 20}}\n")
    topical(site, 30)
    assert "31 topics, where there may be 20. If intended: raise guard.topics" in refused(site)


def test_guard_counts_all_topics_even_in_a_first_run(workspace):
    topical(workspace, 60)
    workspace.configure(f"{CONFIG}guard: {{topics: 59}}\n")
    assert build(workspace).returncode == 4
    workspace.configure(f"{CONFIG}guard: {{topics: 60}}\n")
    assert build(workspace).returncode == 0


def test_guard_counts_no_new_topics_in_a_first_run(workspace):
    topical(workspace, 60)
    assert build(workspace).returncode == 0


# --strict and --dry-run.


def test_strict_build_publishes_nothing_if_a_record_cannot_be_used(site):
    site.write("broken.md", record(title=None))
    assert refused(site, "--strict") == (
        "feedpub: refusing to publish: 1 of 61 records cannot be used (--strict):"
        " articles/broken.md:1: no title (add title: to the record)\n"
    )


def test_strict_build_refuses_when_an_earlier_one_did_not_mind(site):
    site.write("broken.md", record(title=None))
    assert build(site).returncode == 3
    assert "cannot be used (--strict)" in refused(site, "--strict")


def test_strict_build_of_good_records_publishes(site):
    site.write("new.md", record(title="New", webUrl="https://www.example.com/new"))
    assert build(site, "--strict").returncode == 0


def everything(workspace):
    files = (path for path in workspace.folder.rglob("*") if path.is_file())
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def edit(site):
    site.write("0.md", record(title="Edited", webUrl="https://www.example.com/0"))
    site.write("new.md", record(title="New", webUrl="https://www.example.com/new"))
    (site.folder / "articles/1.md").unlink()


@pytest.mark.parametrize(
    "change",
    [lambda _: None, edit, lambda site: shutil.rmtree(site.folder / "feeds")],
    ids=["nothing", "records", "output"],
)
def test_dry_run_writes_nothing(site, change: Callable[[Workspace], None]):
    change(site)
    before = everything(site)
    assert build(site, "--dry-run").returncode == 0
    assert everything(site) == before


def test_dry_run_of_a_new_site_makes_nothing(workspace):
    fill(workspace, 1)
    assert build(workspace, "--dry-run").returncode == 0
    assert not (workspace.folder / ".feedpub").exists()
    assert not (workspace.folder / "feeds").exists()


def test_dry_run_says_what_would_change(workspace):
    fill(workspace, 4)
    build(workspace)
    edit(workspace)
    said = build(workspace, "--dry-run").stdout.splitlines()
    assert "would write all: 1 added, 1 changed, 1 gone" in said
    assert "dry run: nothing was written" in said


def test_dry_run_says_what_the_run_then_does(site):
    edit(site)
    rehearsed, real = build(site, "--dry-run").stdout, build(site).stdout
    assert rehearsed.splitlines()[-1].rpartition(";")[0] == real.splitlines()[-1].rpartition(";")[0]


def test_dry_run_is_refused_as_the_run_would_be(site):
    remove(site, 13)
    refused(site, "--dry-run")
