"""What a run needs of the configuration, in the words of the core: checked, plain, quick to load.

Checking a configuration takes longer than the rest of a run in which little changed. What came of
it is kept in the state, under a digest of the file, and taken from there while that holds.
"""

from datetime import UTC, timedelta, tzinfo
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from feedpub.catalog import ProviderMetadata, TopicMetadata
from feedpub.compose import Site
from feedpub.engines import Engine
from feedpub.entries import Presentation
from feedpub.fields import FieldNames
from feedpub.groups import GroupRules
from feedpub.limits import RecordLimits
from feedpub.pages.theme import Theme
from feedpub.records import RecordRules
from feedpub.retirement import Retirement
from feedpub.selection import Selection
from feedpub.sources.files import FileSource
from feedpub.sources.remote import Remote
from feedpub.stories import StoryRules


class Source(Struct, frozen=True, kw_only=True):
    """A source and the rules for its records; of one that is `remote`, the files are a copy."""

    files: FileSource
    rules: RecordRules
    remote: Remote | None = None

    @property
    def facts(self) -> tuple[object, ...]:
        """Return all that decides what is made of a file, wherever the site lies."""
        files, rules = self.files, self.rules
        return (
            files.shown,
            files.prefix,
            rules.tag,
            rules.base,
            str(rules.zone),
            dict(rules.names),
            rules.link,
            rules.limits,
        )


class Place(Struct, frozen=True, kw_only=True):
    """A file or folder that is read; `where` is its place in the configuration for messages.

    A copy is one of a source elsewhere, and is not there before it was fetched.
    """

    where: str
    item: str
    files: FileSource
    is_copy: bool = False


class Target(Struct, frozen=True, kw_only=True):
    """A place in object storage that gets a copy of the output; caches may keep it for a while."""

    url: str
    cache_seconds: int


class SharedState(Struct, frozen=True, kw_only=True):
    """A state on a PostgreSQL server; its `schema` is the site's own."""

    url: str
    schema: str


class GuardRules(Struct, frozen=True, kw_only=True):
    """What one run may change: the listed records may fall by `max_drop` percent or by `min_drop`.

    No more than `new_topics` may get a feed, and no more than `topics` have one.
    """

    max_drop: int = 20
    min_drop: int = 10
    new_topics: int = 50
    topics: int = 1_000


class Settings(Struct, frozen=True, kw_only=True):
    """The configuration of a site.

    `folder` is where its relative paths start, `output` where its documents go, which messages call
    `output_shown` and which stands in the configuration at `output_where`. `places` are all the
    files and folders that are read, `selection` is that of the whole site. An entry stays visible
    for `min_visible` after it was first listed; that one was withdrawn is told for `tombstones`.
    `templates` is the folder of the user's own templates, if there is one.
    A record that cannot be used any more stays as it was for `stale`. `healthcheck` is told when a
    run begins and how it ended.
    The feeds that are `retired` have nothing but a last entry that says so.
    Pictures are measured for as long as `measuring` in a run, or not at all. `hubs` are told which
    feeds changed.
    """

    site: Site
    folder: str
    output: str
    output_shown: str
    output_where: str
    sources: tuple[Source, ...]
    topic_folders: tuple[FileSource, ...]
    provider_folders: tuple[FileSource, ...]
    topics: tuple[TopicMetadata, ...]
    providers: tuple[ProviderMetadata, ...]
    places: tuple[Place, ...]
    formats: tuple[str, ...]
    rules: GroupRules
    selection: Selection
    presentation: Presentation
    stories: StoryRules
    min_visible: timedelta
    tombstones: timedelta
    archive: bool
    theme: Theme
    templates: tuple[FileSource, ...]
    measuring: timedelta | None
    precompress: bool
    guard: GuardRules
    stale: timedelta
    healthcheck: str | None
    targets: tuple[Target, ...]
    limits: RecordLimits
    retired: tuple[Retirement, ...]
    hubs: tuple[str, ...]
    engine: Engine
    state: SharedState | None

    @property
    def output_folder(self) -> Path:
        """Return where the documents go."""
        return Path(self.output)

    @property
    def remotes(self) -> tuple[Remote, ...]:
        """Return the sources that are not on this disk."""
        return tuple(source.remote for source in self.sources if source.remote)

    @property
    def is_local(self) -> bool:
        """Tell whether all is on this disk: what is read, and where the output goes."""
        return not self.remotes and not self.targets

    @property
    def metadata_folders(self) -> tuple[FileSource, ...]:
        """Return the folders of metadata files."""
        return (*self.topic_folders, *self.provider_folders)


def encoded(settings: Settings) -> bytes:
    """Return settings as bytes."""
    return msgspec.msgpack.encode(settings, enc_hook=_plain)


def decoded(data: bytes) -> Settings:
    """Return the settings that were encoded; raise `msgspec.DecodeError` for anything else."""
    return msgspec.msgpack.decode(data, type=Settings, dec_hook=_made)


def _plain(value: Any) -> Any:
    if isinstance(value, tzinfo):
        return str(value)
    if isinstance(value, FieldNames):
        return dict(value)
    raise NotImplementedError(f"settings hold {type(value)}, which cannot be kept")


def _made(kind: type, value: Any) -> Any:
    if kind is tzinfo:
        return _zone(value)
    if kind is FieldNames:
        return FieldNames({name: tuple(keys) for name, keys in value.items()})
    raise NotImplementedError(f"settings hold {kind}, which cannot be kept")


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # 3 ms that UTC never pays

    return ZoneInfo(name)
