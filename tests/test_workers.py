"""Work in one process or in several gives the same results in the same order."""

import os

import pytest

from feedpub.workers import spread


class Doubling:
    """Doubles numbers, and tells in which process."""

    def __init__(self) -> None:
        self.batches = 0

    def __call__(self, numbers):
        self.batches += 1
        return [(2 * number, os.getpid()) for number in numbers]


def test_results_come_in_the_order_of_the_items():
    results = list(spread(Doubling(), range(1000), 1000, processes=2))
    assert [double for double, _ in results] == [2 * number for number in range(1000)]


def test_enough_work_goes_to_other_processes():
    assert os.getpid() not in {pid for _, pid in spread(Doubling(), range(300), 300, processes=2)}


@pytest.mark.parametrize(("count", "processes"), [(10, 2), (1000, 1)])
def test_little_work_or_one_process_stays_here(count, processes):
    results = spread(Doubling(), range(count), count, processes=processes)
    assert {pid for _, pid in results} == {os.getpid()}


def test_items_are_taken_as_they_are_needed():
    taken = []
    items = (taken.append(number) or number for number in range(10_000))
    results = spread(Doubling(), items, 10_000, processes=2)
    next(results)
    assert len(taken) < 1000
    results.close()
