"""Work in one process or in several gives the same results in the same order."""

import os
import subprocess
import sys

import pytest
from deadly_work import Doubling, DyingAlways, DyingOnce
from support import PROJECT

from feedpub.engines import HERE, Engine, crew_for
from feedpub.errors import FeedpubError
from feedpub.workers import spread

TWO = Engine(processes=2)
MUCH = 1  # a second


def doubles(work, **options):
    return [double for double, _ in divided(work, range(1000), MUCH, **options)]


def divided(work, items, seconds, **options):
    return spread(work, items, [seconds / len(items)] * len(items), **options)


def test_results_come_in_the_order_of_the_items():
    assert doubles(Doubling(), engine=TWO) == [2 * number for number in range(1000)]


def test_enough_work_goes_to_other_processes():
    assert os.getpid() not in {pid for _, pid in divided(Doubling(), range(300), MUCH, engine=TWO)}


@pytest.mark.parametrize(
    ("seconds", "engine"), [(0.04, TWO), (MUCH, Engine(processes=1)), (MUCH, HERE)]
)
def test_little_work_or_one_process_stays_here(seconds, engine):
    results = divided(Doubling(), range(1000), seconds, engine=engine)
    assert {pid for _, pid in results} == {os.getpid()}


@pytest.mark.parametrize("processes", [1, 2])
def test_who_is_wary_leaves_the_least_work_to_others(processes):
    wary = Engine(processes=processes, wary=True)
    assert os.getpid() not in {pid for _, pid in divided(Doubling(), [1], 0, engine=wary)}


def test_items_are_taken_as_they_are_needed():
    taken = []
    items = (taken.append(number) or number for number in range(10_000))
    results = spread(Doubling(), items, [0.0005] * 10_000, engine=TWO)
    next(results)
    assert len(taken) < 1000
    results.close()


def test_batches_take_about_as_long_however_unlike_the_items_are():
    def sizes(batch):
        return [len(batch)] * len(batch)

    seconds = [0.07, 0.02, 0.02, 0.02, 0.001]
    assert list(spread(sizes, range(5), seconds, engine=HERE)) == [1, 3, 3, 3, 1]


@pytest.mark.parametrize(("seconds", "batch"), [(0.08, 0.005), (10, 0.05)])
def test_little_work_goes_in_smaller_batches(seconds, batch):
    with crew_for(TWO, Doubling(), seconds) as workers:
        assert workers.batch == batch


def test_a_process_that_dies_costs_a_retry_and_no_result(tmp_path):
    work = DyingOnce(420, tmp_path)
    assert doubles(work, engine=TWO) == [2 * number for number in range(1000)]
    assert work.trace.exists()


def test_items_that_kill_every_process_cost_themselves_alone():
    work = DyingAlways(0, 420, 421, 999)
    results = doubles(work, engine=TWO, fatal=lambda number: (f"lost {number}", 0))
    lost = {0: "lost 0", 420: "lost 420", 421: "lost 421", 999: "lost 999"}
    assert results == [lost.get(number, 2 * number) for number in range(1000)]


def test_an_item_nobody_can_do_without_ends_the_work():
    with pytest.raises(FeedpubError, match="works on this dies: 420"):
        doubles(DyingAlways(420), engine=TWO)


def test_a_process_that_waits_to_be_heard_ends_with_the_others(tmp_path):
    """The command line makes an exception of SIGTERM, with which a pool ends its processes."""
    code = f"""
import signal, sys
from pathlib import Path
sys.path.insert(0, {str(PROJECT / "tests")!r})
from deadly_work import DyingOnce
from feedpub.engines import Engine
from feedpub.workers import spread

class Bulky(DyingOnce):
    def __call__(self, numbers):
        return [bytes(100_000) for _ in super().__call__(numbers)]

signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
work = Bulky(120, Path({str(tmp_path)!r}))
print(len(list(spread(work, range(1000), [0.001] * 1000, engine=Engine(processes=2)))))"""
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.stdout, ended.stderr) == ("1000\n", "")
