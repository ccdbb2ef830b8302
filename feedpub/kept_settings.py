"""The settings of a run: kept in the state, or from a configuration that is checked anew.

Checking takes longer than anything else a run does before it reads records. So it is done in a
process of its own, where that saves time.
"""

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from feedpub.digests import digest
from feedpub.fingerprints import code_fingerprint
from feedpub.state import State

if TYPE_CHECKING:
    from feedpub.settings import Settings

_FACT = "settings"
_CHECKING = "feedpub.configured"


def settings_of_run(config: Path, state: State, processes: int) -> tuple["Settings", bytes]:
    """Return the settings of a configuration, and what to keep of them in the state.

    They are taken from there if the configuration has not changed since.
    """
    from feedpub.settings import decoded  # a run with nothing to do needs none

    wanted = digest(code_fingerprint(), str(config), str(config.resolve()), config.read_bytes())
    kept = state.fact(_FACT) or b""
    if kept.startswith(wanted):
        return decoded(kept[len(wanted) :]), kept
    checked = wanted + _checked(config, processes)
    state.record_fact(_FACT, checked)
    return decoded(checked[len(wanted) :]), checked


def keep_settings(state: State, kept: bytes) -> None:
    """Keep settings for the next run."""
    state.record_fact(_FACT, kept)


def _checked(config: Path, processes: int) -> bytes:
    from feedpub.beside import beside

    check = partial(_check, config)
    if processes < 2 or _CHECKING in sys.modules:
        return check()
    return beside(check, _load_the_rest) or check()


def _check(config: Path) -> bytes:
    from feedpub.configured import load_settings  # 110 ms for pydantic alone
    from feedpub.settings import encoded

    return encoded(load_settings(config, str(config)))


def _load_the_rest() -> None:
    """Load what a run needs that reads and renders many records."""
    import feedpub.build
    import feedpub.destinations.directory
    import feedpub.engines.local_processes
    import feedpub.formats.rss
    import feedpub.pages.compiled
    import feedpub.sources.front_matter  # noqa: F401
