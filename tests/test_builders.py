"""Several builders share a state on a PostgreSQL server, and take over from each other."""

import os
import re
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from itertools import count

import pytest
from postgres_server import postgres_server
from support import CONFIG, NOW, PROJECT, Workspace, call_feedpub, record, run_feedpub

from feedpub import file_reading
from feedpub.databases.postgres import only_builder

DOCUMENTED = "postgresql://feedpub@db.example.net/feeds"
_numbers = count()


@pytest.fixture(scope="module")
def server():
    with postgres_server() as url:
        yield url


@pytest.fixture
def schema():
    return f"site_{next(_numbers)}"


@pytest.fixture
def switch(server, schema):
    return f"state: {{url: '{server}', name: {schema}}}\n"


@pytest.fixture
def builder(tmp_path, switch):
    """Return a function that sets up a builder in a folder of its own, with the same records."""

    def make(name):
        folder = tmp_path / name
        folder.mkdir()
        workspace = Workspace(folder, CONFIG + switch)
        if name != "a" and (tmp_path / "a").exists():
            for part in ("articles", "feeds"):
                shutil.copytree(tmp_path / "a" / part, folder / part, dirs_exist_ok=True)
            for path in folder.rglob("*"):  # as a clone made at another time
                os.utime(path, (1.6e9, 1.6e9))
        return workspace

    return make


def build(workspace, *options, days=0, code=0):
    seconds = str(int((NOW + timedelta(days=days)).timestamp()))
    ended = call_feedpub(
        "build", *options, cwd=workspace.folder, env={"SOURCE_DATE_EPOCH": seconds}
    )
    assert ended.returncode == code, ended.stderr
    return ended


def tree(workspace):
    files = (path for path in (workspace.folder / "feeds").rglob("*") if path.is_file())
    return {str(path.relative_to(workspace.folder)): path.read_bytes() for path in files}


def story(workspace, name, *others, **fields):
    items = "".join(f"\n  - {{title: {o}, webUrl: 'https://www.example.com/{o}'}}" for o in others)
    link = f"https://www.example.com/{name}"
    workspace.write(
        f"{name}.md", record(**{"title": name, "webUrl": link, "related": items or None, **fields})
    )


def test_the_documented_switch_gives_the_same_bytes_as_a_file(tmp_path, server):
    text = (PROJECT / "docs/scaling.md").read_text("utf-8")
    block = next(b for b in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if DOCUMENTED in b)
    sites = []
    for name, switch in (("file", ""), ("shared", block.replace(DOCUMENTED, f"'{server}'"))):
        (tmp_path / name).mkdir()
        site = Workspace(tmp_path / name, CONFIG + switch)
        for number in range(30):
            story(site, f"n{number}", f"n{number ^ 1}", topics=f"[Topic {number % 4}]")
        build(site)
        story(site, "n3", title="Edited")
        (site.folder / "articles/n5.md").unlink()
        story(site, "late", publishedDateTime="2025-01-01")
        build(site, days=1)
        build(site, "--prune", days=2)
        sites.append(site)
    assert tree(sites[0]) == tree(sites[1])
    assert not (tmp_path / "shared/.feedpub/state.sqlite3").exists()


def test_a_second_builder_takes_over_and_hands_back(builder, monkeypatch):
    a = builder("a")
    for number in range(12):
        story(a, f"n{number}", topics=f"[Topic {number % 3}]")
    build(a)
    story(a, "n0", title="Edited")
    build(a, days=1)
    b, before = builder("b"), tree(a)
    parsed = []
    read = file_reading.read_data
    monkeypatch.setattr(
        file_reading, "read_data", lambda *a, **o: parsed.append(1) or read(*a, **o)
    )
    assert " 0 written" in build(b, days=2).stdout
    assert (parsed, tree(b)) == ([], before)
    story(b, "n1", title="Edited too")
    build(b, days=3)
    shutil.copytree(b.folder / "articles", a.folder / "articles", dirs_exist_ok=True)
    build(a, days=3)
    assert tree(a) == tree(b) != before
    assert len(parsed) == 1


def test_a_builder_with_nothing_but_the_records_makes_the_same(builder):
    """Late arrivals, edits and stories are remembered, though nothing in its folder tells them."""
    a = builder("a")
    story(a, "one", "two", publishedDateTime="2026-10-30")
    build(a)
    story(a, "two", "one", quality=9, publishedDateTime="2026-10-29")
    story(a, "late", publishedDateTime="2020-01-01")
    build(a, days=1)
    b = builder("b")
    shutil.rmtree(b.folder / "feeds")
    build(b, days=1)
    assert tree(b) == tree(a)


def test_a_builder_with_an_old_copy_keeps_feeds_it_never_saw(builder):
    a = builder("a")
    story(a, "one")
    build(a)
    b = builder("b")
    story(a, "two", topics="[Repair]")
    build(a, days=1)
    (a.folder / "articles/two.md").unlink()
    build(a, days=2)
    assert "feeds/topics/repair/rss.xml" in tree(a)
    build(b, days=2)
    assert tree(b) == tree(a)


