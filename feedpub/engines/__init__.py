"""Engines: where the work of a run is done.

Each is a module with `crew(work, engine, seconds)`, imported when there is enough to do for it.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from concurrent.futures import Future

EngineName = Literal["processes", "serial", "dask"]


class _Kind(NamedTuple):
    """The module of an engine, the seconds of work from which its start pays, what it `needs`."""

    module: str
    worth: float
    needs: str | None = None


# `serial` is no more than a loop, and so are processes when there is but one.
_KINDS = {
    "processes": _Kind("feedpub.engines.local_processes", 0.05),
    # Two batches of short records: less is done before the cluster has answered.
    "dask": _Kind("feedpub.engines.dask_cluster", 0.09, needs="distributed"),
}


class Engine(Struct, frozen=True, kw_only=True):
    """Where work is done: in so many processes of this machine, or where a scheduler sends it.

    One that is `wary` lets others do even the least of it, which something may be the death of.
    """

    name: EngineName = "processes"
    processes: int = 1
    scheduler: str | None = None
    wary: bool = False


HERE = Engine(name="serial")


class WorkerDied(Exception):  # noqa: N818 - not an error yet: the work is done again
    """A process ended while it worked on a batch, or on one beside it."""


class Crew(Protocol):
    """Those who do one kind of work: `ahead` batches, of `batch` seconds each, may be under way."""

    batch: float
    ahead: int

    def submit(self, batch: Sequence[Any]) -> "Future[Any]":
        """Have a batch worked on."""

    def take(self, future: "Future[Any]") -> list[Any]:
        """Return the results of a batch; raise `WorkerDied` if they are lost."""

    def alone(self, batch: Sequence[Any]) -> list[Any]:
        """Work on a batch that nothing beside it can harm; raise `WorkerDied` if it is to blame."""


def crew_for(
    engine: Engine, work: Callable[[Sequence[Any]], list[Any]], seconds: float
) -> AbstractContextManager[Crew] | None:
    """Return who does work that takes one process so many seconds; None if it is best done here."""
    if engine.name == "serial":
        return None
    kind = _KINDS[engine.name]
    # What is not installed is told at once, not when there is enough to do for the first time.
    is_there = kind.needs is None or find_spec(kind.needs) is not None
    is_little = seconds < kind.worth or (engine.name == "processes" and engine.processes < 2)
    if is_little and is_there and not engine.wary:
        return None
    crew: AbstractContextManager[Crew] = import_module(kind.module).crew(work, engine, seconds)
    return crew
