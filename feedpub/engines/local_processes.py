"""Processes of this machine, made for one kind of work, which each of them holds from the start."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.context import BaseContext
from typing import Any

from feedpub.engines import Engine, WorkerDied

# Seconds that a batch takes; and how many of them a process does at least, lest one be left with
# work when the others have none.
_BATCH, _BATCHES_PER_PROCESS = 0.05, 8
# Results may be this many batches ahead of whoever takes them: memory stays bounded.
_AHEAD_PER_PROCESS = 4

Work = Callable[[Sequence[Any]], list[Any]]


@contextmanager
def crew(work: Work, engine: Engine, seconds: float) -> Iterator["_Processes"]:
    """Start processes that end with the `with`, whatever becomes of it."""
    processes = _Processes(work, engine.processes, seconds)
    try:
        yield processes
    finally:
        processes.close()


class _Processes:
    def __init__(self, work: Work, number: int, seconds: float) -> None:
        self._work, self._number = work, number
        self._pool: ProcessPoolExecutor | None = None
        self.ahead = number * _AHEAD_PER_PROCESS
        self.batch = min(_BATCH, seconds / (number * _BATCHES_PER_PROCESS))

    def submit(self, batch: Sequence[Any]) -> Future[list[Any]]:
        if self._pool is not None:
            try:
                return self._pool.submit(_run, batch)
            except BrokenExecutor:
                self.close()
        self._pool = _started(self._number, self._work)
        return self._pool.submit(_run, batch)

    def take(self, future: Future[list[Any]]) -> list[Any]:
        try:
            return future.result()
        except BrokenExecutor as error:
            raise WorkerDied from error

    def alone(self, batch: Sequence[Any]) -> list[Any]:
        self.close(cancel=False)  # to fork beside the threads of a pool is not safe
        return in_a_process_of_its_own(self._work, batch)

    def close(self, *, cancel: bool = True) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=cancel)
            self._pool = None


def in_a_process_of_its_own(
    work: Work, batch: Sequence[Any], context: BaseContext | None = None
) -> list[Any]:
    """Do some work where nothing else goes on; raise `WorkerDied` if it kills its process."""
    with _started(1, work, context) as pool:
        try:
            return pool.submit(_run, batch).result()
        except BrokenExecutor as error:
            raise WorkerDied from error


def _started(number: int, work: Work, context: BaseContext | None = None) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(number, context, initializer=_install, initargs=(work,))


_installed: list[Work] = []


def _install(work: Work) -> None:
    from threading import Thread

    # What our own handler raises, a pool takes for a result, which it waits to send: when the pool
    # is given up, the process would not end.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _installed[:] = [work]
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process once the one it works for is gone: killed with -9, it cannot say so."""
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run(batch: Sequence[Any]) -> list[Any]:
    return _installed[0](batch)
