"""Work spread over an engine, where there is enough of it to be worth the start of one."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from feedpub.engines import Crew, Engine, WorkerDied, crew_for
from feedpub.errors import FeedpubError

if TYPE_CHECKING:
    from concurrent.futures import Future

Item = TypeVar("Item")
Result = TypeVar("Result")

# How long one batch takes, in seconds, where all the work is done here.
_BATCH = 0.05


def _give_up(item: object) -> Any:
    raise FeedpubError(f"whatever process works on this dies: {item}")


def spread(
    work: Callable[[Sequence[Item]], list[Result]],
    items: Iterable[Item],
    seconds: Sequence[float],
    *,
    engine: Engine,
    fatal: Callable[[Item], Result] = _give_up,
) -> Iterator[Result]:
    """Yield the results of `work` on all the items, in their order, batch by batch.

    An item takes one process about so many `seconds`: if all take too little to be worth more,
    everything happens here. `work` goes to each process once, so it may hold a lot; items and
    results go with every batch. What a process did that died is done again; what `fatal` makes
    stands for an item that kills every process that works on it.
    """
    crew = crew_for(engine, work, sum(seconds))
    if crew is None:
        for batch in _batches(items, seconds, _BATCH):
            yield from work(batch)
        return
    with crew as workers:
        under_way: deque[tuple[list[Item], Future[Any]]] = deque()
        for batch in _batches(items, seconds, workers.batch):
            under_way.append((batch, workers.submit(batch)))
            if len(under_way) >= workers.ahead:
                yield from _finished(workers, *under_way.popleft(), fatal)
        while under_way:
            yield from _finished(workers, *under_way.popleft(), fatal)


def _batches(
    items: Iterable[Item], seconds: Sequence[float], enough: float
) -> Iterator[list[Item]]:
    """Yield batches that take about as long, however unlike the items are."""
    batch: list[Item] = []
    spent = 0.0
    for item, cost in zip(items, seconds, strict=True):
        batch.append(item)
        spent += cost
        if spent >= enough:
            yield batch
            batch, spent = [], 0.0
    if batch:
        yield batch


def _finished(
    workers: Crew, batch: list[Item], future: "Future[Any]", fatal: Callable[[Item], Result]
) -> list[Result]:
    try:
        return workers.take(future)
    except WorkerDied:
        return _carefully(workers, batch, fatal)


def _carefully(workers: Crew, batch: list[Item], fatal: Callable[[Item], Result]) -> list[Result]:
    """Return the results of a batch that may hold the item a process died of."""
    try:
        return workers.alone(batch)
    except WorkerDied:
        if len(batch) == 1:
            return [fatal(batch[0])]
    half = len(batch) // 2
    return _carefully(workers, batch[:half], fatal) + _carefully(workers, batch[half:], fatal)
