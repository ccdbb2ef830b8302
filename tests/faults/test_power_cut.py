"""Power cut: the order in which a run has things written to the disk, as strace saw it.

What was not synced when the power goes may be there or not, whatever came before or after it. So a
file is synced before it gets its name, a folder after one in it was renamed or made, and the state
after all that.
"""

import re
import shutil
from pathlib import PurePosixPath
from typing import NamedTuple

from accidents import TRACED, needs_strace

_DESCRIPTOR = re.compile(r"\d+<([^>]*)>")
_PATHS = re.compile(r'"([^"]*)"')
_LINE = re.compile(r"(?:\d+ +)?(\w+)\((.*)\) += 0")
_WRITES = re.compile(r"(?:\d+ +)?p?write(?:64|v)?\(\d+<([^>]*)>")


class Step(NamedTuple):
    """Something a run did that a power cut may undo, or that keeps it from doing so."""

    kind: str
    path: str
    to: str = ""


def steps(log, folder):
    """Return what a trace tells of one run in a folder, in its order."""
    result = []
    for line in log.splitlines():
        if wrote := _WRITES.match(line):
            result.append(Step("write", wrote[1]))
        elif done := _LINE.match(line):
            name, text = done.groups()
            if name in {"fsync", "fdatasync"}:
                result.append(Step("sync", _DESCRIPTOR.match(text)[1]))
            elif name.startswith(("rename", "mkdir")):
                result.append(Step(name[:6].rstrip("a"), *_PATHS.findall(text)))
    return [step for step in result if f"{step.path}/".startswith(f"{folder}/")]


def not_durable(done, output, state):
    """Return what was not on the disk when something that builds on it was done."""
    unsynced, unlisted, amiss = set(), set(), []
    for step in done:
        if step.kind == "write":
            unsynced.add(step.path)
            if step.path.startswith(state):
                amiss += [f"{path} is recorded but not on the disk" for path in sorted(unlisted)]
        elif step.kind == "sync":
            unsynced.discard(step.path)
            unlisted = {path for path in unlisted if str(PurePosixPath(path).parent) != step.path}
        elif step.kind == "mkdir":
            unlisted.add(step.path)
        elif step.kind == "rename" and step.path.startswith(output):
            if step.path in unsynced:
                amiss.append(f"{step.to} was renamed before it was synced")
            unlisted.add(step.to)
    return amiss + [f"{path} is not synced at the end" for path in sorted(unlisted)]


def traced(trials, *changes):
    trials.restore()
    ended, log = trials.meddled("trace=" + TRACED, changes=("one thread", *changes))
    assert ended.code == 0
    return steps(log, trials.folder)


def amiss(trials, done):
    return not_durable(done, f"{trials.output}/", f"{trials.folder}/.feedpub/state.sqlite3")


@needs_strace
def test_power_cut_finds_files_on_the_disk_before_they_have_their_names(trials):
    done = traced(trials)
    assert {step.kind for step in done} == {"write", "sync", "rename", "mkdir"}
    assert amiss(trials, done) == []


@needs_strace
def test_power_cut_after_the_first_run_finds_all_folders(trials):
    trials.restore()
    shutil.rmtree(trials.output)
    shutil.rmtree(trials.folder / ".feedpub")
    ended, log = trials.meddled("trace=" + TRACED)
    done = steps(log, trials.folder)
    assert ended.code == 0
    assert Step("mkdir", str(trials.output)) in done
    assert [each for each in amiss(trials, done) if "/.feedpub is" not in each] == []


@needs_strace
def test_power_cut_finds_the_state_as_the_run_that_ended_left_it(trials):
    """A run ends once the log of the state is synced, and what it holds lies in the state."""
    done = traced(trials)
    state = f"{trials.folder}/.feedpub/state.sqlite3"
    for path in (state, f"{state}-wal"):
        last = max(number for number, step in enumerate(done) if step == Step("write", path))
        assert Step("sync", path) in done[last:]


@needs_strace
def test_power_cut_finds_what_is_not_synced(trials):
    """The control."""
    found = amiss(trials, traced(trials, "not synced"))
    assert "was renamed before it was synced" in " ".join(found)
