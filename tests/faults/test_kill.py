"""kill -9 anywhere: readers find the old or the new files, and the next run makes up for it."""

import os
import random
import signal
import time

import pytest
from accidents import Found, Trials, changing_calls, kill_at_calls, needs_strace


def kill_at_random(trials: Trials, number: int, seed: int) -> Found:
    """Kill runs at random moments between their beginning and a little after their end."""
    trials.restore()
    started = time.perf_counter()
    trials.build()
    longest = 1.2 * (time.perf_counter() - started)
    moments, hits, violations = random.Random(seed), 0, []
    for _ in range(number):
        trials.restore()
        run = trials.start()
        time.sleep(moments.uniform(0, longest))
        os.kill(run.pid, signal.SIGKILL)
        hits += run.wait().code == -signal.SIGKILL
        violations += trials.violations()
    return Found(hits=hits, violations=tuple(violations))


@pytest.mark.parametrize("site", ["trials", "precompressed"])
def test_kill_at_random_moments(site, request, long):
    number = 250 if long else 10
    found = kill_at_random(request.getfixturevalue(site), number, seed=1)
    assert found.violations == ()
    assert found.hits > number / 10


@needs_strace
@pytest.mark.parametrize(("site", "every"), [("trials", 12), ("precompressed", 60)])
def test_kill_at_every_system_call_that_changes_something(site, every, request, long):
    """At each of them if there is a night for it, else at some."""
    trials = request.getfixturevalue(site)
    calls = trials.calls()
    names = {call.name for call in calls}
    assert names >= {"write", "pwrite64", "rename", "fsync", "fdatasync", "unlink", "mkdir"}
    chosen = calls if long else calls[::every]
    found = kill_at_calls(trials, chosen)
    assert found == Found(hits=len(chosen), violations=())


@needs_strace
def test_kill_finds_the_torn_files_of_a_publisher_that_writes_in_place(trials):
    """The control: trials that find nothing here would find nothing anywhere."""
    changes = ("one thread", "in place")
    trials.restore()
    log = trials.traced("trace=write", changes=changes)
    writes = [call for call in changing_calls(log, trials.folder) if "feed.json>" in call.text]
    found = kill_at_calls(trials, writes[1:2], *changes)
    assert found == Found(hits=1, violations=("torn: all/feed.json",))
