"""Engines: where the work of a run is done.

Each is a module, imported when it is needed: with `WORTH`, the number of items from which its start
pays, and `crew(work, engine)`.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from concurrent.futures import Future

EngineName = Literal["processes", "serial", "dask"]
# `serial` is no more than a loop, and so are processes when there is but one.
_MODULES = {"processes": "feedpub.engines.local_processes", "dask": "feedpub.engines.dask_cluster"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Where work is done: in so many processes of this machine, or where a scheduler sends it."""

    name: EngineName = "processes"
    processes: int = 1
    scheduler: str | None = None


HERE = Engine(name="serial")


class WorkerDied(Exception):  # noqa: N818 - not an error yet: the work is done again
    """A process ended while it worked on a batch, or on one beside it."""


class Crew(Protocol):
    """Those who do one kind of work: `ahead` batches, of `batch` items each, may be under way."""

    batch: int
    ahead: int

    def submit(self, batch: Sequence[Any]) -> "Future[Any]":
        """Have a batch worked on."""

    def take(self, future: "Future[Any]") -> list[Any]:
        """Return the results of a batch; raise `WorkerDied` if they are lost."""

    def alone(self, batch: Sequence[Any]) -> list[Any]:
        """Work on a batch that nothing beside it can harm; raise `WorkerDied` if it is to blame."""


def crew_for(
    engine: Engine, work: Callable[[Sequence[Any]], list[Any]], count: int
) -> AbstractContextManager[Crew] | None:
    """Return who does the work on so many items, or None if it is best done here."""
    if engine.name == "serial" or (engine.name == "processes" and engine.processes < 2):
        return None
    module = import_module(_MODULES[engine.name])
    if count < module.WORTH:
        return None
    crew: AbstractContextManager[Crew] = module.crew(work, engine)
    return crew
