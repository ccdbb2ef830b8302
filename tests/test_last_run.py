"""A run with nothing to do ends before it loads anything; whatever changed, it is noticed."""

import json
import os
import subprocess
import sys
from datetime import datetime

import pytest
from support import CONFIG, call_feedpub, record

OLD = 1_700_000_000
NEVER_LOADED = frozenset(
    {
        "requests", "feedgen", "lxml", "jinja2", "dateutil", "rich", "pydantic", "yaml", "nh3",
        "markdown_it", "slugify", "concurrent.futures.process", "asyncio", "feedpub.build",
        "feedpub.article", "difflib", "email.utils", "zoneinfo", "html",
    }
)  # fmt: skip
# Nor by a run with a record or two to read, on a site like the one below. It loads zoneinfo if
# dateutil, which feedgen loads, is new enough to do so.
NOT_FOR_AN_EDIT = frozenset(
    {
        "concurrent.futures.process", "multiprocessing", "pydantic", "slugify", "email.utils",
        "difflib",
    }
)  # fmt: skip
PROGRAM = """
import json, sys
from feedpub.cli.main import cli
sys.argv = ["feedpub", "build"]
try:
    cli.main(standalone_mode=False)
finally:
    print(json.dumps(sorted(sys.modules)))
"""


@pytest.fixture
def site(workspace):
    """Make a site that was built, of files that did not change lately."""
    workspace.configure(CONFIG + "topics: metadata/\n")
    (workspace.folder / "metadata").mkdir()
    (workspace.folder / "metadata/libraries.yaml").write_text("name: Libraries\n")
    workspace.write("a.md", record())
    workspace.write("b.md", record(title="Later", webUrl="/b", publishedDateTime="2026-12-01"))
    for location in workspace.folder.rglob("*.*"):
        os.utime(location, (OLD, OLD))
    assert build(workspace.folder).returncode == 0
    return workspace


def build(folder, *options, day="2026-11-01"):
    epoch = str(int(datetime.fromisoformat(f"{day}T00:00:00Z").timestamp()))
    return call_feedpub("build", *options, cwd=folder, env={"SOURCE_DATE_EPOCH": epoch})


def modules_of_a_run(folder):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=folder,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1793491200"},
        capture_output=True,
        text=True,
        check=True,
    )
    said, *_, modules = done.stdout.strip().splitlines()
    return said, frozenset(json.loads(modules))


def test_a_run_with_nothing_to_do_loads_next_to_nothing(site):
    said, modules = modules_of_a_run(site.folder)
    assert "0 written, 3 unchanged" in said
    assert modules & NEVER_LOADED == set()


def test_a_run_with_something_to_do_loads_the_pipeline(site):
    site.write("c.md", record(title="New", webUrl="/c"))
    assert "feedpub.build" in modules_of_a_run(site.folder)[1]


def test_a_run_with_little_to_do_loads_what_it_takes(site):
    site.write("c.md", record(title="New", webUrl="/c"))
    assert modules_of_a_run(site.folder)[1] & NOT_FOR_AN_EDIT == set()


def test_a_run_with_nothing_to_do_says_what_the_last_one_said(site):
    first, second = build(site.folder), build(site.folder)
    assert first.stdout.rpartition(";")[0] == second.stdout.rpartition(";")[0]
    assert second.stdout.startswith("2 records read; held back: 1 scheduled; ")


def test_problems_are_named_again(site):
    site.write("c.md", record(title=None))
    os.utime(site.folder / "articles/c.md", (OLD, OLD))
    first, second = build(site.folder), build(site.folder)
    assert (first.returncode, second.returncode) == (3, 3)
    assert "articles/c.md:1: no title" in second.stderr


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "articles/new.md").write_text(record(title="New", webUrl="/n")),
        lambda folder: (folder / "articles/b.md").unlink(),
        lambda folder: (folder / "articles/a.md").write_text(record(title="Edited")),
        lambda folder: (folder / "metadata/libraries.yaml").write_text("name: Bookhouses\n"),
        lambda folder: (folder / "config.yaml").write_text(CONFIG + "limit: 7\n"),
        lambda folder: (folder / "feeds/all/rss.xml").unlink(),
        lambda folder: (folder / "feeds/all/rss.xml").write_text("edited by hand"),
    ],
    ids=["new", "gone", "edited", "metadata", "configuration", "output gone", "output edited"],
)
def test_a_change_is_noticed(site, change):
    build(site.folder)
    change(site.folder)
    assert "feedpub.build" in modules_of_a_run(site.folder)[1]


