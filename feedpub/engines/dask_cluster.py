"""Workers of a Dask cluster, which read the same files under the same paths.

The scheduler moves work from a worker that died to the others. It gives up on a batch that killed
several (`distributed.scheduler.allowed-failures`), which is then done on this machine.

`Client.get_executor()` would give futures of the standard library, but those fail, or never end, if
a worker dies between its last result and their asking for it: so the client's own are used.
"""

import pickle
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from multiprocessing import get_context
from threading import Lock
from typing import Any

from feedpub.engines import Engine, WorkerDied
from feedpub.engines.local_processes import in_a_process_of_its_own
from feedpub.errors import EnvironmentUnfitError, UnavailableError
from feedpub.fingerprints import code_fingerprint

try:
    from distributed import Client, Future, KilledWorker
except ImportError:
    raise EnvironmentUnfitError(
        "engine: dask needs distributed: pip install 'feedpub[cluster]'"
    ) from None

# Seconds that a batch takes: less is done before it has arrived; and how many of them a thread does
# at least.
_BATCH, _BATCHES_PER_THREAD = 0.05, 2
_AHEAD_PER_THREAD = 2
SECONDS = 30

Work = Callable[[Sequence[Any]], list[Any]]


@contextmanager
def crew(work: Work, engine: Engine, seconds: float) -> Iterator["_Cluster"]:
    """Connect to the scheduler for one kind of work."""
    address = str(engine.scheduler)
    try:
        client = Client(address, timeout=SECONDS, set_as_default=False, name="feedpub")
    except (OSError, ValueError) as error:
        raise UnavailableError(f"the scheduler {address} cannot be reached") from error
    with client:
        yield _Cluster(client, address, work, seconds)


class _Cluster:
    def __init__(self, client: Client, address: str, work: Work, seconds: float) -> None:
        self._client, self._address, self._work = client, address, work
        self._wait_for_workers()
        threads = sum(client.nthreads().values()) or 1  # who was there a moment ago may be gone
        self.ahead = _AHEAD_PER_THREAD * threads + 1
        self.batch = min(_BATCH, seconds / (threads * _BATCHES_PER_THREAD))
        with warnings.catch_warnings():
            # It goes to the scheduler once, which sends it to every worker, also to one that comes
            # in place of another; what dask suggests instead would be lost with a worker.
            warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
            self._sent = client.submit(pickle.loads, pickle.dumps(work, protocol=5), pure=False)

    def submit(self, batch: Sequence[Any]) -> Future[list[Any]]:
        future: Future[list[Any]] = self._client.submit(
            _run, self._sent, batch, code_fingerprint(), pure=False
        )
        return future

    def take(self, future: Future[list[Any]]) -> list[Any]:
        while True:
            try:
                return future.result(timeout=SECONDS)
            except (KilledWorker, CancelledError) as error:
                raise WorkerDied from error
            except TimeoutError:
                if future.status == "error":
                    raise
                if future.done():  # but nobody hands out what the worker made that held it
                    raise WorkerDied from None
                self._wait_for_workers()  # all may be gone: a scheduler would wait for ever

    def _wait_for_workers(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=SECONDS)
        except TimeoutError as error:
            raise UnavailableError(f"the scheduler {self._address} has no workers") from error

    def alone(self, batch: Sequence[Any]) -> list[Any]:
        # Spawned: to fork beside the threads of the client is not safe.
        return in_a_process_of_its_own(self._work, batch, get_context("spawn"))


# feedgen and locales do not bear threads.
_one_at_a_time = Lock()


def _run(work: Work, batch: Sequence[Any], code: bytes) -> list[Any]:
    if code != code_fingerprint():
        raise EnvironmentUnfitError(
            "a worker of the scheduler has another feedpub installed than this machine"
        )
    with _one_at_a_time:
        return work(batch)
