"""Two runs at once: one works, the other leaves, whatever became of those before them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import FileLock
from support import NOW, Workspace, call_feedpub, record

SECONDS = str(int(NOW.timestamp()))


@pytest.fixture
def rounds(request):
    """Return how often a race is run: seldom, unless there is a night for it."""
    return 100 if request.config.getoption("long") else 10


@pytest.fixture
def lock(workspace):
    (workspace.folder / ".feedpub").mkdir()
    return FileLock(workspace.folder / ".feedpub/lock")


def started(folder, *options):
    return subprocess.Popen(
        [sys.executable, "-m", "feedpub", "build", *options],
        cwd=folder,
        env={**os.environ, "SOURCE_DATE_EPOCH": SECONDS, "PYTHONWARNINGS": "error"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(run):
    output, errors = run.communicate(timeout=60)
    return subprocess.CompletedProcess(run.args, run.returncode, output, errors)


def build(workspace, *options):
    return call_feedpub("build", *options, cwd=workspace.folder)


def tree(folder):
    files = (path for path in (folder / "feeds").rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def site(folder):
    folder.mkdir()
    return Workspace(folder)


def test_overlap_of_two_runs_leaves_the_output_of_one(tmp_path, rounds):
    """Every other time the second run has no patience at all."""
    raced, alone = site(tmp_path / "raced"), site(tmp_path / "alone")
    for number in range(rounds):
        for workspace in (raced, alone):
            link = f"https://www.example.com/{number}"
            workspace.write(f"{number}.md", record(title=f"Title {number}", webUrl=link))
        patience = ("--lock-wait", "0") if number % 2 else ()
        first, second = map(ended, [started(raced.folder, *patience) for _ in range(2)])
        build(alone)
        codes = sorted([first.returncode, second.returncode])
        assert codes in ([0, 0], [0, 75] if patience else [0, 0]), first.stderr + second.stderr
        assert sum(" 0 written" not in run.stdout for run in (first, second) if run.stdout) == 1
        assert tree(raced.folder) == tree(alone.folder)


def test_overlap_loser_leaves_with_75_and_names_the_other_run(workspace, lock):
    workspace.write("a.md", record())
    with lock:
        Path(lock.lock_file).write_text("123\n")
        at_five = time.mktime((2026, 11, 1, 10, 5, 0, 0, 0, -1))
        os.utime(lock.lock_file, (at_five, at_five))
        loser = build(workspace, "--lock-wait", "0.1")
    said = "feedpub: another run (pid 123, since 10:05) is active\n"
    assert (loser.returncode, loser.stdout, loser.stderr) == (75, "", said)
    assert not (workspace.folder / "feeds").exists()


def test_overlap_with_a_run_that_has_not_said_who_it_is(workspace, lock):
    workspace.write("a.md", record())
    with lock:
        assert build(workspace, "--lock-wait", "0").stderr == "feedpub: another run is active\n"


def test_overlap_loser_waits_for_a_run_that_ends_in_time(workspace, lock):
    workspace.write("a.md", record())
    with lock:
        waiting = started(workspace.folder, "--lock-wait", "30")
        time.sleep(0.5)
    assert ended(waiting).returncode == 0


def test_overlap_lock_left_by_kill_9_is_never_stale(tmp_path):
    """Processes that the killed run started to help it do not hold on to the lock either."""
    workspace = Workspace(tmp_path)
    build(workspace)
    for number in range(1200):
        link = f"https://www.example.com/{number}"
        workspace.write(f"{number}.md", record(title=f"Title {number}", webUrl=link))
    run = started(tmp_path, "--jobs", "2")
    children = Path(f"/proc/{run.pid}/task/{run.pid}/children")
    while run.poll() is None and not children.read_text():
        time.sleep(0.001)
    assert run.poll() is None
    run.send_signal(signal.SIGKILL)
    ended(run)
    after = build(workspace, "--lock-wait", "0")
    assert (after.returncode, after.stderr) == (0, "")


def test_state_locked_by_another_program_ends_with_75(workspace, monkeypatch):
    import sqlite3

    workspace.write("a.md", record())
    build(workspace)
    connect = sqlite3.connect
    other = connect(workspace.folder / ".feedpub/state.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **o: connect(*a, **{**o, "timeout": 0.1}))
    busy = build(workspace)
    other.close()
    assert (busy.returncode, "is locked by another program" in busy.stderr) == (75, True)
