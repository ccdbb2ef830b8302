"""Checking the configuration, in a process of its own where that saves time.

It takes longer than anything else a run does before it reads records.
"""

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from pathlib import Path

from feedpub.beside import Beside, begin
from feedpub.databases import LOCATION, may_name_a_state

_CHECKING = "feedpub.configured"
# What a run needs that reads and renders many records.
_THE_REST = (
    "feedpub.build",
    "feedpub.destinations.directory",
    "feedpub.engines.local_processes",
    "feedpub.formats.rss",
    "feedpub.pages.compiled",
    "feedpub.sources.front_matter",
    "concurrent.futures.thread",
    "tomllib",
)


@contextmanager
def begun(config: Path, processes: int) -> Iterator[Beside | None]:
    """Begin to check the configuration of a site without a state, before all else is loaded.

    Any other site will most likely not need it.
    """
    under_way = _begin(config, processes) if _is_new(config) else None
    try:
        yield under_way
    finally:
        if under_way:
            under_way.stop()


def checked(config: Path, data: bytes, processes: int, under_way: Beside | None) -> bytes:
    """Return the settings, encoded, of a configuration that holds some bytes.

    Raises `ConfigError` with every mistake in it.
    """
    under_way = under_way or _begin(config, processes)
    held = _digest(data)
    made = under_way.result(_load_the_rest) if under_way else None
    if made is None or not made.startswith(held):  # whatever is amiss is told from here
        made = _check(config)
    return made[len(held) :]


def _is_new(config: Path) -> bool:
    """Tell whether a site has no state; of one that has it elsewhere, that is not known yet."""
    if os.path.lexists(config.resolve().parent / LOCATION):
        return False
    with suppress(OSError):  # what is amiss is told by whoever needs the file
        return not may_name_a_state(config.read_bytes())
    return False


def _begin(config: Path, processes: int) -> Beside | None:
    if processes < 2 or _CHECKING in sys.modules:
        return None
    return begin(partial(_check, config))


def _check(config: Path) -> bytes:
    """Return the settings, encoded, after a digest of what the file held before it was read."""
    from feedpub.configured import load_settings  # 110 ms for pydantic alone
    from feedpub.settings import encoded

    held = _digest(config.read_bytes())
    return held + encoded(load_settings(config, str(config)))


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _load_the_rest() -> None:
    for name in _THE_REST:
        import_module(name)
