"""Work in steps, in which many pieces of it keep pace: each step finds its code at hand.

Reading a record takes some 700 calls of a hundred functions, more than the caches of a processor
hold. Where a hundred records take each step one after the other, all take a fifth less time.
"""

from collections.abc import Generator, Iterable
from typing import TypeVar

Result = TypeVar("Result")

# What pauses between its steps, and returns a result.
Steps = Generator[None, None, Result]


def in_step(works: Iterable[Steps[Result]]) -> list[Result]:
    """Return the results of some pieces of work, in their order, each step done by all."""
    results: dict[int, Result] = {}
    under_way = list(enumerate(works))
    while under_way:
        ahead = []
        for place, work in under_way:
            try:
                next(work)
            except StopIteration as ended:
                results[place] = ended.value
            else:
                ahead.append((place, work))
        under_way = ahead
    return [results[place] for place in range(len(results))]


def done(work: Steps[Result]) -> Result:
    """Return the result of one piece of work."""
    (result,) = in_step([work])
    return result
