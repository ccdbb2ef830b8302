"""Work spread over several processes, where there is enough of it to be worth their start."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_WORTH_A_POOL = 200
_BATCH = 50
# Results may be this many batches ahead of whoever takes them: memory stays bounded.
_AHEAD_PER_PROCESS = 4


def spread(
    work: Callable[[Sequence[Item]], list[Result]],
    items: Iterable[Item],
    count: int,
    *,
    processes: int,
) -> Iterator[Result]:
    """Yield the results of `work` on all the `count` items, in their order, batch by batch.

    With one process, or too few items to be worth a second one, everything happens here. `work`
    goes to each process once, so it may hold a lot; items and results go with every batch.
    """
    batches = _batches(items)
    if processes < 2 or count < _WORTH_A_POOL:
        for each in batches:
            yield from work(each)
        return
    from concurrent.futures import (  # 60 ms that small changes never pay
        Future,
        ProcessPoolExecutor,
    )

    with ProcessPoolExecutor(processes, initializer=_install, initargs=(work,)) as pool:
        waiting: deque[Future[list[Result]]] = deque()
        for each in batches:
            waiting.append(pool.submit(_run, each))
            if len(waiting) >= processes * _AHEAD_PER_PROCESS:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, _BATCH)):
        yield batch


_installed: list[Callable[[Any], Any]] = []


def _install(work: Callable[[Any], Any]) -> None:
    from threading import Thread

    _installed[:] = [work]
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process once the one it works for is gone: killed with -9, it cannot say so."""
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run(batch: Sequence[Any]) -> Any:
    return _installed[0](batch)
