"""The bar is for terminals: a log, a pipe and a quiet run never see it."""

import os
import pty
import subprocess
import sys

from support import call_feedpub, record

from feedpub.cli.progress_bar import ProgressBar


def on_a_terminal(folder, *options):
    """Run a build whose stderr is a terminal, and return what the terminal got."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "feedpub", "build", *options]
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 4096):
                shown += piece
        except OSError:  # how a terminal says that nobody writes to it any more
            pass
        os.close(ours)
    assert process.returncode == 0
    return shown.decode()


def test_a_terminal_sees_how_far_the_run_has_come(workspace):
    workspace.write("a.md", record())
    shown = on_a_terminal(workspace.folder)
    assert "Reading records" in shown
    assert "Publishing feeds" in shown


def test_a_quiet_run_shows_a_terminal_nothing(workspace):
    workspace.write("a.md", record())
    assert on_a_terminal(workspace.folder, "--quiet") == ""


def test_a_log_sees_one_line(workspace):
    workspace.write("a.md", record())
    ended = call_feedpub("build", cwd=workspace.folder)
    assert (len(ended.stdout.splitlines()), ended.stderr) == (1, "")


def test_a_run_without_stages_shows_no_bar(capfd):
    with ProgressBar() as bar:
        bar.advance()
    assert capfd.readouterr() == ("", "")