def touch(folder, seconds):
    for location in (folder / "articles").iterdir():
        os.utime(location, (seconds, seconds))


def test_files_of_other_times_that_hold_the_same_load_next_to_nothing(site):
    touch(site.folder, OLD + 1)
    said, modules = modules_of_a_run(site.folder)
    assert "0 written, 3 unchanged" in said
    assert modules & NEVER_LOADED == set()


def test_files_of_other_times_are_read_once(site):
    touch(site.folder, OLD + 1)
    build(site.folder)
    location = site.folder / "articles/a.md"
    location.write_text(location.read_text().upper())
    touch(site.folder, OLD + 1)
    assert "feedpub.build" not in modules_of_a_run(site.folder)[1]  # else the change were seen


@pytest.mark.parametrize(
    "edit",
    [
        lambda text, other: (text.replace("Later", "Ealry"), other),
        lambda text, other: (other, text),
    ],
    ids=["one of the same size", "exchanged"],
)
def test_a_change_that_leaves_the_size_is_noticed(site, edit):
    one, other = site.folder / "articles/a.md", site.folder / "articles/b.md"
    texts = edit(other.read_text(), one.read_text())
    other.write_text(texts[0])
    one.write_text(texts[1])
    touch(site.folder, OLD + 1)
    assert "feedpub.build" in modules_of_a_run(site.folder)[1]


def test_a_file_touched_just_now_is_read_again_by_the_next_run(site):
    location = site.folder / "articles/a.md"
    location.touch()
    stamp = location.stat().st_mtime_ns
    assert "feedpub.build" not in modules_of_a_run(site.folder)[1]
    location.write_text(location.read_text().upper())
    os.utime(location, ns=(stamp, stamp))
    assert "feedpub.build" in modules_of_a_run(site.folder)[1]


def test_files_of_other_times_do_not_hide_a_damaged_state(site):
    feeds = {path: path.read_bytes() for path in site.folder.rglob("feeds/**/*.xml")}
    state = site.folder / ".feedpub/state.sqlite3"
    damaged = bytearray(state.read_bytes())
    damaged[-100] ^= 1
    state.write_bytes(damaged)
    touch(site.folder, OLD + 1)
    assert "damaged" in build(site.folder).stderr
    assert {path: path.read_bytes() for path in feeds} == feeds


def test_metadata_edited_during_a_run_is_noticed_by_the_next(site, monkeypatch):
    from feedpub import build as module

    plain = module.build
    location = site.folder / "metadata/libraries.yaml"

    def build_and_edit(*arguments, **options):
        report = plain(*arguments, **options)
        location.write_text("name: Libraries\ndescription: Edited meanwhile\n")
        return report

    site.write("c.md", record(title="New", webUrl="/c"))
    os.utime(site.folder / "articles/c.md", (OLD, OLD))
    monkeypatch.setattr(module, "build", build_and_edit)
    build(site.folder)
    monkeypatch.undo()
    assert "feedpub.build" in modules_of_a_run(site.folder)[1]
    assert "Edited meanwhile" in (site.folder / "feeds/topics/libraries/rss.xml").read_text()


def test_the_date_of_a_record_that_comes_is_noticed(site):
    assert "1 scheduled" in build(site.folder).stdout
    later = build(site.folder, day="2026-12-02")
    assert "held back: none" in later.stdout
    assert "<title>Later</title>" in (site.folder / "feeds/all/rss.xml").read_text()


def test_an_age_that_is_passed_is_noticed(site):
    site.configure(CONFIG + "select: {max_age: 300d}\n")
    assert "1 listed" in build(site.folder).stdout
    assert "0 listed" in build(site.folder, "--accept-shrink", day="2026-11-27").stdout


def test_another_wish_is_another_run(site):
    site.write("c.md", record(title="Hidden", webUrl="/c", published="false"))
    assert "1 unpublished" in build(site.folder).stdout
    assert "1 unpublished" not in build(site.folder, "--unpublished").stdout
