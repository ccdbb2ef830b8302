"""What a run does once all is published, if it may: it measures pictures for the next one."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from feedpub.errors import BusyError, StateError, UnavailableError
from feedpub.keeping import Keeping
from feedpub.last_run import forget, remember_pictures
from feedpub.measurements import Measurement, to_measure
from feedpub.only_run import PATIENCE
from feedpub.progress import Progress, tracked
from feedpub.state import State

if TYPE_CHECKING:
    from feedpub.measuring.client import Client


class PictureTask(Struct, frozen=True, kw_only=True):
    """The pictures that are shown, what was known of them, and the seconds to measure them in."""

    shown: tuple[str, ...]
    known: Mapping[str, Measurement]
    now: int
    budget: float

    @property
    def due(self) -> list[Measurement]:
        """Return the pictures to measure now."""
        return to_measure(self.shown, self.known, self.now)

    def next_due(self, known: Mapping[str, Measurement]) -> int | None:
        """Return when a picture is to be measured next; None if there is none."""
        return min((known[url].due if url in known else 0 for url in self.shown), default=None)


def carry_out(
    task: PictureTask, keeping: Keeping, client: "Client | None", progress: Progress
) -> int:
    """Measure pictures, remember what was found out, and return of how many.

    The state is closed meanwhile, so that no other run waits for it. If it cannot be written
    afterwards, all was in vain and is done again: the feeds are published, and that counts.
    """
    from feedpub.measuring.client import Client
    from feedpub.measuring.measure import measure

    due = task.due
    results = measure(due, client or Client(), budget=task.budget, now=task.now)
    found = {item.url: item for item in tracked(results, "Measuring pictures", len(due), progress)}
    try:
        with keeping.only_run(PATIENCE), keeping.at() as state:
            _record(state, task, found)
            state.commit()
    except (StateError, BusyError, UnavailableError):
        return 0
    return len(found)


def _record(state: State, task: PictureTask, found: Mapping[str, Measurement]) -> None:
    state.memory.record_measurements(found.values(), frozenset(task.shown))
    remember_pictures(state, task.next_due({**task.known, **found}))
    before = task.known
    if any(item.facts != before.get(url, Measurement(url)).facts for url, item in found.items()):
        forget(state)  # feeds have something new to say
