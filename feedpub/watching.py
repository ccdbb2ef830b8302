"""Building again and again: whenever a file changes, and when a date among the records asks for it.

Notices of the file system only make it quick. Where they get lost, or a network file system gives
none, a change is found within a minute: a run that finds nothing to do costs next to nothing.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple, NoReturn

from watchfiles import watch

from feedpub.errors import FeedpubError
from feedpub.last_run import LastRun
from feedpub.run import last_run
from feedpub.sources.remote import COPIES

LOOK_SECONDS = 60.0
# Changes that follow one another this closely are one; a flood of them is built this often.
QUIET_MS, FLOOD_MS = 100, 2_000
_FIRST_LOOK_MS = 500


class Places(NamedTuple):
    """Where to look for changes: in whole trees, or in folders without those below them.

    What feedpub itself writes, below `output`, is no change.
    """

    trees: frozenset[str]
    folders: frozenset[str]
    output: str | None


class Watcher:
    """Sets `changed` when something changed in the places it was last given."""

    def __init__(self) -> None:
        self.changed = Event()
        self._places: Places | None = None
        self._stop = Event()
        self._threads: list[Thread] = []

    def watch(self, places: Places) -> None:
        """Look there from now on."""
        if places == self._places:
            return
        self.close()
        self._places = places
        for roots, recursive in ((places.trees, True), (places.folders, False)):
            if roots:
                look = partial(self._look, sorted(roots), places.output, recursive=recursive)
                thread = Thread(target=look, name="watch", daemon=True)
                thread.start()
                self._threads.append(thread)

    def close(self) -> None:
        """Look nowhere any more."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        self._stop.clear()
        self._places = None

    def _look(self, roots: list[str], output: str | None, *, recursive: bool) -> None:
        notices = watch(
            *roots,
            watch_filter=lambda _change, path: is_of_interest(path, roots, output),
            debounce=FLOOD_MS,
            step=QUIET_MS,
            rust_timeout=_FIRST_LOOK_MS,
            yield_on_timeout=True,
            stop_event=self._stop,
            recursive=recursive,
            ignore_permission_denied=True,
        )
        began = False
        try:
            for changes in notices:
                if any(path in roots for _, path in changes):
                    self._places = None  # what is watched may be gone: begin anew
                # The first time in any case: something may have changed before the watch began.
                if changes or not began:
                    began = True
                    self.changed.set()
        except (OSError, RuntimeError):
            # Folders vanished meanwhile, or are too many for the system: try again later.
            self._places = None


def places(config: Path, run: LastRun | None) -> Places:
    """Return where the files lie that a site is made from; what is not there is left out.

    So are the copies of sources elsewhere: a run changes them, and must not bring about the next.
    """
    copies = config.resolve().parent / COPIES
    trees: set[str] = set()
    folders = {str(config.resolve().parent)}
    for source in (*run.sources, *run.metadata_sources, *run.templates) if run else ():
        root = source.root
        if Path(root).is_relative_to(copies):
            continue
        whole = root != os.path.dirname(source.pattern)  # noqa: PTH120 - a pattern, not a path
        (trees if whole else folders).add(root)
    return Places(
        trees=frozenset(root for root in trees if Path(root).is_dir()),
        folders=frozenset(root for root in folders if Path(root).is_dir()),
        output=run.output if run else None,
    )


def is_of_interest(path: str, roots: list[str], output: str | None) -> bool:
    """Tell whether a change may concern the site: not in the output, nor hidden below a root."""
    if output is not None and Path(path).is_relative_to(output):
        return False
    below = (Path(path).relative_to(root) for root in roots if Path(path).is_relative_to(root))
    return any(not _is_hidden(relative) for relative in below)


def _is_hidden(relative: Path) -> bool:
    return any(part.startswith(".") for part in relative.parts)


def keep_built(config: Path, build: Callable[[], None], clock: Callable[[], datetime]) -> NoReturn:
    """Build now, on every change, and when time alone makes one; `build` reports its failures."""
    watcher, run = Watcher(), None
    try:
        while True:
            watcher.changed.clear()
            build()
            # A run that failed, or asks for another one, leaves the one before it to go by.
            run = _last_run(config) or run
            watcher.watch(places(config, run))
            watcher.changed.wait(pause(run, clock()))
    finally:
        watcher.close()


def pause(run: LastRun | None, now: datetime) -> float:
    """Return for how many seconds nothing changes by itself, as far as that is known."""
    if run is None or run.valid_until is None:
        return LOOK_SECONDS
    return min(max(run.valid_until - now.timestamp(), 1.0), LOOK_SECONDS)


def _last_run(config: Path) -> LastRun | None:
    with suppress(FeedpubError):
        return last_run(config)
    return None
