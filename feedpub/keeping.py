"""Where the state of a site is kept, and what lets one run at a time work on it."""

from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from feedpub.databases import CACHE, LOCATION, MEMORY, may_name_a_state
from feedpub.databases.sqlite import SqliteDatabase
from feedpub.only_run import only_run
from feedpub.state import State

if TYPE_CHECKING:
    from feedpub.settings import Settings


class Keeping(Protocol):
    """A place for the state."""

    def at(self) -> AbstractContextManager[State]:
        """Open or make the state, and close it in the end."""

    def copy(self, *, whole: bool = False) -> State:
        """Return a state that forgets, but knows what is remembered, or the `whole` of it."""

    def only_run(self, wait_seconds: float) -> AbstractContextManager[None]:
        """Keep other runs from working on the site; raise `BusyError` if one does."""


class Local(Struct, frozen=True, kw_only=True):
    """A file beside the configuration, in whose `folder` nobody else builds."""

    folder: Path

    def at(self) -> AbstractContextManager[State]:
        """Open or make the file."""
        return State.at(self.folder / LOCATION)

    def copy(self, *, whole: bool = False) -> State:
        """Return what is in the file."""
        return State.in_memory(like=self.folder / LOCATION, whole=whole)

    def only_run(self, wait_seconds: float) -> AbstractContextManager[None]:
        """Hold the lock beside the file."""
        return only_run((self.folder / LOCATION).parent, wait_seconds)


class Shared(Struct, frozen=True, kw_only=True):
    """A schema of a PostgreSQL server, which builders in other folders, on other machines use."""

    folder: Path
    url: str
    schema: str

    def at(self) -> AbstractContextManager[State]:
        """Open or make the schema."""
        from feedpub.databases.postgres import PostgresDatabase

        database = PostgresDatabase(self.url, self.schema)
        return closing(State(database, str(self.folder), is_shared=True))

    def copy(self, *, whole: bool = False) -> State:
        """Return what is in the schema."""
        database = SqliteDatabase.in_memory()
        with self.at() as state:
            state.hand_over(database, MEMORY + CACHE if whole else MEMORY)
        return State(database, str(self.folder), is_shared=True)

    def only_run(self, wait_seconds: float) -> AbstractContextManager[None]:
        """Hold the lock on the server."""
        from feedpub.databases.postgres import only_builder

        return only_builder(self.url, self.schema, wait_seconds)


def keeping_of(settings: "Settings") -> Keeping:
    """Return where the state of a site is kept."""
    folder = Path(settings.folder)
    if settings.state is None:
        return Local(folder=folder)
    return Shared(folder=folder, url=settings.state.url, schema=settings.state.schema)


def keeping_at(config: Path) -> Keeping:
    """Return where the state of the site of a configuration is kept.

    One that plainly names no place is not read for it: what it says is kept in the state.
    """
    if not may_name_a_state(config.read_bytes()):
        return Local(folder=config.resolve().parent)
    from feedpub.configured import load_settings

    return keeping_of(load_settings(config, str(config)))