def test_a_record_that_turns_bad_stays_as_another_builder_read_it(builder):
    a = builder("a")
    story(a, "one")
    story(a, "two")
    build(a)
    b = builder("b")
    b.write("two.md", "---\ntitle: [\n---\n")
    assert "stays as it was" in build(b, days=1, code=3).stderr
    assert tree(b) == tree(a)


def test_a_builder_that_works_keeps_others_out(builder, server, schema):
    site = builder("a")
    story(site, "one")
    with only_builder(server, schema, 0):
        loser = build(site, "--lock-wait", "0", code=75)
        assert build(site, "--dry-run").returncode == 0
    assert re.search(r"another run \(feedpub on .+, pid \d+, since \d\d:\d\d UTC\)", loser.stderr)
    assert not (site.folder / "feeds").exists()
    build(site, "--lock-wait", "0")


def test_the_lock_is_free_before_the_server_notices_that_a_builder_left(
    server, schema, monkeypatch
):
    left_open = []

    def leave_open(connection):
        left_open.append(connection)

    with monkeypatch.context() as slow:
        slow.setattr("psycopg.Connection.close", leave_open)
        for _ in range(2):
            with only_builder(server, schema, 0):
                pass
    for connection in left_open:
        connection.close()
    assert len(left_open) == 2


def test_builders_of_other_sites_do_not_wait(builder, server):
    site = builder("a")
    story(site, "one")
    with only_builder(server, "another_site", 0):
        build(site, "--lock-wait", "0")


def test_a_builder_that_waits_begins_when_the_other_ends(builder, server, schema):
    site = builder("a")
    story(site, "one")
    with only_builder(server, schema, 0):
        waiting = subprocess.Popen(
            [sys.executable, "-m", "feedpub", "build", "--lock-wait", "30"],
            cwd=site.folder,
            stdout=subprocess.PIPE,
        )
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(1)
    waiting.communicate(timeout=30)
    assert waiting.returncode == 0


def test_a_lock_does_not_outlive_a_builder_that_is_killed(builder, server, schema):
    site = builder("a")
    story(site, "one")
    code = f"""
from feedpub.databases.postgres import only_builder
with only_builder({server!r}, {schema!r}, 0):
    print("mine", flush=True)
    input()"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        other.stdout.readline()
        other.send_signal(signal.SIGKILL)
    build(site)


def test_other_commands_know_the_shared_state(builder):
    a = builder("a")
    story(a, "one", "two", publishedDateTime="2026-10-29")
    build(a)
    story(a, "two", "one", quality=9, publishedDateTime="2026-10-28")
    said = call_feedpub("explain", "articles/two.md", cwd=a.folder).stdout
    assert "story: 2 records from 1 outlet, as tag:feeds.example.org,2026:one" in said


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://me:Canary7@db.example.net/feeds", "expected no password"),
        ("postgresql://db.example.net/feeds?password=Canary7", "expected no password"),
        ("mysql://Canary7@db.example.net/feeds", "expected an address like postgresql://"),
        ("Canary7", "expected an address like postgresql://"),
    ],
)
def test_a_password_in_the_configuration_is_refused_and_not_said(workspace, url, said):
    workspace.configure(f"{CONFIG}state: {url}\n")
    ended = build(workspace, code=78)
    assert (said in ended.stderr, "Canary7" in ended.stderr) == (True, False)


def test_a_server_that_is_not_there_ends_the_run_with_75(workspace):
    workspace.write("a.md", record())
    workspace.configure(f"{CONFIG}state: postgresql://me@/feeds?host=/nowhere\n")
    ended = build(workspace, code=75)
    assert ended.stderr.startswith("feedpub: postgresql://me@/feeds?host=/nowhere: ")
    assert len(ended.stderr.splitlines()) == 1


def test_a_server_that_is_lost_ends_the_run_with_75(builder, server, monkeypatch):
    import psycopg

    site = builder("a")
    story(site, "one")
    build(site)
    before = tree(site)
    story(site, "two")
    read = file_reading.read_data

    def cutting(*arguments, **options):
        with psycopg.connect(server, autocommit=True) as admin:
            query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> %s AND"
            query += " application_name LIKE 'feedpub on %%'"
            admin.execute(query, (admin.info.backend_pid,))
        return read(*arguments, **options)

    monkeypatch.setattr(file_reading, "read_data", cutting)
    ended = build(site, code=75)
    assert "terminating connection" in ended.stderr or "closed" in ended.stderr
    assert tree(site) == before
    monkeypatch.undo()
    build(site)
    assert tree(site) != before


def test_a_missing_extra_says_which_to_install(builder):
    site = builder("a")
    (site.folder / "psycopg.py").write_text("raise ImportError\n")
    ended = run_feedpub("build", cwd=site.folder)
    said = "feedpub: state: postgresql:// needs psycopg: pip install 'feedpub[postgres]'\n"
    assert (ended.returncode, ended.stderr) == (78, said)
