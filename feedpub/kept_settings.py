"""The settings of a run: kept in the state, or from a configuration that is checked anew."""

from pathlib import Path
from typing import TYPE_CHECKING

from feedpub.beside import Beside
from feedpub.checking import checked
from feedpub.digests import digest
from feedpub.fingerprints import code_fingerprint
from feedpub.state import State

if TYPE_CHECKING:
    from feedpub.settings import Settings

_FACT = "settings"


def settings_of_run(
    config: Path, state: State, processes: int, under_way: Beside | None = None
) -> tuple["Settings", bytes]:
    """Return the settings of a configuration, and what to keep of them in the state.

    They are taken from there if the configuration has not changed since, or from the check of it
    that is `under_way`.
    """
    from feedpub.settings import decoded  # a run with nothing to do needs none

    data = config.read_bytes()
    wanted = digest(code_fingerprint(), str(config), str(config.resolve()), data)
    kept = state.fact(_FACT) or b""
    if kept.startswith(wanted):
        return decoded(kept[len(wanted) :]), kept
    made = checked(config, data, processes, under_way)
    state.record_fact(_FACT, wanted + made)
    return decoded(made), wanted + made


def keep_settings(state: State, kept: bytes) -> None:
    """Keep settings for the next run."""
    state.record_fact(_FACT, kept)
