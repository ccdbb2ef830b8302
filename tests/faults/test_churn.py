"""Records that are written, moved and deleted while runs read them."""

import json
import os
import random
import re
import shutil
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from accidents import ids, tree
from feed_checks import parse_xml
from support import CONFIG, NOW, Workspace, call_feedpub, record

from feedpub import reading
from feedpub.sources import contents

STEADY = 6
# What is remembered of a record that came and went is left out: all is as in a clean build.
FORGETFUL = CONFIG + "min_visible: 0\ntombstones: {days: 0}\n"
# A text of a record that is whole: the number of its version at both ends.
WHOLE = re.compile(r"(\w+) (\d+) begins and \1 \2 ends")


def text(kind, number, body=""):
    whole = f"{kind} {number} begins and {kind} {number} ends"
    others = f"[{{title: Steady 0, webUrl: /{number % 3}}}]"
    return record(
        title=whole,
        excerpt=whole,
        webUrl=f"/{kind}",
        updatedDateTime="2026-02-01T00:00:00Z",
        related=others,
        body=body,
    )


# Kinds of churn: each is one more version of the record of its own.


def create(folder, number):
    for old in folder.glob("create-*.md"):
        old.unlink()
    (folder / f"create-{number}.md").write_text(text("create", number))


def rename_over(folder, number):
    aside = folder / ".aside"
    aside.write_text(text("rename_over", number))
    aside.replace(folder / "rename_over.md")


def write_slowly(folder, number):
    whole = text("write_slowly", number)
    with (folder / "write_slowly.md").open("w") as file:
        for start in range(0, len(whole), 40):
            file.write(whole[start : start + 40])
            file.flush()
            time.sleep(0.001)


def delete(folder, number):
    location = folder / "delete.md"
    location.unlink(missing_ok=True)
    time.sleep(0.002)
    location.write_text(text("delete", number))


def replace_by_folder(folder, number):
    location = folder / "replace_by_folder.md"
    location.unlink(missing_ok=True)
    location.mkdir()
    (location / "inner.md").write_text(text("inner", number))
    time.sleep(0.002)
    shutil.rmtree(location)
    location.write_text(text("replace_by_folder", number))


def append(folder, number):
    location = folder / "append.md"
    if number % 100 == 0 or not location.exists():
        rename = folder / ".append"
        rename.write_text(text("append", number))
        rename.replace(location)
    with location.open("a") as file:
        file.write(f"\nappend {number} begins and append {number} ends\n")


def touch(folder, number):
    location = folder / "touch.md"
    if not location.exists():
        location.write_text(text("touch", number))
    location.touch()


CHURN = (create, rename_over, write_slowly, delete, replace_by_folder, append, touch)


@contextmanager
def churning(folder, kinds):
    """Do several kinds of churn over and over, in an order of their own."""
    stop, failures = threading.Event(), []

    def churn():
        order = random.Random(1)
        number = 0
        try:
            while not stop.is_set():
                for kind in order.sample(kinds, len(kinds)):
                    kind(folder, number)
                number += 1
                time.sleep(0.0005)
        except OSError as error:
            failures.append(error)

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    assert failures == []


def amiss(folder):
    """Return what no reader may find."""
    files = tree(folder / "feeds")
    for path, data in files.items():
        if path.endswith(".xml"):
            parse_xml(data)
    steady = {f"tag:feeds.example.org,2026:steady-{number}" for number in range(STEADY)}
    wrong = sorted(steady - ids({"all/feed.json": files["all/feed.json"]}))
    for item in json.loads(files["all/feed.json"])["items"]:
        wrong += [item[key] for key in ("title", "summary") if not WHOLE.fullmatch(item[key])]
        # Of each version that is begun, the end is there.
        content = item.get("content_html", "")
        wrong += [content] * (content.count(" begins") != len(WHOLE.findall(content)))
    return wrong


def raced(server, folder, builds, kinds):
    """Build while records change; return what went wrong, then and after they came to rest."""
    folder.mkdir()
    site = Workspace(folder, FORGETFUL)
    for number in range(STEADY):
        location = site.write(f"steady-{number}.md", text(f"steady{number}", 0))
        location.write_text(location.read_text().replace(f"/steady{number}", f"/{number}"))
    wrong = []
    with churning(folder / "articles", kinds):
        for _ in range(builds):
            ended = server.build(folder)
            if ended.code not in {0, 3} or "Traceback" in ended.said:
                wrong.append(f"{ended.code}: {ended.said}")
                continue
            wrong += amiss(folder)
    return wrong + after_rest(server, folder)


