"""A record that kills whatever process reads it costs itself alone."""

import os
import signal
import subprocess
import sys

import pytest
from support import CONFIG, Workspace, always_several, record

from feedpub import file_reading
from feedpub.engines import Engine
from feedpub.state import State

TWO = Engine(processes=2)
# The command line, with a reader that dies of records that are deadly, in whatever process.
DYING = """
import os, signal
from feedpub import file_reading
from feedpub.cli.main import main
read = file_reading.read_data
def reader(data, *rest, **options):
    if b"deadly" in data:
        os.kill(os.getpid(), signal.SIGKILL)
    return read(data, *rest, **options)
file_reading.read_data = reader
main()
"""


@pytest.fixture
def site(tmp_path, monkeypatch):
    always_several(monkeypatch)
    workspace = Workspace(tmp_path)
    for number in range(300):
        workspace.write(f"{number:03}.md", record(title=f"Article {number}", webUrl=f"/{number}"))
    read = file_reading.read_data
    ours = os.getpid()

    def reader(data, *rest, **options):
        if b"deadly" in data:
            assert os.getpid() != ours
            os.kill(os.getpid(), signal.SIGKILL)
        return read(data, *rest, **options)

    monkeypatch.setattr(file_reading, "read_data", reader)
    return workspace


def test_a_record_that_kills_its_reader_is_named_and_the_others_are_published(site):
    site.write("150.md", record(title="deadly"))
    report = site.build(engine=TWO)
    assert [(p.source, p.code) for p in report.survey.errors] == [
        ("articles/150.md", "kills-reader")
    ]
    assert report.summary.listed == 299


def edit_all(site, **deadly):
    for number in range(300):
        fields = deadly if number == 7 else {"title": f"Edited {number}"}
        site.write(f"{number:03}.md", record(webUrl=f"/{number}", **fields))


def test_a_record_that_kills_its_reader_stays_as_it_was(site):
    state = State.in_memory()
    site.build(engine=TWO, state=state)
    edit_all(site, title="deadly")
    report = site.build(engine=TWO, state=state)
    assert report.summary.listed == 300
    assert [problem.stale_until for problem in report.survey.errors] == ["2026-11-08"]


def test_a_record_that_kills_its_reader_is_hidden_if_it_asks_for_it(site):
    state = State.in_memory()
    site.build(engine=TWO, state=state)
    edit_all(site, title="deadly", removed="true")
    assert site.build(engine=TWO, state=state).summary.listed == 299


def test_a_record_that_kills_its_reader_is_tried_again(site, monkeypatch):
    state = State.in_memory()
    site.write("150.md", record(title="deadly"))
    site.build(engine=TWO, state=state)
    monkeypatch.undo()
    report = site.build(engine=TWO, state=state)
    assert (report.survey.parsed, report.summary.listed) == (1, 300)


@pytest.fixture
def small(workspace):
    workspace.write("good.md", record(title="Good", webUrl="/good"))
    return workspace


def feed(workspace):
    return (workspace.folder / "feeds/all/rss.xml").read_bytes()


def call(workspace, *arguments):
    line = [sys.executable, "-c", DYING, *(arguments or ["build"])]
    return subprocess.run(
        line, cwd=workspace.folder, capture_output=True, text=True, check=False, timeout=60
    )


def test_a_run_that_a_record_killed_is_followed_by_runs_that_name_it(small):
    small.write("bad.md", record(title="deadly", webUrl="/bad"))
    assert call(small).returncode == -signal.SIGKILL
    for _ in range(2):
        ended = call(small)
        assert ended.returncode == 3
        assert "articles/bad.md: the process that reads it is killed" in ended.stderr
    assert b"Good" in feed(small)
    small.write("bad.md", record(title="Mended", webUrl="/bad"))
    assert call(small).returncode == 0
    assert b"Mended" in feed(small)


def test_a_refused_run_makes_the_next_one_no_less_careful(small):
    small.write("bad.md", record(title="deadly", webUrl="/bad"))
    codes = [call(small, "build", "--strict").returncode for _ in range(3)]
    assert codes == [-signal.SIGKILL, 4, 4]


def test_what_reads_no_records_makes_the_next_run_no_less_careful(small):
    small.write("bad.md", record(title="deadly", webUrl="/bad"))
    assert call(small).returncode == -signal.SIGKILL
    assert call(small, "ping").returncode == 0
    assert call(small).returncode == 3


def test_few_records_are_read_by_the_run_itself_while_none_is_killed(small):
    assert call(small).returncode == 0
    assert not (small.folder / ".feedpub/unfinished").exists()
    small.write("bad.md", record(title="deadly", webUrl="/bad"))
    assert call(small).returncode == -signal.SIGKILL


def test_check_names_a_record_that_kills_its_reader(small):
    small.write("bad.md", record(title="deadly", webUrl="/bad"))
    ended = call(small, "check")
    assert ended.returncode == 3
    assert "articles/bad.md: the process that reads it is killed" in ended.stdout
    assert "2 records read, 1 listed" in ended.stdout


def test_check_stays_in_one_process_where_the_engine_is_serial(small):
    small.configure(CONFIG + "engine: serial\n")
    small.write("bad.md", record(title="deadly", webUrl="/bad"))
    assert call(small, "check").returncode == -signal.SIGKILL
