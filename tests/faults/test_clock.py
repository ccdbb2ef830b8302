"""Clocks that are wrong, and zones in which an hour comes twice or never."""

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from support import NOW, Workspace, call_feedpub, record

needs_faketime = pytest.mark.skipif(
    shutil.which("faketime") is None, reason="faketime is not installed"
)
ZONES = ["America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]


def build(folder, day, **environment):
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
    epoch = str(int(moment.timestamp()))
    ended = call_feedpub("build", cwd=folder, env={"SOURCE_DATE_EPOCH": epoch, **environment})
    assert ended.returncode == 0, ended.stderr
    return tree(folder)


def tree(folder):
    return {path: path.read_bytes() for path in (folder / "feeds").rglob("*") if path.is_file()}


def updated(folder):
    feed = json.loads((folder / "feeds/all/feed.json").read_text("utf-8"))
    return feed["items"][0]["date_modified"]


def test_clock_that_went_back_takes_no_update_back(workspace):
    seen = []
    for day, title in [("2026-06-01", "1"), ("2026-06-02", "2"), ("2026-03-01", "3")]:
        workspace.write("a.md", record(title=title))
        build(workspace.folder, day)
        seen.append(updated(workspace.folder))
    assert seen[1:] == ["2026-06-02T00:00:00Z", "2026-06-02T00:00:01Z"]


def test_clock_that_went_back_changes_no_byte(workspace):
    workspace.write("a.md", record())
    workspace.write("b.md", record(title="Another", webUrl="/b"))
    before = build(workspace.folder, "2026-11-01")
    (workspace.folder / "config.yaml").touch()
    shutil.rmtree(workspace.folder / ".feedpub")
    assert build(workspace.folder, "2026-02-01") == before


@needs_faketime
def test_clock_of_the_machine_is_passed_over_for_the_one_of_the_build(workspace):
    """Only what SOURCE_DATE_EPOCH says counts, if it says anything."""
    workspace.write("a.md", record())
    before = build(workspace.folder, "2026-11-01")
    shutil.rmtree(workspace.folder / ".feedpub")
    shutil.rmtree(workspace.folder / "feeds")
    subprocess.run(
        ["faketime", "2020-01-01", sys.executable, "-m", "feedpub", "build"],
        cwd=workspace.folder,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(int(NOW.timestamp()))},
        capture_output=True,
        check=True,
    )
    assert tree(workspace.folder) == before


@needs_faketime
def test_clock_of_a_machine_that_went_back_loses_no_edit(workspace):
    """Times of files then lie in the future: such files are read again."""
    workspace.write("a.md", record())
    build(workspace.folder, "2026-06-01")
    workspace.write("a.md", record(title="Edited"))
    environment = {name: text for name, text in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    subprocess.run(
        ["faketime", "2026-03-01", sys.executable, "-m", "feedpub", "build"],
        cwd=workspace.folder,
        env=environment,
        capture_output=True,
        check=True,
    )
    assert "Edited" in (workspace.folder / "feeds/all/rss.xml").read_text("utf-8")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", ["2024-03-10T07:00", "2024-11-03T06:30"])
def test_dst_of_the_machine_changes_no_byte(tmp_path, monkeypatch, zone, day):
    import time

    dates = ["2024-03-10T02:30:00", "2024-11-03T01:30:00", "2024-03-09", "2024-03-10 07:00Z"]
    trees = []
    for number, each in enumerate(["UTC", zone]):
        folder = tmp_path / str(number)
        folder.mkdir()
        site = Workspace(folder)
        for name, date in enumerate(dates):
            text = record(title=f"T{name}", webUrl=f"/{name}", publishedDateTime=date)
            site.write(f"{name}.md", text)
        monkeypatch.setenv("TZ", each)
        time.tzset()
        found = build(folder, day)
        trees.append({str(path.relative_to(folder)): data for path, data in found.items()})
    monkeypatch.undo()
    time.tzset()
    assert trees[0] == trees[1]