def after_rest(server, folder):
    """Return which files differ between builds at rest and a clean build of the same records.

    The first tells of withdrawals, the last, a day later, of none any more.
    """
    clean = folder.with_name(f"{folder.name}-clean")
    shutil.copytree(folder, clean, ignore=shutil.ignore_patterns(".feedpub", "feeds"))
    next_day = {"SOURCE_DATE_EPOCH": str(int(NOW.timestamp()) + 24 * 3600)}
    ended = [
        server.build(folder, "--prune"),
        server.build(folder, "--prune", environment=next_day),
        server.build(clean, "--prune", environment=next_day),
    ]
    assert [each.code for each in ended] == [0, 0, 0], ended
    left, wanted = tree(folder / "feeds"), tree(clean / "feeds")
    return sorted(path for path in {*left, *wanted} if left.get(path) != wanted.get(path))


def test_churn_of_several_kinds_publishes_nothing_half(server, home):
    assert raced(server, home / "churn", 10, CHURN) == []


@pytest.mark.parametrize("kind", [rename_over, write_slowly, replace_by_folder, append])
def test_churn_of_one_kind_publishes_nothing_half(server, home, long, kind):
    rounds = 20 if long else 2
    assert raced(server, home / f"churn-{kind.__name__}", rounds, (kind,)) == []


# The same, at the very moment.


@pytest.fixture
def site(workspace):
    """Make a site of two records that was built."""
    for name in ("one", "two"):
        workspace.write(f"{name}.md", record(title=name, webUrl=f"/{name}"))
    assert build(workspace).returncode == 0
    return workspace


def build(workspace):
    return call_feedpub("build", cwd=workspace.folder)


def titles(workspace):
    feed = json.loads((workspace.folder / "feeds/all/feed.json").read_text("utf-8"))
    return sorted(item["title"] for item in feed["items"])


def before_reading(monkeypatch, change):
    """Let something happen between the scan of the sources and the first read."""
    jobs_of = reading.jobs_of

    def changed(*arguments):
        yield from jobs_of(*arguments)
        change()

    monkeypatch.setattr(reading, "jobs_of", changed)


def test_record_that_vanished_before_it_was_read_is_deleted_without_a_word(site, monkeypatch):
    location = site.write("one.md", record(title="One more time", webUrl="/one"))
    with monkeypatch.context() as patch:
        before_reading(patch, lambda: location.unlink(missing_ok=True))
        ended = build(site)
    assert (ended.returncode, ended.stderr, titles(site)) == (0, "", ["two"])
    assert (build(site).returncode, titles(site)) == (0, ["two"])


def test_new_record_that_vanished_before_it_was_read_never_was(site, monkeypatch):
    location = site.write("new.md", record(title="New", webUrl="/new"))
    with monkeypatch.context() as patch:
        before_reading(patch, lambda: location.unlink(missing_ok=True))
        ended = build(site)
    assert (ended.returncode, ended.stderr, titles(site)) == (0, "", ["one", "two"])


def test_record_of_a_folder_that_vanished_before_it_was_read_stays(site, monkeypatch):
    location = site.write("in/three.md", record(title="three", webUrl="/three"))
    build(site)
    site.write("in/three.md", record(title="Three", webUrl="/three"))
    with monkeypatch.context() as patch:
        before_reading(patch, lambda: shutil.rmtree(location.parent, ignore_errors=True))
        assert build(site).returncode == 3
    assert titles(site) == ["one", "three", "two"]
    assert (build(site).returncode, titles(site)) == (0, ["one", "two"])


def test_record_that_keeps_changing_stays_as_it_was_until_it_is_at_rest(site, monkeypatch):
    location, read = site.write("one.md", record(title="One", webUrl="/one")), os.read
    os.utime(location, (1, 1))
    with monkeypatch.context() as patch:

        def meddled(descriptor: int, size: int) -> bytes:
            data = read(descriptor, size)
            if Path(f"/proc/self/fd/{descriptor}").resolve() == location:
                os.utime(location, (1, location.stat().st_mtime + 1))
            return data

        patch.setattr(contents.os, "read", meddled)
        ended = build(site)
    assert (ended.returncode, titles(site)) == (3, ["one", "two"])
    assert "articles/one.md: changed while it was read" in ended.stderr
    # Even if it is dated as the scan found it.
    os.utime(location, (1, 1))
    assert (build(site).returncode, titles(site)) == (0, ["One", "two"])
